#include "topology/language/parse.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/host_ranges.h"

/* The version of the language that this program reads. */
#define VERSION "1"

/* --- the top of a file */

/* load.c looks at these before anything else is read: all files, and what stands in them. */
static void read_before(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	(void)pair;
	(void)into;
}

/* What one topology says once, another file of it says again. */
static void report_said(struct parser *parser, const struct yaml_pair *pair, struct span before)
{
	struct diag *diag = diag_error(parser->diags, CODE_SAID_TWICE, pair->key->at,
				       "'%s' is set in two files of this topology",
				       parse_text(parser, pair->key));

	diag->related = before;
	diag->related_text = "first set here";
	diag->help = "keep one of the two";
}

static void parse_me(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct document *document = parser->document;
	struct word me;

	(void)into;
	if (document->me.text)
		report_said(parser, pair, document->me.at);
	if (!parse_reference(parser, pair->value, "a host", &me))
		return;
	if (!name_reserved(me.text)) {
		document->me = me;
		return;
	}
	diag_error(parser->diags, CODE_NAME_RESERVED, me.at, "'%s' is not a host", me.text)->help =
		"name the host of this file that this machine is, or leave 'me' out and use --me";
}

static void parse_allow_lints(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct word_list *lints = &parser->document->allowed_lints;
	struct parse_items items = parse_items(parser, pair->value, NULL);
	const struct yaml_node *item;

	(void)into;
	while ((item = parse_next(&items))) {
		if (!parse_scalar(parser, item, "the code of a lint"))
			continue;
		*ARENA_PUSH(parser->scratch, lints->items, lints->count) =
			(struct word){parse_text(parser, item), item->at};
	}
}

static const struct key defaults_keys[] = {
	{"ssh", NULL, "ssh: {user: NAME}", "How to log in to every host.", .kinds = YAML_MAPPING,
	 .mapping = "default-ssh", .table = &parse_default_ssh_table,
	 .into = offsetof(struct doc_defaults, ssh)},
	{"tunnel", NULL, "tunnel: {max_hops: 4}", "Settings for every tunnel.",
	 .kinds = YAML_MAPPING, .mapping = "default-tunnel", .table = &parse_default_tunnel_table,
	 .into = offsetof(struct doc_defaults, tunnel)},
};

const struct key_table parse_defaults_table = {
	.name = "defaults", .what = "'defaults'", KEY_ROWS(defaults_keys)};

static void parse_defaults(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_defaults *defaults = &parser->document->defaults;

	(void)into;
	if (defaults->at.at)
		report_said(parser, pair, defaults->at);
	defaults->at = pair->key->at;
	keys_read(parser, pair->value, &parse_defaults_table, defaults);
}

#define ANY_KIND (YAML_SCALAR | YAML_LIST | YAML_MAPPING)

static const struct key keys[] = {
	{"tunplan", read_before, "tunplan: 1", "The version of the language, which is 1.",
	 .kinds = YAML_SCALAR, .item = "version", .form = 1},
	{"me", parse_me, "me: HOST", "The host that this machine is.", .kinds = YAML_SCALAR,
	 .item = "name"},
	{"vlans", parse_vlans, NULL, "The networks, by name: hosts on one VLAN reach each other.",
	 .kinds = ANY_KIND, .item = "name", .mapping = "vlans"},
	{"hosts", parse_hosts, NULL, "The machines, by name.", .kinds = ANY_KIND,
	 .item = "host-name", .mapping = "hosts"},
	{"sets", parse_sets, "sets: {NAME: [HOST, VLAN, 10.0.0.0/8]}",
	 "Names that stand for several ends of a rule.", .kinds = YAML_MAPPING, .mapping = "sets"},
	{"reachability", parse_rules,
	 "a list: each rule on a line that begins with '- allow:' or '- deny:'",
	 "The rules that say what may reach what.", .kinds = YAML_LIST, .item = "rule"},
	{"tunnels", parse_tunnels, "NAME: 7999 -> HOST/SERVICE, one a line",
	 "The tunnels, by name.", .kinds = YAML_MAPPING, .mapping = "tunnels"},
	{"groups", parse_groups, "NAME: [TUNNEL, TUNNEL], one a line",
	 "Names that stand for several tunnels.", .kinds = YAML_MAPPING, .mapping = "groups"},
	{"places", parse_places, "NAME: {when: {addr: 10.10.0.0/16}, vlans: [VLAN]}, one a line",
	 "The places where this machine can be, by name, and the VLANs it has there.",
	 .kinds = YAML_MAPPING, .mapping = "places"},
	{"defaults", parse_defaults, "defaults: {ssh: {user: NAME}}",
	 "Settings for every host and every tunnel that does not override them.",
	 .kinds = YAML_MAPPING, .mapping = "defaults"},
	{"include", read_before, "include: [shared/*.yaml]",
	 "Other files of the topology, or patterns that match them.", .kinds = KEY_ONE_OR_MORE,
	 .item = "path"},
	{"vars", read_before, "vars: {NAME: VALUE}",
	 "Variables, by name: ${NAME} in a value is replaced with the variable's value.",
	 .kinds = YAML_MAPPING, .mapping = "variables"},
	{"allow_lints", parse_allow_lints, "allow_lints: [L011]",
	 "The codes of the lints to silence.", .kinds = KEY_ONE_OR_MORE, .item = "lint"},
};

const struct key_table parse_topology_table = {
	.name = "topology", .what = "a topology", KEY_ROWS(keys)};

/* Returns false when the file is for another version: then nothing else in it is worth reading. */
static bool check_version(const struct yaml_tree *tree, const struct source *source, bool first,
			  struct diag_list *diags)
{
	const struct yaml_node *version = parse_top(tree, "tunplan", NULL);

	if (!version) {
		if (first)
			diag_error(diags, CODE_VERSION_MISSING, source_span(source),
				   "the file does not say which version of the language it is "
				   "written in")
				->help = "begin it with the line 'tunplan: 1'";
		return true;
	}
	if (version->kind != YAML_SCALAR || strcmp(yaml_text(tree, version), VERSION) == 0)
		return true;
	diag_error(diags, CODE_VERSION_OTHER, version->at,
		   "this file is for version '%s' of the language; this tunplan reads "
		   "version " VERSION,
		   yaml_text(tree, version))
		->help = "write 'tunplan: 1', or use a newer tunplan";
	return false;
}

bool parse_head(const struct yaml_tree *tree, const struct source *source, bool first,
		struct diag_list *diags)
{
	const struct yaml_node *root = tree->nodes;

	if (root->kind == YAML_MAPPING)
		return check_version(tree, source, first, diags);
	if (!root->reported)
		diag_error(diags, CODE_WRONG_KIND, root->at,
			   "a topology is a mapping, 'key: value' on each line")
			->help = "begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
	return false;
}

/* --- the document */

static bool is_row(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What the top of a file has besides what is read. */
struct strays {
	bool unknown;   /* a key that is no key of the language */
	bool duplicate; /* a key for the second time, which is not read */
};

static void find_strays(const struct yaml_tree *tree, struct strays *strays)
{
	struct yaml_walk walk = yaml_walk(tree->nodes);
	struct yaml_pair pair;

	while (yaml_next_pair(&walk, &pair)) {
		const char *key = yaml_text(tree, pair.key);

		strays->unknown |= strncmp(key, "x-", 2) != 0 && !is_row(key);
		strays->duplicate |= pair.key->reported;
	}
}

/*
 * A mistyped `hosts:` must not make every name of a host an error; nor must a file that could not be
 * read.
 */
static void mark_missing_parts(struct document *document, const struct strays *strays,
			       bool incomplete)
{
	const bool all = incomplete || strays->duplicate, unknown = strays->unknown;

	document->vlans_broken |= all || (unknown && document->vlan_count == 0);
	document->hosts_broken |= all || (unknown && document->host_count == 0);
	document->sets_broken |= all || (unknown && document->set_count == 0);
	document->tunnels_broken |= all || (unknown && document->tunnel_count == 0);
}

/* Returns room for all that stands under a key in all files, so that no array has to grow. */
static void *room_for(struct parser *parser, const struct parse_file *files, size_t file_count,
		      const char *key, size_t size)
{
	size_t total = 0;

	for (size_t i = 0; i < file_count; i++) {
		struct yaml_walk walk;
		struct yaml_pair pair;

		if (!files[i].good)
			continue;
		walk = yaml_walk(files[i].tree.nodes);
		while (yaml_next_pair(&walk, &pair)) {
			if (strcmp(yaml_text(&files[i].tree, pair.key), key) == 0)
				total += pair.value->kind == YAML_SCALAR ? 1 : pair.value->count;
		}
	}
	return arena_array(parser->scratch, total, size);
}

/* Reads a file and takes its tree apart. */
static void parse_one(struct parser *parser, struct parse_file *file, struct strays *strays)
{
	parser->tree = &file->tree;
	parser->done = file->tree.nodes;
	yaml_tree_give(&file->tree, parser->arena);
	keys_read(parser, file->tree.nodes, &parse_topology_table, NULL);
	find_strays(&file->tree, strays);
	yaml_tree_lend(&file->tree, parser->done, NULL, parser->arena);
	file->tree = (struct yaml_tree){0};
}

void parse_document(struct parse_file *files, size_t file_count, bool incomplete,
		    struct arena *arena, struct arena *scratch, struct diag_list *diags,
		    struct document *ret_document)
{
	struct parser parser = {
		.arena = arena, .scratch = scratch, .diags = diags, .document = ret_document};
	struct strays strays = {0};

#define ROOM(array, key)      \
	ret_document->array = \
		room_for(&parser, files, file_count, key, sizeof(*ret_document->array))
	*ret_document = (struct document){0};
	ROOM(vlans, "vlans");
	ROOM(hosts, "hosts");
	ROOM(sets, "sets");
	ROOM(tunnels, "tunnels");
	ROOM(groups, "groups");
	ROOM(places, "places");
#undef ROOM
	for (size_t i = 0; i < file_count; i++) {
		if (files[i].good)
			parse_one(&parser, &files[i], &strays);
	}
	host_ranges_expand(&parser);
	mark_missing_parts(ret_document, &strays, incomplete);
}

const struct key_table *parse_table(size_t index)
{
	static const struct key_table *const tables[] = {
		&parse_topology_table,    &parse_vlan_table,           &parse_host_table,
		&parse_ssh_table,         &parse_sshd_table,           &parse_service_table,
		&parse_rule_table,        &parse_tunnel_table,         &parse_forward_table,
		&parse_place_table,       &parse_when_table,           &parse_defaults_table,
		&parse_default_ssh_table, &parse_default_tunnel_table, &parse_variable_table,
	};

	return index < sizeof(tables) / sizeof(tables[0]) ? tables[index] : NULL;
}
