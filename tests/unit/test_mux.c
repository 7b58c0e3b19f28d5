#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/holder.h"
#include "exec/ssh/mux.h"
#include "exec/ssh/mux_codec.h"
#include "exec/ssh/mux_socket.h"

#define DEADLINE_MS 200

/* Connections that a master did not accept yet; it has room for no more. */
#define WAITING_MAX 3

/* A master that is busy: it listens, and whoever knocks now is turned away. */
struct busy {
	uv_loop_t loop;
	char *dir;
	char path[64];
	int listener;
	int waiting[WAITING_MAX];
	size_t waiting_count;
	bool ended; /* what became of the call */
	int status;
	uint32_t value;
};

static void start_busy(struct busy *busy)
{
	static char template[] = "/tmp/tunplan-mux-XXXXXX";
	struct sockaddr_un address;
	int fd = 0;

	*busy = (struct busy){.dir = mkdtemp(template)};
	cr_assert(ne(ptr, busy->dir, NULL));
	snprintf(busy->path, sizeof(busy->path), "%s/m", busy->dir);
	cr_assert(eq(int, uv_loop_init(&busy->loop), 0));
	cr_assert(eq(int, unix_address(busy->path, &address), 0));
	busy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(bind(busy->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	cr_assert(listen(busy->listener, 1) == 0);
	while ((fd = unix_connect(busy->path, SOCK_NONBLOCK)) >= 0) {
		cr_assert(busy->waiting_count < WAITING_MAX);
		busy->waiting[busy->waiting_count++] = fd;
	}
	cr_assert(eq(int, fd, -EAGAIN));
}

static void end_busy(struct busy *busy)
{
	uv_run(&busy->loop, UV_RUN_DEFAULT); /* handles that close */
	cr_assert(eq(int, uv_loop_close(&busy->loop), 0));
	for (size_t i = 0; i < busy->waiting_count; i++)
		close(busy->waiting[i]);
	close(busy->listener);
	unlink(busy->path);
	rmdir(busy->dir);
}

static void note(void *data, int status, uint32_t value)
{
	struct busy *busy = data;

	busy->ended = true;
	busy->status = status;
	busy->value = value;
}

/* Accepts all that wait and tells the last one its pid, as a master does. */
static void accept_and_answer(struct busy *busy)
{
	static const unsigned char answer[] = {0, 0, 0, 12, 0x80, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 77};
	int fd = -1;

	for (size_t i = 0; i <= busy->waiting_count; i++) {
		if (fd >= 0)
			close(fd);
		fd = accept(busy->listener, NULL, NULL);
		cr_assert(fd >= 0);
		if (i + 1 == busy->waiting_count)
			uv_run(&busy->loop, UV_RUN_ONCE); /* there is room: it knocks again */
	}
	cr_assert(eq(int, mux_send(fd, answer, sizeof(answer)), 0));
	while (!busy->ended)
		uv_run(&busy->loop, UV_RUN_ONCE);
	close(fd);
}

Test(mux, a_busy_master_is_asked_again_until_it_answers)
{
	struct busy busy;

	start_busy(&busy);
	mux_alive(&busy.loop, busy.path, 60000, note, &busy);
	uv_run(&busy.loop, UV_RUN_ONCE);
	cr_expect(not(busy.ended));
	accept_and_answer(&busy);
	cr_expect(eq(int, busy.status, 0));
	cr_expect(eq(u32, busy.value, 77));
	end_busy(&busy);
}

/* Neither "no answer" nor "refused": nothing was asked. */
Test(mux, a_master_that_stays_busy_was_not_asked)
{
	struct busy busy;
	uint64_t began_ms;

	start_busy(&busy);
	began_ms = uv_now(&busy.loop);
	mux_dial(&busy.loop, busy.path, "127.0.0.1", 1, DEADLINE_MS, note, &busy);
	uv_run(&busy.loop, UV_RUN_DEFAULT);
	cr_expect(busy.ended);
	cr_expect(eq(int, busy.status, -EAGAIN));
	cr_expect(uv_now(&busy.loop) - began_ms >= DEADLINE_MS - 10);
	end_busy(&busy);
}

Test(mux, a_call_to_a_busy_master_can_be_cancelled)
{
	struct busy busy;

	start_busy(&busy);
	mux_cancel(mux_alive(&busy.loop, busy.path, 60000, note, &busy));
	uv_run(&busy.loop, UV_RUN_DEFAULT);
	cr_expect(not(busy.ended));
	end_busy(&busy);
}

/*
 * Its ssh is gone, and the master busy for ever: the holder that was to dial through it goes, too. What it
 * says is read to the end, which is there when it is gone.
 */
Test(holder, does_not_outlive_its_ssh_before_a_busy_master, .timeout = 20)
{
	char *argv[] = {"--holder", NULL, "10.0.0.1", "22", NULL};
	int from_ssh[2], words[2], status;
	char said[256] = "";
	struct busy busy;
	pid_t pid;

	start_busy(&busy);
	argv[1] = busy.path;
	cr_assert(pipe(from_ssh) == 0 && pipe(words) == 0);
	close(from_ssh[1]);
	pid = fork();
	if (pid == 0) {
		close(busy.listener);
		dup2(from_ssh[0], STDIN_FILENO);
		dup2(words[1], STDERR_FILENO);
		close(words[1]);
		_exit(holder_main(4, argv));
	}
	close(words[1]);
	cr_expect(read(words[0], said, sizeof(said) - 1) > 0);
	cr_expect(eq(int, waitpid(pid, &status, 0), pid));
	cr_expect(eq(int, WEXITSTATUS(status), 255));
	cr_expect(strstr(said, "its control socket: Broken pipe\n") != NULL, "%s", said);
	close(from_ssh[0]);
	close(words[0]);
	end_busy(&busy);
}

Test(mux_socket, who_is_busy_listens)
{
	struct busy busy;

	start_busy(&busy);
	cr_expect(eq(int, unix_listens(busy.path), 0));
	close(busy.listener);
	cr_expect(eq(int, unix_listens(busy.path), -ECONNREFUSED));
	unlink(busy.path);
	cr_expect(eq(int, unix_listens(busy.path), -ENOENT));
	end_busy(&busy);
}
