#include <sys/stat.h>

#include "exec/ssh/log_reader.h"
#include "exec/ssh/prime.h"
#include "tests/unit/fake_master.h"

#define BANNER(words)                                          \
	"debug1: compat.c:compat_banner():104 (pid=7): " words \
	"\r\ndebug1: sshconnect.c:ssh_login():1585 (pid=7): "  \
	"Authenticating to 10.2.0.3:22 as 'root'\r\n"
#define OLD BANNER("match: OpenSSH_9.2p1 pat OpenSSH* compat 0x04000000")
#define BEGUN                                                               \
	"debug1: clientloop.c:client_input_global_request():2505 (pid=7): " \
	"client_input_global_request: rtype hostkeys-00@openssh.com want_reply 0\r\n"
#define FORCED                                                                            \
	"debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=7): Remote: /root/.ssh/" \
	"authorized_keys:1: key options: command pty\r\n"

struct tested {
	struct fake_master fake;
	char log[64];
	struct log_reader *reader;
	struct prime *prime;
	unsigned told;
	bool destroys; /* in the first that is told */
};

static void told(void *data)
{
	struct tested *tested = data;

	tested->told++;
	if (!tested->destroys)
		return;
	prime_destroy(tested->prime);
	tested->prime = NULL;
}

static void says(const struct tested *tested, const char *words)
{
	FILE *log = fopen(tested->log, "a");

	cr_assert(log != NULL);
	fputs(words, log);
	fclose(log);
}

static void begin(struct tested *tested, const char *log)
{
	*tested = (struct tested){.told = 0};
	fake_master_init(&tested->fake, 64);
	snprintf(tested->log, sizeof(tested->log), "%s/log", tested->fake.dir);
	says(tested, log);
	tested->reader = log_reader_create(&tested->fake.loop, tested->log);
	tested->prime =
		prime_create(&tested->fake.loop, tested->fake.path, tested->reader, told, tested);
	cr_expect(prime_is_awaited(tested->prime) && !prime_is_over(tested->prime));
}

static void end(struct tested *tested)
{
	prime_destroy(tested->prime);
	log_reader_destroy(tested->reader);
	unlink(tested->log);
	fake_master_finish(&tested->fake);
}

static void until_over(struct tested *tested)
{
	while (!prime_is_over(tested->prime))
		uv_run(&tested->fake.loop, UV_RUN_ONCE);
	cr_expect(not(prime_is_awaited(tested->prime)));
}

/* The master says that it is alive, after which a session may be asked for. */
static int is_alive(struct tested *tested)
{
	int fd = fake_greet(&tested->fake);
	const uint32_t pid = 7;

	fake_say(fd, MUX_ALIVE, fake_request(&tested->fake, fd, MUX_ALIVE_CHECK, NULL), &pid, NULL);
	return fd;
}

Test(prime, makes_one_session_that_does_nothing, .timeout = 20)
{
	const uint32_t session = 3, status = 0;
	struct strbuf body = {0};
	struct tested tested;
	uint32_t id;
	int fd;

	begin(&tested, OLD BEGUN);
	fd = is_alive(&tested);
	id = fake_request(&tested.fake, fd, MUX_NEW_SESSION, &body);
	cr_expect(body.length > 4 && memcmp(body.text + body.length - 4, "true", 4) == 0);
	fake_say(fd, MUX_SESSION_OPENED, id, &session, NULL);
	while (prime_is_awaited(tested.prime))
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	/* Nobody waits for ever. It is there until the command has ended. */
	cr_expect(eq(u32, tested.told, 1));
	cr_expect(not(prime_is_over(tested.prime)));
	fake_say(fd, MUX_EXIT_MESSAGE, session, &status, NULL);
	close(fd);
	until_over(&tested);
	cr_expect(eq(u32, tested.told, 2));
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
	strbuf_finish(&body);
	end(&tested);
}

Test(prime, makes_none_where_it_is_of_no_use_or_would_do_harm, .timeout = 20)
{
	static const char *const logs[] = {
		BANNER("match: OpenSSH_10.1 pat OpenSSH* compat 0x04000000") BEGUN,
		BANNER("no match: dropbear_2022.83"),
		OLD BEGUN FORCED,
	};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct tested tested;

		begin(&tested, logs[i]);
		until_over(&tested);
		cr_expect(eq(u32, tested.told, 1));
		cr_expect(accept(tested.fake.listener, NULL, NULL) < 0, "%s", logs[i]);
		end(&tested);
	}
}

Test(prime, waits_until_the_sshd_has_said_which_options_the_key_has, .timeout = 20)
{
	struct tested tested;
	uint32_t pid = 7;
	int fd;

	begin(&tested, OLD);
	while (prime_is_awaited(tested.prime))
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	/* Nobody waits any more; the session comes all the same. */
	cr_expect(eq(u32, tested.told, 1));
	cr_expect(not(prime_is_over(tested.prime)));
	says(&tested, BEGUN);
	fd = fake_greet(&tested.fake);
	/* The rest of what the sshd said comes while it is asked. */
	says(&tested, FORCED);
	fake_say(fd, MUX_ALIVE, fake_request(&tested.fake, fd, MUX_ALIVE_CHECK, NULL), &pid, NULL);
	until_over(&tested);
	/* It has asked for nothing. */
	cr_expect(not(fake_read(&tested.fake, fd, &pid, 1)));
	close(fd);
	cr_expect(eq(u32, tested.told, 2));
	end(&tested);
}

Test(prime, is_over_when_there_is_no_session_to_be_had, .timeout = 20)
{
	for (int refused = 0; refused < 2; refused++) {
		struct tested tested;
		int fd;

		begin(&tested, OLD BEGUN);
		fd = is_alive(&tested);
		if (refused)
			fake_fail(fd, fake_request(&tested.fake, fd, MUX_NEW_SESSION, NULL),
				  "Session open refused by peer");
		else
			close(fd);
		until_over(&tested);
		if (refused)
			fake_ends(&tested.fake, fd);
		/* Once more where the machine was so slow that nobody waited any longer. */
		cr_expect(tested.told == 1 || tested.told == 2);
		end(&tested);
	}
}

Test(prime, can_be_destroyed_whenever, .timeout = 20)
{
	for (int when = 0; when < 4; when++) {
		struct tested tested;
		int fd = -1;

		begin(&tested, when == 0 ? OLD : OLD BEGUN);
		if (when > 1)
			fd = is_alive(&tested);
		if (when > 2) {
			tested.destroys = true;
			fake_fail(fd, fake_request(&tested.fake, fd, MUX_NEW_SESSION, NULL), "no");
			while (tested.prime)
				uv_run(&tested.fake.loop, UV_RUN_ONCE);
		}
		prime_destroy(tested.prime);
		tested.prime = NULL;
		if (fd >= 0)
			fake_ends(&tested.fake, fd);
		cr_expect(eq(u32, tested.told, when > 2));
		end(&tested);
	}
}
