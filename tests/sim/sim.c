/*
 * Sim: plays the schedules of many seeds, in processes of their own, and prints what broke a rule, crashed
 * or never ended: with the events that it takes, and how to see it again. Speaks TAP.
 *
 *     sim                              SIM_COUNT schedules (10000) from SIM_FIRST (0) on
 *     SIM_SEED=N sim                   this one; SIM_TRACE=1 tells all that happens
 *     SIM_SEED=N SIM_EVENTS=1,4 sim    only these of its events
 *     SIM_CASE=N sim                   the n-th of cases.c
 *
 * The first also plays some seeds twice, and all of cases.c.
 */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/cases.h"
#include "tests/sim/loop.h"
#include "tests/sim/schedule.h"
#include "tests/sim/trace.h"
#include "topology/base/memory.h"

/* How many schedules one process plays: what a killed supervisor leaves behind is not freed. */
#define CHUNK   200
#define WORKERS 2
/* A process that computes longer than this for its chunk, or for one schedule, hangs: it waits for nothing. */
#define CHUNK_S 120

/* One process that plays schedules. */
struct worker {
	pid_t pid;
	int report;    /* what rules_break() says, and what it says when it dies */
	uint64_t next; /* the seed behind its chunk */
	struct shared *shared;
};

/* What it tells while it runs. */
struct shared {
	volatile uint64_t seed; /* which it plays */
	volatile uint64_t sum;  /* of all that happened */
};

/* What a killed supervisor held is lost, and no leak: LeakSanitizer asks. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Plays schedules from first on, or one, in a process of its own. */
static void start(struct worker *worker, uint64_t first, uint64_t end, const struct schedule *one)
{
	static const struct rlimit longest = {CHUNK_S, CHUNK_S};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC)) {
		perror("pipe");
		exit(1);
	}
	fflush(stdout);
	worker->next = end;
	worker->report = ends[0];
	worker->shared->seed = first;
	worker->pid = fork();
	if (worker->pid > 0) {
		close(ends[1]);
		return;
	}
	rules_report_to(fcntl(ends[1], F_DUPFD_CLOEXEC, 20));
	if (!getenv("SIM_SEED"))
		dup2(ends[1], STDERR_FILENO);
	setrlimit(RLIMIT_CPU, &longest);
	loop_init();
	if (one)
		schedule_play(one);
	for (uint64_t seed = first; !one && seed < end; seed++) {
		struct schedule schedule;

		worker->shared->seed = seed;
		schedule_make(seed, &schedule);
		schedule_play(&schedule);
	}
	fflush(stdout);
	exit(0);
}

/* Reads all, and keeps the beginning. */
static void read_report(int fd, char *text, size_t size)
{
	char more[4096];
	size_t length = 0;
	ssize_t got;

	while ((got = read(fd, more, sizeof(more))) > 0) {
		const size_t room = size - 1 - length;
		const size_t part = (size_t)got < room ? (size_t)got : room;

		memcpy(text + length, more, part);
		length += part;
	}
	text[length] = '\0';
}

/* Says how a process died, with the line that tells why; free() it. */
static char *describe_crash(const char *text, int status)
{
	const char *line = strstr(text, "ERROR: ");

	if (!line)
		line = *text ? text : NULL;
	if (line)
		return memory_format("crash: %.*s", (int)strcspn(line, "\n"), line);
	return memory_format("crash: %s", WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
							      : "it ended by itself");
}

/* Waits for the end; returns "" for a good one, else what broke; free() it. */
static char *finish(struct worker *worker)
{
	char text[4096];
	int status = 0;

	read_report(worker->report, text, sizeof(text));
	close(worker->report);
	waitpid(worker->pid, &status, 0);
	worker->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == RULES_BROKEN)
		return memory_string(text);
	return status ? describe_crash(text, status) : memory_string("");
}

/* Whether both broke the same rule. */
static bool same_fault(const char *a, const char *b)
{
	const size_t length = strcspn(a, ":");

	return *a && strcspn(b, ":") == length && strncmp(a, b, length) == 0;
}

static char *play(struct worker *worker, const struct schedule *schedule)
{
	start(worker, schedule->seed, schedule->seed + 1, schedule);
	return finish(worker);
}

/* Drops events as long as the fault remains the same. */
static void shorten(struct worker *worker, struct schedule *schedule, const char *fault)
{
	bool dropped = true;

	while (dropped) {
		dropped = false;
		for (unsigned i = 0; i < schedule->count; i++) {
			char *other;

			if (schedule->events[i].dropped)
				continue;
			schedule->events[i].dropped = true;
			other = play(worker, schedule);
			schedule->events[i].dropped = same_fault(fault, other);
			dropped |= schedule->events[i].dropped;
			free(other);
		}
	}
}

static void print_events(const struct schedule *schedule, const char *fault)
{
	struct strbuf text = {0};
	const char *line;

	schedule_print(schedule, &text);
	printf("# %s\n", fault);
	line = strbuf_text(&text);
	while (*line) {
		const size_t length = strcspn(line, "\n");

		printf("#%.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	strbuf_finish(&text);
}

static void print_fault(const struct schedule *schedule, const char *fault)
{
	print_events(schedule, fault);
	printf("# SIM_SEED=%llu SIM_TRACE=1 SIM_EVENTS=", (unsigned long long)schedule->seed);
	for (unsigned i = 0, some = 0; i < schedule->count; i++)
		if (!schedule->events[i].dropped)
			printf("%s%u", some++ ? "," : "", i);
	puts(" build/debug/tests/sim/sim");
}

static void report(struct worker *worker, const char *fault)
{
	const uint64_t next = worker->next;
	struct schedule schedule;
	char *shorter;

	schedule_make(worker->shared->seed, &schedule);
	shorten(worker, &schedule, fault);
	shorter = play(worker, &schedule);
	print_fault(&schedule, shorter);
	free(shorter);
	worker->next = next;
}

static void keep_only(struct schedule *schedule, const char *numbers)
{
	for (unsigned i = 0; i < schedule->count; i++)
		schedule->events[i].dropped = true;
	while (*numbers) {
		char *end;
		const unsigned long number = strtoul(numbers, &end, 10);

		if (number < schedule->count)
			schedule->events[number].dropped = false;
		numbers = *end ? end + 1 : end;
	}
}

static int run_one(struct worker *worker, uint64_t seed)
{
	struct schedule schedule;
	const char *events = getenv("SIM_EVENTS");
	char *fault;

	schedule_make(seed, &schedule);
	if (events)
		keep_only(&schedule, events);
	if (getenv("SIM_TRACE"))
		trace_print();
	fault = play(worker, &schedule);
	if (*fault && !events) {
		shorten(worker, &schedule, fault);
		print_fault(&schedule, fault);
	} else {
		print_fault(&schedule, *fault ? fault : "nothing broke");
	}
	printf("%s 1 seed %llu\n", *fault ? "not ok" : "ok", (unsigned long long)seed);
	return *fault ? 1 : 0;
}

/* What is left to play. */
struct campaign {
	uint64_t next;
	uint64_t end;
	unsigned faults;
	unsigned faults_max; /* enough to look at */
};

/* Takes what a worker found, and shows it. */
static void take_result(struct campaign *campaign, struct worker *worker)
{
	char *fault = finish(worker);

	if (*fault) {
		campaign->faults++;
		report(worker, fault);
	}
	free(fault);
}

/* Gives a worker the rest of its chunk, or the next one. Returns whether there was one. */
static bool give_work(struct campaign *campaign, struct worker *worker)
{
	const uint64_t after_fault = worker->shared->seed + 1;

	if (campaign->faults >= campaign->faults_max)
		return false;
	if (after_fault < worker->next) {
		start(worker, after_fault, worker->next, NULL);
		return true;
	}
	if (campaign->next >= campaign->end)
		return false;
	start(worker, campaign->next,
	      campaign->next + CHUNK < campaign->end ? campaign->next + CHUNK : campaign->end,
	      NULL);
	campaign->next = worker->next;
	return true;
}

static int run_many(struct worker *workers, uint64_t first, uint64_t count)
{
	struct campaign campaign = {first, first + count, 0,
				    (unsigned)number_from("SIM_FAULTS", 3)};
	unsigned running = 0;

	for (unsigned i = 0; i < WORKERS; i++)
		running += give_work(&campaign, &workers[i]);
	for (unsigned at = 0; running; at = (at + 1) % WORKERS) {
		if (!workers[at].pid)
			continue;
		take_result(&campaign, &workers[at]);
		running -= !give_work(&campaign, &workers[at]);
	}
	printf("%s 1 %llu schedules from seed %llu on\n", campaign.faults ? "not ok" : "ok",
	       (unsigned long long)count, (unsigned long long)first);
	return campaign.faults != 0;
}

/* Plays some seeds twice: all that happens must be the same. */
static int run_twice(struct worker *workers)
{
	unsigned different = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		uint64_t sums[2];

		for (unsigned i = 0; i < 2; i++) {
			struct worker *worker = &workers[i];
			/* So that nothing is where it was. */
			void *shift = memory_alloc(1 + i * (1000 + seed));

			worker->shared->sum = 0;
			trace_sum(&worker->shared->sum);
			start(worker, seed, seed + 1, NULL);
			free(shift);
			free(finish(worker));
			sums[i] = worker->shared->sum;
		}
		if (sums[0] != sums[1])
			printf("# seed %llu: two runs differ\n", (unsigned long long)seed);
		different += sums[0] != sums[1];
	}
	trace_sum(NULL);
	printf("%s 2 a seed plays the same again\n", different ? "not ok" : "ok");
	return different != 0;
}

/* Plays one of what was found once; number: from 1 on. Returns whether it is found again. */
static bool run_case(struct worker *worker, unsigned number, const struct sim_case *one)
{
	struct schedule schedule;
	char *fault;
	bool broken;

	if (!case_read(one, &schedule)) {
		printf("# case %u: a line is no event\n", number);
		return true;
	}
	fault = play(worker, &schedule);
	broken = *fault;
	if (broken) {
		print_events(&schedule, fault);
		printf("# %s: SIM_CASE=%u SIM_TRACE=1 build/debug/tests/sim/sim\n", one->what,
		       number);
	}
	free(fault);
	return broken;
}

/* only: this one, or 0: all. */
static int run_cases(struct worker *worker, unsigned only)
{
	const struct sim_case *one;
	unsigned broken = 0;

	for (unsigned i = 0; (one = case_at(i)); i++)
		broken += (!only || only == i + 1) && run_case(worker, i + 1, one);
	printf("%s 3 what was found once does not happen again\n", broken ? "not ok" : "ok");
	return broken != 0;
}

int main(void)
{
	struct worker workers[WORKERS] = {{0}};
	struct shared *shared = mmap(NULL, sizeof(*shared) * WORKERS, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (shared == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	/* Freed memory is overwritten: whoever still reads it stumbles. */
	mallopt(M_PERTURB, 0x5a);
	for (unsigned i = 0; i < WORKERS; i++)
		workers[i].shared = &shared[i];
	if (getenv("SIM_SEED"))
		return run_one(workers, number_from("SIM_SEED", 0));
	if (getenv("SIM_CASE")) {
		if (getenv("SIM_TRACE"))
			trace_print();
		return run_cases(workers, (unsigned)number_from("SIM_CASE", 0));
	}
	puts("1..3");
	status = run_many(workers, number_from("SIM_FIRST", 0), number_from("SIM_COUNT", 10000));
	status |= run_twice(workers);
	return run_cases(workers, 0) || status;
}
