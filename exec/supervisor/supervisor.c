#include "exec/supervisor/supervisor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/supervisor/control.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/session.h"
#include "exec/system/logfile.h"
#include "exec/system/process.h"
#include "exec/tunnel/hop_pool.h"
#include "exec/tunnel/tunnel.h"
#include "exec/tunnel/vigil.h"
#include "topology/base/memory.h"

/* How often the masters' logs are kept short. */
#define CAP_MS 60000
/* A lock has no event: how soon to look again whether start.lock is free. */
#define LEAVE_RETRY_MS 500

struct supervisor {
	struct engine engine; /* first: its step gets back here */
	uv_loop_t loop;
	struct control *control;
	uv_signal_t term;
	uv_signal_t interrupt;
	struct delay *cap_timer;
	struct delay *leave_timer;
	json_t *record; /* as written last */
	int lock;       /* supervisor.lock */
	int start_lock; /* start.lock, once it is leaving; or -1 */
	bool quitting;  /* it was told to go */
};

/* --- leaving --------------------------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle, void *data)
{
	(void)data;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void destroy_timers(struct supervisor *supervisor)
{
	delay_destroy(supervisor->engine.due);
	delay_destroy(supervisor->engine.vigil);
	delay_destroy(supervisor->cap_timer);
	delay_destroy(supervisor->leave_timer);
	supervisor->engine.vigil = NULL;
	supervisor->engine.due = supervisor->cap_timer = supervisor->leave_timer = NULL;
}

static void leave(struct supervisor *supervisor)
{
	engine_log(&supervisor->engine, "nothing left to do: leaving");
	record_remove(&supervisor->engine.runtime);
	/* Its clients' sessions end with it, and schedule a step that is not taken any more. */
	control_destroy(supervisor->control);
	supervisor->control = NULL;
	destroy_timers(supervisor);
	uv_walk(&supervisor->loop, close_handle, NULL);
}

static void look_again(void *data)
{
	struct supervisor *supervisor = data;

	engine_schedule(&supervisor->engine);
}

/*
 * Goes if nothing is left. The last look is taken under start.lock, which every client holds until
 * it is connected: so none can find a socket on which nobody will answer.
 */
static void leave_if_idle(struct supervisor *supervisor)
{
	struct engine *engine = &supervisor->engine;
	char *path;

	if (!supervisor->control || engine->tunnels.count || engine->hops.count)
		return;
	if (!supervisor->quitting && !control_is_idle(supervisor->control))
		return;
	path = runtime_path(&engine->runtime, "start.lock");
	supervisor->start_lock = runtime_lock(path, 0);
	free(path);
	if (supervisor->quitting ||
	    (supervisor->start_lock >= 0 && control_is_idle(supervisor->control))) {
		leave(supervisor);
		return;
	}
	if (supervisor->start_lock >= 0)
		close(supervisor->start_lock);
	supervisor->start_lock = -1;
	delay_start(supervisor->leave_timer, LEAVE_RETRY_MS);
}

static void told_to_go(uv_signal_t *handle, int signal)
{
	struct supervisor *supervisor = handle->data;
	struct list *tunnels = &supervisor->engine.tunnels;

	engine_log(&supervisor->engine, "signal %d: taking everything down", signal);
	supervisor->quitting = true;
	for (size_t i = 0; i < tunnels->count; i++)
		tunnel_stop(tunnels->items[i], "stopped", "the supervisor was told to go");
	engine_schedule(&supervisor->engine);
}

/* --- steps ----------------------------------------------------------------------------------- */

static void record(struct engine *engine)
{
	struct supervisor *supervisor = (struct supervisor *)engine;

	record_write(engine, &supervisor->record);
}

static void step(struct engine *engine)
{
	struct supervisor *supervisor = (struct supervisor *)engine;

	/*
	 * Parents stand before the hops that they carry, hops matter to tunnels, those to sessions.
	 */
	for (size_t i = 0; i < engine->hops.count; i++)
		hop_step(engine->hops.items[i]);
	for (size_t i = 0; i < engine->tunnels.count; i++)
		tunnel_step(engine->tunnels.items[i]);
	for (size_t i = 0; i < engine->sessions.count; i++)
		session_step(engine->sessions.items[i]);
	tunnel_reap(engine);
	vigil_step(engine);
	hop_pool_reap(engine);
	record(engine);
	leave_if_idle(supervisor);
}

static void cap_logs(void *data)
{
	struct supervisor *supervisor = data;
	const struct list *hops = &supervisor->engine.hops;

	for (size_t i = 0; i < hops->count; i++)
		hop_cap_logs(hops->items[i]);
	delay_start(supervisor->cap_timer, CAP_MS);
}

static void message(struct client *client, const json_t *said, void *data)
{
	session_message(data, client, said);
}

static void gone(struct client *client, void *data)
{
	session_gone(client_get(client));
	engine_schedule(data);
}

/* --- starting -------------------------------------------------------------------------------- */

static int take_lock(struct supervisor *supervisor, char **ret_why)
{
	char *path = runtime_state_path(&supervisor->engine.runtime, "supervisor.lock");
	char pid[32] = "";

	supervisor->lock = runtime_lock(path, 0);
	if (supervisor->lock == -EWOULDBLOCK) {
		struct strbuf text = {0};

		logfile_read(path, 0, &text);
		*ret_why =
			memory_format("another supervisor runs (pid %.*s), with another runtime "
				      "directory: set XDG_RUNTIME_DIR as it was there",
				      (int)strcspn(strbuf_text(&text), "\n"), strbuf_text(&text));
		strbuf_finish(&text);
	} else if (supervisor->lock < 0) {
		*ret_why = memory_format("cannot lock %s: %s", path, strerror(-supervisor->lock));
	} else {
		snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
		if (ftruncate(supervisor->lock, 0) || write(supervisor->lock, pid, strlen(pid)) < 0)
			*ret_why = memory_format("cannot write %s: %s", path, strerror(errno));
	}
	free(path);
	return *ret_why ? -1 : 0;
}

static int find_program(struct engine *engine, char **ret_why)
{
	char path[PATH_MAX];
	size_t size = sizeof(path);
	int error = uv_exepath(path, &size);

	if (error)
		*ret_why = memory_format("cannot find my own program: %s", uv_strerror(error));
	else
		engine->program = memory_string(path);
	return error;
}

static int open_files(struct supervisor *supervisor, char **ret_why)
{
	struct engine *engine = &supervisor->engine;
	char *log = runtime_state_path(&engine->runtime, "supervisor.log");
	char *ports = runtime_state_path(&engine->runtime, "ports.json");

	engine->log_fd = logfile_open(log);
	if (engine->log_fd < 0)
		*ret_why = memory_format("cannot open %s: %s", log, strerror(-engine->log_fd));
	else
		dup2(engine->log_fd, STDERR_FILENO); /* for what is said when it dies */
	port_memory_init(&engine->ports, ports);
	free(log);
	free(ports);
	return *ret_why ? -1 : 0;
}

static int listen_for_clients(struct supervisor *supervisor, char **ret_why)
{
	static const struct control_events events = {message, gone};
	char *path = runtime_path(&supervisor->engine.runtime, "control");
	int error;

	/* A killed supervisor leaves it; we hold the lock, so nobody is behind it. */
	unlink(path);
	error = control_create(&supervisor->loop, path, &events, &supervisor->engine,
			       &supervisor->control);
	if (error)
		*ret_why = memory_format("cannot listen on %s: %s", path, uv_strerror(error));
	free(path);
	return error;
}

static void start_handles(struct supervisor *supervisor)
{
	uv_loop_t *loop = &supervisor->loop;

	supervisor->engine.due = delay_create(loop, engine_due, &supervisor->engine);
	supervisor->engine.vigil = delay_create(loop, vigil_look, &supervisor->engine);
	supervisor->cap_timer = delay_create(loop, cap_logs, supervisor);
	supervisor->leave_timer = delay_create(loop, look_again, supervisor);
	uv_signal_init(loop, &supervisor->term);
	uv_signal_init(loop, &supervisor->interrupt);
	supervisor->term.data = supervisor->interrupt.data = supervisor;
	uv_signal_start(&supervisor->term, told_to_go, SIGTERM);
	uv_signal_start(&supervisor->interrupt, told_to_go, SIGINT);
	delay_start(supervisor->cap_timer, CAP_MS);
}

/* Everything up to the first client; *ret_why says what went wrong. */
static int start(struct supervisor *supervisor, char **ret_why)
{
	struct engine *engine = &supervisor->engine;

	engine->loop = &supervisor->loop;
	engine->step = step;
	engine->record = record;
	if (runtime_open(&engine->runtime, ret_why) || take_lock(supervisor, ret_why) ||
	    open_files(supervisor, ret_why) || find_program(engine, ret_why))
		return -1;
	record_end_leftovers(&engine->runtime, engine->log_fd);
	start_handles(supervisor);
	if (listen_for_clients(supervisor, ret_why))
		return -1;
	engine_log(engine, "supervisor %d: listening", (int)getpid());
	engine_schedule(engine);
	return 0;
}

static void finish(struct supervisor *supervisor)
{
	struct engine *engine = &supervisor->engine;

	json_decref(supervisor->record);
	list_finish(&engine->hops);
	list_finish(&engine->tunnels);
	list_finish(&engine->claims);
	list_finish(&engine->snapshots);
	list_finish(&engine->sessions);
	port_memory_finish(&engine->ports);
	free(engine->program);
	runtime_finish(&engine->runtime);
	if (engine->log_fd >= 0)
		close(engine->log_fd);
	/* In this order: whoever gets start.lock must be able to get the other one. */
	if (supervisor->lock >= 0)
		close(supervisor->lock);
	if (supervisor->start_lock >= 0)
		close(supervisor->start_lock);
}

/* Tells the one who started us, who waits for the end of the text. */
static void tell(const char *text)
{
	if (write(SUPERVISOR_READY_FD, text, strlen(text)) < 0)
		signal(SIGPIPE, SIG_IGN); /* nobody waits: that is fine, too */
	close(SUPERVISOR_READY_FD);
}

int supervisor_main(int argc, char **argv)
{
	struct supervisor supervisor = {.lock = -1, .start_lock = -1, .engine.log_fd = -1};
	char *why = NULL;
	int error = process_detach(SUPERVISOR_READY_FD + 1);

	(void)argc;
	(void)argv;
	/* Until there is a log, the one who started us hears what we die of. */
	dup2(SUPERVISOR_READY_FD, STDERR_FILENO);
	if (!error)
		error = uv_loop_init(&supervisor.loop);
	if (error) {
		tell(strerror(-error));
		return 1;
	}
	error = start(&supervisor, &why);
	tell(error ? why : "ok");
	if (error) {
		destroy_timers(&supervisor);
		uv_walk(&supervisor.loop, close_handle, NULL);
	}
	uv_run(&supervisor.loop, UV_RUN_DEFAULT);
	uv_loop_close(&supervisor.loop);
	finish(&supervisor);
	free(why);
	return error ? 1 : 0;
}
