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

#include "exec/supervisor/adopt.h"
#include "exec/supervisor/another_path.h"
#include "exec/supervisor/control.h"
#include "exec/supervisor/elsewhere.h"
#include "exec/supervisor/failed.h"
#include "exec/supervisor/post.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/report.h"
#include "exec/supervisor/session.h"
#include "exec/system/changes.h"
#include "exec/system/logfile.h"
#include "exec/system/process.h"
#include "exec/tunnel/held.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_pool.h"
#include "exec/tunnel/notice.h"
#include "exec/tunnel/owner.h"
#include "exec/tunnel/stray.h"
#include "exec/tunnel/survivor.h"
#include "exec/tunnel/tunnel.h"
#include "exec/tunnel/vigil.h"
#include "topology/base/memory.h"

/* How often the masters' logs are kept short, and the history is told that the supervisor is alive. */
#define CAP_MS 60000
/* A lock has no event: how soon to look again whether start.lock is free. */
#define LEAVE_RETRY_MS 500
/* A supervisor that was told to go does so without start.lock in the end: its holder may be stopped. */
#define LEAVE_TRIES 4
/* A client that reads nothing of much that waits for it is dropped after this. */
#define CLIENT_PATIENCE_MS 30000

struct supervisor {
	struct engine engine; /* first: its step gets back here */
	struct session_host sessions;
	uv_loop_t loop;
	struct post post;
	uv_signal_t term;
	uv_signal_t interrupt;
	uv_signal_t wake;
	uv_signal_t let_go;
	struct elsewhere *elsewhere;
	struct delay *cap_timer;
	struct delay *leave_timer;
	unsigned leave_tries;
	struct record record;       /* as it was written last */
	struct delay *record_timer; /* until what is over is left out of that */
	bool record_is_due;         /* and that is so */
	bool unrecorded;            /* it could not be written */
	bool quitting;              /* it was told to go */
	bool lets_go;               /* and to leave all that it has to the next one */
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
	changes_destroy(supervisor->engine.changes);
	elsewhere_destroy(supervisor->elsewhere);
	delay_destroy(supervisor->engine.due);
	delay_destroy(supervisor->engine.vigil);
	delay_destroy(supervisor->engine.later);
	delay_destroy(supervisor->cap_timer);
	delay_destroy(supervisor->leave_timer);
	delay_destroy(supervisor->record_timer);
	supervisor->engine.changes = NULL;
	supervisor->elsewhere = NULL;
	supervisor->engine.vigil = supervisor->engine.later = NULL;
	supervisor->engine.due = supervisor->cap_timer = supervisor->leave_timer = NULL;
	supervisor->record_timer = NULL;
}

static void leave(struct supervisor *supervisor)
{
	engine_log(&supervisor->engine, "nothing left to do: leaving");
	history_note_leave(&supervisor->engine, 0);
	history_note_flush(&supervisor->engine);
	record_leave(&supervisor->engine.runtime, supervisor->sessions.failed);
	/* Its clients' sessions end with it, and schedule a step that is not taken any more. */
	post_close(&supervisor->post);
	destroy_timers(supervisor);
	uv_walk(&supervisor->loop, close_handle, NULL);
	uv_stop(&supervisor->loop);
	/* Nobody has to wait until this process has ended. */
	post_leave(&supervisor->post);
}

static void look_again(void *data)
{
	struct supervisor *supervisor = data;

	engine_schedule(&supervisor->engine);
}

/* Goes if nothing is left. Who was told to go, goes though clients are connected. */
static void leave_if_idle(struct supervisor *supervisor)
{
	struct engine *engine = &supervisor->engine;
	struct post *post = &supervisor->post;
	const bool quitting = supervisor->quitting;

	if (!post->control || engine->tunnels.count || engine->hops.count ||
	    engine->survivors.count || engine->strays.count)
		return;
	if (!quitting && !control_is_idle(post->control))
		return;
	if (post_can_leave(post, &engine->runtime, !quitting) ||
	    (quitting && ++supervisor->leave_tries > LEAVE_TRIES)) {
		leave(supervisor);
		return;
	}
	post_stay(post);
	delay_start(supervisor->leave_timer, LEAVE_RETRY_MS);
}

static void told_to_go(uv_signal_t *handle, int signal)
{
	struct supervisor *supervisor = handle->data;
	struct list *tunnels = &supervisor->engine.tunnels;

	engine_log(&supervisor->engine, "signal %d: taking everything down", signal);
	history_note_leave(&supervisor->engine, signal);
	supervisor->quitting = true;
	for (size_t i = 0; i < tunnels->count; i++) {
		/* One that has failed stays listed; one whose first attempt has failed may just be cleared away. */
		tunnel_tell_failed(tunnels->items[i]);
		tunnel_stop(tunnels->items[i], "stopped", "the supervisor was told to go");
	}
	engine_schedule(&supervisor->engine);
}

/* --- steps ----------------------------------------------------------------------------------- */

/* A sentence about a record that could not be written. */
static char *unrecorded(const struct supervisor *supervisor, int error, const char *what)
{
	char *path = record_path(&supervisor->engine.runtime);
	char *sentence =
		memory_format("%s cannot be written (%s): %s", path, strerror(-error), what);

	free(path);
	return sentence;
}

/* The same about the log; or NULL. */
static char *unlogged(const struct engine *engine)
{
	if (!engine->log_error)
		return NULL;
	return memory_format("%s/supervisor.log cannot be written (%s): what happens is told to "
			     "nobody later",
			     engine->runtime.state, strerror(-engine->log_error));
}

/* What the record still tells of is over. */
static void record_due(void *data)
{
	struct supervisor *supervisor = data;

	supervisor->record_is_due = true;
	engine_schedule(&supervisor->engine);
}

static void record(struct engine *engine)
{
	struct supervisor *supervisor = (struct supervisor *)engine;
	struct session_host *sessions = &supervisor->sessions;
	int error = record_write(engine, NULL, sessions->failed, supervisor->record_is_due,
				 &supervisor->record);
	bool known = supervisor->unrecorded;

	engine->recorded++;
	supervisor->unrecorded = error != 0;
	supervisor->record_is_due = false;
	if (!supervisor->record.is_late)
		delay_stop(supervisor->record_timer);
	else if (!delay_runs(supervisor->record_timer))
		delay_start(supervisor->record_timer, RECORD_LATE_MS);
	memory_replace(&sessions->trouble, NULL);
	if (!error) {
		sessions->trouble = unlogged(engine);
		return;
	}
	sessions->trouble = unrecorded(supervisor, error,
				       "if the supervisor is killed, the ssh processes that it "
				       "started are found by nobody");
	if (!known)
		engine_log(engine, "%s", sessions->trouble);
}

/* Nothing begins that a killed supervisor would leave without a trace, or when this one leaves. */
static char *refuses(struct session_host *host, const struct request *up, const char **ret_code)
{
	struct supervisor *supervisor = (struct supervisor *)host->engine;
	int error;

	if (supervisor->quitting) {
		*ret_code = "leaving";
		return memory_string("the supervisor was told to go, and takes nothing new");
	}
	error = record_write(&supervisor->engine, up, host->failed, false, &supervisor->record);
	if (!error || !record_wants_more(&supervisor->engine, up))
		return NULL;
	*ret_code = "record";
	return unrecorded(supervisor, error, "nothing was started");
}

static void failed(struct engine *engine, const struct live_tunnel *tunnel)
{
	const struct supervisor *supervisor = (struct supervisor *)engine;

	failed_add(supervisor->sessions.failed, report_tunnel(tunnel));
}

/* A first attempt has failed. */
static bool another(struct engine *engine, struct live_tunnel *tunnel)
{
	if (another_path_first(engine, tunnel))
		return true;
	elsewhere_failed(tunnel);
	return false;
}

static void refused(struct engine *engine, struct live_tunnel *tunnel)
{
	(void)engine;
	elsewhere_failed(tunnel);
}

/* Whether what survived of a hop is to stay, though nothing here needs it. */
static bool is_kept(uint64_t hash, void *data)
{
	const struct supervisor *supervisor = data;

	return !supervisor->quitting && adopt_keeps(supervisor->sessions.failed, hash);
}

static void step(struct engine *engine)
{
	struct supervisor *supervisor = (struct supervisor *)engine;
	const bool was_changed = engine->changed;

	engine->changed = false;
	/*
	 * Parents stand before the hops that they carry, hops matter to tunnels, those to sessions.
	 */
	for (size_t i = 0; i < engine->hops.count; i++)
		hop_step(engine->hops.items[i]);
	for (size_t i = 0; i < engine->tunnels.count; i++)
		tunnel_step(engine->tunnels.items[i]);
	elsewhere_step(supervisor->elsewhere);
	another_path_step(engine);
	/* Who is told of a change finds it there. */
	history_note_flush(engine);
	for (size_t i = 0; i < engine->sessions.count; i++)
		session_step(engine->sessions.items[i]);
	stray_step(engine);
	survivor_step(engine, is_kept, supervisor);
	tunnel_reap(engine);
	vigil_step(engine);
	hop_pool_reap(engine);
	owner_forget(engine);
	if (was_changed || engine->changed || supervisor->unrecorded)
		record(engine);
	leave_if_idle(supervisor);
}

static void keep_files(void *data)
{
	struct supervisor *supervisor = data;
	const struct list *hops = &supervisor->engine.hops;

	for (size_t i = 0; i < hops->count; i++)
		hop_cap_logs(hops->items[i]);
	history_note_keep(&supervisor->engine);
	delay_start(supervisor->cap_timer, CAP_MS);
}

static void message(struct client *client, const json_t *said, void *data)
{
	struct supervisor *supervisor = data;

	session_message(&supervisor->sessions, client, said);
}

static void gone(struct client *client, void *data)
{
	struct supervisor *supervisor = data;

	session_gone(client_get(client));
	/* It may have been the last one that we stayed for. */
	engine_schedule_look(&supervisor->engine);
}

/* A client did not find us. */
static void woken(uv_signal_t *handle, int signal)
{
	struct supervisor *supervisor = handle->data;
	struct engine *engine = &supervisor->engine;
	char *why;

	(void)signal;
	if (post_find_again(&supervisor->post, &engine->runtime, &why)) {
		engine_log(engine, "the control socket was gone: listening in %s",
			   engine->runtime.dir);
		/* The old record is gone, too, or is where nobody looks. */
		record_forget(&supervisor->record);
		record(engine);
	} else if (why) {
		engine_log(engine, "the control socket is gone: %s", why);
	}
	free(why);
}

/*
 * Another one is to have all that there is, and finds it in the record. Clients are told that we leave, and ask that one again.
 */
static void told_to_let_go(uv_signal_t *handle, int signal)
{
	struct supervisor *supervisor = handle->data;

	(void)signal;
	supervisor->engine.leaves = true;
	record(&supervisor->engine);
	if (supervisor->quitting || supervisor->unrecorded) {
		supervisor->engine.leaves = false;
		return;
	}
	engine_log(&supervisor->engine, "leaving all to another supervisor");
	supervisor->lets_go = true;
	post_close(&supervisor->post);
	uv_stop(&supervisor->loop);
}

/* --- starting -------------------------------------------------------------------------------- */

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

static void open_files(struct supervisor *supervisor)
{
	struct engine *engine = &supervisor->engine;
	char *log = runtime_state_path(&engine->runtime, "supervisor.log");
	char *ports = runtime_state_path(&engine->runtime, "ports.json");

	engine->log_fd = logfile_open(log);
	/* A disk that is full, or cannot be written, costs the log alone. */
	if (engine->log_fd < 0)
		engine->log_error = engine->log_fd;
	else
		dup2(engine->log_fd, STDERR_FILENO); /* for what is said when it dies */
	port_memory_init(&engine->ports, ports);
	free(log);
	free(ports);
}

static void start_handles(struct supervisor *supervisor)
{
	static const struct changes_events events = {notice_network, notice_woke};
	uv_loop_t *loop = &supervisor->loop;

	supervisor->engine.changes = changes_create(loop, &events, &supervisor->engine);
	notice_begin(&supervisor->engine);
	supervisor->elsewhere = elsewhere_create(&supervisor->engine);
	supervisor->engine.due = delay_create(loop, engine_due, &supervisor->engine);
	supervisor->engine.later = delay_create(loop, engine_wake, &supervisor->engine);
	supervisor->engine.vigil = delay_create(loop, vigil_look, &supervisor->engine);
	supervisor->cap_timer = delay_create(loop, keep_files, supervisor);
	supervisor->leave_timer = delay_create(loop, look_again, supervisor);
	supervisor->record_timer = delay_create(loop, record_due, supervisor);
	uv_signal_init(loop, &supervisor->term);
	uv_signal_init(loop, &supervisor->interrupt);
	uv_signal_init(loop, &supervisor->wake);
	uv_signal_init(loop, &supervisor->let_go);
	supervisor->term.data = supervisor->interrupt.data = supervisor->wake.data = supervisor;
	supervisor->let_go.data = supervisor;
	uv_signal_start(&supervisor->term, told_to_go, SIGTERM);
	uv_signal_start(&supervisor->interrupt, told_to_go, SIGINT);
	uv_signal_start(&supervisor->wake, woken, SIGUSR1);
	uv_signal_start(&supervisor->let_go, told_to_let_go, SUPERVISOR_LETS_GO);
	delay_start(supervisor->cap_timer, CAP_MS);
}

/* Before anybody asks for anything: former is the runtime directory of the one before, if that was another. */
static void take_over(struct supervisor *supervisor, struct runtime *former)
{
	struct engine *engine = &supervisor->engine;
	json_t *failed = supervisor->sessions.failed;

	if (former->dir)
		adopt(engine, former, failed);
	adopt(engine, &engine->runtime, failed);
	engine->changed = true;
	engine_due(engine);
	/* What it says is in our own record now. */
	if (former->dir && !supervisor->unrecorded)
		record_remove(former);
}

/* Everything up to the first client; *ret_why says what went wrong. */
static int start(struct supervisor *supervisor, char **ret_why)
{
	static const struct control_events events = {message, gone, CLIENT_PATIENCE_MS};
	struct engine *engine = &supervisor->engine;
	struct post *post = &supervisor->post;
	struct runtime former = {0};
	int error;

	supervisor->sessions =
		(struct session_host){.engine = engine, .refuses = refuses, .failed = json_array()};
	engine->loop = &supervisor->loop;
	engine->step = step;
	engine->failed = failed;
	engine->another = another;
	engine->refused = refused;
	if (runtime_open(RUNTIME_MAKE, &engine->runtime, ret_why) ||
	    post_take(post, &engine->runtime, ret_why))
		return -1;
	open_files(supervisor);
	if (find_program(engine, ret_why) || post_clear(post, &engine->runtime, &former, ret_why))
		return -1;
	start_handles(supervisor);
	post->control = control_create(&supervisor->loop, &events, supervisor);
	error = post_listen(post, &engine->runtime, ret_why);
	if (!error) {
		engine_log(engine, "supervisor %d: listening", (int)getpid());
		history_note_begin(engine);
		take_over(supervisor, &former);
	}
	runtime_finish(&former);
	return error;
}

static void finish(struct supervisor *supervisor)
{
	struct engine *engine = &supervisor->engine;

	record_forget(&supervisor->record);
	list_finish(&engine->hops);
	list_finish(&engine->survivors);
	list_finish(&engine->strays);
	hop_idle_finish(engine);
	hop_alone_finish(engine);
	held_finish(engine);
	list_finish(&engine->tunnels);
	list_finish(&engine->claims);
	list_finish(&engine->snapshots);
	list_finish(&engine->sessions);
	port_memory_finish(&engine->ports);
	history_note_finish(engine);
	free(engine->program);
	runtime_finish(&engine->runtime);
	if (engine->log_fd >= 0)
		close(engine->log_fd);
	free(supervisor->sessions.trouble);
	json_decref(supervisor->sessions.failed);
	post_leave(&supervisor->post);
}

/* Tells the one who started us, who waits for the end of the text. */
static void tell(const char *text)
{
	if (write(SUPERVISOR_READY_FD, text, strlen(text)) < 0)
		signal(SIGPIPE, SIG_IGN); /* nobody waits: that is fine, too */
	close(SUPERVISOR_READY_FD);
}

/* Runs the loop until it is left; returns whether all has ended that was begun. */
static bool run(struct supervisor *supervisor)
{
	uv_run(&supervisor->loop, UV_RUN_DEFAULT);
	/* Nothing of what it has is to be closed in order. */
	if (supervisor->lets_go)
		_exit(0);
	/* What is closed is freed in the next turns. */
	for (int turn = 0; turn < 8 && uv_run(&supervisor->loop, UV_RUN_NOWAIT); turn++)
		;
	return uv_loop_close(&supervisor->loop) == 0;
}

int supervisor_main(int argc, char **argv)
{
	struct supervisor supervisor = {.post = {.lock = -1, .start_lock = -1},
					.engine.log_fd = -1};
	char *why = NULL;
	int error;

	(void)argc;
	(void)argv;
	/* A client may have found our lock already, and wake us before we can listen to that. */
	signal(SIGUSR1, SIG_IGN);
	signal(SUPERVISOR_LETS_GO, SIG_IGN);
	error = process_detach(SUPERVISOR_READY_FD + 1);
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
		post_close(&supervisor.post);
		destroy_timers(&supervisor);
		uv_walk(&supervisor.loop, close_handle, NULL);
	}
	/* A thread that still looks up a name, for nobody any more, may take its time. */
	if (!run(&supervisor))
		_exit(0);
	finish(&supervisor);
	free(why);
	return error ? 1 : 0;
}
