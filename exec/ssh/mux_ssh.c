/*
 * Requests by the system's ssh (`ssh -O`). `-F none` keeps the user's ssh_config out (its
 * LocalForwards would be added, or cancelled). ssh's habit is to connect directly if a master
 * refuses: ProxyCommand=false and a host that does not exist prevent that. The deadline is for a
 * master that was stopped.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "exec/ssh/mux_ops.h"
#include "topology/base/memory.h"

/* A remote forward takes a round trip, and the link may be slow. */
#define DEADLINE_MS 15000

/* One run of ssh. */
struct run {
	uv_process_t process;
	uv_pipe_t words_pipe;
	uv_timer_t timer;
	unsigned open_handles;
	struct strbuf words; /* what ssh said; one line or two */
	char buffer[1024];
	bool exited;
	bool words_ended;
	bool timed_out;
	bool silence_is_success; /* cancel: its exit status is always 0, only its words tell */
	int error;               /* could not be started */
	int64_t exit_status;
	mux_request_done done;
	void *data;
};

static void closed(uv_handle_t *handle)
{
	struct run *run = handle->data;

	if (--run->open_handles)
		return;
	strbuf_finish(&run->words);
	free(run);
}

static int result(const struct run *run)
{
	if (run->error)
		return run->error;
	if (run->timed_out)
		return -ETIMEDOUT;
	if (run->exit_status != 0)
		return -EIO;
	return run->silence_is_success && run->words.length ? -EIO : 0;
}

static void end(struct run *run)
{
	run->done(run->data, result(run), strbuf_text(&run->words));
	uv_close((uv_handle_t *)&run->process, closed);
	uv_close((uv_handle_t *)&run->words_pipe, closed);
	uv_close((uv_handle_t *)&run->timer, closed);
}

/* Both must have come: the exit may be seen before the last words. */
static void end_if_complete(struct run *run)
{
	if (run->exited && run->words_ended)
		end(run);
}

static void exited(uv_process_t *process, int64_t exit_status, int signal)
{
	struct run *run = process->data;

	run->exited = true;
	run->exit_status = signal ? 255 : exit_status;
	end_if_complete(run);
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct run *run = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(run->buffer, sizeof(run->buffer));
}

static void hear(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct run *run = stream->data;

	if (got > 0)
		strbuf_add(&run->words, buffer->base, (size_t)got);
	if (got >= 0)
		return;
	uv_read_stop(stream);
	run->words_ended = true;
	end_if_complete(run);
}

static void time_out(uv_timer_t *timer)
{
	struct run *run = timer->data;

	if (run->error) {
		end(run);
		return;
	}
	run->timed_out = true;
	uv_process_kill(&run->process, SIGKILL);
}

static int spawn(uv_loop_t *loop, struct run *run, const char *path, const char *what,
		 const struct mux_forward *forward)
{
	struct strbuf argument = {0};
	const char *option = ssh_argv_forward(forward, &argument);
	const char *words[] = {"ssh",
			       "-F",
			       "none",
			       "-o",
			       "BatchMode=yes",
			       "-o",
			       "ProxyCommand=false",
			       "-o",
			       "StreamLocalBindUnlink=yes",
			       "-S",
			       path,
			       "-O",
			       what,
			       option,
			       strbuf_text(&argument),
			       "tunplan-master.invalid",
			       NULL};
	char **argv = memory_copy_strings(words);
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&run->words_pipe},
	};
	uv_process_options_t options = {
		.file = argv[0],
		.args = argv,
		.exit_cb = exited,
		.stdio = stdio,
		.stdio_count = 3,
	};
	int error = uv_spawn(loop, &run->process, &options);

	memory_free_strings(argv);
	strbuf_finish(&argument);
	return error;
}

static void start(uv_loop_t *loop, const char *path, const char *what,
		  const struct mux_forward *forward, struct run *run)
{
	run->open_handles = 3;
	uv_pipe_init(loop, &run->words_pipe, 0);
	uv_timer_init(loop, &run->timer);
	run->error = spawn(loop, run, path, what, forward);
	run->process.data = run->words_pipe.data = run->timer.data = run;
	/* What could not be started is told from the loop, too. */
	uv_timer_start(&run->timer, time_out, run->error ? 0 : DEADLINE_MS, 0);
	if (!run->error)
		uv_read_start((uv_stream_t *)&run->words_pipe, provide, hear);
}

static struct run *create(mux_request_done done, void *data)
{
	struct run *run = memory_alloc(sizeof(*run));

	run->done = done;
	run->data = data;
	return run;
}

static void forward(uv_loop_t *loop, const char *path, const struct mux_forward *wanted,
		    mux_request_done done, void *data)
{
	start(loop, path, "forward", wanted, create(done, data));
}

static void cancel(uv_loop_t *loop, const char *path, const struct mux_forward *wanted,
		   mux_request_done done, void *data)
{
	struct run *run = create(done, data);

	run->silence_is_success = true;
	start(loop, path, "cancel", wanted, run);
}

const struct mux_ops mux_ssh = {"ssh", forward, cancel};
