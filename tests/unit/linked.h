/* A link and its fake master, and what the link told: what the tests of links share. */
#ifndef TUNPLAN_TESTS_UNIT_LINKED_H
#define TUNPLAN_TESTS_UNIT_LINKED_H

#include "exec/ssh/link.h"
#include "tests/unit/fake_master.h"

/* Long enough for any machine, so that nothing is late by accident. */
#define LONG_MS 60000

/* What a test was told of one request. */
struct told {
	unsigned times;
	enum link_answer answer;
	char words[64];
	uint16_t port;
	bool heard;
	struct link *destroyed; /* is destroyed in the answer */
};

/* And of its link. */
struct tested {
	struct fake_master fake;
	struct link *link;
	int held; /* the fake master's end */
	unsigned opened, closed;
	pid_t pid;
	enum link_answer why;
	char words[128];           /* of that */
	const struct told *before; /* a request that was to be answered before the end was told */
};

static inline void opened(void *data, pid_t master)
{
	struct tested *tested = data;

	tested->opened++;
	tested->pid = master;
}

static inline void closed(void *data, enum link_answer why, const char *words)
{
	struct tested *tested = data;

	tested->closed++;
	tested->why = why;
	snprintf(tested->words, sizeof(tested->words), "%s", words);
	if (tested->before)
		cr_expect(eq(u32, tested->before->times, 1));
}

static const struct link_events events = {opened, closed};

static inline void note(void *data, const struct link_result *result)
{
	struct told *told = data;

	told->times++;
	told->answer = result->answer;
	snprintf(told->words, sizeof(told->words), "%s", result->words);
	told->port = result->port;
	told->heard = result->heard;
	if (told->destroyed)
		link_destroy(told->destroyed);
}

/* A link that has not met its master yet. */
static inline void begin(struct tested *tested, int backlog)
{
	*tested = (struct tested){.held = -1};
	fake_master_init(&tested->fake, backlog);
	tested->link = link_create(&tested->fake.loop, tested->fake.path, &events, tested);
	cr_expect(not(tested->opened + tested->closed), "told inside the call");
}

/* A link that stands. */
static inline void begin_open(struct tested *tested)
{
	begin(tested, 64);
	tested->held = fake_hold(&tested->fake, 77);
	while (!tested->opened)
		uv_run(&tested->fake.loop, UV_RUN_ONCE);
}

static inline void end(struct tested *tested)
{
	link_destroy(tested->link);
	if (tested->held >= 0)
		fake_ends(&tested->fake, tested->held);
	fake_master_finish(&tested->fake);
}

/* Brings the deadlines of all requests forward. */
static inline void time_passes(struct tested *tested)
{
	link_extend(tested->link, -(uint64_t)LONG_MS, 0, 1);
}

static inline void until_told(struct tested *tested, const struct told *told)
{
	while (!told->times)
		uv_run(&tested->fake.loop, UV_RUN_ONCE);
}

static inline void expect_told(struct tested *tested, const struct told *told,
			       enum link_answer answer, const char *words)
{
	until_told(tested, told);
	cr_expect(eq(u32, told->times, 1));
	cr_expect(eq(int, told->answer, answer));
	cr_expect(eq(str, (char *)told->words, (char *)words));
}

static inline void until_closed(struct tested *tested)
{
	while (!tested->closed)
		uv_run(&tested->fake.loop, UV_RUN_ONCE);
}

static const struct mux_forward local = {.type = PLAN_LOCAL,
					 .bind = "127.0.0.1",
					 .bind_port = 7001,
					 .target = "10.0.0.5",
					 .target_port = 80};
static const struct mux_forward remote = {.type = PLAN_REMOTE,
					  .bind = "127.0.0.1",
					  .bind_port = 9090,
					  .target = "10.0.0.5",
					  .target_port = 80};
static const struct mux_forward any_port = {
	.type = PLAN_REMOTE, .bind = "127.0.0.1", .target = "10.0.0.5", .target_port = 80};

#endif
