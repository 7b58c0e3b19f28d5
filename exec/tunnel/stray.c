#include "exec/tunnel/stray.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/system/clock.h"
#include "exec/tunnel/survivor.h"
#include "exec/tunnel/tunnel.h"
#include "topology/base/memory.h"

/* For ssh's own answer; and until it is asked again, if it does not answer. */
#define CLOSE_MS 3000
#define AGAIN_MS 60000

static bool is_remote(const struct mux_forward *mux)
{
	return mux->type == PLAN_REMOTE;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(const struct mux_forward *a, const struct mux_forward *b)
{
	return is_remote(a) == is_remote(b) && same_text(a->bind_path, b->bind_path) &&
	       (a->bind_path || (a->bind_port == b->bind_port && same_text(a->bind, b->bind)));
}

/* Whether ssh takes them for the same. The name of an own end may have got another address since. */
static bool same_forward(const struct mux_forward *a, const struct mux_forward *b)
{
	return same_place(a, b) && a->type == b->type && same_text(a->target, b->target) &&
	       same_text(a->target_path, b->target_path) && a->target_port == b->target_port;
}

static bool is_of(const struct stray *stray, const struct incarnation *incarnation)
{
	return strcmp(stray->socket, incarnation->socket) == 0;
}

static bool has(const struct engine *engine, const struct stray *stray)
{
	for (size_t i = 0; i < engine->strays.count; i++) {
		const struct stray *other = engine->strays.items[i];

		if (strcmp(other->socket, stray->socket) == 0 &&
		    same_forward(&other->mux, &stray->mux))
			return true;
	}
	return false;
}

void stray_add(struct engine *engine, const struct stray *stray)
{
	struct stray *copy;

	/* Who was killed while it took over has written some down twice. */
	if (has(engine, stray))
		return;
	copy = memory_alloc(sizeof(*copy));
	copy->engine = engine;
	copy->socket = memory_string(stray->socket);
	copy->host = memory_string(stray->host);
	copy->key = memory_string(stray->key);
	copy->private = memory_string(stray->private);
	copy->mux = stray->mux;
	copy->mux.bind = memory_string(stray->mux.bind);
	copy->mux.bind_path = memory_string(stray->mux.bind_path);
	copy->mux.target = memory_string(stray->mux.target);
	copy->mux.target_path = memory_string(stray->mux.target_path);
	list_add(&engine->strays, copy);
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void destroy(struct stray *stray)
{
	link_drop(stray->request);
	if (stray->on)
		incarnation_forget(stray->on);
	list_remove(&stray->engine->strays, stray);
	engine_schedule(stray->engine);
	free(stray->socket);
	free(stray->host);
	free(stray->key);
	free(stray->private);
	free_text(stray->mux.bind);
	free_text(stray->mux.bind_path);
	free_text(stray->mux.target);
	free_text(stray->mux.target_path);
	free(stray);
}

/* Returns the one that a forward has, or had by another path, or NULL. */
static const struct stray *find_left(const struct live_forward *forward)
{
	const struct list *strays = &forward->engine->strays;

	for (size_t i = 0; i < strays->count; i++) {
		const struct stray *stray = strays->items[i];

		if (!stray->request && !stray->closed &&
		    strcmp(stray->key, forward->names.key) == 0)
			return stray;
	}
	return NULL;
}

uint16_t stray_port(const struct live_forward *forward)
{
	const struct stray *stray = find_left(forward);

	return stray ? stray->mux.bind_port : 0;
}

bool stray_is_left(const struct live_forward *forward)
{
	return find_left(forward) != NULL;
}

static struct stray *find_own(const struct live_forward *forward, const struct incarnation *on)
{
	const struct list *strays = &forward->engine->strays;

	for (size_t i = 0; on && i < strays->count; i++) {
		struct stray *stray = strays->items[i];

		if (!stray->request && !stray->closed && is_of(stray, on) &&
		    same_forward(&stray->mux, &forward->mux))
			return stray;
	}
	return NULL;
}

bool stray_is_its_own(const struct live_forward *forward, const struct incarnation *on)
{
	return find_own(forward, on) != NULL;
}

bool stray_was_its(const struct live_forward *forward, const struct incarnation *on)
{
	const struct stray *own = find_own(forward, on);

	return own && strcmp(own->key, forward->names.key) == 0;
}

bool stray_take(const struct live_forward *forward)
{
	struct stray *stray = find_own(forward, forward->on);

	if (stray)
		destroy(stray);
	return stray != NULL;
}

/* --- closing --------------------------------------------------------------------------------- */

/* Removes the file of a listener if it is a socket on which nobody listens any more. */
static void remove_socket(const char *path)
{
	struct stat info;

	if (path && lstat(path, &info) == 0 && S_ISSOCK(info.st_mode) &&
	    unix_listens(path) == -ECONNREFUSED)
		unlink(path);
}

static void remove_files(const struct stray *stray)
{
	if (!is_remote(&stray->mux))
		remove_socket(stray->mux.bind_path);
	remove_socket(stray->private);
}

static void closed(void *data, const struct link_result *result)
{
	struct stray *stray = data;

	stray->request = NULL;
	stray->closed = result->answer == LINK_OK || result->answer == LINK_REFUSED;
	if (!stray->closed) {
		stray->again_ms = clock_ms() + AGAIN_MS;
		incarnation_forget(stray->on);
		stray->on = NULL;
	}
	engine_schedule(stray->engine);
}

static struct incarnation *find_ssh(const struct stray *stray)
{
	const struct list *hops = &stray->engine->hops;

	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *hop = hops->items[i];

		for (size_t j = 0; j < hop->incarnations.count; j++)
			if (is_of(stray, hop->incarnations.items[j]))
				return hop->incarnations.items[j];
	}
	return NULL;
}

/* Whether a tunnel is to have its listeners now, and not another one in its place. */
static bool is_to_listen(const struct live_tunnel *tunnel)
{
	return tunnel->state != TUNNEL_STOPPING && tunnel->state != TUNNEL_DOWN &&
	       !tunnel->on_trial && !tunnel->yields &&
	       !(tunnel->replaces && !tunnel->replaces->yields);
}

/* Returns the forward that has yet to ask that ssh for it, or NULL: nobody wants it. */
static const struct live_forward *find_heir(const struct stray *stray, const struct incarnation *on)
{
	const struct list *tunnels = &stray->engine->tunnels;

	for (size_t i = 0; on && i < tunnels->count; i++) {
		const struct live_tunnel *tunnel = tunnels->items[i];

		for (size_t j = 0; is_to_listen(tunnel) && j < tunnel->plan->forward_count; j++) {
			const struct live_forward *forward = &tunnel->forwards[j];

			if (forward->state == FORWARD_WAITING &&
			    (forward->hop->present == on || forward->hop->fallback == on) &&
			    strcmp(forward->names.key, stray->key) == 0 &&
			    same_forward(&forward->mux, &stray->mux))
				return forward;
		}
	}
	return NULL;
}

static bool is_wanted(const struct stray *stray, const struct incarnation *on)
{
	return find_heir(stray, on) != NULL;
}

static bool is_at_place_of(const struct stray *stray, const struct live_forward *forward)
{
	return same_place(&stray->mux, &forward->mux) &&
	       (!is_remote(&stray->mux) || strcmp(stray->host, forward->hop->host) == 0);
}

/* Whether it stays where it is, with an ssh that nobody asks: whoever wants its place waits in vain. */
static bool is_kept(const struct stray *stray)
{
	return survivor_is_kept(stray->engine, stray->socket);
}

bool stray_is_leaving(const struct live_forward *forward)
{
	const struct list *strays = &forward->engine->strays;

	for (size_t i = 0; i < strays->count; i++) {
		const struct stray *stray = strays->items[i];

		if (is_at_place_of(stray, forward) && !stray->again_ms && !is_kept(stray) &&
		    !is_wanted(stray, find_ssh(stray)))
			return true;
	}
	return false;
}

bool stray_is_in_the_way(const struct live_forward *forward, const struct incarnation *on)
{
	const struct list *strays = &forward->engine->strays;
	const struct stray *own = find_own(forward, on);

	for (size_t i = 0; i < strays->count; i++) {
		const struct stray *stray = strays->items[i];

		/* What another one is to go on having there, is for the sshd to decide. */
		if (stray != own && is_at_place_of(stray, forward) && !is_kept(stray) &&
		    !(on && is_wanted(stray, find_ssh(stray))))
			return true;
	}
	return false;
}

const struct live_forward *stray_heir(const struct live_forward *forward)
{
	const struct list *strays = &forward->engine->strays;

	for (size_t i = 0; i < strays->count; i++) {
		const struct stray *stray = strays->items[i];
		const struct live_forward *heir =
			is_at_place_of(stray, forward) ? find_heir(stray, find_ssh(stray)) : NULL;

		if (heir && heir != forward)
			return heir;
	}
	return NULL;
}

static void step(struct stray *stray)
{
	struct incarnation *on = find_ssh(stray);
	struct link *link = on ? incarnation_link(on) : NULL;
	/* One that cannot be asked, because it is about to end, may be killed, and leave its file. */
	const bool has_ended = (!on || on->ended) && !survivor_has(stray->engine, stray->socket);

	if (stray->closed || has_ended) {
		remove_files(stray);
		destroy(stray);
	} else if (link && !stray->request && clock_ms() >= stray->again_ms &&
		   !is_wanted(stray, on)) {
		engine_log(stray->engine, "the listener at %s is nobody's",
			   stray->mux.bind_path ? stray->mux.bind_path : stray->mux.bind);
		stray->on = incarnation_hold(on);
		stray->request = link_unlisten(link, &stray->mux, CLOSE_MS, closed, stray);
	}
}

void stray_step(struct engine *engine)
{
	for (size_t i = engine->strays.count; i-- > 0;)
		step(engine->strays.items[i]);
}
