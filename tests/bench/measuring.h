/*
 * What the benchmarks of the library share: reading a file, making a topology from it, and timing a
 * function in a process of its own.
 */
#ifndef TUNPLAN_TESTS_BENCH_MEASURING_H
#define TUNPLAN_TESTS_BENCH_MEASURING_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "topology/load.h"

#define ROUNDS_MAX 1000

/* The bytes of a file. */
struct text {
	char *bytes;
	size_t size;
};

/* Ends the program. */
static inline void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(2);
}

static inline struct text read_text(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct text text = {0};
	long size = 0;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET))
		fail(path, strerror(errno));
	text.size = (size_t)size;
	text.bytes = malloc(text.size + 1);
	if (!text.bytes || fread(text.bytes, 1, text.size, file) != text.size)
		fail(path, "it cannot be read");
	fclose(file);
	return text;
}

/* Loads a topology, which has to be valid. It is left to the end of the process. */
static inline const struct topology *load_topology(const struct text *text)
{
	const struct load_file file = {"bench", "bench", text->bytes, text->size, NULL, false};
	static struct arena arena;
	static struct sources sources;
	const struct topology *topology;
	struct diag_list diags;

	diag_list_init(&diags, &arena);
	if (!topology_load(&file, NULL, &sources, &arena, &diags, &topology))
		fail("topology", "it is not valid");
	return topology;
}

static inline double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline void measure(void (*what)(const void *), const void *of, int fd)
{
	const double begun = now_ms();
	double taken;

	what(of);
	taken = now_ms() - begun;
	_exit(write(fd, &taken, sizeof(taken)) != sizeof(taken));
}

/* Returns how many milliseconds something takes in a process of its own. */
static inline double time_of(void (*what)(const void *), const void *of)
{
	double taken = 0;
	int ends[2];
	pid_t pid = 0;

	if (pipe(ends) || (pid = fork()) < 0)
		fail("a process", strerror(errno));
	if (pid == 0)
		measure(what, of, ends[1]);
	close(ends[1]);
	if (read(ends[0], &taken, sizeof(taken)) != sizeof(taken))
		exit(2);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return taken;
}

static inline int compare_numbers(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Sorts the values. */
static inline double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_numbers);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

#endif
