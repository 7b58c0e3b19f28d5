#include "topology/language/parse.h"

static void defaults_ssh(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	keys_read(parser, pair->value, &parse_default_ssh_table, into);
}

static void defaults_tunnel(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	keys_read(parser, pair->value, &parse_default_tunnel_table, into);
}

static const struct key keys[] = {
	{"ssh", defaults_ssh, "ssh: {user: NAME}", "How to log in to every host.",
	 .kinds = YAML_MAPPING, .mapping = "default-ssh",
	 .into = offsetof(struct doc_defaults, ssh)},
	{"tunnel", defaults_tunnel, "tunnel: {max_hops: 4}", "Settings for every tunnel.",
	 .kinds = YAML_MAPPING, .mapping = "default-tunnel",
	 .into = offsetof(struct doc_defaults, tunnel)},
};

const struct key_table parse_defaults_table = {
	.name = "defaults", .what = "'defaults'", KEY_ROWS(keys)};

void parse_defaults(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	keys_read(parser, pair->value, &parse_defaults_table, &parser->document->defaults);
}
