#include <string.h>

#include "topology/address.h"
#include "topology/codes.h"
#include "topology/parse.h"
#include "topology/suggest.h"

/* Reads one of a few words. */
static bool read_choice(struct parser *parser, const struct yaml_node *scalar,
			const struct key_choice *choices, int *ret_value)
{
	const char *known = choices[0].word;
	struct suggest suggest;
	struct diag *diag;

	suggest_init(&suggest, scalar->text);
	for (size_t i = 0; choices[i].word; i++) {
		if (strcmp(scalar->text, choices[i].word) == 0) {
			*ret_value = choices[i].value;
			return true;
		}
		suggest_offer(&suggest, choices[i].word, i);
		if (i > 0)
			known = arena_format(parser->arena, "%s, %s", known, choices[i].word);
	}
	diag = diag_error(parser->diags, CODE_UNKNOWN_VALUE, scalar->at, "'%s' is not one of: %s",
			  scalar->text, known);
	if (suggest.best)
		diag_help(parser->diags, diag, "did you mean '%s'?", suggest.best);
	return false;
}

static const struct key_choice encryption_choices[] = {
	{"tls", SERVICE_TLS}, {"ssh", SERVICE_SSH}, {NULL, 0}};

static const struct key_choice lab_choices[] = {
	{"git", LAB_GIT},     {"http", LAB_HTTP}, {"https", LAB_HTTPS},
	{"proxy", LAB_PROXY}, {"imap", LAB_IMAP}, {NULL, 0},
};

static void service_port(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct service *service = into;

	/* A port that cannot be read is reported; 1 keeps it from being "missing", too. */
	if (!parse_port(parser, pair->value, &service->port))
		service->port = 1;
}

static void service_encrypted(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct service *service = into;
	int value = SERVICE_CLEAR;

	if (read_choice(parser, pair->value, encryption_choices, &value))
		service->encrypted = (enum service_encryption)value;
}

static void service_lab(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct service *service = into;
	int value = LAB_RESPONDER;

	if (read_choice(parser, pair->value, lab_choices, &value))
		service->lab = (enum service_lab)value;
}

static const struct key service_keys[] = {
	{"port", service_port, "port: 443", "The TCP port that the service listens on.",
	 .kinds = YAML_SCALAR, .item = "port", .form = 1},
	{"encrypted", service_encrypted, "encrypted: tls",
	 "What encrypts the bytes of the service, from end to end.", .kinds = YAML_SCALAR,
	 .choices = encryption_choices},
	{"lab", service_lab, "lab: http", "What answers for the service in the lab.",
	 .kinds = YAML_SCALAR, .choices = lab_choices},
	KEY_LATER_ROW("listen"),
	KEY_LATER_ROW("socket"),
	KEY_LATER_ROW("at"),
};

const struct key_table parse_service_table = {
	.name = "service", .what = "a service", KEY_ROWS(service_keys)};

/* NAME: PORT, or NAME: {port, …}. It is there even when its port could not be read. */
static void read_service(struct parser *parser, const struct yaml_pair *pair, struct doc_host *host)
{
	struct service *service =
		arena_push(parser->arena, &host->services, &host->service_count, sizeof(*service));
	const struct yaml_node *value = pair->value;

	service->name = parse_new_name(parser, pair->key).text;
	service->at = pair->key->at;
	if (value->kind == YAML_MAPPING)
		keys_read(parser, value, &parse_service_table, service);
	else if (!yaml_is_null(value) && !value->reported)
		service_port(parser, pair, service);
	if (service->port || value->reported)
		return;
	diag_error(parser->diags, CODE_KEY_MISSING, pair->key->at, "service '%s' has no port",
		   service->name)
		->help = "write NAME: PORT, or NAME: {port: PORT}";
}

static void host_services(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	const struct yaml_node *services = pair->value;
	struct doc_host *host = into;

	for (size_t i = 0; i < services->count && parse_room(parser, i, pair->key->at); i++) {
		const struct yaml_pair *service = &services->pairs[i];

		if (service->key->reported)
			continue;
		if (parse_kind(parser, service, YAML_SCALAR | YAML_MAPPING, "NAME: PORT"))
			read_service(parser, service, host);
		else
			host->broken = true;
	}
}

static void ssh_user(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = into;
	struct fault fault;

	login->user = pair->value->text;
	if (!name_user(login->user, parser->arena, &fault))
		parse_fault(parser, pair->value, &fault);
}

static void ssh_port(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = into;

	parse_port(parser, pair->value, &login->port);
}

static void ssh_identity(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = into;
	struct fault fault;

	login->identity = pair->value->text;
	if (!name_identity(login->identity, parser->arena, &fault))
		parse_fault(parser, pair->value, &fault);
}

static void ssh_config(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct ssh_login *login = into;
	struct fault fault;

	login->config = pair->value->text;
	if (name_form(login->config, pair->value->count, parser->arena, &fault))
		return;
	fault.help = "it is one alias, behind Host in your ssh_config";
	parse_fault(parser, pair->value, &fault);
}

static const struct key ssh_keys[] = {
	{"user", ssh_user, "user: NAME", "The name to log in with.", .kinds = YAML_SCALAR,
	 .item = "user"},
	{"port", ssh_port, "port: 22", "The port of the host's sshd.", .kinds = YAML_SCALAR,
	 .item = "port"},
	{"identity", ssh_identity, "identity: ~/.ssh/id_ed25519",
	 "The file of the private key, on the machine where the tunnel is brought up.",
	 .kinds = YAML_SCALAR, .item = "identity"},
	{"config", ssh_config, "config: ALIAS, a Host of your ssh_config",
	 "The alias of the host in your ssh_config, whose settings are taken.",
	 .kinds = YAML_SCALAR, .item = "alias"},
	KEY_LATER_ROW("interactive"),
	KEY_LATER_ROW("options"),
};

const struct key_table parse_ssh_table = {.name = "ssh", .what = "'ssh'", KEY_ROWS(ssh_keys)};

static void host_ssh(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_host *host = into;
	const struct yaml_node *value = pair->value;

	host->ssh.stated = true;
	host->ssh.at = pair->key->at;
	if (value->kind == YAML_MAPPING)
		keys_read(parser, value, &parse_ssh_table, &host->ssh);
	else if (strcmp(value->text, "none") == 0)
		host->ssh.none = true;
	else
		diag_error(parser->diags, CODE_UNKNOWN_VALUE, value->at,
			   "'ssh' takes none or a mapping, not '%s'", value->text)
			->help =
			"write ssh: {} for an ordinary sshd, ssh: {user: NAME, port: 2222} "
			"to say more";
}

static void read_address(struct parser *parser, const struct yaml_node *scalar,
			 struct doc_interface *interface)
{
	struct doc_address address = {.at = scalar->at};
	struct fault fault;

	if (!parse_scalar(parser, scalar, "an address"))
		return;
	if (!address_read(scalar->text, parser->arena, &address.address, &fault)) {
		parse_fault(parser, scalar, &fault);
		return;
	}
	*(struct doc_address *)arena_push(parser->arena, &interface->addresses,
					  &interface->address_count, sizeof(address)) = address;
}

/* value: the addresses, or NULL. */
static void read_interface(struct parser *parser, const struct yaml_node *name,
			   const struct yaml_node *value, struct doc_host *host)
{
	struct doc_interface *interface;
	struct word vlan;

	if (!parse_reference(parser, name, "a VLAN", &vlan)) {
		host->broken = true;
		return;
	}
	interface = arena_push(parser->arena, &host->interfaces, &host->interface_count,
			       sizeof(*interface));
	interface->vlan = vlan;
	for (size_t i = 0; value && i < parse_item_count(value); i++)
		read_address(parser, parse_item(value, i), interface);
}

static void host_vlans(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	const struct yaml_node *value = pair->value;
	struct doc_host *host = into;

	if (value->kind != YAML_MAPPING) {
		for (size_t i = 0;
		     i < parse_item_count(value) && parse_room(parser, i, pair->key->at); i++)
			read_interface(parser, parse_item(value, i), NULL, host);
		return;
	}
	for (size_t i = 0; i < value->count && parse_room(parser, i, pair->key->at); i++) {
		const struct yaml_pair *vlan = &value->pairs[i];

		if (vlan->key->reported)
			continue;
		if (parse_kind(parser, vlan, KEY_ONE_OR_MORE, "VLAN: ADDRESS"))
			read_interface(parser, vlan->key, vlan->value, host);
		else
			host->broken = true;
	}
}

static const struct key host_keys[] = {
	{"vlans", host_vlans, NULL, "The VLANs that the host is on.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "addresses"},
	{"ssh", host_ssh, "ssh: none, or ssh: {user: NAME, port: 22}",
	 "How to log in to the host: a mapping of the keys of ssh, or the word none.",
	 .kinds = YAML_SCALAR | YAML_MAPPING, .item = "none", .mapping = "ssh"},
	{"services", host_services, "services: {NAME: PORT}", "What listens on the host, by name.",
	 .kinds = YAML_MAPPING, .mapping = "services"},
	KEY_LATER_ROW("at"),
	KEY_LATER_ROW("sshd"),
	KEY_LATER_ROW("relay"),
	KEY_LATER_ROW("keys"),
	KEY_LATER_ROW("jump"),
	KEY_LATER_ROW("trust"),
	KEY_LATER_ROW("cost"),
};

const struct key_table parse_host_table = {
	.name = "host",
	.what = "a host",
	KEY_ROWS(host_keys),
	.advice = "; VLANs stand under 'vlans'",
};

/* null, one VLAN, a list of VLANs, or a mapping of host_keys. */
static void read_host(struct parser *parser, const struct yaml_node *name,
		      const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_host *host =
		arena_push(parser->arena, &document->hosts, &document->host_count, sizeof(*host));

	host->name = parse_new_name(parser, name);
	host->ssh.port = 22;
	if (value && value->kind == YAML_MAPPING)
		host->broken |= !keys_read(parser, value, &parse_host_table, host);
	else if (value)
		host_vlans(parser, &(struct yaml_pair){name, value}, host);
}

void parse_hosts(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	if (!parse_entries(parser, pair->value, "a host", read_host))
		parser->document->hosts_broken = true;
}
