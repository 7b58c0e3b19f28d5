#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/parse.h"

/* Most pieces of a stitched tunnel, and hops of any. */
#define HOPS_MAX 100

/* --- forwards */

/* Adds what a string passes to what the key `via` says. */
static void add_via(struct parser *parser, struct doc_tunnel *tunnel, const struct word_list *via)
{
	const size_t before = tunnel->via.count, count = before + via->count;
	struct word *items = arena_array(parser->scratch, count, sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = i < before ? tunnel->via.items[i] : via->items[i - before];
	tunnel->via = (struct word_list){items, count};
}

/* The short form, "ingress -> egress via HOST"; via only where the string is the whole tunnel. */
static void read_string(struct parser *parser, const struct yaml_node *scalar, bool whole,
			struct doc_tunnel *tunnel)
{
	struct doc_forward forward;
	struct word_list via;
	struct fault fault;

	if (!grammar_tunnel(scalar, parse_text(parser, scalar), parser->arena, &forward, &via,
			    &fault)) {
		parse_fault(parser, scalar, &fault);
		return;
	}
	*ARENA_PUSH(parser->scratch, tunnel->forwards, tunnel->forward_count) = forward;
	if (whole && via.count)
		add_via(parser, tunnel, &via);
	else if (via.count)
		diag_error(parser->diags, CODE_VIA_IN_LIST, via.items[0].at,
			   "'via' cannot stand in one forward of several: they share their hops")
			->help = "write {forwards: […], via: […]}, or two tunnels";
}

void parse_tunnel_text(struct parser *parser, const struct yaml_node *scalar,
		       struct doc_tunnel *tunnel)
{
	const char *text = parse_text(parser, scalar);
	struct doc_forward forward = {
		.ingress.values = {.any_port = true, .at = yaml_part(scalar, 0, 0)}};
	struct fault fault;

	if (strstr(text, "->"))
		read_string(parser, scalar, true, tunnel);
	else if (!grammar_egress(scalar, text, parser->arena, &forward.egress, &fault))
		parse_fault(parser, scalar, &fault);
	else
		*ARENA_PUSH(parser->scratch, tunnel->forwards, tunnel->forward_count) = forward;
}

/* ingress and egress of a long form, before they are read; the value is NULL where one is not said. */
struct ends {
	struct yaml_pair ingress;
	struct yaml_pair egress;
};

static void report_missing_end(struct parser *parser, struct span at, const char *what,
			       const struct ends *ends)
{
	diag_error(parser->diags, CODE_KEY_MISSING, at, "%s has no '%s'", what,
		   ends->ingress.value ? "egress" : "ingress")
		->help = ends->ingress.value ? "add egress: HOST/SERVICE or HOST:PORT"
					     : "add ingress: PORT, or ingress: auto";
}

static void read_ends(struct parser *parser, const struct ends *ends, struct doc_tunnel *tunnel)
{
	const struct yaml_node *in = ends->ingress.value, *out = ends->egress.value;
	struct doc_forward forward;
	struct fault fault;
	bool good = true;

	if (!grammar_ingress(in, parse_text(parser, in), parser->arena, &forward.ingress, &fault))
		good = parse_fault(parser, in, &fault);
	if (!grammar_egress(out, parse_text(parser, out), parser->arena, &forward.egress, &fault))
		good = parse_fault(parser, out, &fault);
	if (good)
		*ARENA_PUSH(parser->scratch, tunnel->forwards, tunnel->forward_count) = forward;
}

static const struct key forward_keys[] = {
	{"ingress", keys_keep, "ingress: 7999", "Where traffic enters the forward.",
	 .kinds = YAML_SCALAR, .item = "ingress", .form = 1,
	 .into = offsetof(struct ends, ingress)},
	{"egress", keys_keep, "egress: HOST/SERVICE", "Where traffic leaves the forward.",
	 .kinds = YAML_SCALAR, .item = "egress", .form = 1, .into = offsetof(struct ends, egress)},
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
	if (ends.ingress.value && ends.egress.value)
		read_ends(parser, &ends, tunnel);
	else if (parser->diags->errors == errors)
		report_missing_end(parser, node->at, "a forward", &ends);
}

static void read_forwards(struct parser *parser, const struct yaml_node *list,
			  struct doc_tunnel *tunnel)
{
	struct yaml_walk walk = yaml_walk(list);
	const struct yaml_node *item;
	size_t count = 0;

	while ((item = yaml_next(&walk)) && parse_room(parser, count++, tunnel->name.at))
		read_forward(parser, item, list->count == 1, tunnel);
	if (list->count == 0)
		diag_error(parser->diags, CODE_NOTHING, list->at, "a tunnel needs a forward")
			->help = "write [7999 -> HOST/SERVICE, 8080 -> HOST:PORT]";
}

/* --- what a tunnel may be held to; into is struct doc_tunnel_options */

static void option_avoid(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_references(parser, pair->value, "a host or a VLAN", into);
}

static const struct key_choice method_choices[] = {
	{"nested", METHOD_NESTED}, {"stitched", METHOD_STITCHED}, {NULL, 0}};

static void option_max_hops(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_tunnel_options *options = into;

	parse_number(parser, pair->value, "a number of hops", 1, HOPS_MAX,
		     &options->values.max_hops);
	options->hops_at = pair->value->at;
}

/* yes, no, or how often. */
static void option_probe(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct tunnel_options *options = into;
	const char *text = parse_text(parser, pair->value);

	for (const struct key_choice *choice = parse_booleans; choice->word; choice++) {
		if (strcmp(text, choice->word) == 0) {
			options->no_probe = !choice->value;
			return;
		}
	}
	if (!parse_duration(parser, pair->value, "yes, no or a duration", &options->probe_s) ||
	    options->probe_s >= TOPOLOGY_PROBE_MIN_S)
		return;
	diag_error(parser->diags, CODE_DURATION, pair->value->at, "'%s' is too often for probes",
		   text)
		->help = "write 20s or more: each of them is a connection to the egress";
}

static void option_idle_timeout(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_duration(parser, pair->value, "a duration", into);
}

/* --- the long form */

struct long_form {
	struct doc_tunnel_options options; /* first: the rows above know nothing else of it */
	struct ends ends;
	struct yaml_pair forwards;
	struct doc_tunnel *tunnel;
};

static void long_via(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct long_form *form = into;

	parse_references(parser, pair->value, "a host or a set", &form->tunnel->via);
}

static void long_exit(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct long_form *form = into;

	parse_reference(parser, pair->value, "a host or a set", &form->tunnel->exit);
}

/* Ports, or paths of sockets. */
static void long_stitch(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_tunnel *tunnel = ((struct long_form *)into)->tunnel;
	const struct yaml_node *item;
	struct parse_items items;
	size_t count;

	items = parse_items(parser, pair->value, &count);
	tunnel->stitch = arena_array(parser->arena, count, sizeof(*tunnel->stitch));
	tunnel->stitch_at = pair->key->at;
	while ((item = parse_next(&items)) &&
	       parse_room(parser, tunnel->stitch_count, pair->key->at)) {
		struct joint *joint = &tunnel->stitch[tunnel->stitch_count];
		struct fault fault;
		bool good;

		if (!parse_scalar(parser, item, "a port or the path of a socket"))
			continue;
		if (*parse_text(parser, item) != '/') {
			good = parse_port(parser, item, &joint->port);
		} else {
			joint->path = parse_text(parser, item);
			good = name_socket(joint->path, item->count, parser->scratch, &fault) ||
			       parse_fault(parser, item, &fault);
		}
		tunnel->stitch_count += good;
	}
}

/* Where an option goes, and where the place of its key goes. */
#define OPTION(option, key_at)                               \
	.into = offsetof(struct doc_tunnel_options, option), \
	.noted = offsetof(struct doc_tunnel_options, key_at)

static const struct key tunnel_keys[] = {
	{"ingress", keys_keep, "ingress: 7999; for several forwards: forwards: […]",
	 "Where traffic enters the tunnel.", .kinds = YAML_SCALAR, .item = "ingress", .form = 1,
	 .into = offsetof(struct long_form, ends.ingress)},
	{"egress", keys_keep, "egress: HOST/SERVICE; for several forwards: forwards: […]",
	 "Where traffic leaves the tunnel.", .kinds = YAML_SCALAR, .item = "egress", .form = 1,
	 .into = offsetof(struct long_form, ends.egress)},
	{"forwards", keys_keep, "forwards: [7999 -> HOST/SERVICE]",
	 "Several pairs of ingress and egress that share their hops.", .kinds = YAML_LIST,
	 .item = "forward-entry", .form = 2, .filled = true,
	 .into = offsetof(struct long_form, forwards)},
	{"via", long_via, "via: [HOST, HOST]", "The hosts that the path passes, in this order.",
	 .kinds = KEY_ONE_OR_MORE, .item = "name"},
	{"exit", long_exit, "exit: HOST", "The host of the last hop, exactly.",
	 .kinds = YAML_SCALAR, .item = "name"},
	{"avoid", option_avoid, "avoid: [HOST, VLAN]",
	 "Hosts that the path must not pass, and VLANs that it must not cross.",
	 .kinds = KEY_ONE_OR_MORE, .item = "name", .shared = true, OPTION(avoid, limits_at.avoid)},
	{"method", NULL, "method: stitched",
	 "How hops are connected: each nested in the previous one, or stitched together on the "
	 "hosts.",
	 .kinds = YAML_SCALAR, .choices = method_choices, .shared = true,
	 OPTION(values.method, limits_at.method)},
	{"stitch", long_stitch, "stitch: [2999]",
	 "The ports or sockets where the pieces of a stitched tunnel are joined, in order.",
	 .kinds = KEY_ONE_OR_MORE, .item = "joint"},
	{"max_hops", option_max_hops, "max_hops: 3", "The maximum number of hops.",
	 .kinds = YAML_SCALAR, .item = "number", .shared = true,
	 .noted = offsetof(struct doc_tunnel_options, limits_at.max_hops)},
	{"min_trust", NULL, "min_trust: medium",
	 "The minimum trust of the hosts that the path passes.", .kinds = YAML_SCALAR,
	 .choices = parse_trusts, .shared = true, OPTION(values.min_trust, limits_at.min_trust)},
	{"probe", option_probe, "probe: 60s, or probe: no",
	 "Whether and how often a connection to the egress checks that it answers.",
	 .kinds = YAML_SCALAR, .item = "probe", .shared = true, OPTION(values, probe_at)},
	{"failover", NULL, "failover: no",
	 "Whether another path is taken by itself when a host of the path does not answer.",
	 .kinds = YAML_SCALAR, .choices = parse_refusals, .shared = true,
	 OPTION(values.no_failover, failover_at)},
	{"on_demand", NULL, "on_demand: yes",
	 "Whether the hops are made only when a client connects to the ingress.",
	 .kinds = YAML_SCALAR, .choices = parse_booleans, .shared = true,
	 OPTION(values.on_demand, on_demand_at)},
	{"idle_timeout", option_idle_timeout, "idle_timeout: 10m",
	 "How long the tunnel may be without connections before its hops are taken down.",
	 .kinds = YAML_SCALAR, .item = "duration", .shared = true,
	 .into = offsetof(struct doc_tunnel_options, values.idle_timeout_s)},
};

const struct key_table parse_tunnel_table = {
	.name = "tunnel", .what = "a tunnel", KEY_ROWS(tunnel_keys)};
const struct key_table parse_default_tunnel_table = {.name = "default-tunnel",
						     .what = "'tunnel' of 'defaults'",
						     KEY_ROWS(tunnel_keys),
						     .shared = true};

static void read_long_form(struct parser *parser, const struct yaml_node *node,
			   struct doc_tunnel *tunnel)
{
	struct long_form form = {.tunnel = tunnel};
	const size_t errors = parser->diags->errors;

	keys_read(parser, node, &parse_tunnel_table, &form);
	tunnel->options = form.options;
	if (form.forwards.key && (form.ends.ingress.key || form.ends.egress.key))
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, form.forwards.key->at,
			   "a tunnel has 'ingress' and 'egress', or 'forwards', not both")
			->help = "move the pair into 'forwards'";
	else if (form.forwards.key)
		read_forwards(parser, form.forwards.value, tunnel);
	else if (form.ends.ingress.key && form.ends.egress.key)
		read_ends(parser, &form.ends, tunnel);
	else if (parser->diags->errors == errors)
		report_missing_end(parser, tunnel->name.at, "the tunnel", &form.ends);
}

/* A string, a list of forwards, or a mapping. */
static void read_tunnel(struct parser *parser, const struct yaml_node *name,
			const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_tunnel *tunnel = &document->tunnels[document->tunnel_count++];
	const size_t errors = parser->diags->errors;

	tunnel->name = parse_new_name(parser, name);
	parser->diags->tunnel = tunnel->name.text;
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
	parser->diags->tunnel = NULL;
	tunnel->broken = parser->diags->errors > errors;
}

void parse_tunnels(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	if (!parse_entries(parser, pair->value, "a tunnel", read_tunnel))
		parser->document->tunnels_broken = true;
}
