#include "topology/yaml_mapping.h"

#include <string.h>

#include "topology/codes.h"
#include "topology/lookup.h"

/* Up to here every key is compared with every other; beyond, sorting is quicker. */
#define PAIRWISE_MAX 8

static bool is_merge(const struct yaml_node *key)
{
	return key->kind == YAML_SCALAR && key->style == YAML_PLAIN && strcmp(key->text, "<<") == 0;
}

static void report_duplicate(struct yaml_node *key, const struct yaml_node *first,
			     struct diag_list *diags)
{
	struct diag *diag = diag_error(diags, CODE_DUPLICATE_KEY, key->at,
				       "'%s' is here for the second time", key->text);

	key->reported = true;
	diag->related = first->at;
	diag->related_text = "first defined here";
	diag->help = is_merge(key) ? "merge several at once: <<: [*one, *other]"
				   : "join the two, or give one of them another name";
}

/* In the arrays of nodes, keys stand at even and values at odd indexes. */
static void check_few(struct yaml_node *const *nodes, size_t count, struct diag_list *diags)
{
	for (size_t i = 1; i < count; i++) {
		size_t first = 0;

		while (strcmp(nodes[2 * first]->text, nodes[2 * i]->text) != 0)
			first++;
		if (first < i)
			report_duplicate(nodes[2 * i], nodes[2 * first], diags);
	}
}

static void check_many(struct yaml_node *const *nodes, size_t count, struct diag_list *diags)
{
	struct arena scratch;
	struct lookup lookup;

	arena_init(&scratch);
	lookup_init(&lookup, &scratch, count);
	for (size_t i = 0; i < count; i++)
		lookup_set(&lookup, i, nodes[2 * i]->text);
	lookup_sort(&lookup);
	for (size_t i = 0; i < count; i++) {
		const size_t first = lookup_find(&lookup, nodes[2 * i]->text);

		if (first < i)
			report_duplicate(nodes[2 * i], nodes[2 * first], diags);
	}
	arena_finish(&scratch);
}

/* Moves the pairs whose key is a scalar to the front and returns how many they are. */
static size_t drop_complex_keys(struct yaml_node **nodes, size_t count, struct diag_list *diags)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct yaml_node *key = nodes[2 * i];

		if (key->kind == YAML_SCALAR) {
			nodes[2 * kept] = key;
			nodes[2 * kept + 1] = nodes[2 * i + 1];
			kept++;
			continue;
		}
		diag_error(diags, CODE_COMPLEX_KEY, key->at, "a %s stands where a key belongs",
			   key->kind == YAML_LIST ? "list" : "mapping")
			->help = "keys are plain words; quote a text that begins with [ or {";
	}
	return kept;
}

/* What a merge key names: a mapping, or a list of them. */
static size_t merge_count(const struct yaml_node *value)
{
	return value->kind == YAML_LIST ? value->count : 1;
}

static const struct yaml_node *merge_source(const struct yaml_node *value, size_t index)
{
	return value->kind == YAML_LIST ? value->items[index] : value;
}

/* Returns how many pairs a merge key brings, and reports what it cannot merge. */
static size_t count_merged(const struct yaml_node *value, struct diag_list *diags)
{
	size_t pairs = 0;

	for (size_t i = 0; i < merge_count(value); i++) {
		const struct yaml_node *from = merge_source(value, i);

		if (from->kind == YAML_MAPPING)
			pairs += from->count;
		else if (!from->reported)
			diag_error(diags, CODE_MERGE, from->at,
				   "'<<' merges mappings, and this is none")
				->help = "write <<: *anchor, where &anchor marks a mapping";
	}
	return pairs;
}

/* Appends the pairs that a merge key brings, the earlier mappings before the later. */
static void append_merged(struct yaml_node *mapping, const struct yaml_node *value)
{
	for (size_t i = 0; i < merge_count(value); i++) {
		const struct yaml_node *from = merge_source(value, i);

		if (from->kind != YAML_MAPPING)
			continue;
		memcpy(mapping->pairs + mapping->count, from->pairs,
		       from->count * sizeof(*from->pairs));
		mapping->count += from->count;
	}
}

/* Drops merged pairs (those from index own) whose key stands further to the front. */
static void drop_overridden(struct yaml_node *mapping, size_t own)
{
	struct arena scratch;
	struct lookup lookup;
	size_t kept = own;

	arena_init(&scratch);
	lookup_init(&lookup, &scratch, mapping->count);
	for (size_t i = 0; i < mapping->count; i++)
		lookup_set(&lookup, i, mapping->pairs[i].key->text);
	lookup_sort(&lookup);
	for (size_t i = own; i < mapping->count; i++) {
		if (lookup_find(&lookup, mapping->pairs[i].key->text) == i)
			mapping->pairs[kept++] = mapping->pairs[i];
	}
	mapping->count = (uint32_t)kept;
	arena_finish(&scratch);
}

void yaml_mapping_fill(struct yaml_node *mapping, struct yaml_node **nodes, size_t count,
		       struct arena *arena, struct diag_list *diags)
{
	size_t own = 0, merged = 0;

	count = drop_complex_keys(nodes, count, diags);
	if (count <= PAIRWISE_MAX)
		check_few(nodes, count, diags);
	else
		check_many(nodes, count, diags);
	for (size_t i = 0; i < count; i++) {
		if (is_merge(nodes[2 * i]))
			merged += count_merged(nodes[2 * i + 1], diags);
	}
	mapping->pairs = arena_array(arena, count + merged, sizeof(*mapping->pairs));
	for (size_t i = 0; i < count; i++) {
		if (!is_merge(nodes[2 * i]))
			mapping->pairs[own++] = (struct yaml_pair){nodes[2 * i], nodes[2 * i + 1]};
	}
	mapping->count = (uint32_t)own;
	for (size_t i = 0; merged && i < count; i++) {
		if (is_merge(nodes[2 * i]))
			append_merged(mapping, nodes[2 * i + 1]);
	}
	if (merged)
		drop_overridden(mapping, own);
}
