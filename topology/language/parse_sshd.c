#include <string.h>

#include "topology/language/parse.h"

/* What an sshd does where its sshd_config says nothing (sshd_config(5)). */
static const struct sshd_settings unstated = {
	.tcp = SSHD_FORWARD_ALL,
	.stream_local = SSHD_FORWARD_ALL,
	.gateway_ports = SSHD_GATEWAY_NO,
	.max_sessions = 10,
};

static const struct key_choice forwarding_choices[] = {
	{"yes", SSHD_FORWARD_ALL},       {"no", SSHD_FORWARD_NONE},
	{"all", SSHD_FORWARD_ALL},       {"local", SSHD_FORWARD_LOCAL},
	{"remote", SSHD_FORWARD_REMOTE}, {"true", SSHD_FORWARD_ALL},
	{"false", SSHD_FORWARD_NONE},    {NULL, 0},
};

static const struct key_choice gateway_choices[] = {
	{"yes", SSHD_GATEWAY_YES},
	{"no", SSHD_GATEWAY_NO},
	{"clientspecified", SSHD_GATEWAY_CLIENT},
	{"true", SSHD_GATEWAY_YES},
	{"false", SSHD_GATEWAY_NO},
	{NULL, 0},
};

/* any, none, or places: of PermitListen, a port alone may be one. */
static void read_permits(struct parser *parser, const struct yaml_node *value, bool listen,
			 struct sshd_permits *permits)
{
	const struct yaml_node *item;
	struct parse_items items;
	size_t count;

	items = parse_items(parser, value, &count);
	permits->items = arena_array(parser->arena, count, sizeof(*permits->items));
	while ((item = parse_next(&items))) {
		struct sshd_permit *permit = &permits->items[permits->count];
		struct fault fault;

		if (!parse_scalar(parser, item, "HOST:PORT"))
			continue;
		if (!grammar_permit(parse_text(parser, item), listen, parser->arena, permit,
				    &fault)) {
			parse_fault(parser, item, &fault);
			continue;
		}
		permit->at = item->at;
		permits->count++;
	}
	permits->kind = SSHD_PERMITS_LISTED;
}

static void read_permit_key(struct parser *parser, const struct yaml_pair *pair, bool listen,
			    struct sshd_permits *permits)
{
	static const struct key_choice words[] = {
		{"any", SSHD_PERMITS_ANY}, {"none", SSHD_PERMITS_NONE}, {NULL, 0}};
	const struct yaml_node *value = pair->value;

	*permits = (struct sshd_permits){.kind = SSHD_PERMITS_NONE};
	if (value->kind == YAML_LIST && value->count == 0)
		return;
	for (size_t i = 0; value->kind == YAML_SCALAR && words[i].word; i++) {
		if (strcmp(parse_text(parser, value), words[i].word) == 0) {
			permits->kind = (enum sshd_permits_kind)words[i].value;
			return;
		}
	}
	read_permits(parser, value, listen, permits);
}

static void permit_open(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	read_permit_key(parser, pair, false, into);
}

static void permit_listen(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	read_permit_key(parser, pair, true, into);
}

#define SESSIONS_MAX 1000000

static void max_sessions(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_number(parser, pair->value, "a number of sessions", 0, SESSIONS_MAX, into);
}

/* Where a setting goes, and where the place goes at which it is stated. */
#define SETTING(setting, keyword)                        \
	.into = offsetof(struct sshd_settings, setting), \
	.noted = offsetof(struct sshd_settings, at[keyword])

static const struct key keys[] = {
	{"AllowTcpForwarding", NULL, "AllowTcpForwarding: no",
	 "Whether the sshd forwards TCP connections, and in which direction.", .kinds = YAML_SCALAR,
	 .choices = forwarding_choices, SETTING(tcp, SSHD_ALLOW_TCP_FORWARDING)},
	{"AllowStreamLocalForwarding", NULL, "AllowStreamLocalForwarding: no",
	 "Whether the sshd forwards unix sockets, and in which direction.", .kinds = YAML_SCALAR,
	 .choices = forwarding_choices, SETTING(stream_local, SSHD_ALLOW_STREAM_LOCAL_FORWARDING)},
	{"DisableForwarding", NULL, "DisableForwarding: yes",
	 "Whether all forwarding is off, whatever else is set.", .kinds = YAML_SCALAR,
	 .choices = parse_booleans, SETTING(disable_forwarding, SSHD_DISABLE_FORWARDING)},
	{"GatewayPorts", NULL, "GatewayPorts: clientspecified",
	 "The addresses on which the sshd lets remote forwards listen.", .kinds = YAML_SCALAR,
	 .choices = gateway_choices, SETTING(gateway_ports, SSHD_GATEWAY_PORTS)},
	{"PermitOpen", permit_open, "PermitOpen: [\"10.20.0.11:22\", \"*:443\"]",
	 "The destinations to which the sshd opens connections for its clients.",
	 .kinds = KEY_ONE_OR_MORE, .item = "permit-open", SETTING(open, SSHD_PERMIT_OPEN)},
	{"PermitListen", permit_listen, "PermitListen: [8080, \"localhost:9000\"]",
	 "The addresses and ports on which the sshd lets remote forwards listen.",
	 .kinds = KEY_ONE_OR_MORE, .item = "permit-listen", SETTING(listen, SSHD_PERMIT_LISTEN)},
	{"MaxSessions", max_sessions, "MaxSessions: 10",
	 "How many sessions one connection may have.", .kinds = YAML_SCALAR, .item = "number",
	 SETTING(max_sessions, SSHD_MAX_SESSIONS)},
};

const struct key_table parse_sshd_table = {.name = "sshd", .what = "'sshd'", KEY_ROWS(keys)};

void parse_sshd(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct sshd_settings *sshd = arena_alloc(parser->arena, sizeof(*sshd));

	*sshd = unstated;
	keys_read(parser, pair->value, &parse_sshd_table, sshd);
	parse_more(parser, into)->sshd = sshd;
}
