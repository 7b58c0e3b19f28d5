/*
 * loading: what loading a topology costs, compared with libyaml alone over the same bytes.
 *
 *     loading time FILE ROUNDS   prints four numbers: the median times of both in ms, libyaml
 *                                first; and the factor by which loading takes longer, the median of all
 *                                rounds and that of the fastest round of each
 *     loading heap FILE          prints the peak heap of loading in bytes, without the text itself;
 *                                heap.so has to be preloaded
 *
 * Time is what a user meets: each measurement runs in a process of its own with an empty heap and
 * the bytes in memory, and is the only thing that the process does. The two take turns, so that
 * other load on the machine hits both.
 */
#include <dlfcn.h>
#include <yaml.h>

#include "tests/bench/measuring.h"

/* --- what is measured */

static void scan(const void *of)
{
	const struct text *text = of;
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
static void load(const void *of)
{
	load_topology(of);
}

/* --- time */

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
