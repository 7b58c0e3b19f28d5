#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/parse.h"

/* Reads one sign of each kind; false with a fault. */
typedef bool read_sign(const char *text, size_t length, struct arena *arena,
		       struct place_sign *sign, struct fault *fault);

static bool read_addr(const char *text, size_t length, struct arena *arena, struct place_sign *sign,
		      struct fault *fault)
{
	(void)length;
	if (!address_cidr(text, arena, &sign->range, fault))
		return false;
	sign->text = sign->range.text;
	return true;
}

static bool read_dns(const char *text, size_t length, struct arena *arena, struct place_sign *sign,
		     struct fault *fault)
{
	if (!address_read(text, length, arena, &sign->address, fault))
		return false;
	sign->text = sign->address.text;
	return true;
}

static bool read_gateway(const char *text, size_t length, struct arena *arena,
			 struct place_sign *sign, struct fault *fault)
{
	if (!read_dns(text, length, arena, sign, fault))
		return false;
	if (sign->address.family != ADDRESS_NAME)
		return true;
	*fault = (struct fault){.length = length, .help = "write its address: 10.10.0.1"};
	return fault_set(fault, arena, CODE_ADDRESS,
			 "a router is recognised by its address, and "
			 "'%s' is a name",
			 text);
}

/* Six pairs of digits; printed in lower case. */
static bool read_mac(const char *text, size_t length, struct arena *arena, struct place_sign *sign,
		     struct fault *fault)
{
	static const char digits[] = "0123456789abcdef";
	char *copy = arena_copy(arena, text, length);

	*fault = (struct fault){.length = length, .help = "write it as 00:1a:2b:3c:4d:5e"};
	for (size_t i = 0; i < 17 && length == 17; i++) {
		const char byte = copy[i] >= 'A' && copy[i] <= 'F' ? (char)(copy[i] + 32) : copy[i];
		const char *digit = memchr(digits, byte, sizeof(digits) - 1);

		copy[i] = byte;
		if (i % 3 == 2 ? byte != ':' : !digit)
			return fault_set(fault, arena, CODE_MAC, "'%s' is not a MAC address", text);
		if (i % 3 != 2)
			sign->mac[i / 3] = (uint8_t)(sign->mac[i / 3] << 4 | (digit - digits));
	}
	sign->text = copy;
	return length == 17 || fault_set(fault, arena, CODE_MAC, "'%s' is not a MAC address", text);
}

static bool read_tcp(const char *text, size_t length, struct arena *arena, struct place_sign *sign,
		     struct fault *fault)
{
	(void)length;
	if (!grammar_at(text, arena, &sign->address, &sign->port, fault))
		return false;
	sign->text = arena_format(arena, sign->address.family == ADDRESS_IPV6 ? "[%s]:%u" : "%s:%u",
				  sign->address.text, sign->port);
	return true;
}

static void read_signs(struct parser *parser, const struct yaml_pair *pair, void *into,
		       enum place_fact fact, read_sign *read)
{
	struct doc_place *place = into;
	struct parse_items items = parse_items(parser, pair->value, NULL);
	const struct yaml_node *item;
	size_t count = 0;

	while ((item = parse_next(&items)) && parse_room(parser, count++, pair->key->at)) {
		struct place_sign sign = {.fact = fact, .at = item->at};
		struct fault fault;

		if (!parse_scalar(parser, item, "what the place is recognised by"))
			continue;
		if (read(parse_text(parser, item), item->count, parser->arena, &sign, &fault))
			*ARENA_PUSH(parser->arena, place->signs, place->sign_count) = sign;
		else
			parse_fault(parser, item, &fault);
	}
}

#define WHEN_READER(name, fact, read)                                                            \
	static void when_##name(struct parser *parser, const struct yaml_pair *pair, void *into) \
	{                                                                                        \
		read_signs(parser, pair, into, fact, read);                                      \
	}

WHEN_READER(addr, PLACE_ADDR, read_addr)
WHEN_READER(gateway, PLACE_GATEWAY, read_gateway)
WHEN_READER(gateway_mac, PLACE_GATEWAY_MAC, read_mac)
WHEN_READER(dns, PLACE_DNS, read_dns)
WHEN_READER(tcp, PLACE_TCP, read_tcp)

static const struct key when_keys[] = {
	{"addr", when_addr, "addr: 10.10.0.0/16", "This machine has an address in the range.",
	 .kinds = KEY_ONE_OR_MORE, .item = "range"},
	{"gateway", when_gateway, "gateway: 10.10.0.1",
	 "The default route of this machine leads to the address.", .kinds = KEY_ONE_OR_MORE,
	 .item = "numeric"},
	{"gateway_mac", when_gateway_mac, "gateway_mac: \"00:1a:2b:3c:4d:5e\"",
	 "The router of the default route has the MAC address.", .kinds = KEY_ONE_OR_MORE,
	 .item = "mac"},
	{"dns", when_dns, "dns: 10.10.0.53, or dns: plant.example",
	 "The resolver of this machine uses the server address, or searches the domain.",
	 .kinds = KEY_ONE_OR_MORE, .item = "address"},
	{"tcp", when_tcp, "tcp: \"10.10.0.5:22\"", "Something answers at the address and port.",
	 .kinds = KEY_ONE_OR_MORE, .item = "at"},
};

const struct key_table parse_when_table = {.name = "when", .what = "'when'", KEY_ROWS(when_keys)};

static void place_when(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_place *place = into;
	const size_t errors = parser->diags->errors;

	keys_read(parser, pair->value, &parse_when_table, place);
	if (place->sign_count == 0 && parser->diags->errors == errors)
		diag_error(parser->diags, CODE_NOTHING, pair->key->at,
			   "'when' is empty, so nothing identifies the place")
			->help = "write when: {addr: 10.10.0.0/16}, or drop 'when': the place then "
				 "applies if no other is recognised";
}

static void place_vlans(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_interfaces(parser, pair, into);
}

static const struct key keys[] = {
	{"when", place_when, "when: {addr: 10.10.0.0/16}", "How the place is recognised.",
	 .kinds = YAML_MAPPING, .mapping = "when"},
	{"vlans", place_vlans, NULL, "The VLANs that this machine has at the place.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "addresses",
	 .into = offsetof(struct doc_place, interfaces)},
};

const struct key_table parse_place_table = {.name = "place", .what = "a place", KEY_ROWS(keys)};

/* null: a place where this machine is on no VLAN. */
static void read_place(struct parser *parser, const struct yaml_node *name,
		       const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_place *place = &document->places[document->place_count++];

	place->name = parse_new_name(parser, name);
	if (!value)
		return;
	if (parse_kind(parser, &(struct yaml_pair){name, value}, YAML_MAPPING,
		       "NAME: {when: {addr: 10.10.0.0/16}, vlans: [VLAN]}"))
		keys_read(parser, value, &parse_place_table, place);
}

void parse_places(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	parse_entries(parser, pair->value, "a place", read_place);
}
