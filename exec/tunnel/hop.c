#include "exec/tunnel/hop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/ssh/ssh_facts.h"
#include "exec/ssh/ssh_log_line.h"
#include "exec/system/process.h"
#include "planner/model/auto_port.h"
#include "planner/views/plan_script.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

/* Returns what an `up` found out of the user's ssh_config, or NULL. */
static const char *facts_of(char *const *env)
{
	static const char name[] = SSH_FACTS_VARIABLE "=";
	const size_t length = strlen(name);

	for (size_t i = 0; env[i]; i++)
		if (strncmp(env[i], name, length) == 0)
			return env[i] + length;
	return NULL;
}

const char *hop_facts(const struct live_hop *hop)
{
	return hop->facts;
}

void hop_set_env(struct live_hop *hop, const char *const *env)
{
	const char *facts;

	memory_free_strings(hop->env);
	hop->env = process_master_env(env);
	facts = facts_of(hop->env);
	/* Nobody asks about a hop that is up: if it is lost before the `up` is here, the older facts hold. */
	if (!hop->facts || ssh_facts_has(facts, &hop->plan))
		memory_replace(&hop->facts, facts);
}

/* --- changing ------------------------------------------------------------------------------- */

bool hop_apply(struct live_hop *hop, enum hop_event event)
{
	enum hop_state before = hop->state;
	uint64_t now = clock_ms();

	if (!hop_state_next(before, event, &hop->state))
		return false;
	hop->since_ms = now;
	if (hop_state_is_rising(before) && !hop_state_is_rising(hop->state) && hop->started_ms)
		hop->took_ms = now - hop->started_ms;
	if (before == HOP_UP)
		hop->stalled_ms = now;
	if (hop->state == HOP_UP) {
		failure_finish(&hop->stall);
		failure_finish(&hop->tried);
	}
	engine_log(hop->engine, "hop %s (%s:%u): %s -> %s%s%s", hop->host, hop->plan.address,
		   hop->plan.port, hop_state_name(before), hop_state_name(hop->state),
		   hop->failure.text ? ": " : "", hop->failure.text ? hop->failure.text : "");
	history_note_hop(hop, before);
	engine_schedule(hop->engine);
	return true;
}

void hop_start_deadline(struct live_hop *hop, uint64_t ms)
{
	hop->late_ms = clock_ms() + ms;
	if (ms)
		delay_start(hop->deadline, ms);
	else
		delay_stop(hop->deadline);
}

uint64_t hop_connect_ms(const struct live_hop *hop)
{
	if (ssh_argv_states_timeout(&hop->plan, hop_facts(hop)))
		return 0;
	/* The session of a stitched one has to come first, and the logins to those that its ssh passes. */
	if (hop_is_stitched(hop))
		return 2ull * HOP_CONNECT_MS * hop->plan.depth;
	return hop->parent ? HOP_CONNECT_MS : HOP_CONNECT_MS + HOP_LOGIN_MS;
}

/* --- counting -------------------------------------------------------------------------------- */

void hop_need(struct live_hop *hop)
{
	hop->needs++;
	engine_schedule(hop->engine);
}

void hop_unneed(struct live_hop *hop)
{
	assert(hop->needs);
	hop->needs--;
	engine_schedule(hop->engine);
}

void hop_refer(struct live_hop *hop)
{
	hop->refs++;
}

void hop_forget(struct live_hop *hop)
{
	assert(hop->refs);
	hop->refs--;
	engine_schedule(hop->engine);
}

void hop_cap_logs(const struct live_hop *hop)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (incarnation->master)
			master_cap_log(incarnation->master);
	}
}

bool hop_is_fresh(const struct live_hop *hop)
{
	return hop->present && incarnation_is_fresh(hop->present);
}

unsigned hop_server(const struct live_hop *hop)
{
	return hop->present ? incarnation_server(hop->present) : 0;
}

uint64_t hop_chain_since_ms(const struct live_hop *hop)
{
	uint64_t since_ms = 0;

	for (; hop; hop = hop->parent)
		if (hop->since_ms > since_ms)
			since_ms = hop->since_ms;
	return since_ms;
}

const char *hop_why_lost(const struct live_hop *hop)
{
	const char *code = NULL, *other;

	/* What ends because it was carried by another is closed, or so it looks. */
	for (const struct live_hop *at = hop; at; at = at->parent) {
		if (!failure_is_set(&at->failure) || at->state == HOP_UP)
			continue;
		other = at->failure.code;
		if (at != hop && strcmp(other, "closed") == 0)
			other = HOP_BEREFT_CODE;
		if (!code || strcmp(code, "closed") == 0 || strcmp(other, HOP_BEREFT_CODE) != 0)
			code = other;
	}
	return code;
}

bool hop_is_gone(const struct live_hop *hop)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (!incarnation->ended && incarnation != hop->next)
			return false;
	}
	return true;
}

bool hop_is_stitched(const struct live_hop *hop)
{
	return hop->command != NULL;
}

bool hop_needs_session(const struct live_hop *hop)
{
	return hop_is_stitched(hop) || hop->plan.method == PLAN_RELAYED;
}

bool hop_carries(const struct live_hop *hop)
{
	return hop->state == HOP_UP || hop->state == HOP_STALLED;
}

bool hop_is_on_its_way(const struct live_hop *hop)
{
	if (hop->state == HOP_WAITING)
		return !hop->parent || hop_carries(hop->parent);
	return hop_state_is_rising(hop->state);
}

/* --- making ---------------------------------------------------------------------------------- */

static const char *const *copy_options(const char *const *options)
{
	return options ? (const char *const *)memory_copy_strings(options) : NULL;
}

/* Copies what of a plan's hop must outlive the plan: other tunnels may go on using the hop. */
static struct plan_hop copy_plan(const struct plan_hop *from)
{
	struct plan_hop copy = *from;

	copy.address = memory_string(from->address);
	copy.user = memory_string(from->user);
	copy.identity = memory_string(from->identity);
	copy.config = memory_string(from->config);
	copy.key_alias = memory_string(from->key_alias);
	copy.options = copy_options(from->options);
	return copy;
}

static char *login_of(const struct plan *plan, size_t index)
{
	struct strbuf text = {0};
	char *login;

	plan_login(plan, index, &text);
	login = memory_string(strbuf_text(&text));
	strbuf_finish(&text);
	return login;
}

static bool has_auto_port(const struct plan *plan, size_t index)
{
	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].hop == index && plan->forwards[i].ingress.any_port)
			return true;
	return false;
}

static void init_session(struct live_hop *hop, const struct plan *plan, size_t index)
{
	const unsigned choices = has_auto_port(plan, index) ? HOP_PORTS : 1;
	struct strbuf command = {0}, program = {0};

	hop->port_count = plan_tunnel_forwards(plan);
	for (unsigned i = 0; i < choices; i++) {
		strbuf_clear(&command);
		strbuf_clear(&program);
		plan_session(plan, index, SSH_LOG_VERBOSE, i * hop->port_count, &command, &program);
		hop->programs[i] = memory_string(strbuf_text(&program));
	}
	hop->command = memory_string(strbuf_text(&command));
	strbuf_finish(&command);
	strbuf_finish(&program);
}

size_t hop_ports_after(const struct live_hop *hop)
{
	return hop->choice * hop->port_count;
}

void hop_recall_port(struct live_hop *hop, const char *tunnel, size_t forward, uint16_t port)
{
	for (unsigned i = 0; i < HOP_PORTS && hop->programs[i] && !hop->generation; i++)
		if (auto_port(tunnel, forward + i * hop->port_count) == port)
			hop->choice = i;
}

bool hop_next_ports(struct live_hop *hop)
{
	if (hop->up_ms || !hop->programs[1])
		return false;
	/* After all of them it is the first one's turn again. */
	hop->choice = (hop->choice + 1) % HOP_PORTS;
	hop->choices_failed = (hop->choices_failed + 1) % HOP_PORTS;
	return hop->choices_failed != 0;
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

struct live_hop *hop_create(struct engine *engine, const struct plan *plan, size_t index,
			    struct live_hop *parent, const char *key, const char *const *env,
			    void (*late)(void *))
{
	const struct plan_hop *from = &plan->hops[index];
	struct live_hop *hop = memory_alloc(sizeof(*hop));

	hop->engine = engine;
	hop->key = memory_string(key);
	hop->identity = memory_format("%s%s\n", parent ? parent->identity : "", key);
	hop->hash = text_fnv1a(hop->identity, strlen(hop->identity));
	hop->plan = copy_plan(from);
	hop->host = memory_string(plan->topology->hosts[from->host].name);
	hop->from = memory_string(plan->topology->hosts[from->from].name);
	hop->client = memory_string(plan->topology->hosts[from->client].name);
	hop->login = login_of(plan, index);
	if (plan_is_stitched(plan, index))
		init_session(hop, plan, index);
	hop_set_env(hop, env);
	hop->since_ms = clock_ms();
	hop->deadline = delay_create(engine->loop, late, hop);
	hop->parent = parent;
	if (parent)
		hop_refer(parent);
	return hop;
}

void hop_destroy(struct live_hop *hop)
{
	assert(!hop->needs && !hop->refs && !hop->incarnations.count);
	assert(!hop->question && !hop->dial && !hop->sign && !hop->cause);
	list_finish(&hop->incarnations);
	delay_destroy(hop->deadline);
	agent_keys_end(&hop->agent);
	if (hop->parent)
		hop_forget(hop->parent);
	free_text(hop->plan.address);
	free_text(hop->plan.user);
	free_text(hop->plan.identity);
	free_text(hop->plan.config);
	free_text(hop->plan.key_alias);
	memory_free_strings((char **)(uintptr_t)hop->plan.options);
	free(hop->key);
	free(hop->identity);
	free(hop->host);
	free(hop->from);
	free(hop->client);
	free(hop->login);
	free(hop->command);
	for (size_t i = 0; i < HOP_PORTS; i++)
		free(hop->programs[i]);
	memory_free_strings(hop->env);
	free(hop->facts);
	failure_finish(&hop->failure);
	failure_finish(&hop->stall);
	failure_finish(&hop->tried);
	failure_finish(&hop->refused);
	failure_finish(&hop->alone.why);
	failure_finish(&hop->idle.rule);
	free(hop);
}
