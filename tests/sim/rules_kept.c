/* The rule for a supervisor that is killed: what was up then, and well, is taken over as it was by the next one. */
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/protocol.h"
#include "exec/tunnel/survivor.h"
#include "exec/tunnel/tunnel.h"
#include "tests/sim/disk.h"
#include "tests/sim/rules.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "topology/base/memory.h"

/* More than the networks' paths have. */
#define HOPS_MAX 8

/* A tunnel that was up when its supervisor was killed, and has not been seen since. */
struct left_up {
	char *id;
	char digest[SNAPSHOT_DIGEST_SIZE]; /* of its text */
	pid_t pids[HOPS_MAX];
	size_t count;
};

static struct list all; /* struct left_up */

static void forget(struct left_up *left)
{
	list_remove(&all, left);
	free(left->id);
	free(left);
}

void rules_kept_reset(void)
{
	while (all.count)
		forget(all.items[0]);
	list_finish(&all);
}

void rules_unwanted(const char *id, const char *digest)
{
	for (size_t i = all.count; i-- > 0;) {
		struct left_up *left = all.items[i];

		if (strcmp(left->id, id) == 0 && (!digest || strcmp(left->digest, digest) != 0))
			forget(left);
	}
}

static const struct ssh *ssh_of_hop(const struct live_hop *hop)
{
	return hop->present && hop->present->master ? ssh_ever(master_pid(hop->present->master))
						    : NULL;
}

/* Whether another is to take its place, or it is to take another's. */
static bool is_moving(const struct engine *engine, const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *other = engine->tunnels.items[i];

		if (other->replaces == tunnel)
			return true;
	}
	return tunnel->replaces || tunnel->on_trial || tunnel->yields || tunnel->here;
}

static bool is_well(const struct ssh *ssh)
{
	return ssh && ssh_is_well(ssh) && disk_has(ssh->socket);
}

static void note(const struct live_tunnel *tunnel)
{
	struct left_up *left = memory_alloc(sizeof(*left));
	bool well = tunnel->plan->hop_count <= HOPS_MAX;

	left->id = protocol_id(tunnel->file, tunnel->name, tunnel->me);
	memcpy(left->digest, tunnel->snapshot->digest, sizeof(left->digest));
	list_add(&all, left);
	for (size_t i = 0; well && i < tunnel->plan->hop_count; i++) {
		const struct ssh *ssh = ssh_of_hop(tunnel->hops[i]);

		well = tunnel->hops[i]->state == HOP_UP && is_well(ssh);
		if (well)
			left->pids[left->count++] = ssh->pid;
	}
	if (!well)
		forget(left);
}

void rules_killed(void)
{
	const struct engine *engine = rules_engine();

	/* What is not written down of them is found by nobody. */
	if (disk_ever_failed())
		rules_kept_reset();
	for (size_t i = 0; engine && !disk_ever_failed() && i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (tunnel->state == TUNNEL_UP && !is_moving(engine, tunnel))
			note(tunnel);
	}
}

static const struct live_tunnel *find(const struct engine *engine, const char *id)
{
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];
		char *other = protocol_id(tunnel->file, tunnel->name, tunnel->me);
		const bool same = strcmp(other, id) == 0 && !tunnel->on_trial;

		free(other);
		if (same)
			return tunnel;
	}
	return NULL;
}

/* Whether something has happened to one of its ssh since. */
static bool was_troubled(const struct left_up *left)
{
	for (size_t i = 0; i < left->count; i++)
		if (!is_well(ssh_ever(left->pids[i])))
			return true;
	return false;
}

/* Whether one of its ssh has yet to be taken over. */
static bool is_pending(const struct engine *engine, const struct left_up *left)
{
	for (size_t i = 0; i < left->count; i++)
		if (survivor_has(engine, ssh_ever(left->pids[i])->socket))
			return true;
	return false;
}

/* Whether a hop has an ssh; another one may be on its way beside it. */
static bool has_ssh(const struct live_hop *hop, pid_t pid)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (incarnation->master && master_pid(incarnation->master) == pid)
			return true;
	}
	return false;
}

static void check(const struct engine *engine, const struct left_up *left)
{
	const struct live_tunnel *tunnel = find(engine, left->id);

	if (!tunnel || tunnel->state == TUNNEL_FAILED || tunnel->state == TUNNEL_DOWN)
		rules_break("kept", "%s was up when its supervisor was killed, and is not now",
			    left->id);
	for (size_t i = 0; i < left->count; i++)
		if (i >= tunnel->plan->hop_count || !has_ssh(tunnel->hops[i], left->pids[i]))
			rules_break("kept", "ssh %d of %s was well, and is not taken over",
				    (int)left->pids[i], left->id);
}

void rules_kept(const struct engine *engine)
{
	if (disk_ever_failed())
		rules_kept_reset();
	for (size_t i = all.count; i-- > 0;) {
		struct left_up *left = all.items[i];

		if (was_troubled(left)) {
			forget(left);
		} else if (!is_pending(engine, left)) {
			check(engine, left);
			forget(left);
		}
	}
}

void rules_ends(pid_t pid)
{
	for (size_t i = 0; i < all.count; i++) {
		const struct left_up *left = all.items[i];

		for (size_t j = 0; j < left->count && !was_troubled(left); j++)
			if (left->pids[j] == pid)
				rules_break("kept", "ssh %d of %s was well, and is ended", (int)pid,
					    left->id);
	}
}
