/*
 * fuzz_topology: whatever the bytes are, they become a topology or errors, and every tunnel of a
 * topology a plan or a reason; all of it can be shown.
 *
 * libFuzzer's entry point. The program around it is libFuzzer's own (`make fuzz`) or replay.c, for
 * other compilers and for AFL++. A failure is a crash, a report of a sanitizer, or an abort here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/diag_json.h"
#include "planner/plan_view.h"
#include "topology/load.h"

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
	require((text.length > 0) == (diags->errors > 0), "errors and what is shown disagree");
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

	if (planner_plan(topology, request, &arena, &plan, &failure)) {
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
static void plan_all(const struct topology *topology)
{
	struct plan_request request = {.me = topology->me};

	if (request.me == TOPOLOGY_NONE)
		request.me = 0;
	for (; topology->host_count && request.tunnel < topology->tunnel_count; request.tunnel++)
		plan_tunnel(topology, &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct load_file file = {.name = "fuzz.yaml",
				       .identity = "fuzz.yaml",
				       .text = (const char *)bytes,
				       .size = size};
	struct sources sources = {0};
	const struct topology *topology = NULL;
	struct arena arena = {0};
	struct diag_list diags;
	bool loaded;

	if (size > INPUT_MAX)
		return 0;
	diag_list_init(&diags, &arena);
	loaded = topology_load(&file, NULL, &sources, &arena, &diags, &topology);
	require(loaded == (diags.errors == 0), "loading and its errors disagree");
	show_diags(&diags, &sources);
	if (loaded)
		plan_all(topology);
	arena_finish(&arena);
	return 0;
}
