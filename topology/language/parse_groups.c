#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/parse.h"

/* A name, or a pattern of the same characters with * and ?. */
static bool check_member(struct parser *parser, const struct yaml_node *scalar)
{
	char *name = arena_copy(parser->scratch, parse_text(parser, scalar), scalar->count);
	struct fault fault;

	for (char *at = name; *at; at++) {
		if (*at == '*' || *at == '?')
			*at = 'x';
	}
	if (name_form(name, scalar->count, parser->scratch, &fault))
		return true;
	return parse_fault(parser, scalar, &fault);
}

static void read_group(struct parser *parser, const struct yaml_node *name,
		       const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_group *group = &document->groups[document->group_count++];
	struct parse_items items = {0};
	const struct yaml_node *item;
	size_t count = 0;

	group->name = parse_new_name(parser, name);
	if (value)
		items = parse_items(parser, value, &count);
	group->members.items = arena_array(parser->scratch, count, sizeof(struct word));
	while (count && (item = parse_next(&items))) {
		if (parse_scalar(parser, item, "a tunnel's or a group's name") &&
		    check_member(parser, item))
			group->members.items[group->members.count++] =
				(struct word){parse_text(parser, item), item->at};
		else
			group->broken = true;
	}
	/* An empty list is meant to be empty. */
	if (!value)
		diag_error(parser->diags, CODE_NOTHING, name->at, "nothing is in the group '%s'",
			   group->name.text)
			->help = "write NAME: [TUNNEL, TUNNEL]";
}

void parse_groups(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	parse_entries(parser, pair->value, "a group", read_group);
}
