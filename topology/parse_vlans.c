#include "topology/address.h"
#include "topology/parse.h"

static void vlan_cidr(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_vlan *vlan = into;

	for (size_t i = 0; i < parse_item_count(pair->value); i++) {
		const struct yaml_node *item = parse_item(pair->value, i);
		struct fault fault;
		struct cidr cidr;

		if (!parse_scalar(parser, item, "a range of addresses"))
			continue;
		if (address_cidr(item->text, parser->arena, &cidr, &fault))
			*(struct cidr *)arena_push(parser->arena, &vlan->cidrs, &vlan->cidr_count,
						   sizeof(cidr)) = cidr;
		else
			parse_fault(parser, item, &fault);
	}
}

static const struct key keys[] = {
	{"cidr", vlan_cidr, "cidr: 10.10.0.0/16", "The range of addresses of the VLAN, or several.",
	 .kinds = KEY_ONE_OR_MORE, .item = "range"},
	KEY_LATER_ROW("id"),
	KEY_LATER_ROW("trust"),
};

const struct key_table parse_vlan_table = {.name = "vlan", .what = "a VLAN", KEY_ROWS(keys)};

/* null, one range, a list of ranges, or a mapping. */
static void read_vlan(struct parser *parser, const struct yaml_node *name,
		      const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_vlan *vlan =
		arena_push(parser->arena, &document->vlans, &document->vlan_count, sizeof(*vlan));

	vlan->name = parse_new_name(parser, name);
	if (value && value->kind == YAML_MAPPING)
		keys_read(parser, value, &parse_vlan_table, vlan);
	else if (value)
		vlan_cidr(parser, &(struct yaml_pair){name, value}, vlan);
}

void parse_vlans(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	if (!parse_entries(parser, pair->value, "a VLAN", read_vlan))
		parser->document->vlans_broken = true;
}
