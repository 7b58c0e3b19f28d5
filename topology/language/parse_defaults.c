#include <string.h>

#include "topology/language/parse.h"

static void defaults_ssh(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_defaults *defaults = into;

	keys_read(parser, pair->value, &parse_default_ssh_table, &defaults->ssh);
}

/* A tunnel that has no path because of one of them is told where it stands. */
static void note_limits(const struct parser *parser, const struct yaml_node *mapping,
			struct limits_at *at)
{
	const struct {
		const char *key;
		struct span *at;
	} limits[] = {
		{"avoid", &at->avoid},
		{"method", &at->method},
		{"max_hops", &at->max_hops},
		{"min_trust", &at->min_trust},
	};
	struct yaml_walk walk = yaml_walk(mapping);
	struct yaml_pair pair;

	while (yaml_next_pair(&walk, &pair)) {
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			if (strcmp(parse_text(parser, pair.key), limits[i].key) == 0)
				*limits[i].at = pair.key->at;
		}
	}
}

static void defaults_tunnel(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_defaults *defaults = into;

	keys_read(parser, pair->value, &parse_default_tunnel_table, &defaults->tunnel);
	note_limits(parser, pair->value, &defaults->limits_at);
}

static const struct key keys[] = {
	{"ssh", defaults_ssh, "ssh: {user: NAME}", "How to log in to every host.",
	 .kinds = YAML_MAPPING, .mapping = "default-ssh"},
	{"tunnel", defaults_tunnel, "tunnel: {max_hops: 4}", "Settings for every tunnel.",
	 .kinds = YAML_MAPPING, .mapping = "default-tunnel"},
};

const struct key_table parse_defaults_table = {
	.name = "defaults", .what = "'defaults'", KEY_ROWS(keys)};

void parse_defaults(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	keys_read(parser, pair->value, &parse_defaults_table, &parser->document->defaults);
}
