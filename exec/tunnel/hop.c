#include "exec/tunnel/hop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/ssh/ssh_facts.h"
#include "exec/system/process.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/hop_pool.h"
#include "topology/base/memory.h"

/*
 * For a whole bring-up, from the start of ssh. Its own ConnectTimeout (10 s) ends with the banner;
 * a server that goes silent afterwards would hang it for ever.
 */
#define BRINGUP_MS 20000
/* For an answer of a master, or of a tunnel host through it. */
#define ANSWER_MS 3000
/* Where hardly anything listens: a tunnel host that answers "refused" is there. */
#define CLOSED_PORT 1

/* The one place where a hop changes its state. */
static void apply(struct live_hop *hop, enum hop_event event)
{
	enum hop_state before = hop->state;
	uint64_t now = clock_ms();

	if (!hop_state_next(before, event, &hop->state))
		return;
	history_add(&hop->history, hop_state_name(hop->state), now);
	hop->since = clock_wall();
	if (before != HOP_WAITING && before != HOP_UP && hop->state != HOP_AUTHENTICATING)
		hop->took_ms = now - hop->started_ms;
	engine_log(hop->engine, "hop %s (%s:%u): %s -> %s%s%s", hop->host, hop->plan.address,
		   hop->plan.port, hop_state_name(before), hop_state_name(hop->state),
		   hop_state_is_dead(hop->state) && hop->failure.text ? ": " : "",
		   hop_state_is_dead(hop->state) && hop->failure.text ? hop->failure.text : "");
	engine_schedule(hop->engine);
}

static void doubt_parent(struct live_hop *hop);

static void link_answered(void *data, int status, uint32_t value)
{
	struct live_hop *hop = data;

	(void)value;
	hop->link = NULL;
	engine_schedule(hop->engine);
	if (status != -ETIMEDOUT || hop->state != HOP_UP)
		return;
	hop_blame(hop, "timeout", "the link went quiet: its far end did not answer within 3 s");
	apply(hop, HOP_SILENT);
	master_kill(hop->master);
	doubt_parent(hop);
}

/* Asks the tunnel host, through its master, for a sign of life. */
static void check_link(struct live_hop *hop)
{
	if (hop->state == HOP_UP && !hop->link)
		hop->link = mux_dial(hop->engine->loop, master_socket(hop->master), "127.0.0.1",
				     CLOSED_PORT, ANSWER_MS, link_answered, hop);
}

/* Before a hop is blamed whose line went quiet, the one that carries it is asked. */
static void doubt_parent(struct live_hop *hop)
{
	if (!hop->parent || !hop_blame_is_doubtful(hop))
		return;
	check_link(hop->parent);
}

static void authenticating(void *data)
{
	apply(data, HOP_BANNER);
}

static void ready(void *data)
{
	struct live_hop *hop = data;

	delay_stop(hop->deadline);
	hop->verified_ms = clock_ms();
	hop_log_mark(hop);
	apply(hop, HOP_READY);
}

static void ended(void *data)
{
	struct live_hop *hop = data;

	delay_stop(hop->deadline);
	mux_cancel(hop->ping);
	mux_cancel(hop->link);
	hop->ping = hop->link = NULL;
	hop->master_ended = true;
	if (hop->state == HOP_ENDING) {
		apply(hop, HOP_GONE);
	} else if (!hop_state_is_dead(hop->state)) {
		hop_blame_end(hop);
		apply(hop, HOP_DIED);
		doubt_parent(hop);
	}
	engine_schedule(hop->engine);
}

static const struct master_events events = {authenticating, ready, ended};

void hop_too_late(void *data)
{
	struct live_hop *hop = data;
	bool banner = hop->state == HOP_AUTHENTICATING;

	hop_blame(hop, banner ? "login_timeout" : "timeout",
		  banner ? "the sshd answered, but the login did not end within 20 s"
			 : "no answer within 20 s");
	apply(hop, HOP_SILENT);
	master_kill(hop->master);
	doubt_parent(hop);
}

/* Chooses the files of its master. */
static void name_files(struct live_hop *hop)
{
	const struct runtime *runtime = &hop->engine->runtime;
	char *name = runtime_master_name(runtime);
	char *log_name = memory_format("%s.log", name);

	hop->socket = runtime_path(runtime, name);
	hop->log = runtime_state_path(runtime, log_name);
	free(log_name);
	free(name);
}

static void forget_files(struct live_hop *hop)
{
	memory_replace(&hop->socket, NULL);
	memory_replace(&hop->log, NULL);
}

/* Returns the value of a variable of the `up` that needed the hop first, or NULL. */
static const char *variable(const struct live_hop *hop, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; hop->env[i]; i++)
		if (strncmp(hop->env[i], name, length) == 0 && hop->env[i][length] == '=')
			return hop->env[i] + length + 1;
	return NULL;
}

static int start_master(struct live_hop *hop)
{
	struct engine *engine = hop->engine;
	struct ssh_incarnation incarnation = {hop->socket, hop->parent ? hop->parent->socket : NULL,
					      engine->program, variable(hop, SSH_FACTS_VARIABLE)};
	char **argv = ssh_argv_master(&hop->plan, &incarnation);
	struct master_spec spec = {(const char *const *)argv,
				   (const char *const *)hop->env,
				   hop->socket,
				   hop->log,
				   &events,
				   hop};
	int error;

	/* Before it runs: whatever becomes of us then, the next supervisor knows what to look for. */
	engine->record(engine);
	error = master_create(engine->loop, &spec, &hop->master);
	memory_free_strings(argv);
	return error;
}

static void start(struct live_hop *hop)
{
	int error;

	name_files(hop);
	hop->parent_log_from = hop->parent ? master_log_size(hop->parent->master) : 0;
	hop->started_ms = clock_ms();
	error = start_master(hop);
	if (error) {
		forget_files(hop);
		hop_blame(hop, "start", strerror(-error));
		apply(hop, HOP_DIED);
	} else {
		delay_start(hop->deadline, BRINGUP_MS);
		apply(hop, HOP_START);
	}
}

static void step_waiting(struct live_hop *hop)
{
	if (!hop->users) {
		apply(hop, HOP_UNNEEDED);
	} else if (hop->parent && hop_state_is_dead(hop->parent->state)) {
		hop_blame(hop, "parent", "the hop before it is not up");
		apply(hop, HOP_PARENT_DIED);
	} else if (!hop->parent || hop->parent->state == HOP_UP) {
		start(hop);
	}
}

static void step_running(struct live_hop *hop)
{
	if (!hop->users) {
		apply(hop, HOP_UNNEEDED);
		delay_stop(hop->deadline);
		master_stop(hop->master);
	} else if (hop->parent && hop_state_is_dead(hop->parent->state)) {
		hop_blame(hop, "parent", "the hop before it is gone");
		apply(hop, HOP_PARENT_DIED);
		master_stop(hop->master);
	}
}

void hop_step(struct live_hop *hop)
{
	if (hop->state == HOP_WAITING)
		step_waiting(hop);
	else if (!hop_state_is_dead(hop->state))
		step_running(hop);
	if (hop->master_ended) {
		master_destroy(hop->master);
		hop->master = NULL;
		forget_files(hop);
		hop->master_ended = false;
		engine_schedule(hop->engine);
	}
	/* Only now, so that hops end from the deepest to the shallowest. */
	if (hop_state_is_dead(hop->state) && hop_is_gone(hop) && hop->uses_parent) {
		hop->uses_parent = false;
		hop_release(hop->parent);
	}
}

static void verified(void *data, int status, uint32_t value)
{
	struct live_hop *hop = data;

	hop->ping = NULL;
	engine_schedule(hop->engine);
	if (hop->state != HOP_UP)
		return;
	if (status == 0 && (pid_t)value == master_pid(hop->master)) {
		hop->verified_ms = clock_ms();
		return;
	}
	hop_blame(hop, "silent", "its ssh did not answer within 3 s on its control socket");
	apply(hop, HOP_SILENT);
	master_kill(hop->master);
}

void hop_verify(struct live_hop *hop)
{
	if (hop->state == HOP_UP && !hop->ping)
		hop->ping = mux_alive(hop->engine->loop, master_socket(hop->master), ANSWER_MS,
				      verified, hop);
}

bool hop_is_verifying(const struct live_hop *hop)
{
	return hop->ping != NULL;
}

bool hop_is_settled(const struct live_hop *hop)
{
	return !(hop->parent && hop->parent->link);
}

bool hop_is_gone(const struct live_hop *hop)
{
	return hop->master == NULL;
}

void hop_log_mark(struct live_hop *hop)
{
	hop->log_from = master_log_size(hop->master);
}
