#include "topology/language/address.h"
#include "topology/language/parse.h"

static void vlan_cidr(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct vlan *vlan = into;
	const struct yaml_node *item;
	struct parse_items items;
	size_t count;

	items = parse_items(parser, pair->value, &count);
	vlan->cidrs = arena_array(parser->arena, count, sizeof(*vlan->cidrs));
	while ((item = parse_next(&items))) {
		struct fault fault;

		if (!parse_scalar(parser, item, "a range of addresses"))
			continue;
		if (address_cidr(parse_text(parser, item), parser->arena,
				 &vlan->cidrs[vlan->cidr_count], &fault))
			vlan->cidr_count++;
		else
			parse_fault(parser, item, &fault);
	}
}

static void vlan_id(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct vlan *vlan = into;
	uint32_t id = 0;

	if (parse_number(parser, pair->value, "the number of a VLAN", 1, 4094, &id))
		vlan->id = (uint16_t)id;
}

static const struct key_choice encryption_choices[] = {
	{"wireguard", VLAN_WIREGUARD}, {"ipsec", VLAN_IPSEC}, {NULL, 0}};

static const struct key keys[] = {
	{"cidr", vlan_cidr, "cidr: 10.10.0.0/16",
	 "The address range of the VLAN, or several ranges.", .kinds = KEY_ONE_OR_MORE,
	 .item = "range"},
	{"id", vlan_id, "id: 20", "The number of the VLAN on its switches (802.1Q).",
	 .kinds = YAML_SCALAR, .item = "number"},
	{"trust", NULL, "trust: low", "How much the users of the VLAN are trusted.",
	 .kinds = YAML_SCALAR, .choices = parse_trusts, .into = offsetof(struct vlan, trust)},
	{"encrypted", NULL, "encrypted: wireguard",
	 "What encrypts all traffic inside the VLAN, between each two of its hosts.",
	 .kinds = YAML_SCALAR, .choices = encryption_choices,
	 .into = offsetof(struct vlan, encrypted)},
};

const struct key_table parse_vlan_table = {.name = "vlan", .what = "a VLAN", KEY_ROWS(keys)};

/* null, one range, a list of ranges, or a mapping. */
static void read_vlan(struct parser *parser, const struct yaml_node *name,
		      const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct vlan *vlan = &document->vlans[document->vlan_count++];
	const struct word word = parse_new_name(parser, name);

	*vlan = (struct vlan){.name = word.text, .at = word.at, .trust = TRUST_MEDIUM};
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
