#include "topology/parse.h"

#include <string.h>

#include "topology/address.h"
#include "topology/codes.h"

/* The version of the language that this program reads. */
#define VERSION "1"

/* Most VLANs or services of a host, and forwards of a tunnel. */
#define LIST_MAX 1000

static void parse_version(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	*(const struct yaml_node **)into = pair->value;
}

static void parse_me(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct word me;

	(void)into;
	if (!parse_reference(parser, pair->value, "a host", &me))
		return;
	if (!name_reserved(me.text)) {
		parser->document->me = me;
		return;
	}
	diag_error(parser->diags, CODE_NAME_RESERVED, me.at, "'%s' is not a host", me.text)->help =
		"name the host of this file that this machine is, or leave 'me' out and use --me";
}

static const struct key keys[] = {
	{"tunplan", parse_version, "tunplan: 1", "The version of the language, which is 1.",
	 .kinds = YAML_SCALAR, .item = "version", .form = 1},
	{"me", parse_me, "me: HOST", "The host that this machine is.", .kinds = YAML_SCALAR,
	 .item = "name"},
	{"vlans", parse_vlans, NULL, "The networks, by name: hosts on one VLAN reach each other.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "vlans"},
	{"hosts", parse_hosts, NULL, "The machines, by name.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "hosts"},
	{"reachability", parse_rules,
	 "a list: each rule on a line that begins with '- allow:' or '- deny:'",
	 "The rules that say what may reach what.", .kinds = YAML_LIST, .item = "rule"},
	{"tunnels", parse_tunnels, "NAME: 7999 -> HOST/SERVICE, one a line",
	 "The tunnels, by name.", .kinds = YAML_MAPPING, .mapping = "tunnels"},
	{"groups", parse_groups, "NAME: [TUNNEL, TUNNEL], one a line",
	 "Names that stand for several tunnels.", .kinds = YAML_MAPPING, .mapping = "groups"},
	KEY_LATER_ROW("sets"),
	KEY_LATER_ROW("places"),
	KEY_LATER_ROW("defaults"),
	KEY_LATER_ROW("include"),
	KEY_LATER_ROW("vars"),
	KEY_LATER_ROW("allow_lints"),
};

const struct key_table parse_topology_table = {
	.name = "topology", .what = "a topology", KEY_ROWS(keys)};

/* Returns false when the file is for another version: then nothing else in it is worth reading. */
static bool check_version(struct parser *parser, const struct yaml_node *root)
{
	const struct yaml_node *version = NULL;
	struct span nowhere = {.source = root->at.source};

	for (size_t i = 0; i < root->count; i++) {
		if (strcmp(root->pairs[i].key->text, "tunplan") == 0)
			version = root->pairs[i].value;
	}
	if (!version || yaml_is_null(version)) {
		diag_error(parser->diags, CODE_VERSION_MISSING, nowhere,
			   "the file does not say which version of the language it is written in")
			->help = "begin it with the line 'tunplan: 1'";
		return true;
	}
	if (version->kind != YAML_SCALAR || strcmp(version->text, VERSION) == 0)
		return true;
	diag_error(parser->diags, CODE_VERSION_OTHER, version->at,
		   "this file is for version '%s' of the language; this tunplan reads "
		   "version " VERSION,
		   version->text)
		->help = "write 'tunplan: 1', or use a newer tunplan";
	return false;
}

static bool is_row(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return true;
	}
	return false;
}

/*
 * A mistyped `hosts:` must not make every name of a host an error; nor must what this version does
 * not read yet.
 */
static void mark_missing_parts(struct document *document, const struct yaml_node *root)
{
	bool unknown = false, elsewhere = false;

	for (size_t i = 0; i < root->count; i++) {
		const char *key = root->pairs[i].key->text;

		unknown = unknown || (strncmp(key, "x-", 2) != 0 && !is_row(key));
		elsewhere = elsewhere || strcmp(key, "include") == 0 || strcmp(key, "sets") == 0;
	}
	document->vlans_broken |= elsewhere || (unknown && document->vlan_count == 0);
	document->hosts_broken |= elsewhere || (unknown && document->host_count == 0);
	document->tunnels_broken |= elsewhere || (unknown && document->tunnel_count == 0);
}

const struct key_table *parse_table(size_t index)
{
	static const struct key_table *const tables[] = {
		&parse_topology_table, &parse_vlan_table, &parse_host_table,   &parse_ssh_table,
		&parse_service_table,  &parse_rule_table, &parse_tunnel_table, &parse_forward_table,
	};

	return index < sizeof(tables) / sizeof(tables[0]) ? tables[index] : NULL;
}

bool parse_document(const struct yaml_node *root, struct arena *arena, struct diag_list *diags,
		    struct document *ret_document)
{
	struct parser parser = {arena, diags, ret_document};
	const struct yaml_node *version = NULL;

	*ret_document = (struct document){0};
	if (root->kind != YAML_MAPPING) {
		diag_error(diags, CODE_WRONG_KIND, root->at,
			   "a topology is a mapping, 'key: value' on each line")
			->help = "begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
		return false;
	}
	if (!check_version(&parser, root))
		return false;
	keys_read(&parser, root, &parse_topology_table, &version);
	mark_missing_parts(ret_document, root);
	return true;
}

static const char *kind_name(unsigned kind)
{
	if (kind == YAML_SCALAR)
		return "a single value";
	return kind == YAML_LIST ? "a list" : "a mapping";
}

/* "a single value or a list". */
static const char *kinds_text(struct parser *parser, unsigned kinds)
{
	const char *text = NULL;

	for (unsigned kind = YAML_SCALAR; kind <= YAML_MAPPING; kind *= 2) {
		if (!(kinds & kind))
			continue;
		text = text ? arena_format(parser->arena, "%s or %s", text, kind_name(kind))
			    : kind_name(kind);
	}
	return text;
}

/* A list or mapping over several lines has no good place of its own; its key has. */
static struct span place_of_value(const struct yaml_pair *pair)
{
	return pair->value->kind == YAML_SCALAR || pair->value->flow ? pair->value->at
								     : pair->key->at;
}

bool parse_kind(struct parser *parser, const struct yaml_pair *pair, unsigned kinds,
		const char *example)
{
	if (pair->value->kind & kinds)
		return true;
	diag_error(parser->diags, CODE_WRONG_KIND, place_of_value(pair), "'%s' takes %s, not %s",
		   pair->key->text, kinds_text(parser, kinds), kind_name(pair->value->kind))
		->help = example ? arena_format(parser->arena, "write %s", example) : NULL;
	return false;
}

size_t parse_item_count(const struct yaml_node *node)
{
	if (yaml_is_null(node) || node->reported)
		return 0;
	return node->kind == YAML_LIST ? node->count : 1;
}

const struct yaml_node *parse_item(const struct yaml_node *node, size_t index)
{
	return node->kind == YAML_LIST ? node->items[index] : node;
}

bool parse_scalar(struct parser *parser, const struct yaml_node *node, const char *what)
{
	if (node->reported)
		return false;
	if (node->kind == YAML_SCALAR && !yaml_is_null(node))
		return true;
	if (node->kind == YAML_SCALAR)
		diag_error(parser->diags, CODE_WRONG_KIND, node->at, "%s is missing here", what);
	else
		diag_error(parser->diags, CODE_WRONG_KIND, node->at, "%s belongs here, not %s",
			   what, kind_name(node->kind));
	return false;
}

bool parse_room(struct parser *parser, size_t count, struct span at)
{
	if (count < LIST_MAX)
		return true;
	diag_error(parser->diags, CODE_LIMIT_LIST, at, "this list is too long: at most %d entries",
		   LIST_MAX);
	return false;
}

bool parse_fault(struct parser *parser, const struct yaml_node *scalar, const struct fault *fault)
{
	const struct span at = yaml_part(scalar, fault->offset, fault->length);

	diag_error(parser->diags, fault->code, at, "%s", fault->message)->help = fault->help;
	return false;
}

struct word parse_new_name(struct parser *parser, const struct yaml_node *scalar)
{
	struct fault fault;

	if (!name_check(scalar->text, parser->arena, &fault))
		parse_fault(parser, scalar, &fault);
	return (struct word){scalar->text, scalar->at};
}

bool parse_reference(struct parser *parser, const struct yaml_node *scalar, const char *what,
		     struct word *ret_word)
{
	struct fault fault;

	if (!parse_scalar(parser, scalar, what))
		return false;
	if (!name_form(scalar->text, scalar->count, parser->arena, &fault))
		return parse_fault(parser, scalar, &fault);
	*ret_word = (struct word){scalar->text, scalar->at};
	return true;
}

bool parse_port(struct parser *parser, const struct yaml_node *scalar, uint16_t *ret_port)
{
	if (!parse_scalar(parser, scalar, "a port"))
		return false;
	if (address_port(scalar->text, scalar->count, ret_port))
		return true;
	diag_error(parser->diags, CODE_PORT, scalar->at, "'%s' is not a port", scalar->text)->help =
		"a port is a number from 1 to 65535";
	return false;
}

static bool mapping_entries(struct parser *parser, const struct yaml_node *mapping,
			    parse_entry *entry)
{
	for (size_t i = 0; i < mapping->count; i++) {
		const struct yaml_pair *pair = &mapping->pairs[i];
		const bool nothing = yaml_is_null(pair->value) || pair->value->reported;

		/* A second entry of the same name is reported; the first one counts. */
		if (!pair->key->reported)
			entry(parser, pair->key, nothing ? NULL : pair->value);
	}
	return true;
}

bool parse_entries(struct parser *parser, const struct yaml_node *node, const char *what,
		   parse_entry *entry)
{
	bool good = true;

	if (node->kind == YAML_MAPPING)
		return mapping_entries(parser, node, entry);
	for (size_t i = 0; i < parse_item_count(node); i++) {
		const struct yaml_node *item = parse_item(node, i);

		if (item->kind == YAML_MAPPING && !item->reported) {
			diag_error(parser->diags, CODE_WRONG_KIND, item->at,
				   "an entry of a list is the name of %s, and nothing more", what)
				->help = "to say more about it, drop the dash: NAME: …";
			good = false;
		} else if (parse_scalar(parser, item, what)) {
			entry(parser, item, NULL);
		} else {
			good = false;
		}
	}
	return good;
}
