#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "exec/ssh/holder.h"
#include "tests/unit/fake_master.h"

/* A holder of its own process, and what its ssh has of it. */
struct held {
	pid_t pid;
	int in;    /* to its stdin */
	int out;   /* from its stdout */
	int words; /* from its stderr */
};

static struct held start(struct fake_master *fake, int argc, char **argv)
{
	struct held held;
	int in[2], out[2], words[2];

	cr_assert(pipe2(in, O_CLOEXEC) == 0);
	cr_assert(pipe2(out, O_CLOEXEC) == 0);
	cr_assert(pipe2(words, O_CLOEXEC) == 0);
	held.pid = fork();
	if (held.pid == 0) {
		close(fake->listener);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(words[1], STDERR_FILENO);
		for (int fd = 3; fd < 100; fd++)
			close(fd);
		_exit(holder_main(argc, argv));
	}
	close(in[0]);
	close(out[1]);
	close(words[1]);
	held.in = in[1];
	held.out = out[0];
	held.words = words[0];
	return held;
}

/* Waits for its end. What it says is read to the end, which is there when it is gone. */
static int ended(struct held *held, char *said, size_t size)
{
	size_t length = 0;
	ssize_t got;
	int status;

	while ((got = read(held->words, said + length, size - length - 1)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	cr_assert(eq(int, waitpid(held->pid, &status, 0), held->pid));
	close(held->in);
	close(held->out);
	close(held->words);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Receives so many descriptors and keeps none. A master that closes before would be a broken pipe to the holder. */
static void take_all(struct fake_master *fake, int socket, int count)
{
	for (int i = 0; i < count; i++)
		close(fake_take(fake, socket));
}

Test(holder, runs_a_program_and_ends_with_its_status, .timeout = 20)
{
	char *argv[] = {"--holder", "--run", NULL, "socat", "-", "TCP:10.9.0.4:22", NULL};
	const uint32_t session = 5, other = 9, status = 3;
	struct strbuf body = {0};
	struct fake_master fake;
	char said[256], byte;
	struct held held;
	int fd, fds[3];
	uint32_t id;

	fake_master_init(&fake, 5);
	argv[2] = fake.path;
	held = start(&fake, 6, argv);
	/* That there is no more to read for the program is not the end of whoever started it. */
	close(held.in);
	held.in = -1;
	fd = fake_greet(&fake);
	id = fake_request(&fake, fd, MUX_NEW_SESSION, &body);
	cr_expect(memcmp(body.text + body.length - 27,
			 "\0\0\0\x17"
			 "socat - TCP:10.9.0.4:22",
			 27) == 0);
	for (size_t i = 0; i < 3; i++)
		fds[i] = fake_take(&fake, fd);
	fake_fail(fd, id + 1, "not this one");
	fake_say(fd, MUX_SESSION_OPENED, id, &session, NULL);
	/* They are what the holder had, and only the master has them now. */
	cr_expect(write(fds[1], "1", 1) == 1);
	cr_expect(write(fds[2], "2", 1) == 1);
	cr_expect(read(held.out, &byte, 1) == 1 && byte == '1');
	cr_expect(read(held.words, &byte, 1) == 1 && byte == '2');
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	cr_expect(eq(int, (int)read(held.out, &byte, 1), 0));
	cr_expect(eq(int, (int)read(held.words, &byte, 1), 0));
	fake_say(fd, MUX_EXIT_MESSAGE, session, &status, NULL);
	fake_say(fd, MUX_EXIT_MESSAGE, other, &other, NULL);
	close(fd);
	cr_expect(eq(int, ended(&held, said, sizeof(said)), 3));
	strbuf_finish(&body);
	fake_master_finish(&fake);
}

/* What the program reads comes in pieces. */
static void expect_read(int fd, const char *text)
{
	char got[64];
	size_t length = 0;

	while (length < strlen(text)) {
		ssize_t size = read(fd, got + length, strlen(text) - length);

		cr_assert(size > 0);
		length += (size_t)size;
	}
	cr_expect(memcmp(got, text, length) == 0);
}

/* A holder that feeds a program, up to where that runs; fds: what the program has. */
static struct held feed(struct fake_master *fake, char *own, int *fds, int *ret_socket,
			uint32_t *ret_id)
{
	char *argv[] = {"--holder", "--feed", own, fake->path, "sh", NULL};
	struct held held = start(fake, 5, argv);

	*ret_socket = fake_greet(fake);
	*ret_id = fake_request(fake, *ret_socket, MUX_NEW_SESSION, NULL);
	for (size_t i = 0; i < 3; i++)
		fds[i] = fake_take(fake, *ret_socket);
	return held;
}

Test(holder, feeds_a_program_until_it_is_told_to_end, .timeout = 20)
{
	const uint32_t session = 5, status = 1;
	struct fake_master fake;
	char own[128], said[256], byte;
	struct held held;
	pid_t found = 0;
	uint32_t id;
	int socket, fds[3];

	fake_master_init(&fake, 5);
	snprintf(own, sizeof(own), "%s.own", fake.path);
	held = feed(&fake, own, fds, &socket, &id);
	/* Who looks for it finds it, also before the program runs. */
	cr_expect(eq(int, unix_listener(own, &found), 0));
	cr_expect(eq(int, (int)found, (int)held.pid));
	fake_say(socket, MUX_SESSION_OPENED, id, &session, NULL);
	cr_expect(write(held.in, "main\n", 5) == 5);
	expect_read(fds[0], "main\n");
	cr_expect(write(held.in, "10.0.0.1:22\n", 12) == 12);
	expect_read(fds[0], "10.0.0.1:22\n");
	/* Who started it is gone: that is no reason to end. */
	close(held.in);
	held.in = -1;
	cr_expect(eq(int, unix_listens(own), 0));
	kill(held.pid, SIGTERM);
	cr_expect(eq(int, (int)read(fds[0], &byte, 1), 0));
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	fake_say(socket, MUX_EXIT_MESSAGE, session, &status, NULL);
	close(socket);
	cr_expect(eq(int, ended(&held, said, sizeof(said)), 1));
	cr_expect(eq(int, unix_listens(own), -ENOENT));
	fake_master_finish(&fake);
}

/* What it would hear of the end of a program, it does not know then. */
Test(holder, that_feeds_ends_with_its_master, .timeout = 20)
{
	const uint32_t session = 5;
	struct fake_master fake;
	char own[128], said[256], byte;
	struct held held;
	uint32_t id;
	int socket, fds[3];

	fake_master_init(&fake, 5);
	snprintf(own, sizeof(own), "%s.own", fake.path);
	held = feed(&fake, own, fds, &socket, &id);
	fake_say(socket, MUX_SESSION_OPENED, id, &session, NULL);
	close(socket);
	cr_expect(eq(int, (int)read(fds[0], &byte, 1), 0));
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	cr_expect(eq(int, ended(&held, said, sizeof(said)), 255));
	cr_expect(eq(int, unix_listens(own), -ENOENT));
	fake_master_finish(&fake);
}

Test(holder, without_a_status_of_the_program_ends_with_255, .timeout = 20)
{
	char *argv[] = {"--holder", "--run", NULL, "true", NULL};
	const uint32_t session = 1; /* as the request */
	struct fake_master fake;
	struct held held;
	char said[256];
	uint32_t id;
	int fd;

	fake_master_init(&fake, 5);
	argv[2] = fake.path;
	held = start(&fake, 4, argv);
	fd = fake_greet(&fake);
	id = fake_request(&fake, fd, MUX_NEW_SESSION, NULL);
	take_all(&fake, fd, 3);
	fake_say(fd, MUX_SESSION_OPENED, id, &session, NULL);
	close(fd);
	cr_expect(eq(int, ended(&held, said, sizeof(said)), 255));
	cr_expect(eq(str, said, ""));
	fake_master_finish(&fake);
}

Test(holder, says_what_was_refused, .timeout = 20)
{
	static const struct {
		int argc;
		char *argv[6];
		enum mux_type type;
		const char *said;
	} cases[] = {
		{6,
		 {"--holder", "--run", NULL, "nc", "h", "22"},
		 MUX_NEW_SESSION,
		 "tunplan: cannot run a program on the hop before: nc h 22: the sshd opens no "
		 "session\n"},
		{4,
		 {"--holder", NULL, "10.0.0.1", "22"},
		 MUX_NEW_STDIO_FORWARD,
		 "tunplan: cannot dial through the hop before: 10.0.0.1: Connection refused\n"},
	};

	for (size_t i = 0; i < 2; i++) {
		char *argv[7] = {0}, said[256];
		struct fake_master fake;
		struct held held;
		uint32_t id;
		int fd;

		fake_master_init(&fake, 5);
		for (int word = 0; word < cases[i].argc; word++)
			argv[word] = cases[i].argv[word] ? cases[i].argv[word] : fake.path;
		held = start(&fake, cases[i].argc, argv);
		fd = fake_greet(&fake);
		id = fake_request(&fake, fd, cases[i].type, NULL);
		take_all(&fake, fd, cases[i].type == MUX_NEW_SESSION ? 3 : 2);
		fake_fail(fd, id, "Session open refused by peer");
		close(fd);
		cr_expect(eq(int, ended(&held, said, sizeof(said)), 255));
		cr_expect(eq(str, said, (char *)cases[i].said));
		fake_master_finish(&fake);
	}
}

Test(holder, refuses_other_words)
{
	static char *const cases[][5] = {
		{"--holder"},
		{"--holder", "s", "h"},
		{"--holder", "s", "h", "1", "2"},
		{"--holder", "--run", "s"},
		{"--holder", "--feed", "own", "s"},
	};
	static const int argcs[] = {1, 3, 5, 3, 4};

	for (size_t i = 0; i < 5; i++) {
		struct fake_master fake;
		char *argv[6] = {0}, said[256];
		struct held held;

		fake_master_init(&fake, 5);
		memcpy(argv, cases[i], sizeof(cases[i]));
		held = start(&fake, argcs[i], argv);
		cr_expect(eq(int, ended(&held, said, sizeof(said)), 255));
		cr_expect(strstr(said, "usage: tunplan --holder SOCKET ADDRESS PORT") == said);
		fake_master_finish(&fake);
	}
}

/* Connections that a master did not accept yet; it has room for no more. */
struct busy {
	struct fake_master fake;
	int waiting[3];
	size_t count;
};

/* A master that is busy: it listens, and whoever knocks now is turned away. */
static void begin_busy(struct busy *busy)
{
	int fd;

	fake_master_init(&busy->fake, 1);
	busy->count = 0;
	while ((fd = unix_connect(busy->fake.path, SOCK_NONBLOCK)) >= 0) {
		cr_assert(busy->count < 3);
		busy->waiting[busy->count++] = fd;
	}
	cr_assert(eq(int, fd, -EAGAIN));
}

static void end_busy(struct busy *busy)
{
	while (busy->count)
		close(busy->waiting[--busy->count]);
	fake_master_finish(&busy->fake);
}

/* Its ssh is gone, and the master busy for ever: the holder that was to dial through it goes, too. */
Test(holder, does_not_outlive_its_ssh_before_a_busy_master, .timeout = 20)
{
	char *argv[] = {"--holder", NULL, "10.0.0.1", "22", NULL};
	struct busy busy;
	struct held held;
	char said[256];

	begin_busy(&busy);
	argv[1] = busy.fake.path;
	held = start(&busy.fake, 4, argv);
	close(held.out);
	held.out = -1;
	cr_expect(eq(int, ended(&held, said, sizeof(said)), 255));
	cr_expect(strstr(said, "the ssh of the hop before cannot be asked: Broken pipe\n") != NULL,
		  "%s", said);
	end_busy(&busy);
}

Test(mux_socket, who_is_busy_listens, .timeout = 20)
{
	struct busy busy;

	begin_busy(&busy);
	cr_expect(eq(int, unix_listens(busy.fake.path), 0));
	close(busy.fake.listener);
	busy.fake.listener = -1;
	cr_expect(eq(int, unix_listens(busy.fake.path), -ECONNREFUSED));
	unlink(busy.fake.path);
	cr_expect(eq(int, unix_listens(busy.fake.path), -ENOENT));
	end_busy(&busy);
}
