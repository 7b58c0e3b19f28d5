#include "topology/yaml/yaml_mapping.h"

#include <string.h>

#include "topology/base/lookup.h"
#include "topology/diag/codes.h"
#include "topology/yaml/yaml_nodes.h"

/* Up to here every key is compared with every other; beyond, sorting is quicker. */
#define PAIRWISE_MAX 8

/* A mapping that is being finished. */
struct finishing {
	struct yaml_tree *tree;
	size_t mapping;
	const struct yaml_key *keys;
	size_t count;
	struct diag_list *diags;
};

static struct yaml_node *key_node(const struct finishing *finishing, size_t index)
{
	return &finishing->tree->nodes[finishing->keys[index].node];
}

static const char *key_text(const struct finishing *finishing, size_t index)
{
	return finishing->tree->text + finishing->keys[index].text;
}

static bool is_scalar(const struct finishing *finishing, size_t index)
{
	return finishing->keys[index].text != YAML_NO_TEXT;
}

static bool is_merge(const struct finishing *finishing, size_t index)
{
	const struct yaml_node *key = key_node(finishing, index);

	return key->count == 2 && key->kind == YAML_SCALAR && key->style == YAML_PLAIN &&
	       strcmp(key_text(finishing, index), "<<") == 0;
}

static void refuse_complex_key(const struct finishing *finishing, size_t index)
{
	const struct yaml_node *key = yaml_target(key_node(finishing, index));

	diag_error(finishing->diags, CODE_COMPLEX_KEY, key->at, "a %s stands where a key belongs",
		   key->kind == YAML_LIST ? "list" : "mapping")
		->help = "keys are plain words; quote a text that begins with [ or {";
}

static void report_duplicate(const struct finishing *finishing, size_t index, size_t first)
{
	struct yaml_node *key = key_node(finishing, index);
	struct diag *diag =
		diag_error(finishing->diags, CODE_DUPLICATE_KEY, key->at,
			   "'%s' is here for the second time", key_text(finishing, index));

	key->reported = true;
	diag->related = key_node(finishing, first)->at;
	diag->related_text = "first defined here";
	diag->help = is_merge(finishing, index) ? "merge several at once: <<: [*one, *other]"
						: "join the two, or give one of them another name";
}

static bool same_keys(const struct finishing *finishing, size_t a, size_t b)
{
	return finishing->keys[a].hash == finishing->keys[b].hash && is_scalar(finishing, a) &&
	       is_scalar(finishing, b) &&
	       strcmp(key_text(finishing, a), key_text(finishing, b)) == 0;
}

static void check_few(const struct finishing *finishing)
{
	for (size_t i = 1; i < finishing->count; i++) {
		for (size_t first = 0; first < i; first++) {
			if (same_keys(finishing, first, i)) {
				report_duplicate(finishing, i, first);
				break;
			}
		}
	}
}

/* The nodes of a large mapping are far apart: only those of keys that come twice are looked at. */
static void check_many(const struct finishing *finishing)
{
	struct arena scratch = {0};
	struct lookup lookup;

	lookup_init(&lookup, &scratch, finishing->count);
	for (size_t i = 0; i < finishing->count; i++) {
		if (is_scalar(finishing, i))
			lookup_add_hashed(&lookup, i, key_text(finishing, i),
					  finishing->keys[i].hash);
	}
	lookup_sort(&lookup);
	for (size_t i = 0; lookup.repeats && i < finishing->count; i++) {
		size_t first;

		if (!is_scalar(finishing, i))
			continue;
		first = lookup_find(&lookup, key_text(finishing, i));
		if (first < i)
			report_duplicate(finishing, i, first);
	}
	arena_finish(&scratch);
}

/* --- merging */

/* The pairs that merge keys bring, until they are added behind the mapping's own. */
struct merged {
	const struct finishing *finishing;
	struct yaml_pair *pairs; /* in scratch; the nodes are the tree's, which does not grow yet */
	size_t count;
	struct arena scratch;
};

static void collect_pairs(struct merged *merged, const struct yaml_node *from)
{
	struct yaml_walk walk;
	struct yaml_pair pair;

	if (from->kind != YAML_MAPPING) {
		if (!from->reported)
			diag_error(merged->finishing->diags, CODE_MERGE, from->at,
				   "'<<' merges mappings, and this is none")
				->help = "write <<: *anchor, where &anchor marks a mapping";
		return;
	}
	walk = yaml_walk(from);
	while (yaml_next_pair(&walk, &pair))
		*ARENA_PUSH(&merged->scratch, merged->pairs, merged->count) = pair;
}

/* A merge key's value is a mapping or a list of them, the earlier ones before the later. */
static void collect_value(struct merged *merged, const struct yaml_node *value)
{
	const struct yaml_node *item;
	struct yaml_walk walk;

	if (value->kind != YAML_LIST) {
		collect_pairs(merged, value);
		return;
	}
	walk = yaml_walk(value);
	while ((item = yaml_next(&walk)))
		collect_pairs(merged, item);
}

/* Appends a node that repeats another one. */
static void append_copy(struct yaml_tree *tree, size_t index)
{
	struct yaml_node *copy = yaml_add_node(tree);
	const struct yaml_node *node = &tree->nodes[index];

	*copy = *node;
	if (node->kind == YAML_SCALAR)
		return;
	tree->aliased = true;
	copy->kind = YAML_ALIAS;
	copy->value = (uint32_t)((size_t)(copy - tree->nodes) - index);
}

/* Adds the merged pairs whose keys are new. names: the mapping's own keys, then the merged ones. */
static void append_new(struct merged *merged, const struct lookup *names)
{
	const struct finishing *finishing = merged->finishing;
	struct yaml_tree *tree = finishing->tree;
	const size_t own = finishing->count;
	struct yaml_node *nodes = tree->nodes;

	for (size_t i = 0; i < merged->count; i++) {
		/* The array may move while it grows. */
		const size_t key = (size_t)(merged->pairs[i].key - nodes);
		const size_t value = (size_t)(merged->pairs[i].value - nodes);

		if (lookup_find(names, yaml_text(tree, &tree->nodes[key])) != own + i)
			continue;
		append_copy(tree, key);
		append_copy(tree, value);
		tree->nodes[finishing->mapping].count++;
	}
}

static void merge(const struct finishing *finishing)
{
	struct merged merged = {.finishing = finishing};
	struct lookup names;

	for (size_t i = 0; i < finishing->count; i++) {
		if (is_merge(finishing, i))
			collect_value(&merged, yaml_target(key_node(finishing, i) + 1));
	}
	lookup_init(&names, &merged.scratch, finishing->count + merged.count);
	for (size_t i = 0; i < finishing->count; i++) {
		if (key_node(finishing, i)->key)
			lookup_add(&names, i, key_text(finishing, i));
	}
	for (size_t i = 0; i < merged.count; i++)
		lookup_add(&names, finishing->count + i,
			   yaml_text(finishing->tree, merged.pairs[i].key));
	lookup_sort(&names);
	append_new(&merged, &names);
	arena_finish(&merged.scratch);
}

/* Looks at each key of a mapping that may have others than the usual. */
static void finish_unusual(const struct finishing *finishing)
{
	bool merges = false;
	size_t kept = 0;

	for (size_t i = 0; i < finishing->count; i++) {
		if (!is_scalar(finishing, i)) {
			refuse_complex_key(finishing, i);
		} else if (is_merge(finishing, i)) {
			merges = true;
		} else {
			key_node(finishing, i)->key = true;
			kept++;
		}
	}
	finishing->tree->nodes[finishing->mapping].count = (unsigned)kept;
	if (merges)
		merge(finishing);
}

void yaml_mapping_finish(struct yaml_tree *tree, size_t mapping, const struct yaml_key *keys,
			 size_t key_count, bool unusual, struct diag_list *diags)
{
	const struct finishing finishing = {tree, mapping, keys, key_count, diags};

	if (key_count <= PAIRWISE_MAX)
		check_few(&finishing);
	else
		check_many(&finishing);
	tree->nodes[mapping].count = (unsigned)key_count;
	if (unusual)
		finish_unusual(&finishing);
}
