#include "topology/yaml/yaml_nodes.h"

#include <stdlib.h>
#include <string.h>

/* --- the array */

uint32_t yaml_add_text(struct yaml_tree *tree, const char *text, size_t size)
{
	const size_t offset = tree->text_size;

	tree->text = memory_reserve(tree->text, &tree->text_room, offset + size + 1, 1);
	memcpy(tree->text + offset, text, size);
	tree->text[offset + size] = '\0';
	tree->text_size = offset + size + 1;
	return (uint32_t)offset;
}

void yaml_tree_finish(struct yaml_tree *tree)
{
	free(tree->nodes);
	free(tree->text);
	*tree = (struct yaml_tree){0};
}

void yaml_tree_give(const struct yaml_tree *tree, struct arena *arena)
{
	arena_adopt(arena, tree->nodes);
	arena_adopt(arena, tree->text);
}

void yaml_tree_lend(const struct yaml_tree *tree, const struct yaml_node *from,
		    const struct yaml_node *to, struct arena *arena)
{
	struct yaml_node *bytes = tree->nodes + (from - tree->nodes);
	const struct yaml_node *end = to ? to : tree->nodes + tree->room;

	arena_lend(arena, bytes, (size_t)(end - from) * sizeof(*bytes));
}

/* --- walking */

const char *yaml_text(const struct yaml_tree *tree, const struct yaml_node *scalar)
{
	return tree->text + scalar->value;
}

void yaml_set_text(struct yaml_tree *tree, struct yaml_node *scalar, const char *text, size_t size)
{
	scalar->value = yaml_add_text(tree, text, size);
	scalar->count = (unsigned)size;
	scalar->exact = false;
}

struct yaml_walk yaml_walk(const struct yaml_node *node)
{
	return (struct yaml_walk){node + 1, yaml_behind(node)};
}

const struct yaml_node *yaml_next(struct yaml_walk *walk)
{
	const struct yaml_node *item = walk->next;

	if (item == walk->end)
		return NULL;
	walk->next = yaml_behind(item);
	return yaml_target(item);
}

bool yaml_next_pair(struct yaml_walk *walk, struct yaml_pair *ret_pair)
{
	while (walk->next != walk->end) {
		const struct yaml_node *key = walk->next;
		const struct yaml_node *value = yaml_behind(key);

		walk->next = yaml_behind(value);
		if (!key->key)
			continue;
		*ret_pair = (struct yaml_pair){key, yaml_target(value)};
		return true;
	}
	return false;
}

bool yaml_is_null(const struct yaml_tree *tree, const struct yaml_node *node)
{
	const char *text;

	if (node->kind != YAML_SCALAR || node->style != YAML_PLAIN)
		return false;
	text = yaml_text(tree, node);
	switch (*text) {
	case '\0':
		return true;
	case '~':
		return node->count == 1;
	case 'n':
		return strcmp(text, "null") == 0;
	case 'N':
		return strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
	default:
		return false;
	}
}

struct span yaml_part(const struct yaml_node *scalar, size_t offset, size_t length)
{
	const uint32_t quote = scalar->style == YAML_PLAIN ? 0 : 1;

	if (!scalar->exact)
		return scalar->at;
	return (struct span){scalar->at.at + quote + (uint32_t)offset,
			     length ? (uint32_t)length : 1};
}
