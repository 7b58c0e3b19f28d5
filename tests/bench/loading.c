/*
 * loading: what loading a topology takes, beside what libyaml alone takes to go over the same bytes.
 *
 *     loading time FILE ROUNDS   prints four numbers: how long both take, libyaml first, in ms (the
 *                                medians); by what factor loading takes longer: the median of all
 *                                rounds, and that of the quickest of each
 *     loading heap FILE          prints the most bytes of heap that loading has at a time, without
 *                                the text itself; heap.so has to be preloaded
 *
 * Time is what a user meets: each measurement is the first and last thing that its process does, with
 * a heap that is empty and the bytes in memory. The two take turns, so that what else the machine does
 * hits both.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

#include "topology/load.h"

#define ROUNDS_MAX 1000

/* The bytes of the file. */
struct text {
	char *bytes;
	size_t size;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "loading: %s: %s\n", what, why);
	exit(2);
}

static struct text read_text(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct text text = {0};
	long size;

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

/* --- what is measured */

static void scan(const struct text *text)
{
	yaml_event_type_t type;
	yaml_parser_t parser;
	yaml_event_t event;

	yaml_parser_initialize(&parser);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text->bytes, text->size);
	do {
		if (!yaml_parser_parse(&parser, &event))
			fail("libyaml", parser.problem);
		type = event.type;
		yaml_event_delete(&event);
	} while (type != YAML_STREAM_END_EVENT);
	yaml_parser_delete(&parser);
}

/* What it made is left to the end of the process. */
static void load(const struct text *text)
{
	const struct load_file file = {"bench", "bench", text->bytes, text->size, NULL, false};
	static struct arena arena;
	static struct sources sources;
	const struct topology *topology;
	struct diag_list diags;

	diag_list_init(&diags, &arena);
	if (!topology_load(&file, NULL, &sources, &arena, &diags, &topology))
		fail("topology", "it is not valid");
}

/* --- time */

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure(void (*what)(const struct text *), const struct text *text, int fd)
{
	const double begun = now_ms();
	double taken;

	what(text);
	taken = now_ms() - begun;
	_exit(write(fd, &taken, sizeof(taken)) != sizeof(taken));
}

/* Returns how long it takes in a process of its own. */
static double time_of(void (*what)(const struct text *), const struct text *text)
{
	double taken = 0;
	int ends[2];
	pid_t pid;

	if (pipe(ends) || (pid = fork()) < 0)
		fail("a process", strerror(errno));
	if (pid == 0)
		measure(what, text, ends[1]);
	close(ends[1]);
	if (read(ends[0], &taken, sizeof(taken)) != sizeof(taken))
		exit(2);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return taken;
}

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void print_time(const struct text *text, size_t rounds)
{
	static double scans[ROUNDS_MAX], loads[ROUNDS_MAX], ratios[ROUNDS_MAX];
	double scan_ms, load_ms;

	for (size_t i = 0; i < rounds; i++) {
		scans[i] = time_of(scan, text);
		loads[i] = time_of(load, text);
		ratios[i] = loads[i] / scans[i];
	}
	scan_ms = median(scans, rounds);
	load_ms = median(loads, rounds);
	printf("%.3f %.3f %.3f %.3f\n", scan_ms, load_ms, median(ratios, rounds),
	       loads[0] / scans[0]);
}

/* --- heap */

static void print_heap(const struct text *text)
{
	size_t (*restart)(void) = (size_t(*)(void))dlsym(RTLD_DEFAULT, "heap_restart");
	size_t (*peak)(void) = (size_t(*)(void))dlsym(RTLD_DEFAULT, "heap_peak");

	if (!restart || !peak)
		fail("heap.so", "it is not loaded");
	restart();
	load(text);
	printf("%zu\n", peak());
}

int main(int argc, char **argv)
{
	const long rounds = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
	struct text text;

	if (argc == 3 && strcmp(argv[1], "heap") == 0) {
		text = read_text(argv[2]);
		print_heap(&text);
	} else if (rounds > 0 && rounds <= ROUNDS_MAX && strcmp(argv[1], "time") == 0) {
		text = read_text(argv[2]);
		print_time(&text, (size_t)rounds);
	} else {
		fputs("usage: loading time FILE ROUNDS | loading heap FILE\n", stderr);
		return 2;
	}
	return 0;
}
