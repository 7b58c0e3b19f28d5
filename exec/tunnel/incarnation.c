#include "exec/tunnel/incarnation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/log_reader.h"
#include "exec/ssh/ssh_argv.h"
#include "exec/system/clock.h"
#include "exec/tunnel/faults.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/survivor.h"
#include "topology/base/memory.h"

/*
 * Of a hop that is forgotten and comes back, the numbers do not begin again: the end of an older ssh may not be over, and would
 * take the file of a newer one along.
 */
#define FIRST_GENERATIONS 1000000

struct incarnation *incarnation_create(struct live_hop *hop, struct incarnation *through)
{
	const struct runtime *runtime = &hop->engine->runtime;
	struct incarnation *incarnation = memory_alloc(sizeof(*incarnation));
	const char kind = hop_is_stitched(hop) ? 's' : 'm';
	char *name, *log_name;

	if (!hop->generation)
		hop->generation = clock_random() % FIRST_GENERATIONS;
	name = runtime_new_name(runtime, kind, hop->hash, &hop->generation);
	log_name = memory_format("%s.log", name);
	incarnation->hop = hop;
	incarnation->generation = hop->generation;
	incarnation->socket = runtime_path(runtime, name);
	incarnation->log = runtime_state_path(runtime, log_name);
	if (through) {
		incarnation->through = incarnation_hold(through);
		ssh_log_expect_dial(master_log(through->master), hop->plan.address, hop->plan.port);
	}
	free(log_name);
	free(name);
	return incarnation;
}

/* The command line of the process. */
static char **make_argv(const struct incarnation *incarnation)
{
	const struct live_hop *hop = incarnation->hop;
	const struct incarnation *through = incarnation->through;
	const unsigned alive_s = hop->idle.alive_s;
	struct ssh_incarnation made = {
		.control_path = incarnation->socket,
		.parent_path = through ? through->socket : NULL,
		.program = hop->engine->program,
		.facts = hop_facts(hop),
		.alive_s = alive_s,
		.alive_count = alive_s ? idle_alive_count(alive_s, SSH_ARGV_ALIVE_S,
							  plan_alive_count_max(&hop->plan))
				       : 0,
	};
	const char *const holder[] = {
		hop->engine->program, "--holder",   "--feed", incarnation->socket,
		made.parent_path,     hop->command, NULL};

	return hop_is_stitched(hop) ? memory_copy_strings(holder)
				    : ssh_argv_master(&hop->plan, &made);
}

int incarnation_start(struct incarnation *incarnation, const struct master_events *events)
{
	const struct live_hop *hop = incarnation->hop;
	char **argv = make_argv(incarnation);
	struct master_spec spec = {(const char *const *)argv,
				   (const char *const *)hop->env,
				   incarnation->socket,
				   incarnation->log,
				   events,
				   incarnation,
				   hop->programs[hop->choice]};
	int error = master_create(hop->engine->loop, &spec, &incarnation->master);

	incarnation->ended = error != 0;
	if (!error)
		pulse_init(&incarnation->pulse, master_pid(incarnation->master), false);
	memory_free_strings(argv);
	return error;
}

int incarnation_adopt(struct live_hop *hop, const struct survivor *survivor,
		      struct incarnation *through, const struct master_events *events,
		      struct incarnation **ret_incarnation, enum master_use *ret_use)
{
	struct incarnation *incarnation = memory_alloc(sizeof(*incarnation));
	const struct master_left left = survivor_left(survivor);
	const struct master_spec spec = {.socket = survivor->socket,
					 .log = survivor->log,
					 .events = events,
					 .data = incarnation};
	int error = master_adopt(hop->engine->loop, &spec, &left, &incarnation->master, ret_use);

	if (error) {
		free(incarnation);
		return error;
	}
	incarnation->hop = hop;
	incarnation->adopted = true;
	incarnation->before_ms = survivor->since;
	incarnation->generation = survivor->generation;
	incarnation->socket = memory_string(survivor->socket);
	incarnation->log = memory_string(survivor->log);
	incarnation->leaves = *ret_use == MASTER_DRAINS;
	incarnation->start = survivor->start;
	if (through)
		incarnation->through = incarnation_hold(through);
	if (hop->generation < survivor->generation)
		hop->generation = survivor->generation;
	pulse_init(&incarnation->pulse, master_pid(incarnation->master), false);
	*ret_incarnation = incarnation;
	return 0;
}

struct incarnation *incarnation_hold(struct incarnation *incarnation)
{
	incarnation->holders++;
	return incarnation;
}

void incarnation_forget(struct incarnation *incarnation)
{
	assert(incarnation->holders);
	incarnation->holders--;
	engine_schedule(incarnation->hop->engine);
}

struct link *incarnation_link(const struct incarnation *incarnation)
{
	struct link *link = incarnation->master ? master_link(incarnation->master) : NULL;

	return link && !incarnation->ended && !link_is_lost(link) ? link : NULL;
}

/* Appends a place as a line between line breaks. */
static void add_place(const struct mux_forward *forward, struct strbuf *text)
{
	strbuf_printf(text, "\n%s %u\n", forward->bind_path ? forward->bind_path : forward->bind,
		      forward->bind_path ? 0 : forward->bind_port);
}

void incarnation_keep(struct incarnation *incarnation, const struct mux_forward *forward)
{
	add_place(forward, &incarnation->kept);
}

bool incarnation_keeps(const struct incarnation *incarnation, const struct mux_forward *forward)
{
	struct strbuf place = {0};
	bool keeps;

	add_place(forward, &place);
	keeps = strstr(strbuf_text(&incarnation->kept), strbuf_text(&place)) != NULL;
	strbuf_finish(&place);
	return keeps;
}

bool incarnation_is_fresh(const struct incarnation *incarnation)
{
	return incarnation->master && master_is_fresh(incarnation->master);
}

bool incarnation_is_priming(const struct incarnation *incarnation)
{
	return incarnation->master && master_is_priming(incarnation->master);
}

bool incarnation_can_dial(const struct incarnation *incarnation)
{
	if (hop_is_stitched(incarnation->hop))
		return incarnation->master && !incarnation->ended;
	return incarnation_link(incarnation) != NULL;
}

const struct ssh_log *incarnation_log(struct incarnation *incarnation)
{
	const uint64_t step = incarnation->hop->engine->steps;

	if (!incarnation->master)
		return NULL;
	if (incarnation->read_step == step)
		return log_reader_known(master_reader(incarnation->master));
	incarnation->read_step = step;
	return master_log(incarnation->master);
}

bool incarnation_is_cut_off(const struct incarnation *incarnation)
{
	return incarnation_link(incarnation) && !master_is_reachable(incarnation->master);
}

unsigned incarnation_server(const struct incarnation *incarnation)
{
	const struct ssh_log *log;

	if (!incarnation->master)
		return 0;
	log = master_log(incarnation->master);
	return ssh_log_is_openssh(log) ? FAULT_OPENSSH : ssh_log_is_other(log) ? FAULT_OTHER : 0;
}

void incarnation_stop(struct incarnation *incarnation)
{
	incarnation->told = true;
	if (incarnation->master && !incarnation->ended)
		master_stop(incarnation->master);
}

void incarnation_drain(struct incarnation *incarnation)
{
	struct kernel_process process;

	if (incarnation->told)
		return;
	if (!incarnation->leaves) {
		incarnation->leaves = true;
		if (incarnation->master &&
		    !kernel_process_read(master_pid(incarnation->master), &process))
			incarnation->start = process.start_ticks;
		engine_schedule(incarnation->hop->engine);
		return;
	}
	incarnation->told = true;
	if (incarnation->master && !incarnation->ended)
		master_drain(incarnation->master);
}

void incarnation_reap(struct incarnation *incarnation)
{
	assert(incarnation->ended);
	master_destroy(incarnation->master);
	incarnation->master = NULL;
	/* What it was dialled through may go before it. */
	if (incarnation->through)
		incarnation_forget(incarnation->through);
	incarnation->through = NULL;
}

void incarnation_destroy(struct incarnation *incarnation)
{
	assert(!incarnation->master && !incarnation->through && !incarnation->holders);
	candour_finish(&incarnation->candour);
	strbuf_finish(&incarnation->kept);
	free(incarnation->socket);
	free(incarnation->log);
	free(incarnation);
}
