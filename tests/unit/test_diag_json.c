#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "cmd/diag_json.h"

static struct arena arena;
static struct sources sources;

static void make_sources(void)
{
	sources_add(&sources, &arena, "one.yaml", "\n\n    x\n", 8);
	sources_add(&sources, &arena, "two.yaml", "  via: [bastoin]\n", 17);
}

static void forget_sources(void)
{
	arena_finish(&arena);
	sources = (struct sources){0};
}

TestSuite(diag_json, .init = make_sources, .fini = forget_sources);

/* Compares with what is expected, written as JSON. */
static void expect_json(const struct diag_list *list, const char *expected)
{
	json_t *actual = diag_json(list, &sources);
	json_t *wanted = json_loads(expected, 0, NULL);
	char *shown = json_dumps(actual, JSON_COMPACT);

	cr_assert(wanted != NULL);
	cr_expect(json_equal(actual, wanted), "%s", shown);
	free(shown);
	json_decref(actual);
	json_decref(wanted);
}

Test(diag_json, nothing)
{
	struct diag_list list = {0};

	expect_json(&list, "[]");
}

Test(diag_json, an_error_with_all_its_parts)
{
	struct diag diag = {
		.level = DIAG_ERROR,
		.code = "T021",
		.at = {sources.items[1].base + 8, 7},
		.message = "unknown host 'bastoin'",
		.help = "did you mean 'bastion'?",
		.related = {sources.items[0].base + 6, 1},
		.related_text = "it is here",
	};
	struct diag_list list = {.items = &diag, .count = 1, .errors = 1};

	expect_json(&list,
		    "[{\"level\":\"error\",\"code\":\"T021\","
		    "\"at\":{\"file\":\"two.yaml\",\"line\":1,\"column\":9,\"length\":7},"
		    "\"message\":\"unknown host 'bastoin'\",\"help\":\"did you mean 'bastion'?\","
		    "\"related\":{\"file\":\"one.yaml\",\"line\":3,\"column\":5,\"length\":1,"
		    "\"text\":\"it is here\"}}]");
}

Test(diag_json, a_lint_without_a_place)
{
	struct diag diag = {.level = DIAG_LINT, .code = "L001", .message = "odd"};
	struct diag_list list = {.items = &diag, .count = 1, .lints = 1};

	expect_json(&list,
		    "[{\"level\":\"warning\",\"code\":\"L001\",\"at\":null,\"message\":\"odd\"}]");
}
