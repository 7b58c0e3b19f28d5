/* The sessions of `up`: plan each tunnel again, bring it up, and report progress. */
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/another_path.h"
#include "exec/supervisor/elsewhere.h"
#include "exec/supervisor/failed.h"
#include "exec/supervisor/replan.h"
#include "exec/supervisor/report.h"
#include "exec/supervisor/session_parts.h"
#include "exec/supervisor/trial.h"
#include "exec/tunnel/succession.h"
#include "exec/tunnel/tunnel_trouble.h"
#include "planner/planner.h"
#include "topology/base/memory.h"

static void send_refused(struct session *session, const char *code, const char *text)
{
	json_t *event = protocol_event("refused");

	json_object_set_new(event, "code", json_string(code));
	json_object_set_new(event, "text", json_string(text));
	client_send(session->client, event);
}

/* A tunnel that cannot even be planned; the client saw that before, unless its version differs. */
static void send_unplanned(struct session *session, const char *name,
			   const struct plan_failure *failure)
{
	json_t *event = protocol_event("result");

	json_object_set_new(event, "tunnel", json_string(name));
	json_object_set_new(event, "state", json_string(tunnel_state_name(TUNNEL_DOWN)));
	json_object_set_new(event, "error",
			    json_pack("{s:s, s:s, s:s?}", "code", failure->code, "text",
				      failure->text, "advice", failure->help));
	json_object_set_new(event, "left", json_array());
	client_send(session->client, event);
}

/* The client waits for the item's tunnel, or does not mean to, or for as long as it takes. */
static void wait_for(const struct session *session, struct item *item)
{
	struct live_tunnel *tunnel = item->tunnel;

	item->waits = session->wait && !session->abandoned;
	if (item->waits)
		tunnel_wait(tunnel);
	item->keeps =
		(!session->wait || session->persist) &&
		((!tunnel->kept && !tunnel->unattended) || session_find_keeper(tunnel) != NULL);
	tunnel->unattended |= !session->wait;
	tunnel->kept |= session->persist;
}

/* Makes the item's tunnel anew, in the place of an old one of that identity if there is one. */
static void begin(struct session *session, struct item *item, struct live_tunnel *old)
{
	const struct plan *plan = item->plan;
	/* Made first, so that the hops they share stay up. */
	struct live_tunnel *tunnel =
		tunnel_create(session->engine, session->snapshot, plan, &item->arena,
			      (const char *const *)session->env, HOP_ASKED);

	tunnel_set_without(tunnel, item->without);
	elsewhere_settle(tunnel, session->roams);
	if (old)
		succession_begin(tunnel, old);
	item_watch(item, tunnel);
	wait_for(session, item);
	/* Where nobody waits for an answer, or for as long as it takes, what else of it can come up is to come up. */
	if (session->wait && !session->persist)
		tunnel_foresee(tunnel);
}

/* Whether it has that plan, or would, if all answered. */
static bool is_wanted(const struct session *session, const struct item *item,
		      const struct live_tunnel *tunnel)
{
	return replan_is_met(session->snapshot, item->without, item->plan, tunnel);
}

/* If the file says again what is up by it, nothing is to take the place of that. Returns the tunnel that counts. */
static struct live_tunnel *leave_attempt(const struct session *session, const struct item *item,
					 struct live_tunnel *tunnel)
{
	struct live_tunnel *old = tunnel ? tunnel->replaces : NULL;

	if (!old || is_wanted(session, item, tunnel) || !is_wanted(session, item, old))
		return tunnel;
	tunnel_stop(tunnel, "stopped", "it was taken back by a newer `tunplan up`");
	return old;
}

/* The tunnel gets new masters, unless one of its hops does already, for another tunnel of this session. */
static void renew(const struct session *session, struct item *item)
{
	const struct live_hop *first = item->tunnel->hops[0];
	const struct incarnation *old = first->fallback ? first->fallback : first->present;

	item->renews = old ? old->generation : 0;
	tunnel_renew(item->tunnel, (const char *const *)session->env);
}

/* Takes the tunnel that is there, if it is what is wanted; else makes it. */
static void find_or_begin(struct session *session, struct item *item)
{
	const struct plan *plan = item->plan;
	const char *file = session->snapshot->path, *me = plan->topology->hosts[plan->me].name;
	struct live_tunnel *tunnel = tunnel_find(session->engine, file, me, plan->name);
	char *id = protocol_id(file, plan->name, me);

	failed_forget(session->host->failed, id);
	free(id);
	tunnel = leave_attempt(session, item, tunnel);
	if (!tunnel || (tunnel->state == TUNNEL_FAILED && !tunnel->kept) ||
	    !is_wanted(session, item, tunnel)) {
		begin(session, item, tunnel);
		return;
	}
	tunnel_confirm(tunnel, session->snapshot);
	elsewhere_settle(tunnel, session->roams);
	if (tunnel_matches_plan(tunnel, plan))
		tunnel_leave_out(tunnel, NULL);
	tunnel_set_without(tunnel, item->without);
	item_watch(item, tunnel);
	item->verifying = tunnel->state != TUNNEL_STARTING;
	if (item->verifying) {
		tunnel_look(tunnel);
		another_path_hasten(tunnel);
		tunnel_again(tunnel, (const char *const *)session->env);
	}
	if (item->verifying && session->renew)
		renew(session, item);
	wait_for(session, item);
}

static void plan_item(struct session *session, struct item *item, const char *name)
{
	const struct snapshot *snapshot = session->snapshot;
	struct replan wanted = {.snapshot = snapshot, .name = name};
	const struct live_tunnel *tunnel =
		tunnel_find(session->engine, snapshot->path, snapshot->me_name, name);
	struct plan_failure failure;

	item->without = (const char *const *)session->without;
	if (!item->without && tunnel)
		item->without = tunnel_without(tunnel);
	wanted.without = item->without;
	item->plan = replan(&wanted, &item->arena, &failure);
	if (item->plan)
		find_or_begin(session, item);
	else
		send_unplanned(session, name, &failure);
	/* A tunnel that was made of the plan has taken it. */
	arena_finish(&item->arena);
	item->plan = NULL;
	item->without = NULL;
}

/* Returns a copy of names, NULL-terminated. */
static char **names_copy(const char *const *names, size_t count)
{
	char **copy = memory_array(count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = memory_string(names[i]);
	return copy;
}

void session_up(struct session *session, const struct request *request)
{
	const struct snapshot_of of = {request->file, request->text, request->me, request->places,
				       request->place_count};
	struct strbuf why = {0};
	const char *code;

	session->wait = request->wait;
	session->persist = request->persist;
	session->roams = request->roams;
	session->renew = request->renew;
	session->env = memory_copy_strings(request->env);
	if (request->without)
		session->without = names_copy(request->without, request->without_count);
	session->snapshot = snapshot_get(&session->engine->snapshots, &of, &code, &why);
	if (session->snapshot) {
		session_items(session, request->tunnel_count);
		for (size_t i = 0; i < session->item_count; i++)
			plan_item(session, &session->items[i], request->tunnels[i]);
	} else {
		send_refused(session, code, strbuf_text(&why));
	}
	strbuf_finish(&why);
}

/* What there is to tell of a hop: its state, and whether it is known by now that it may not get any further. */
static int news_of(const struct live_hop *hop)
{
	return 2 * (int)hop->state +
	       (hop_state_is_rising(hop->state) && failure_is_set(&hop->failure));
}

/* Whether a hop has not the new master that it was to have: the first one, or one that would follow that. */
static bool is_old(const struct item *item, const struct live_hop *hop)
{
	if (hop->fallback || !hop->present)
		return true;
	if (!hop->parent)
		return hop->present->generation == item->renews;
	return !hop_is_stitched(hop) && !hop->asks && hop->present->through != hop->parent->present;
}

/* Tells what changed since the last step. */
static void send_progress(struct session *session, struct item *item)
{
	const struct live_tunnel *tunnel = item->tunnel;

	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		int news = news_of(tunnel->hops[i]);
		/* It was up before this client asked: not made for it. */
		int was_up = item->seen_hops[i] < 0 && tunnel->hops[i]->state == HOP_UP;

		if (news == item->seen_hops[i])
			continue;
		item->seen_hops[i] = news;
		/* What is to be made anew is told of then, and not if it only goes on by what it has. */
		if (session->renew && (was_up || (tunnel->hops[i]->state == HOP_UP &&
						  item->renews && is_old(item, tunnel->hops[i]))))
			continue;
		client_send(session->client,
			    json_pack("{s:s, s:s, s:b, s:b, s:o}", "event", "hop", "tunnel",
				      tunnel->name, "was_up", was_up, "tries_again",
				      tunnel_tries_again(tunnel, tunnel->hops[i]), "hop",
				      report_hop(tunnel, i)));
	}
	/* Its listeners are probed on the old masters, and then move to the new ones. */
	if (item->renews && (tunnel_is_renewing(tunnel) || !tunnel_is_settled(tunnel)))
		return;
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		int news = report_forward_news(tunnel, i);

		if (news == item->seen_forwards[i])
			continue;
		item->seen_forwards[i] = news;
		/* That its hop is not up is told of the hop. */
		if (tunnel->forwards[i].state == FORWARD_WAITING)
			continue;
		client_send(session->client,
			    json_pack("{s:s, s:s, s:b, s:o}", "event", "forward", "tunnel",
				      tunnel->name, "tries_again", session->persist, "forward",
				      report_forward(tunnel, i)));
	}
}

static const char *hop_host(const struct plan *plan, size_t hop)
{
	return plan->topology->hosts[plan->hops[hop].host].name;
}

/* Appends the names of the hosts that a plan passes: of those that another one does not pass, or of all. */
static void add_hosts(const struct plan *plan, const struct plan *other, json_t *names)
{
	for (size_t i = 0; i < plan->hop_count; i++) {
		const char *host = hop_host(plan, i);
		bool known = false;

		for (size_t j = 0; other && j < other->hop_count && !known; j++)
			known = strcmp(hop_host(other, j), host) == 0;
		for (size_t j = 0; j < i && !known; j++)
			known = strcmp(hop_host(plan, j), host) == 0;
		if (!known)
			json_array_append_new(names, json_string(host));
	}
}

/* Tells who is left out last, and by whom it goes instead. */
static void send_another(const struct session *session, const struct live_tunnel *tunnel,
			 const struct live_tunnel *other)
{
	const char *const *left_out = tunnel_left_out(other);
	json_t *by = json_array();
	size_t count = 0;

	add_hosts(other->plan, tunnel->plan, by);
	if (!json_array_size(by))
		add_hosts(other->plan, NULL, by);
	while (left_out && left_out[count])
		count++;
	client_send(session->client,
		    json_pack("{s:s, s:s, s:s?, s:o}", "event", "another", "tunnel", other->name,
			      "host", count ? left_out[count - 1] : NULL, "by", by));
}

void session_follow(struct engine *engine, struct live_tunnel *tunnel, struct live_tunnel *other)
{
	for (size_t i = 0; i < engine->sessions.count; i++) {
		struct session *session = engine->sessions.items[i];

		for (size_t j = 0; session->op == OP_UP && j < session->item_count; j++) {
			struct item *item = &session->items[j];
			const bool waited = item->waits;

			if (item->tunnel != tunnel)
				continue;
			item_watch(item, other);
			item->renews = 0;
			item->waits = waited;
			if (waited)
				tunnel_wait(other);
			send_another(session, tunnel, other);
		}
	}
}

/* Whether it is tried by another path, and its client waits for how that ends. */
static bool awaits_trial(const struct session *session, const struct item *item)
{
	return session->wait && item->tunnel->trials <= item->trials && trial_find(item->tunnel);
}

/* Whether the client's question is answered by the present state. */
static bool is_answered(const struct session *session, const struct item *item)
{
	const struct live_tunnel *tunnel = item->tunnel;

	switch (tunnel->state) {
	case TUNNEL_UP:
	case TUNNEL_SILENT:
	case TUNNEL_STALLED:
	case TUNNEL_DOWN:
		return true;
	case TUNNEL_RECONNECTING:
		return session->abandoned || !session->wait ||
		       (!session->persist && tunnel_was_tried(tunnel) &&
			!awaits_trial(session, item));
	case TUNNEL_FAILED:
		/* One that never was up is still being cleared away. */
		return tunnel->kept && (session->abandoned || !session->wait ||
					(!session->persist && tunnel_is_settled(tunnel)));
	case TUNNEL_STARTING:
		/* Abandoned here, but another client still waits for it, or it persists. */
		return !session->wait || (session->abandoned && (tunnel->waiters || tunnel->kept));
	case TUNNEL_STOPPING:
		break;
	}
	return false;
}

/* One of the new masters did not get up; or, where nobody waits any longer, is still on its way. */
static void note_refused(const struct session *session, struct item *item)
{
	const struct live_tunnel *tunnel = item->tunnel;
	const struct live_hop *hop;
	size_t i = 0;

	while (i < tunnel->plan->hop_count && !is_old(item, tunnel->hops[i]))
		i++;
	if (i == tunnel->plan->hop_count)
		return;
	hop = tunnel->hops[i];
	if (failure_is_set(&hop->refused))
		failure_copy(&item->refused, &hop->refused);
	else if (session->abandoned && tunnel_is_renewing(tunnel))
		failure_set(
			&item->refused, "late", hop->host,
			"another ssh to it was not up yet when it was no longer waited for: until "
			"it is, the tunnel goes on by the one that it has",
			"see `tunplan status`, or run `tunplan restart` again, and wait for "
			"longer");
}

void session_up_step(struct session *session, struct item *item)
{
	struct live_tunnel *tunnel = item->tunnel;

	/* What it was when this client came is no answer: it is being asked. */
	if (item->verifying && tunnel_is_looking(tunnel))
		return;
	send_progress(session, item);
	if (item->verifying && !session->abandoned && tunnel->state != TUNNEL_RECONNECTING &&
	    !tunnel_is_settled(tunnel))
		return;
	if (item->renews && tunnel_is_renewing(tunnel) && !session->abandoned)
		return;
	if (item->renews)
		note_refused(session, item);
	item->verifying = false;
	if (is_answered(session, item))
		item_result(session, item);
}
