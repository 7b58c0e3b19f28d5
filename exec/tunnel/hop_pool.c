#include "exec/tunnel/hop_pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/system/process.h"
#include "topology/base/memory.h"

static struct live_hop *find(const struct engine *engine, const struct live_hop *parent,
			     const char *key)
{
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->parent == parent && !hop_state_is_dead(hop->state) &&
		    strcmp(hop->key, key) == 0)
			return hop;
	}
	return NULL;
}

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

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static struct live_hop *create(struct engine *engine, const struct plan *plan, size_t index,
			       struct live_hop *parent, const char *const *env)
{
	const struct plan_hop *from = &plan->hops[index];
	struct live_hop *hop = memory_alloc(sizeof(*hop));

	hop->engine = engine;
	hop->plan = copy_plan(from);
	hop->host = memory_string(plan->topology->hosts[from->host].name);
	hop->from = memory_string(plan->topology->hosts[from->from].name);
	hop->env = process_master_env(env);
	hop->since = clock_wall();
	history_add(&hop->history, hop_state_name(hop->state), clock_ms());
	hop->parent = parent;
	if (parent) {
		hop->uses_parent = true;
		parent->users++;
		parent->holders++;
	}
	hop->deadline = delay_create(engine->loop, hop_too_late, hop);
	list_add(&engine->hops, hop);
	return hop;
}

struct live_hop *hop_acquire(struct engine *engine, const struct plan *plan, size_t index,
			     struct live_hop *parent, const char *const *env)
{
	struct strbuf key = {0};
	struct live_hop *hop;

	ssh_argv_key(&plan->hops[index], &key);
	hop = find(engine, parent, strbuf_text(&key));
	if (!hop) {
		hop = create(engine, plan, index, parent, env);
		hop->key = memory_string(strbuf_text(&key));
	}
	strbuf_finish(&key);
	hop->users++;
	hop->holders++;
	engine_schedule(engine);
	return hop;
}

void hop_release(struct live_hop *hop)
{
	assert(hop->users);
	hop->users--;
	engine_schedule(hop->engine);
}

void hop_forget(struct live_hop *hop)
{
	assert(hop->holders);
	hop->holders--;
	engine_schedule(hop->engine);
}

static void destroy(struct live_hop *hop)
{
	delay_destroy(hop->deadline);
	free_text(hop->plan.address);
	free_text(hop->plan.user);
	free_text(hop->plan.identity);
	free_text(hop->plan.config);
	free_text(hop->plan.key_alias);
	memory_free_strings((char **)(uintptr_t)hop->plan.options);
	free(hop->key);
	free(hop->host);
	free(hop->from);
	free(hop->socket);
	free(hop->log);
	memory_free_strings(hop->env);
	failure_finish(&hop->failure);
	free(hop);
}

void hop_pool_reap(struct engine *engine)
{
	/* Backwards: children stand behind their parents, and freeing one lets go of its parent. */
	for (size_t i = engine->hops.count; i-- > 0;) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->holders || !hop_state_is_dead(hop->state) || !hop_is_gone(hop) ||
		    hop->uses_parent)
			continue;
		list_remove(&engine->hops, hop);
		if (hop->parent)
			hop_forget(hop->parent);
		destroy(hop);
	}
}
