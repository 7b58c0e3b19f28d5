#include "tests/sim/schedule.h"

#include "tests/random/dice.h"
#include "tests/sim/disk.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/networks.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/sockets.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Long enough for the logins of three hops, one after the other, each with its deadline, and for what is given up. */
#define REST_MS 750000
/* The same, and the longest wait of what a person must mend. */
#define ALIVE_MS (REST_MS + 3600000)
/* The longest waits of what was lost and of penalties; and a bring-up, with what hangs since before that. */
static const unsigned waits_ms[] = {60000, 600000};
#define BRING_UP_MS 250000
/* Of that, the time at the end in which the supervisor sleeps. */
#define QUIET_MS 50000

/* --- making ---------------------------------------------------------------------------------- */

/*
 * What a schedule is made of. Each has its own preferences: many runs of little that happens often find more
 * than runs in which a bit of everything happens.
 */
struct taste {
	unsigned often[EVENT_COUNT]; /* how often each kind happens */
	unsigned tunnels;            /* bits: those that are asked for, of any file */
	unsigned files;              /* bits */
	unsigned which;              /* bits: the hosts, services and places that change */
	unsigned pauses;             /* bits: how long the pauses are */
};

static const unsigned pauses[] = {1, 4, 30, 100, 1000, 5000, 20000, 60000};

/* Returns some of the first count bits. */
static unsigned draw_bits(struct dice *dice, unsigned count)
{
	const unsigned one = 1u << lists(dice, count);

	/* Not in one expression: compilers differ in what they draw first. */
	return one | lists(dice, 1u << count);
}

/* Returns one of the first count bits, which must have one. */
static unsigned draw_bit(struct dice *dice, unsigned bits, unsigned count)
{
	unsigned bit;

	do
		bit = lists(dice, count);
	while (!(bits & (1u << bit)));
	return bit;
}

static void draw_taste(struct dice *dice, struct taste *taste)
{
	static const unsigned usual[EVENT_COUNT] = {
		[EVENT_COME] = 40,   [EVENT_ABANDON] = 4,   [EVENT_LEAVE] = 4,
		[EVENT_DEAF] = 2,    [EVENT_LISTEN] = 1,    [EVENT_NONSENSE] = 1,
		[EVENT_LOGIN] = 6,   [EVENT_LOSE] = 8,      [EVENT_SIGNAL] = 8,
		[EVENT_STALL] = 8,   [EVENT_TRANSFER] = 2,  [EVENT_USE] = 3,
		[EVENT_SERVICE] = 6, [EVENT_TAKE] = 4,      [EVENT_GATEWAY] = 2,
		[EVENT_DENY] = 2,    [EVENT_DISK] = 2,      [EVENT_VANISH] = 1,
		[EVENT_SPAWN] = 1,   [EVENT_TERMINATE] = 2, [EVENT_KILL] = 4,
		[EVENT_NETWORK] = 6, [EVENT_WAKE] = 1,      [EVENT_IDLE] = 4,
	};
	static const unsigned factors[] = {0, 0, 1, 1, 4, 10};

	for (unsigned i = 0; i < EVENT_COUNT; i++)
		taste->often[i] = usual[i] * factors[lists(dice, COUNT(factors))];
	taste->often[EVENT_COME] = usual[EVENT_COME];
	taste->tunnels = chance(dice, 30) ? UINT32_MAX : draw_bits(dice, NETWORK_TUNNELS_MAX);
	taste->files = draw_bits(dice, NETWORK_COUNT);
	/* The first ones matter most, and every kind has two at least. */
	taste->which = draw_bits(dice, 8);
	taste->which |= 1u << lists(dice, 2);
	taste->pauses = draw_bits(dice, COUNT(pauses));
}

static void draw_wish(struct dice *dice, const struct taste *taste, struct wish *wish)
{
	static const enum protocol_op ops[] = {OP_UP,   OP_UP,   OP_UP,    OP_UP,
					       OP_DOWN, OP_DOWN, OP_STATUS};
	const struct network *network;
	unsigned count = 0, wanted = 1 + lists(dice, 3);

	wish->op = ops[lists(dice, COUNT(ops))];
	wish->file = draw_bit(dice, taste->files, NETWORK_COUNT);
	network = &networks[wish->file];
	while (network->tunnels[count])
		count++;
	for (; wanted; wanted--) {
		const unsigned tunnel = lists(dice, count);

		if (taste->tunnels & (1u << tunnel) || !wish->tunnels)
			wish->tunnels |= 1u << tunnel;
	}
	if (wish->op != OP_UP && chance(dice, 30))
		wish->tunnels = 0;
	wish->all_files = wish->op != OP_UP && !wish->tunnels && chance(dice, 50);
	wish->wait = chance(dice, 75);
	wish->persist = chance(dice, 25);
	wish->probe = chance(dice, 50);
}

/* Returns the number of an event before this one in which a client comes, or 0. */
static unsigned draw_client(struct dice *dice, const struct schedule *schedule)
{
	unsigned which = lists(dice, schedule->count + 1);

	while (which && (which >= schedule->count || schedule->events[which].kind != EVENT_COME))
		which--;
	return which;
}

static enum event_kind draw_kind(struct dice *dice, const struct taste *taste)
{
	unsigned sum = 0, drawn, kind;

	for (kind = 0; kind < EVENT_COUNT; kind++)
		sum += taste->often[kind];
	drawn = lists(dice, sum);
	for (kind = 0; drawn >= taste->often[kind]; kind++)
		drawn -= taste->often[kind];
	return (enum event_kind)kind;
}

static void draw_event(struct dice *dice, const struct taste *taste,
		       const struct schedule *schedule, struct event *event)
{
	event->kind = draw_kind(dice, taste);
	event->which = draw_bit(dice, taste->which, event_which_count(event->kind));
	event->how = lists(dice, event_how_count(event->kind));
	if (event->kind == EVENT_COME)
		draw_wish(dice, taste, &event->wish);
	else if (event->kind <= EVENT_NONSENSE)
		event->which = draw_client(dice, schedule);
}

void schedule_make(uint64_t seed, struct schedule *ret_schedule)
{
	struct dice dice = dice_of(seed);
	struct schedule schedule = {.seed = seed};
	const unsigned count = 2 + lists(&dice, SCHEDULE_MAX - 2);
	struct taste taste;
	uint64_t at_ms = 0;

	draw_taste(&dice, &taste);
	while (schedule.count < count) {
		struct event *event = &schedule.events[schedule.count];

		draw_event(&dice, &taste, &schedule, event);
		at_ms += lists(&dice, pauses[draw_bit(&dice, taste.pauses, COUNT(pauses))]);
		event->at_ms = at_ms;
		schedule.count++;
	}
	*ret_schedule = schedule;
}

void schedule_print(const struct schedule *schedule, struct strbuf *text)
{
	for (unsigned i = 0; i < schedule->count; i++) {
		const struct event *event = &schedule->events[i];

		if (event->dropped)
			continue;
		strbuf_printf(text, "%4u %7llu ms  ", i, (unsigned long long)event->at_ms);
		event_print(event, text);
		strbuf_puts(text, "\n");
	}
}

/* --- playing --------------------------------------------------------------------------------- */

static struct {
	const struct schedule *schedule;
	unsigned next;
} played;

static void wait_for_next(void);

static void play_next(void *data)
{
	const unsigned number = played.next++;
	const struct event *event = &played.schedule->events[number];

	(void)data;
	wait_for_next();
	if (trace_is_on()) {
		struct strbuf text = {0};

		event_print(event, &text);
		trace("%u: %s", number, strbuf_text(&text));
		strbuf_finish(&text);
	}
	event_play(event, number);
}

static void at_quiet(void *data)
{
	(void)data;
	rules_quiet();
}

static void at_alive(void *data)
{
	const unsigned *wait_ms = data;

	rules_alive_after(*wait_ms);
}

static void at_rest(void *data)
{
	(void)data;
	rules_rest();
	event_mend_all();
	for (unsigned i = 0; i < COUNT(waits_ms); i++)
		queue_add(QUEUE_SCHEDULE, waits_ms[i] + BRING_UP_MS, at_alive,
			  (void *)(uintptr_t)&waits_ms[i]);
	queue_add(QUEUE_SCHEDULE, ALIVE_MS - QUIET_MS, at_quiet, NULL);
}

static void take_all_down(void *data)
{
	static const struct wish wish = {.op = OP_DOWN, .all_files = true};

	(void)data;
	rules_rest();
	rules_alive();
	people_come(SCHEDULE_MAX, &wish);
}

static void at_end(void *data)
{
	(void)data;
	rules_end();
}

static void wait_for_next(void)
{
	const struct schedule *schedule = played.schedule;

	while (played.next < schedule->count && schedule->events[played.next].dropped)
		played.next++;
	if (played.next < schedule->count) {
		queue_add(QUEUE_SCHEDULE, schedule->events[played.next].at_ms - queue_now(),
			  play_next, NULL);
		return;
	}
	queue_add(QUEUE_SCHEDULE, REST_MS - QUIET_MS, at_quiet, NULL);
	queue_add(QUEUE_SCHEDULE, REST_MS, at_rest, NULL);
	queue_add(QUEUE_SCHEDULE, REST_MS + ALIVE_MS, take_all_down, NULL);
	queue_add(QUEUE_SCHEDULE, 2 * REST_MS + ALIVE_MS, at_end, NULL);
}

void schedule_play(const struct schedule *schedule)
{
	queue_init(schedule->seed);
	loop_reset(rules_stepped);
	errand_reset();
	sockets_reset();
	ssh_reset();
	world_reset();
	own_network_reset();
	disk_reset();
	wire_reset();
	people_reset();
	rules_reset();
	rules_kept_reset();
	played.schedule = schedule;
	played.next = 0;
	wait_for_next();
	loop_run(UINT64_MAX);
}
