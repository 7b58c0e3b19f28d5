/*
 * The rules of what is tried again: when the faults have ended, what is wanted is up after the longest wait and one
 * bring-up, by the plan of where this machine is; and no host is dialled more often than that a wait allows. They count the ssh processes of each hop, and
 * know nothing of how the waits are made.
 */
#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/survivor.h"
#include "exec/tunnel/tunnel.h"
#include "tests/sim/disk.h"
#include "tests/sim/own_network.h"
#include "tests/sim/people.h"
#include "tests/sim/places.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/said.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/world.h"
#include "topology/base/memory.h"

#define MINUTE 60000
/*
 * How many tries may begin within a minute, when the first was more than a minute before. The waits are drawn from 0 to
 * 60 s by then: that more of them fit in a minute happens once in 10¹¹.
 */
#define MANY 14
/* The same for the first ones, whose waits are 2.5 s in the mean. */
#define EARLY_MANY 45

/* How soon it is noticed that the files of a login were mended: two looks. */
#define NOTICED_MS 4100

/* What several have sent at the same time is read one after the other. */
#define READ_MS 1000
/* Where this machine is then is known so much later, and what follows from that is tried, too. */
#define STIRRED_MS 8000

/* So soon an end is told. */
#define TOLD_MS 3

#define STARTS_MAX 64

/*
 * The ssh processes that were started for one hop since it was asked for, or its carrier changed, or it was up. A hop that
 * comes back under another struct is the same one: nobody behind its host knows of structs.
 */
struct tries {
	char *identity; /* the keys of its chain */
	const struct live_hop
		*hop; /* that it is just now, or was; its memory may be another hop's by now */
	unsigned generation;        /* the last one of that */
	unsigned carrier;           /* generation of the hop that carries it */
	unsigned count;             /* of starts */
	uint64_t first_ms;          /* the first of these after a failure */
	uint64_t at_ms[STARTS_MAX]; /* the last ones, in a ring */
	uint64_t up_ms;             /* since when it is up; 0: it is not */
	uint64_t well_ms;           /* and not stalled */
	bool beside;                /* the last one began beside one that stood still */
	bool spent;                 /* it began since an `up` asked */
	const struct ssh *last;     /* the last one, or NULL */
	uint64_t began_ms;          /* and when that began */
	const struct ssh *no; /* the last one that was not let in, as far as it is known, or NULL */
	uint64_t no_began_ms;
	const char *failed;  /* why, or NULL: the one after that was */
	unsigned streak;     /* how many in succession, for the same reason, since an excuse */
	unsigned all_streak; /* and since ever */
	bool excused;        /* the next one may begin at once */
	const struct ssh *unheard; /* was given up when what it was told was on its way; or NULL */
};

static struct list all; /* struct tries */

static uint64_t asked_ms;   /* somebody has sent an `up` last */
static uint64_t stirred_ms; /* or this machine has woken, or has a network again */

void rules_retry_reset(void)
{
	asked_ms = stirred_ms = 0;
	for (size_t i = 0; i < all.count; i++) {
		struct tries *tries = all.items[i];

		free(tries->identity);
		free(tries);
	}
	list_finish(&all);
}

/* What was in the way may be so no longer: it is tried at once, as for the first time. */
static void excuse(struct tries *tries)
{
	tries->count = 0;
	tries->excused = true;
}

/* What an `up` asks for is tried at once, and so is what waits when the network is back. */
void rules_asked(bool up)
{
	if (up)
		asked_ms = queue_now();
	else
		stirred_ms = queue_now();
	for (size_t i = 0; i < all.count; i++) {
		struct tries *tries = all.items[i];

		tries->spent &= !up;
		excuse(tries);
	}
}

static void add_identity(const struct live_hop *hop, struct strbuf *text)
{
	if (hop->parent)
		add_identity(hop->parent, text);
	strbuf_printf(text, "%s\n", hop->key);
}

/* Whether it is the hop that it was: the end of its identity, and the number of its last ssh, say so. */
static bool is_still(const struct tries *tries, const struct live_hop *hop)
{
	const size_t length = strlen(tries->identity), own = strlen(hop->key);

	return tries->hop == hop && hop->generation >= tries->generation && own < length &&
	       strncmp(tries->identity + length - own - 1, hop->key, own) == 0;
}

static struct tries *tries_of(const struct live_hop *hop)
{
	struct strbuf identity = {0};
	struct tries *tries = NULL;

	for (size_t i = 0; i < all.count; i++)
		if (is_still(all.items[i], hop))
			return all.items[i];
	add_identity(hop, &identity);
	for (size_t i = 0; i < all.count && !tries; i++) {
		tries = all.items[i];
		if (strcmp(tries->identity, strbuf_text(&identity)) != 0)
			tries = NULL;
	}
	if (!tries) {
		tries = memory_alloc(sizeof(*tries));
		tries->identity = memory_string(strbuf_text(&identity));
		list_add(&all, tries);
	}
	strbuf_finish(&identity);
	tries->hop = hop;
	tries->generation = 0;
	return tries;
}

/* Returns when the last but so many began. */
static uint64_t before(const struct tries *tries, unsigned many)
{
	return tries->at_ms[(tries->count - many) % STARTS_MAX];
}

/* Whether somebody has mended on this machine what its login needs, since a time: a login knows only what was before it. */
static bool was_mended(const struct live_hop *hop, uint64_t since_ms)
{
	const struct machine *host = world_host(hop->plan.address);

	return host && host->mended_ms && host->mended_ms >= since_ms && !hop_is_stitched(hop);
}

/* When that was mended which a hop waits for, as far as this machine sees it: an agent's keys mend no host key. */
static uint64_t mended_ms(const struct live_hop *hop)
{
	const struct machine *host = world_host(hop->plan.address);
	const bool wants_key = strcmp(hop->failure.code, "auth") == 0;

	if (!host || hop_is_stitched(hop))
		return 0;
	return wants_key && host->agent_ms > host->files_ms ? host->agent_ms : host->files_ms;
}

/* That is noticed soon. */
static void check_noticed(const struct live_hop *hop)
{
	if (hop->state == HOP_RETRY && hop->needs && delay_runs(hop->deadline) &&
	    hop->retry.class == RETRY_SOMEBODY && mended_ms(hop) &&
	    mended_ms(hop) >= hop->since_ms && queue_now() - mended_ms(hop) > NOTICED_MS)
		rules_break("noticed", "what the login to %s needs was mended, and it waits on",
			    hop->host);
}

/* How long a host is left alone that has not let in so many in succession for one reason, at least. */
static uint64_t least_ms(const struct live_hop *hop, const char *why, unsigned streak,
			 unsigned all_streak)
{
	static const uint64_t somebody_ms[] = {60000, 600000, 3600000};
	const unsigned last = streak > 6 ? 5 : streak - 1;
	uint64_t ms = 0;

	if (strcmp(why, "auth") == 0 || strcmp(why, "host_key") == 0)
		ms = somebody_ms[last < 2 ? last : 2];
	else if (strcmp(why, "not_allowed") == 0)
		ms = last < 5 ? UINT64_C(20000) << last : 600000;
	else if (strcmp(why, "closed") == 0 && all_streak < 3 && hop->plan.method != PLAN_RELAYED)
		ms = 1000; /* behind a relay it is the relay that has ended */
	return ms;
}

/* Whether an `up` on its first try has come to a hop by another path since a time. */
static bool is_awaited(const struct live_hop *hop, uint64_t since_ms)
{
	const struct list *tunnels = &hop->engine->tunnels;

	for (size_t i = 0; i < tunnels->count; i++) {
		const struct live_tunnel *tunnel = tunnels->items[i];

		for (size_t j = 0; j < tunnel->plan->hop_count; j++)
			if (tunnel->hops[j] == hop && !tunnel->on_trial && !tunnel->was_up &&
			    tunnel->state == TUNNEL_STARTING && tunnel->since_ms >= since_ms)
				return true;
	}
	return false;
}

/* Whether it could not be heard of any more what its host says: what carried it had ended by then. */
static bool was_cut_off(const struct ssh *ssh)
{
	return ssh->carrier_path && (!ssh->carrier || (ssh->carrier->state == SSH_ENDED &&
						       ssh->carrier->ended_ms <= ssh->ended_ms));
}

/* What has become of the one before. */
static void learn_end(struct tries *tries)
{
	const char *why = tries->last ? tries->last->failed : NULL;

	if (!tries->last)
		return;
	if (!why && !tries->last->used_ms && was_cut_off(tries->last))
		return;
	if (why && tries->unheard == tries->last)
		return;
	if (!why || !tries->failed || strcmp(tries->failed, why) != 0)
		tries->streak = tries->all_streak = 0;
	tries->streak = why && !tries->excused ? tries->streak + 1 : 0;
	tries->all_streak += why != NULL;
	tries->failed = why;
	tries->no = tries->last;
	tries->no_began_ms = tries->began_ms;
}

/* By what the last one was told. */
static void check_class(struct tries *tries, const struct live_hop *hop)
{
	uint64_t alone_ms;

	learn_end(tries);
	alone_ms = tries->streak ? queue_now() - tries->no->ended_ms : 0;
	/* For who asks it is the first time. */
	if (tries->streak && is_awaited(hop, tries->no->ended_ms))
		tries->streak = 0;
	if (tries->streak && !tries->excused && queue_now() - asked_ms > READ_MS &&
	    queue_now() - stirred_ms > STIRRED_MS && !disk_ever_failed() &&
	    !was_mended(hop, tries->no_began_ms) &&
	    alone_ms < least_ms(hop, tries->failed, tries->streak, tries->all_streak))
		rules_break("knocks",
			    "hop %s, which has said '%s' %u times, is dialled after %llu ms",
			    hop->host, tries->failed, tries->streak, (unsigned long long)alone_ms);
	tries->last = ssh_ever(master_pid(hop->present->master));
	tries->began_ms = queue_now();
	tries->excused = false;
}

static void check_start(struct tries *tries, const struct live_hop *hop)
{
	const uint64_t now = queue_now();
	unsigned many = MANY;

	/* What could not be started has asked nobody. */
	if (hop->asks && hop->present && tries->spent && !retry_is_quick(&hop->retry) &&
	    now - asked_ms > READ_MS)
		rules_break("asks", "hop %s, whose login asks a person, is dialled unasked",
			    hop->host);
	if (!hop->present || !hop->present->master || hop->present->generation != hop->generation)
		return;
	tries->spent = true;
	if (tries->count <= 1 || tries->beside)
		tries->first_ms = now;
	tries->beside = hop->fallback != NULL;
	check_class(tries, hop);
	/* Nothing of it leaves this machine. */
	if (!own_network_is_up())
		return;
	if (tries->count < MANY || before(tries, MANY) <= tries->first_ms + MINUTE)
		many = EARLY_MANY;
	if (tries->count >= many && now - before(tries, many) < MINUTE)
		rules_break("knocks", "hop %s is dialled %u times in a minute", hop->host,
			    many + 1);
	tries->at_ms[tries->count++ % STARTS_MAX] = now;
}

/* Whether a hop that came after another one, in its memory, has begun with the same number. Their ssh are numbered, too. */
static bool is_another(const struct tries *tries, const struct live_hop *hop)
{
	const struct master *master = hop->present ? hop->present->master : NULL;

	return master && tries->last && master_pid(master) > tries->last->pid;
}

/* Whether the older one beside it counts again since the last one was about to be told of: nobody asks that one any more. */
static bool is_given_up(const struct tries *tries, const struct live_hop *hop)
{
	const struct master *master = hop->present ? hop->present->master : NULL;
	const struct ssh *last = tries->last;

	return hop->state == HOP_UP && master && last && master_pid(master) < last->pid &&
	       last->state == SSH_ENDED && queue_now() - last->ended_ms <= TOLD_MS;
}

static void look_at(const struct live_hop *hop)
{
	struct tries *tries = tries_of(hop);
	const unsigned carrier = hop->parent ? hop->parent->generation : 0;
	const bool is_up = hop_carries(hop) || hop->fallback;

	check_noticed(hop);
	if (is_given_up(tries, hop))
		tries->unheard = tries->last;
	if (carrier != tries->carrier)
		tries->count = 0;
	tries->carrier = carrier;
	if (is_up && !tries->up_ms)
		tries->up_ms = queue_now();
	/* What was up for long, and is lost, is a new trouble. */
	if (!is_up && tries->up_ms && queue_now() - tries->up_ms >= MINUTE)
		tries->count = 0;
	/* What is lost is tried at once, whatever its host has said to another ssh; only who lets nobody in is left alone. */
	if (!is_up && tries->up_ms)
		tries->excused |= tries->last && tries->last->failed &&
				  strcmp(tries->last->failed, "not_allowed") != 0;
	if (!is_up)
		tries->up_ms = 0;
	/* So is what stands still. */
	if (hop->state == HOP_UP && !tries->well_ms)
		tries->well_ms = queue_now();
	if (hop->state == HOP_STALLED && tries->well_ms && queue_now() - tries->well_ms >= MINUTE)
		tries->count = 0;
	if (hop->state != HOP_UP)
		tries->well_ms = 0;
	/* The one that is to be started is not yet. */
	if (hop->next)
		return;
	if (hop->generation > tries->generation || is_another(tries, hop))
		check_start(tries, hop);
	tries->generation = hop->generation;
}

/* An ssh that is not the one that counts, nor may again, and that nobody looks at, is told to end or drains, or is about to. */
static void check_drains(const struct live_hop *hop)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (incarnation != hop->present && incarnation != hop->fallback &&
		    incarnation != hop->next && !incarnation->ended && !incarnation->told &&
		    !incarnation->leaves && !incarnation->holders &&
		    /* What another supervisor has left is taken over with it. */
		    !survivor_goes_through(hop->engine, incarnation->socket))
			rules_break("two", "hop %s has two ssh, and neither drains", hop->host);
	}
}

/*
 * Whether it cannot be left: it is cut off, or a stitched piece goes through it, of which there is only one, or a hop that
 * gets no second ssh by itself.
 */
static bool is_bound(const struct incarnation *incarnation)
{
	const struct list *hops = &incarnation->hop->engine->hops;
	bool bound = !disk_has(incarnation->socket);

	for (size_t i = 0; i < hops->count && !bound; i++) {
		const struct live_hop *hop = hops->items[i];

		for (size_t j = 0; j < hop->incarnations.count && !bound; j++) {
			const struct incarnation *other = hop->incarnations.items[j];

			bound = other->through == incarnation && !other->ended &&
				(((hop_is_stitched(hop) || hop->asks) && other == hop->present) ||
				 is_bound(other));
		}
	}
	return bound;
}

/* Nothing is wrong any more, so what runs through the older ones has moved. */
static void check_alone(const struct live_hop *hop)
{
	unsigned count = 0;

	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		count += !incarnation->ended && !incarnation->told && !is_bound(incarnation);
	}
	if (count > 1)
		rules_break("two", "all is well for long, and hop %s has %u ssh", hop->host, count);
}

void rules_retries(const struct engine *engine)
{
	for (size_t i = 0; i < engine->hops.count; i++)
		look_at(engine->hops.items[i]);
	/* Who let go of one just now has made a next step due. */
	for (size_t i = 0; engine->due && !delay_runs(engine->due) && i < engine->hops.count; i++)
		check_drains(engine->hops.items[i]);
}

/*
 * Whether it cannot be up: another tunnel has a place that it needs, or an ssh that a killed supervisor left, and keeps
 * it; or its ssh has a session that keeps the settings with which it began.
 */
static bool is_in_conflict(const struct live_tunnel *tunnel)
{
	const char *code = failure_is_set(&tunnel->failure) ? tunnel->failure.code : "";
	bool conflict = strcmp(code, "widened") == 0 || strcmp(code, "narrowed") == 0;

	for (size_t i = 0; i < tunnel->plan->forward_count && !conflict; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];
		char *place = world_place(&forward->mux, world_host(forward->hop->host));

		conflict = !forward->listens && (world_listener(place) || claims_find(forward));
		free(place);
	}
	return conflict;
}

/* Whether the one that roams is by the plan of where this machine is: it may not know a path from there. */
static void check_place(const struct live_tunnel *tunnel)
{
	const struct snapshot *latest = tunnel->latest;

	if (tunnel->roams && !tunnel->on_trial && !tunnel->here &&
	    strcmp(latest->places[0], places_here()) != 0)
		rules_break("place", "all is well for long, and %s is as from '%s', not from '%s'",
			    tunnel->name, latest->places[0], places_here());
}

/* Whether a login of it asks a person, and is not made by itself. */
static bool asks_somebody(const struct live_tunnel *tunnel)
{
	bool asks = false;

	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		asks |= tunnel->hops[i]->asks;
	return asks;
}

/* From the start of an ssh to the verdict about what runs through it. */
#define BRING_UP_MS 30000

/* Returns why its last ssh was not let in; or, while that is on its way, the one before, as the wait for that is over only now. */
static const char *last_no(const struct live_hop *hop)
{
	const struct tries *tries = tries_of(hop);
	const struct ssh *last = tries->last;
	const bool rises =
		last && (last->state == SSH_CONNECTING || last->state == SSH_LOGGING_IN ||
			 queue_now() - tries->began_ms <= BRING_UP_MS);
	const char *why = rises ? tries->failed : last ? last->failed : NULL;

	return why ? why : "";
}

/* How long a host is left alone that has not let in the last ssh of a hop, at most. */
static uint64_t longest_ms(const struct live_hop *hop)
{
	const char *why = last_no(hop);
	uint64_t ms = MINUTE;

	if (strcmp(why, "auth") == 0 || strcmp(why, "host_key") == 0)
		ms = 3600000;
	else if (strcmp(why, "not_allowed") == 0)
		ms = 600000;
	return ms;
}

/* Whether all that it waits for is over within a time: the longest wait of each hop. */
static bool is_due_within(const struct live_tunnel *tunnel, uint64_t wait_ms)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (longest_ms(tunnel->hops[i]) > wait_ms)
			return false;
	return true;
}

static void check_alive(const struct live_tunnel *tunnel, uint64_t wait_ms)
{
	/* The first choice has to be well for a minute, beside what is up. */
	if (!is_in_conflict(tunnel) && !asks_somebody(tunnel) && is_due_within(tunnel, wait_ms) &&
	    !(tunnel->on_trial && tunnel->replaces) &&
	    (tunnel->state == TUNNEL_RECONNECTING || tunnel->state == TUNNEL_FAILED ||
	     tunnel->state == TUNNEL_STARTING))
		rules_break("alive", "all is well for %llu s and one bring-up, and %s is '%s': %s",
			    (unsigned long long)wait_ms / 1000, tunnel->name,
			    tunnel_state_name(tunnel->state),
			    tunnel->failure.text ? tunnel->failure.text : "");
}

/* Whether the session of a dead ssh is still there: its host may hear of that end much later, and keeps what it has. */
static bool dead_session_listens(void)
{
	const struct listener *listener;

	for (unsigned i = 0; (listener = world_listener_at(i)); i++)
		if (listener->host && !listener->owner)
			return true;
	return false;
}

void rules_alive_after(uint64_t wait_ms)
{
	const struct engine *engine = rules_engine();

	for (size_t i = 0; engine && !dead_session_listens() && i < engine->tunnels.count; i++)
		check_alive(engine->tunnels.items[i], wait_ms);
}

void rules_alive(void)
{
	const struct engine *engine = rules_engine();
	bool conflict = false;

	for (size_t i = 0; engine && i < engine->hops.count; i++)
		check_alone(engine->hops.items[i]);
	for (size_t i = 0; engine && i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		conflict |= is_in_conflict(tunnel) || asks_somebody(tunnel);
		check_place(tunnel);
		check_alive(tunnel, UINT64_MAX);
	}
	if (!conflict)
		people_rest(false);
}
