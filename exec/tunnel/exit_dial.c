#include "exec/tunnel/exit_dial.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/log_reader.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_look.h"
#include "topology/base/memory.h"

/* Between two dials of one place. */
#define APART_MS 1000
/* Dials of a hop at a time: its ssh does more than to answer us. */
#define AT_ONCE 16
/* For what an egress says by itself, where only that proves anything: a mail server, a database, an sshd. */
#define HEAR_MS 500

/* What one incarnation is asked about one place. */
struct exit_dial {
	struct incarnation *by; /* held while somebody waits */
	char *address;
	uint16_t port;
	uint64_t deadline_ms;
	uint64_t dialled_ms;          /* monotonic: the last dial; 0: none */
	struct link_request *request; /* the dial that is under way, or NULL */
	struct log_wait *told;        /* the same by a stitched hop, until its log has the answer */
	struct ssh_log_use before;    /* what the log had of that place before */
	bool hears;                   /* and it is held until what its answer is worth is known */
	struct delay *soon;           /* until there may be one */
	struct list waits;            /* struct exit_wait */
};

struct exit_wait {
	struct exit_dial *dial; /* NULL: the dial is over, and its answer is being told */
	exit_dial_done done;    /* NULL: cancelled while others were told */
	void *data;
	bool joined; /* it was under way when this was asked: that it takes too long says nothing to it */
	bool late; /* the connection stood already: what it proves is of before */
};

static bool is_under_way(const struct exit_dial *dial)
{
	return dial->request || dial->told;
}

static void destroy(struct exit_dial *dial)
{
	assert(!dial->waits.count && !is_under_way(dial));
	list_finish(&dial->waits);
	delay_destroy(dial->soon);
	free(dial->address);
	free(dial);
}

void exit_dials_finish(struct list *dials)
{
	for (size_t i = 0; i < dials->count; i++)
		destroy(dials->items[i]);
	list_finish(dials);
}

static bool same_place(const struct exit_dial *a, const struct exit_dial *b)
{
	return a->port == b->port && strcmp(a->address, b->address) == 0;
}

/* When the place may be dialled: in how many ms, whoever dialled it last. */
static uint64_t wait_ms(const struct exit_dial *dial)
{
	const struct list *all = &dial->by->hop->exit_dials;
	const uint64_t now = clock_ms();
	uint64_t free_ms = now;

	for (size_t i = 0; i < all->count; i++) {
		const struct exit_dial *other = all->items[i];

		if (other->dialled_ms && same_place(other, dial) &&
		    other->dialled_ms + APART_MS > free_ms)
			free_ms = other->dialled_ms + APART_MS;
	}
	return free_ms - now;
}

static size_t under_way(const struct list *dials)
{
	size_t count = 0;

	for (size_t i = 0; i < dials->count; i++)
		count += is_under_way(dials->items[i]);
	return count;
}

/* Whether the dial is the question of candour.h, whatever else wants to know the same. */
static bool is_candour(const struct exit_dial *dial)
{
	return dial->port == CANDOUR_PORT && strcmp(dial->address, CANDOUR_HOST) == 0;
}

static void begin(struct exit_dial *dial);

/* Those that have waited for others to end. */
static void dial_next(const struct list *dials)
{
	for (size_t i = 0; i < dials->count; i++) {
		struct exit_dial *dial = dials->items[i];

		if (dial->waits.count && !is_under_way(dial) && !delay_runs(dial->soon))
			begin(dial);
	}
}

static void add_words(const struct exit_dial *dial, const struct link_result *result,
		      struct strbuf *words)
{
	if (result->answer != LINK_REFUSED)
		return;
	if (!dial->by->master ||
	    !ssh_log_dial_failure(master_log(dial->by->master), dial->address, dial->port, words))
		strbuf_puts(words, result->words);
}

/* Whether something came from the hop just now: what opened, and said nothing since, did so a while ago. */
static bool is_heard(const struct exit_dial *dial, const struct link_result *result)
{
	return result->answer == LINK_REFUSED ||
	       (result->answer == LINK_OK && (!dial->hears || result->heard));
}

/* Nobody waits any more. */
static void let_go(struct exit_dial *dial)
{
	struct incarnation *by = dial->by;

	link_drop(dial->request);
	log_wait_cancel(dial->told);
	dial->request = NULL;
	dial->told = NULL;
	delay_stop(dial->soon);
	incarnation_forget(by);
	dial_next(&by->hop->exit_dials);
}

/* For those who came late. */
static void dial_again(struct exit_dial *dial)
{
	delay_start(dial->soon, wait_ms(dial));
	dial_next(&dial->by->hop->exit_dials);
}

/* Moves those that the result answers to a list. Whoever came late needs another dial, but for what was heard, or refused, since. */
static void move_answered(struct exit_dial *dial, const struct link_result *result,
			  struct list *answered)
{
	const bool opened = result->answer == LINK_OK && !result->heard;
	const bool late = result->answer == LINK_LATE;

	for (size_t i = 0; i < dial->waits.count;) {
		struct exit_wait *wait = dial->waits.items[i];

		if ((opened && wait->late) || (late && wait->joined)) {
			wait->late = wait->joined = false;
			i++;
			continue;
		}
		list_remove(&dial->waits, wait);
		wait->dial = NULL;
		list_add(answered, wait);
	}
}

static void dialled(void *data, const struct link_result *result)
{
	struct exit_dial *dial = data;
	struct list waits = {0};
	struct live_hop *hop = dial->by->hop;
	struct strbuf words = {0};
	struct exit_answer answer = {
		.answer = result->answer,
		.heard = result->heard,
	};

	dial->request = NULL;
	dial->told = NULL;
	if (result->answer == LINK_OK || result->answer == LINK_REFUSED)
		hop_idle_moved(dial->by);
	add_words(dial, result, &words);
	answer.words = strbuf_text(&words);
	if (dial->by == hop->present && is_heard(dial, result))
		hop_heard(hop);
	move_answered(dial, result, &waits);
	/* Whoever asks from here on wants another dial; those who are told may cancel each other. */
	if (dial->waits.count)
		dial_again(dial);
	else
		let_go(dial);
	for (size_t i = 0; i < waits.count; i++) {
		struct exit_wait *wait = waits.items[i];

		if (wait->done)
			wait->done(wait->data, &answer);
		free(wait);
	}
	list_finish(&waits);
	strbuf_finish(&words);
}

static bool is_told(void *data, const struct ssh_log *log)
{
	const struct exit_dial *dial = data;
	const struct ssh_log_use use = ssh_log_dial_use(log, dial->address, dial->port);

	return use.opened + use.refused > dial->before.opened + dial->before.refused;
}

static void told(void *data, int status)
{
	struct exit_dial *dial = data;
	struct master *master = dial->by->master;
	struct ssh_log_use use = {0};
	struct link_result result = {.answer = status == -ETIMEDOUT ? LINK_LATE : LINK_GONE,
				     .words = ""};

	dial->told = NULL;
	if (!status && master)
		use = ssh_log_dial_use(master_log(master), dial->address, dial->port);
	if (!status && master)
		result.answer = use.opened > dial->before.opened ? LINK_OK : LINK_REFUSED;
	/* That closes the connection, and those of all before. */
	if (master && !under_way(&dial->by->hop->exit_dials))
		master_say(master, "\n");
	dialled(dial, &result);
}

/* The ssh of a stitched hop is asked by a line to the program that started it (session.sh), and answers in its log. */
static void ask_elsewhere(struct exit_dial *dial)
{
	struct master *master = dial->by->master;
	char *line = memory_format(strchr(dial->address, ':') ? "[%s]:%u\n" : "%s:%u\n",
				   dial->address, dial->port);

	dial->before = ssh_log_dial_use(master_log(master), dial->address, dial->port);
	master_say(master, line);
	dial->told = log_wait_start(master_reader(master), is_told, told, dial, dial->deadline_ms);
	free(line);
}

/* What comes over a connection is heard only where that is made over a link. */
static void ask(struct exit_dial *dial)
{
	struct link *link = incarnation_link(dial->by);

	dial->hears = link && !is_candour(dial) && dial->by->candour.state != CANDOUR_PROVES;
	if (!link)
		ask_elsewhere(dial);
	else if (dial->hears)
		dial->request = link_dial_and_hear(link, dial->address, dial->port,
						   dial->deadline_ms, HEAR_MS, dialled, dial);
	else
		dial->request = link_dial(link, dial->address, dial->port, dial->deadline_ms,
					  dialled, dial);
}

static void begin(struct exit_dial *dial)
{
	struct live_hop *hop = dial->by->hop;
	const uint64_t wait = wait_ms(dial);

	if (!incarnation_can_dial(dial->by) || (dial->by == hop->present && !hop_can_ask(hop))) {
		dialled(dial, &(struct link_result){.answer = LINK_GONE, .words = ""});
		return;
	}
	if (wait) {
		delay_start(dial->soon, wait);
		return;
	}
	/* dial_next() comes back to it; but for what others wait for. */
	if (under_way(&hop->exit_dials) >= AT_ONCE && !is_candour(dial))
		return;
	dial->dialled_ms = clock_ms();
	ssh_log_expect_dial(master_log(dial->by->master), dial->address, dial->port);
	hop_idle_moved(dial->by);
	ask(dial);
	candour_ask(dial->by);
}

void exit_dials_judge(struct incarnation *by)
{
	const struct list *dials = &by->hop->exit_dials;

	for (size_t i = 0; by->candour.state == CANDOUR_PROVES && i < dials->count; i++) {
		const struct exit_dial *dial = dials->items[i];

		if (dial->by == by && dial->request && dial->hears)
			link_heard_enough(dial->request);
	}
}

static void due(void *data)
{
	begin(data);
}

/* Forgets what nobody waits for and what is too old to matter. */
static void tidy(struct list *dials)
{
	const uint64_t now = clock_ms();

	for (size_t i = dials->count; i-- > 0;) {
		struct exit_dial *dial = dials->items[i];

		if (dial->waits.count || dial->dialled_ms + APART_MS > now)
			continue;
		list_remove(dials, dial);
		destroy(dial);
	}
}

static struct exit_dial *find(struct incarnation *by, const char *address, uint16_t port)
{
	struct list *all = &by->hop->exit_dials;
	struct exit_dial *dial;

	for (size_t i = 0; i < all->count; i++) {
		dial = all->items[i];
		if (dial->by == by && dial->port == port && strcmp(dial->address, address) == 0)
			return dial;
	}
	tidy(all);
	dial = memory_alloc(sizeof(*dial));
	dial->by = by;
	dial->address = memory_string(address);
	dial->port = port;
	dial->soon = delay_create(by->hop->engine->loop, due, dial);
	list_add(all, dial);
	return dial;
}

struct exit_wait *exit_dial_ask(struct incarnation *by, const char *address, uint16_t port,
				uint64_t deadline_ms, exit_dial_done done, void *data)
{
	struct exit_dial *dial = find(by, address, port);
	struct exit_wait *wait = memory_alloc(sizeof(*wait));

	*wait = (struct exit_wait){
		.dial = dial,
		.done = done,
		.data = data,
		.joined = is_under_way(dial),
		.late = dial->request && link_stands(dial->request),
	};
	list_add(&dial->waits, wait);
	if (dial->waits.count == 1) {
		incarnation_hold(by);
		dial->deadline_ms = deadline_ms;
		/* From the loop: the caller has to know its wait before it hears of it. */
		delay_start(dial->soon, wait_ms(dial));
	}
	return wait;
}

void exit_dial_cancel(struct exit_wait *wait)
{
	struct exit_dial *dial;

	if (!wait)
		return;
	dial = wait->dial;
	wait->done = NULL;
	/* While others are told, dialled() frees it. */
	if (!dial)
		return;
	list_remove(&dial->waits, wait);
	free(wait);
	if (!dial->waits.count)
		let_go(dial);
}
