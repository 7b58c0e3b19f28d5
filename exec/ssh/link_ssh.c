/*
 * Listeners by the system's ssh (`ssh -O`). `-F none` keeps the user's ssh_config out (its LocalForwards
 * would be added, or cancelled). ssh's habit is to connect directly if a master refuses: ProxyCommand=false
 * and a host that does not exist prevent that.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/ssh/link_parts.h"
#include "topology/base/memory.h"

/* One run of ssh. */
struct link_run {
	struct link_question *question; /* NULL: nothing more is wanted */
	uv_process_t process;
	uv_pipe_t words_pipe; /* its stdout and stderr */
	uv_timer_t timer;     /* tells that it could not be started */
	unsigned handles;     /* of the three above, open; freed at 0 */
	bool has_process;     /* the first of these is one of them */
	struct strbuf words;  /* what ssh said; one line or two */
	char buffer[1024];
	bool exited;
	bool words_ended;
	bool closes; /* its exit status is always 0 then, only its words tell */
	int error;   /* why it was not started */
	int64_t exit_status;
};

static void handle_closed(uv_handle_t *handle)
{
	struct link_run *run = handle->data;

	if (--run->handles)
		return;
	strbuf_finish(&run->words);
	free(run);
}

void link_run_end(struct link_run *run)
{
	if (!run || !run->question)
		return;
	run->question = NULL;
	if (run->has_process && (run->error || run->exited))
		uv_close((uv_handle_t *)&run->process, handle_closed);
	else if (run->has_process)
		uv_process_kill(&run->process, SIGKILL); /* and closed when it is reaped */
	uv_close((uv_handle_t *)&run->words_pipe, handle_closed);
	uv_close((uv_handle_t *)&run->timer, handle_closed);
}

/* Both must have come: the exit may be seen before the last words. */
static void answer(struct link_run *run)
{
	struct link_result result = {.answer = LINK_OK, .words = strbuf_text(&run->words)};

	if (!run->exited || !run->words_ended)
		return;
	if (run->exit_status != 0 || (run->closes && run->words.length))
		result.answer = LINK_REFUSED;
	else if (!run->question->request->forward.bind_port)
		result.port = (uint16_t)strtoul(result.words, NULL, 10);
	link_answered(run->question, &result);
}

static void exited(uv_process_t *process, int64_t exit_status, int signal)
{
	struct link_run *run = process->data;

	run->exited = true;
	run->exit_status = signal ? 255 : exit_status;
	if (run->question)
		answer(run);
	else
		uv_close((uv_handle_t *)process, handle_closed);
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct link_run *run = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(run->buffer, sizeof(run->buffer));
}

static void hear(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct link_run *run = stream->data;

	if (got > 0)
		strbuf_add(&run->words, buffer->base, (size_t)got);
	if (got >= 0)
		return;
	uv_read_stop(stream);
	run->words_ended = true;
	answer(run);
}

static void not_started(uv_timer_t *timer)
{
	const struct link_run *run = timer->data;

	link_answered(run->question,
		      &(struct link_result){.answer = LINK_GONE, .words = uv_strerror(run->error)});
}

static int spawn(struct link_run *run, const struct link_request *request)
{
	struct strbuf argument = {0};
	const char *option = ssh_argv_forward(&request->forward, &argument);
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
			       request->link->path,
			       "-O",
			       run->closes ? "cancel" : "forward",
			       option,
			       strbuf_text(&argument),
			       "tunplan-master.invalid",
			       NULL};
	char **argv = memory_copy_strings(words);
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}};
	uv_process_options_t options = {
		.file = argv[0],
		.args = argv,
		.exit_cb = exited,
		.stdio = stdio,
		.stdio_count = 3,
	};
	uv_file ends[2];
	int error = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);

	if (!error) {
		run->has_process = true;
		run->handles++;
		uv_pipe_open(&run->words_pipe, ends[0]);
		stdio[1].flags = stdio[2].flags = UV_INHERIT_FD;
		stdio[1].data.fd = stdio[2].data.fd = ends[1];
		error = uv_spawn(request->link->loop, &run->process, &options);
		close(ends[1]);
	}
	memory_free_strings(argv);
	strbuf_finish(&argument);
	return error;
}

static void ask(struct link_question *question)
{
	struct link_run *run = memory_alloc(sizeof(*run));
	struct link_request *request = question->request;

	question->state = LINK_PENDING;
	question->run = run;
	run->question = question;
	run->closes = question == &request->close;
	run->handles = 2;
	uv_pipe_init(request->link->loop, &run->words_pipe, 0);
	uv_timer_init(request->link->loop, &run->timer);
	run->error = spawn(run, request);
	run->process.data = run->words_pipe.data = run->timer.data = run;
	if (run->error)
		uv_timer_start(&run->timer, not_started, 0, 0);
	else
		uv_read_start((uv_stream_t *)&run->words_pipe, provide, hear);
}

const struct link_way link_ssh = {"ssh", true, ask};
