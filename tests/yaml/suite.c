/*
 * suite: our YAML tree against libyaml's events, for every case of the YAML test suite, as TAP.
 *
 *     suite <CASES        (JSON: [{"name": …, "yaml": …}], by cases.mjs)
 *
 * What libyaml refuses, we refuse as no YAML or no text. What libyaml accepts, we accept, or refuse
 * for exactly those of our own rules that the case breaks (model.h works them out): tags, several
 * documents, keys that are no words, and so on. If we build a tree, it equals the one of the
 * events: the same lists, mappings and texts, with aliases followed.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/yaml/model.h"
#include "topology/diag/codes.h"
#include "topology/yaml/yaml.h"

/* So that a suite which has become smaller, or a libyaml that takes nothing, is a failure. */
#define CASES_MIN 402
#define TREES_MIN 200

/* What came of all the cases. */
struct count {
	unsigned cases;
	unsigned failed;
	unsigned taken; /* by libyaml */
	unsigned good;  /* taken by us, without an error */
	unsigned trees; /* that were compared */
	uint32_t codes; /* of the cases that libyaml takes */
};

/* What we made of a case. */
struct ours {
	bool tree;
	uint32_t codes;
	struct strbuf text;
};

static void show_tree(struct strbuf *text, const struct yaml_tree *tree,
		      const struct yaml_node *node)
{
	struct yaml_walk walk;
	struct yaml_pair pair;

	if (node->kind == YAML_SCALAR) {
		model_show_scalar(text, yaml_text(tree, node));
		return;
	}
	walk = yaml_walk(node);
	strbuf_puts(text, node->kind == YAML_LIST ? "[" : "{");
	for (unsigned i = 0; i < node->count; i++) {
		strbuf_puts(text, i ? ", " : "");
		if (node->kind == YAML_LIST) {
			show_tree(text, tree, yaml_next(&walk));
		} else if (yaml_next_pair(&walk, &pair)) {
			show_tree(text, tree, pair.key);
			strbuf_puts(text, ": ");
			show_tree(text, tree, pair.value);
		}
	}
	strbuf_puts(text, node->kind == YAML_LIST ? "]" : "}");
}

/* The bytes are copied without a NUL behind them, so that ASan sees reading too far. */
static struct ours read_ours(const char *yaml, size_t size)
{
	char *bytes = malloc(size ? size : 1);
	struct ours ours = {0};
	struct arena arena = {0};
	struct sources sources = {0};
	struct diag_list diags;
	struct yaml_tree tree = {0};

	if (!bytes)
		abort();
	memcpy(bytes, yaml, size);
	diag_list_init(&diags, &arena);
	ours.tree = yaml_read(sources_add(&sources, &arena, "case", bytes, size), &diags, &tree);
	if (ours.tree)
		show_tree(&ours.text, &tree, tree.nodes);
	for (size_t i = 0; i < diags.count; i++)
		ours.codes |= model_bit(diags.items[i].code);
	yaml_tree_finish(&tree);
	arena_finish(&arena);
	free(bytes);
	return ours;
}

static void add_codes(struct strbuf *text, uint32_t codes)
{
	for (unsigned number = 0; number < 32; number++) {
		if (codes & UINT32_C(1) << number)
			strbuf_printf(text, " T%03u", number);
	}
	strbuf_puts(text, codes ? "\n" : " none\n");
}

/* Returns whether the two agree; else says how they differ. */
static bool compare(const struct model *model, const struct ours *ours, struct strbuf *problem)
{
	const char *expected = strbuf_text(&model->text);
	const char *text = strbuf_text(&ours->text);

	if (model->codes == ours->codes && model->tree == ours->tree && strcmp(expected, text) == 0)
		return true;
	strbuf_printf(problem, "libyaml: %s, codes to report:", expected);
	add_codes(problem, model->codes);
	strbuf_printf(problem, "tree:    %s, codes:", text);
	add_codes(problem, ours->codes);
	return false;
}

static void result(struct count *count, unsigned number, bool good, const char *name,
		   const char *problem)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", number, name);
	if (good)
		return;
	count->failed++;
	for (const char *line = problem; *line; line += strcspn(line, "\n") + 1)
		printf("# %.*s\n", (int)strcspn(line, "\n"), line);
}

static void run_case(struct count *count, const char *name, const json_t *yaml)
{
	const char *bytes = json_string_value(yaml);
	const size_t size = json_string_length(yaml);
	struct ours ours = read_ours(bytes, size);
	struct strbuf problem = {0};
	struct model model;
	bool good;

	model_init(&model, bytes, size);
	good = compare(&model, &ours, &problem);
	count->cases++;
	count->taken += model.valid;
	count->good += ours.tree && ours.codes == 0;
	count->trees += ours.tree && model.tree;
	count->codes |= model.valid ? ours.codes : 0;
	result(count, count->cases, good, name, strbuf_text(&problem));
	strbuf_finish(&problem);
	model_finish(&model);
	strbuf_finish(&ours.text);
}

/* The last test: that the others were some, and met those rules of ours that the suite breaks. */
static void run_total(struct count *count)
{
	const uint32_t met = model_bit(CODE_EMPTY) | model_bit(CODE_DOCUMENTS) |
			     model_bit(CODE_COMPLEX_KEY) | model_bit(CODE_TAG);
	struct strbuf text = {0};

	strbuf_printf(&text, "%u cases: libyaml takes %u, we %u; %u trees; codes:", count->cases,
		      count->taken, count->good, count->trees);
	add_codes(&text, count->codes);
	printf("# %s", strbuf_text(&text));
	result(count, count->cases + 1,
	       count->cases >= CASES_MIN && count->trees >= TREES_MIN &&
		       (count->codes & met) == met,
	       "the suite is whole", strbuf_text(&text));
	strbuf_finish(&text);
}

int main(void)
{
	json_error_t error;
	json_t *cases = json_loadf(stdin, JSON_ALLOW_NUL, &error);
	struct count count = {0};
	json_t *one;
	size_t i;

	/* A case that crashes leaves what came before it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!json_is_array(cases)) {
		fprintf(stderr, "suite: line %d: %s\n", error.line, error.text);
		return 2;
	}
	printf("1..%zu\n", json_array_size(cases) + 1);
	json_array_foreach(cases, i, one)
	{
		run_case(&count, json_string_value(json_object_get(one, "name")),
			 json_object_get(one, "yaml"));
	}
	run_total(&count);
	json_decref(cases);
	return count.failed ? 1 : 0;
}
