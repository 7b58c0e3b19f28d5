/*
 * fuzz_topology: any bytes become a topology or errors, and each tunnel of a topology becomes a
 * plan or a reason, from all of its places; everything can be shown. A topology that is printed
 * loads as an equal one, and prints the same.
 *
 * Bytes after a line "%%%" are what the topology includes, whatever path it names.
 *
 * libFuzzer's entry point. The program around it is libFuzzer's own (`make fuzz`) or replay.c, for
 * other compilers and for AFL++. A failure is a crash, a report of a sanitizer, or an abort here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/diag_json.h"
#include "planner/planner.h"
#include "planner/views/plan_view.h"
#include "tests/unit/equal.h"
#include "topology/lint/lint.h"
#include "topology/load.h"
#include "topology/print/print.h"

/* Longer inputs find nothing that shorter ones do not, only later. */
#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Not assert(): it must hold whatever NDEBUG says. */
static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_topology: %s\n", what);
	abort();
}

/* jansson gives NULL for what is no JSON: bytes that are not UTF-8, for one. */
static void dump(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	require(text != NULL, "what should be JSON is none");
	free(text);
	json_decref(json);
}

static void show_diags(struct diag_list *diags, const struct sources *sources)
{
	struct strbuf text = {0};

	diag_sort(diags);
	diag_render(diags, sources, true, &text);
	require((text.length > 0) == (diags->errors + diags->lints > 0),
		"errors and what is shown disagree");
	strbuf_finish(&text);
	dump(diag_json(diags, sources));
}

/* Each plan has an arena of its own: a small file can have thousands of tunnels. */
static void plan_tunnel(const struct topology *topology, const struct plan_request *request)
{
	struct arena arena = {0};
	struct strbuf text = {0};
	struct plan_failure failure = {0};
	const struct plan *plan = NULL;

	if (planner_plan(request, &arena, &plan, &failure)) {
		plan_text(plan, &text);
		dump(plan_json(plan));
	} else {
		require(failure.code && failure.text, "there is no plan and no reason");
		plan_failure_text(topology, &failure, &text);
		dump(plan_failure_json(topology, &failure));
	}
	require(text.length > 0, "a plan or its failure says nothing");
	strbuf_finish(&text);
	arena_finish(&arena);
}

/* Where the file does not say which host this machine is, it is the first. */
static void plan_all(const struct topology *topology, const struct whereabouts *where)
{
	struct plan_request request = {.me = topology->me, .where = *where};
	struct arena arena = {0};
	const struct topology *there;
	struct network_index network_index;

	if (topology->host_count == 0)
		return;
	if (request.me == TOPOLOGY_NONE)
		request.me = 0;
	there = topology_at(topology, request.me, where, &arena);
	network_index_init(&network_index, there, &arena);
	request.network_index = &network_index;
	for (size_t i = 0; i < there->tunnel_count; i++) {
		request.tunnel = &there->tunnels[i];
		plan_tunnel(there, &request);
	}
	arena_finish(&arena);
}

/* Plans from every place at once, as if the user said so. */
static void plan_everywhere(const struct topology *topology)
{
	struct whereabouts where = {.how = WHEREABOUTS_SAID};
	struct arena arena = {0};

	if (topology->place_count == 0)
		return;
	where.places = arena_array(&arena, topology->place_count, sizeof(*where.places));
	while (where.count < topology->place_count) {
		where.places[where.count] = where.count;
		where.count++;
	}
	plan_all(topology, &where);
	arena_finish(&arena);
}

/* --- what the topology asks for */

#define DIVIDER "\n%%%\n"

static const char *environment(void *context, const char *name)
{
	(void)context;
	return *name < 'N' ? "value" : NULL;
}

static const char *include(void *context, const struct load_file *from, const char *pattern,
			   size_t size_max, struct arena *arena, struct load_file **ret_files,
			   size_t *ret_count)
{
	const struct load_file *included = context;
	struct load_file *file;

	(void)from;
	if (included->size > size_max || *pattern == '/')
		return "there is none";
	file = arena_push(arena, ret_files, ret_count, sizeof(*file));
	*file = *included;
	return NULL;
}

/* --- printing */

static void load_printed(const struct topology *topology, const struct strbuf *text)
{
	const struct load_file file = {.name = "printed.yaml",
				       .identity = "printed.yaml",
				       .text = text->text,
				       .size = text->length};
	const struct topology *again = NULL;
	struct sources sources = {0};
	struct strbuf twice = {0};
	struct arena arena = {0};
	struct diag_list diags;

	diag_list_init(&diags, &arena);
	require(topology_load(&file, NULL, &sources, &arena, &diags, &again),
		"what is printed cannot be loaded");
	require(equal_topology(topology, again) == NULL, "what is printed says something else");
	topology_print(again, false, &twice);
	require(strcmp(strbuf_text(&twice), strbuf_text(text)) == 0,
		"what is printed prints in another way");
	strbuf_finish(&twice);
	arena_finish(&arena);
}

static void print(const struct topology *topology)
{
	struct strbuf text = {0};

	topology_print(topology, true, &text);
	strbuf_clear(&text);
	topology_print(topology, false, &text);
	load_printed(topology, &text);
	strbuf_finish(&text);
}

/* --- all of it */

/* Splits the input at its divider. */
static void split(const char *text, size_t size, struct load_file *first,
		  struct load_file *included)
{
	const char *divider = memmem(text, size, DIVIDER, strlen(DIVIDER));
	const size_t length = divider ? (size_t)(divider - text) + 1 : size;

	*first = (struct load_file){
		.name = "fuzz.yaml", .identity = "fuzz.yaml", .text = text, .size = length};
	*included = (struct load_file){.name = "included.yaml", .identity = "included.yaml"};
	included->text = divider ? divider + strlen(DIVIDER) : "";
	included->size = divider ? size - length - strlen(DIVIDER) + 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct load_file file, included;
	const struct load_input input = {&included, environment, include};
	struct sources sources = {0};
	const struct topology *topology = NULL;
	struct arena arena = {0};
	struct diag_list diags;
	bool loaded;

	if (size > INPUT_MAX)
		return 0;
	split((const char *)bytes, size, &file, &included);
	diag_list_init(&diags, &arena);
	loaded = topology_load(&file, &input, &sources, &arena, &diags, &topology);
	require(loaded == (diags.errors == diags.spoiling), "loading and its errors disagree");
	if (loaded)
		lint_topology(topology, &diags);
	require(loaded == (diags.errors == diags.spoiling), "a lint is an error");
	show_diags(&diags, &sources);
	if (loaded) {
		print(topology);
		plan_all(topology, &(const struct whereabouts){0});
		plan_everywhere(topology);
	}
	arena_finish(&arena);
	return 0;
}
