#include <string.h>

#include "topology/diag/codes.h"
#include "topology/diag/suggest.h"
#include "topology/language/key_hints.h"
#include "topology/language/options.h"
#include "topology/language/parse.h"

/*
 * A word of a login that may not stand here may stand in the user's ssh_config, where nothing is passed
 * through a shell: users as directories have them (CORP\ops, svc$), paths with spaces.
 */
static void login_fault(struct parser *parser, const struct yaml_node *scalar, struct fault *fault)
{
	if (fault->help)
		fault->help = arena_format(parser->scratch,
					   "%s; else write it into your ssh_config, and name its "
					   "alias: ssh: {config: ALIAS}",
					   fault->help);
	parse_fault(parser, scalar, fault);
}

static void ssh_user(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = &((struct doc_login *)into)->login;
	struct fault fault;

	login->user = parse_text(parser, pair->value);
	if (!name_user(login->user, parser->scratch, &fault))
		login_fault(parser, pair->value, &fault);
}

static void ssh_port(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_port(parser, pair->value, into);
}

static void ssh_identity(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = &((struct doc_login *)into)->login;
	struct fault fault;

	login->identity = parse_text(parser, pair->value);
	if (name_identity(login->identity, parser->scratch, &fault))
		return;
	if (name_whole_path(login->identity))
		login_fault(parser, pair->value, &fault);
	else
		parse_fault(parser, pair->value, &fault);
}

static void ssh_config(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = &((struct doc_login *)into)->login;
	struct fault fault;

	login->config = parse_text(parser, pair->value);
	if (name_form(login->config, pair->value->count, parser->scratch, &fault))
		return;
	fault.help = "it is one alias, behind Host in your ssh_config";
	parse_fault(parser, pair->value, &fault);
}

static void report_unknown_option(struct parser *parser, const struct yaml_node *key)
{
	const char *name = parse_text(parser, key), *hint = key_hint("options", name);
	struct suggest suggest;
	const struct option *row;
	struct diag *diag;

	diag = diag_error(parser->diags, CODE_UNKNOWN_OPTION, key->at,
			  "'%s' is no option of ssh that a topology may set", name);
	suggest_init(&suggest, name);
	for (size_t i = 0; (row = option_row(i)); i++) {
		if (!row->refused)
			suggest_offer(&suggest, row->keyword, i);
	}
	if (hint)
		diag->help = hint;
	else if (suggest.best)
		diag_help(parser->diags, diag, "did you mean '%s'?", suggest.best);
	else
		diag->help = "what you need may go into your ssh_config: name its alias with "
			     "'config'";
}

static void read_option(struct parser *parser, const struct yaml_pair *pair,
			struct ssh_login *login)
{
	const struct option *row = option_find(parse_text(parser, pair->key));
	struct fault fault;

	if (!row) {
		report_unknown_option(parser, pair->key);
		return;
	}
	if (row->refused) {
		diag_error(parser->diags, CODE_OPTION_REFUSED, pair->key->at,
			   "a topology may not set %s: %s", row->keyword, row->refused)
			->help = row->instead;
		return;
	}
	if (!parse_kind(parser, pair, YAML_SCALAR, "OPTION: VALUE") ||
	    !parse_scalar(parser, pair->value, "the option's value"))
		return;
	if (!option_value(row, parse_text(parser, pair->value), parser->scratch, &fault)) {
		parse_fault(parser, pair->value, &fault);
		return;
	}
	login->options[login->option_count++] =
		(struct ssh_option){row->keyword, parse_text(parser, pair->value), pair->key->at};
}

static void ssh_options(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = &((struct doc_login *)into)->login;
	struct yaml_walk walk = yaml_walk(pair->value);
	struct yaml_pair option;

	login->options = arena_array(parser->arena, pair->value->count, sizeof(*login->options));
	while (yaml_next_pair(&walk, &option)) {
		if (!option.key->reported && !parse_nothing(parser, option.value))
			read_option(parser, &option, login);
	}
}

static const struct key keys[] = {
	{"user", ssh_user, "user: NAME", "The user name for the login.", .kinds = YAML_SCALAR,
	 .item = "user", .shared = true},
	{"port", ssh_port, "port: 22", "The port of the host's sshd.", .kinds = YAML_SCALAR,
	 .item = "port", .shared = true, .into = offsetof(struct doc_login, login.port)},
	{"identity", ssh_identity, "identity: ~/.ssh/id_ed25519",
	 "The private key file, on the machine where the tunnel is brought up.",
	 .kinds = YAML_SCALAR, .item = "identity", .shared = true},
	{"config", ssh_config, "config: ALIAS, a Host of your ssh_config",
	 "The host's alias in your ssh_config, whose settings apply.", .kinds = YAML_SCALAR,
	 .item = "alias"},
	{"interactive", NULL, "interactive: yes",
	 "Whether each login needs a person, for example for a second factor.",
	 .kinds = YAML_SCALAR, .choices = parse_booleans, .shared = true,
	 .into = offsetof(struct doc_login, login.interactive),
	 .noted = offsetof(struct doc_login, interactive_at)},
	{"options", ssh_options, "options: {ServerAliveInterval: 15}",
	 "Options of the ssh client, as ssh_config keywords.", .kinds = YAML_MAPPING,
	 .mapping = "options", .shared = true},
};

const struct key_table parse_ssh_table = {.name = "ssh", .what = "'ssh'", KEY_ROWS(keys)};
const struct key_table parse_default_ssh_table = {
	.name = "default-ssh", .what = "'ssh' of 'defaults'", KEY_ROWS(keys), .shared = true};

void parse_ssh(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_login *login = arena_alloc(parser->arena, sizeof(*login));
	struct doc_host *host = into;
	const struct yaml_node *value = pair->value;

	host->ssh = login;
	login->login.stated = true;
	login->login.at = pair->key->at;
	if (value->kind == YAML_MAPPING)
		keys_read(parser, value, &parse_ssh_table, login);
	else if (strcmp(parse_text(parser, value), "none") == 0)
		login->login.none = true;
	else
		diag_error(parser->diags, CODE_UNKNOWN_VALUE, value->at,
			   "'ssh' takes none or a mapping, not '%s'", parse_text(parser, value))
			->help =
			"write ssh: {} for an ordinary sshd, ssh: {user: NAME, port: 2222} "
			"to say more";
}
