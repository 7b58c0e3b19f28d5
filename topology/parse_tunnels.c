#include <string.h>

#include "topology/codes.h"
#include "topology/parse.h"

static struct doc_forward *add_forward(struct parser *parser, struct doc_tunnel *tunnel)
{
	return arena_push(parser->arena, &tunnel->forwards, &tunnel->forward_count,
			  sizeof(struct doc_forward));
}

static void add_via(struct parser *parser, struct doc_tunnel *tunnel, struct word host)
{
	*(struct word *)arena_push(parser->arena, &tunnel->via, &tunnel->via_count, sizeof(host)) =
		host;
}

/* The short form, "ingress -> egress via HOST"; via only where the string is the whole tunnel. */
static void read_string(struct parser *parser, const struct yaml_node *scalar, bool whole,
			struct doc_tunnel *tunnel)
{
	struct notation_tunnel notation;
	struct doc_forward *forward;
	struct fault fault;

	if (!notation_tunnel(scalar->text, parser->arena, &notation, &fault)) {
		parse_fault(parser, scalar, &fault);
		return;
	}
	forward = add_forward(parser, tunnel);
	*forward = (struct doc_forward){scalar, scalar, notation.ingress, notation.egress};
	if (notation.via_count && !whole) {
		diag_error(parser->diags, CODE_VIA_IN_LIST,
			   document_word(scalar, &notation.via[0]).at,
			   "'via' cannot stand in one forward of several: they share their hops")
			->help = "write {forwards: […], via: […]}, or two tunnels";
		return;
	}
	for (size_t i = 0; i < notation.via_count; i++)
		add_via(parser, tunnel, document_word(scalar, &notation.via[i]));
}

/* ingress and egress of a long form, before they are read. */
struct ends {
	const struct yaml_pair *ingress;
	const struct yaml_pair *egress;
};

static void ends_ingress(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	((struct ends *)into)->ingress = pair;
}

static void ends_egress(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	((struct ends *)into)->egress = pair;
}

static void report_missing_end(struct parser *parser, struct span at, const char *what,
			       const struct ends *ends)
{
	diag_error(parser->diags, CODE_KEY_MISSING, at, "%s has no '%s'", what,
		   ends->ingress ? "egress" : "ingress")
		->help = ends->ingress ? "add egress: HOST/SERVICE or HOST:PORT"
				       : "add ingress: PORT, or ingress: auto";
}

static void read_ends(struct parser *parser, const struct ends *ends, struct doc_tunnel *tunnel)
{
	struct doc_forward forward = {.ingress_string = ends->ingress->value,
				      .egress_string = ends->egress->value};
	struct fault fault;
	bool good = true;

	if (!notation_ingress(forward.ingress_string->text, parser->arena, &forward.ingress,
			      &fault))
		good = parse_fault(parser, forward.ingress_string, &fault);
	if (!notation_egress(forward.egress_string->text, parser->arena, &forward.egress, &fault))
		good = parse_fault(parser, forward.egress_string, &fault);
	if (good)
		*add_forward(parser, tunnel) = forward;
}

static const struct key forward_keys[] = {
	{"ingress", ends_ingress, "ingress: 7999", "Where the forward is entered.",
	 .kinds = YAML_SCALAR, .item = "ingress", .form = 1},
	{"egress", ends_egress, "egress: HOST/SERVICE", "Where the forward comes out.",
	 .kinds = YAML_SCALAR, .item = "egress", .form = 1},
};

const struct key_table parse_forward_table = {
	.name = "forward", .what = "a forward", KEY_ROWS(forward_keys)};

/* One entry of several forwards: a string, or {ingress, egress}. */
static void read_forward(struct parser *parser, const struct yaml_node *node, bool whole,
			 struct doc_tunnel *tunnel)
{
	const size_t errors = parser->diags->errors;
	struct ends ends = {0};

	if (node->kind != YAML_MAPPING) {
		if (parse_scalar(parser, node, "a forward (7999 -> HOST/SERVICE)"))
			read_string(parser, node, whole, tunnel);
		return;
	}
	keys_read(parser, node, &parse_forward_table, &ends);
	if (ends.ingress && ends.egress)
		read_ends(parser, &ends, tunnel);
	else if (parser->diags->errors == errors)
		report_missing_end(parser, node->at, "a forward", &ends);
}

static void read_forwards(struct parser *parser, const struct yaml_node *list,
			  struct doc_tunnel *tunnel)
{
	for (size_t i = 0; i < list->count && parse_room(parser, i, tunnel->name.at); i++)
		read_forward(parser, list->items[i], list->count == 1, tunnel);
	if (list->count == 0)
		diag_error(parser->diags, CODE_NOTHING, list->at, "a tunnel needs a forward")
			->help = "write [7999 -> HOST/SERVICE, 8080 -> HOST:PORT]";
}

/* A long form, before its ends are read. */
struct long_form {
	struct ends ends; /* first, so that ends_*() can be used for its keys */
	const struct yaml_pair *forwards;
	struct doc_tunnel *tunnel;
};

static void long_forwards(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	((struct long_form *)into)->forwards = pair;
}

static void long_via(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct long_form *form = into;
	struct word host;

	for (size_t i = 0; i < parse_item_count(pair->value); i++) {
		if (parse_reference(parser, parse_item(pair->value, i), "a host", &host))
			add_via(parser, form->tunnel, host);
	}
}

static void long_exit(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct long_form *form = into;

	parse_reference(parser, pair->value, "a host", &form->tunnel->exit);
}

static const struct key tunnel_keys[] = {
	{"ingress", ends_ingress, "ingress: 7999; for several forwards: forwards: […]",
	 "Where the tunnel is entered.", .kinds = YAML_SCALAR, .item = "ingress", .form = 1},
	{"egress", ends_egress, "egress: HOST/SERVICE; for several forwards: forwards: […]",
	 "Where the tunnel comes out.", .kinds = YAML_SCALAR, .item = "egress", .form = 1},
	{"forwards", long_forwards, "forwards: [7999 -> HOST/SERVICE]",
	 "Several pairs of ingress and egress that share their hops.", .kinds = YAML_LIST,
	 .item = "forward-entry", .form = 2, .filled = true},
	{"via", long_via, "via: [HOST, HOST]", "The hosts to pass, in this order.",
	 .kinds = KEY_ONE_OR_MORE, .item = "name"},
	{"exit", long_exit, "exit: HOST", "The last hop, which is exactly this host.",
	 .kinds = YAML_SCALAR, .item = "name"},
	KEY_LATER_ROW("avoid"),
	KEY_LATER_ROW("method"),
	KEY_LATER_ROW("stitch"),
	KEY_LATER_ROW("max_hops"),
	KEY_LATER_ROW("min_trust"),
	KEY_LATER_ROW("probe"),
	KEY_LATER_ROW("on_demand"),
	KEY_LATER_ROW("idle_timeout"),
};

const struct key_table parse_tunnel_table = {
	.name = "tunnel", .what = "a tunnel", KEY_ROWS(tunnel_keys)};

static void read_long_form(struct parser *parser, const struct yaml_node *node,
			   struct doc_tunnel *tunnel)
{
	struct long_form form = {.tunnel = tunnel};
	const size_t errors = parser->diags->errors;

	keys_read(parser, node, &parse_tunnel_table, &form);
	if (form.forwards && (form.ends.ingress || form.ends.egress))
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, form.forwards->key->at,
			   "a tunnel has 'ingress' and 'egress', or 'forwards', not both")
			->help = "move the pair into 'forwards'";
	else if (form.forwards)
		read_forwards(parser, form.forwards->value, tunnel);
	else if (form.ends.ingress && form.ends.egress)
		read_ends(parser, &form.ends, tunnel);
	else if (parser->diags->errors == errors)
		report_missing_end(parser, tunnel->name.at, "the tunnel", &form.ends);
}

/* A string, a list of forwards, or a mapping. */
static void read_tunnel(struct parser *parser, const struct yaml_node *name,
			const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_tunnel *tunnel = arena_push(parser->arena, &document->tunnels,
					       &document->tunnel_count, sizeof(*tunnel));
	const size_t errors = parser->diags->errors;

	tunnel->name = parse_new_name(parser, name);
	if (!value)
		diag_error(parser->diags, CODE_NOTHING, name->at, "the tunnel '%s' leads nowhere",
			   tunnel->name.text)
			->help = "write NAME: 7999 -> HOST/SERVICE";
	else if (value->kind == YAML_SCALAR)
		read_string(parser, value, true, tunnel);
	else if (value->kind == YAML_LIST)
		read_forwards(parser, value, tunnel);
	else
		read_long_form(parser, value, tunnel);
	tunnel->broken = parser->diags->errors > errors;
}

void parse_tunnels(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	if (!parse_entries(parser, pair->value, "a tunnel", read_tunnel))
		parser->document->tunnels_broken = true;
}
