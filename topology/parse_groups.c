#include <string.h>

#include "topology/codes.h"
#include "topology/parse.h"

/* A name, or a pattern of the same characters with * and ?. */
static bool check_member(struct parser *parser, const struct yaml_node *scalar)
{
	char *name = arena_copy(parser->arena, scalar->text, scalar->count);
	struct fault fault;

	for (char *at = name; *at; at++) {
		if (*at == '*' || *at == '?')
			*at = 'x';
	}
	if (name_form(name, scalar->count, parser->arena, &fault))
		return true;
	return parse_fault(parser, scalar, &fault);
}

static void read_group(struct parser *parser, const struct yaml_node *name,
		       const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_group *group = arena_push(parser->arena, &document->groups,
					     &document->group_count, sizeof(*group));

	group->name = parse_new_name(parser, name);
	for (size_t i = 0; value && i < parse_item_count(value); i++) {
		const struct yaml_node *item = parse_item(value, i);

		if (!parse_scalar(parser, item, "a tunnel's or a group's name") ||
		    !check_member(parser, item)) {
			group->broken = true;
			continue;
		}
		*(struct word *)arena_push(parser->arena, &group->members, &group->member_count,
					   sizeof(struct word)) =
			(struct word){item->text, item->at};
	}
	if (group->member_count == 0 && !group->broken)
		diag_error(parser->diags, CODE_NOTHING, name->at, "the group '%s' is empty",
			   group->name.text)
			->help = "write NAME: [TUNNEL, TUNNEL]";
}

void parse_groups(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	parse_entries(parser, pair->value, "a group", read_group);
}
