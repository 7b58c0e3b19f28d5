#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/parse.h"

/* A service that is being read, and whose it is. */
struct reading {
	struct doc_host *host;
	struct service service;
	size_t index;
	/* Where it says what it listens on; no place: it does not. */
	struct span port_at;
	struct span socket_at;
	struct span listen_at;
};

static void service_port(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_port(parser, pair->value, into);
}

static void service_socket(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	const char **path = into;
	struct fault fault;

	*path = parse_text(parser, pair->value);
	if (!name_socket(*path, pair->value->count, parser->scratch, &fault))
		parse_fault(parser, pair->value, &fault);
}

static const struct key_choice encryption_choices[] = {
	{"tls", SERVICE_TLS}, {"ssh", SERVICE_SSH}, {NULL, 0}};

static const struct key_choice lab_choices[] = {
	{"git", LAB_GIT},     {"http", LAB_HTTP}, {"https", LAB_HTTPS},
	{"proxy", LAB_PROXY}, {"imap", LAB_IMAP}, {NULL, 0},
};

/* any, loopback, or VLANs of the host. */
static void service_listen(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct reading *reading = into;
	const struct yaml_node *value = pair->value;
	const char *text = value->kind == YAML_SCALAR ? parse_text(parser, value) : "";
	struct doc_host_more *more;
	struct word_list vlans;

	if (strcmp(text, "any") == 0)
		return;
	if (strcmp(text, "loopback") == 0) {
		reading->service.listen = LISTEN_LOOPBACK;
		return;
	}
	if (value->kind == YAML_LIST && value->count == 0)
		diag_error(parser->diags, CODE_NOTHING, value->at, "it listens nowhere")->help =
			"write any, loopback, or [VLAN, VLAN]";
	parse_references(parser, value, "a VLAN", &vlans);
	reading->service.listen = LISTEN_VLANS;
	more = parse_more(parser, reading->host);
	for (size_t i = 0; i < vlans.count && parse_room(parser, i, pair->key->at); i++)
		*ARENA_PUSH(parser->scratch, more->listens, more->listen_count) =
			(struct doc_listen){reading->index, vlans.items[i]};
}

static void service_at(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct reading *reading = into;

	parse_at(parser, pair, reading->host, reading->index);
}

static const struct key keys[] = {
	{"port", service_port, "port: 443", "The TCP port that the service listens on.",
	 .kinds = YAML_SCALAR, .item = "port", .form = 1,
	 .into = offsetof(struct reading, service.port),
	 .noted = offsetof(struct reading, port_at)},
	{"socket", service_socket, "socket: /run/app.sock",
	 "The unix socket that the service listens on, instead of a port.", .kinds = YAML_SCALAR,
	 .item = "socket", .form = 2, .into = offsetof(struct reading, service.socket),
	 .noted = offsetof(struct reading, socket_at)},
	{"encrypted", NULL, "encrypted: tls",
	 "What encrypts the service's traffic from end to end.", .kinds = YAML_SCALAR,
	 .choices = encryption_choices, .into = offsetof(struct reading, service.encrypted)},
	{"listen", service_listen, "listen: loopback, or listen: [VLAN]",
	 "The addresses of its host that the service listens on.", .kinds = KEY_ONE_OR_MORE,
	 .item = "listen", .noted = offsetof(struct reading, listen_at)},
	{"at", service_at, "at: {VLAN: \"198.51.100.7:8080\"}",
	 "Other addresses at which the service can be reached.", .kinds = YAML_MAPPING,
	 .mapping = "publications"},
	{"lab", NULL, "lab: http", "The program that answers for the service in the lab.",
	 .kinds = YAML_SCALAR, .choices = lab_choices,
	 .into = offsetof(struct reading, service.lab)},
};

const struct key_table parse_service_table = {
	.name = "service", .what = "a service", KEY_ROWS(keys)};

/* A service listens at one place, and says so once. */
static void check_ends(struct parser *parser, const struct reading *reading)
{
	if (reading->port_at.at && reading->socket_at.at)
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, reading->socket_at,
			   "a service has a port or a socket, not both")
			->help = "make it two services";
	else if (reading->listen_at.at && reading->socket_at.at)
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, reading->listen_at,
			   "a socket has no addresses to listen on")
			->help = "drop 'listen'";
}

/* NAME: PORT, or NAME: {port, …}. It is there even when its port could not be read. */
static void read_service(struct parser *parser, const struct yaml_pair *pair, struct doc_host *host)
{
	const size_t index = host->service_count++;
	struct reading reading = {.host = host, .index = index};
	const struct yaml_node *value = pair->value;
	const size_t errors = parser->diags->errors;

	reading.service.name = parse_new_name(parser, pair->key).text;
	reading.service.at = pair->key->at;
	if (value->kind == YAML_MAPPING) {
		keys_read(parser, value, &parse_service_table, &reading);
		check_ends(parser, &reading);
	} else if (!parse_nothing(parser, value)) {
		reading.port_at = pair->key->at;
		parse_port(parser, value, &reading.service.port);
	}
	host->services[index] = reading.service;
	if (reading.port_at.at || reading.socket_at.at || value->reported ||
	    parser->diags->errors > errors)
		return;
	diag_error(parser->diags, CODE_KEY_MISSING, pair->key->at, "service '%s' has no port",
		   reading.service.name)
		->help = "write NAME: PORT, or NAME: {port: PORT}";
}

void parse_services(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_host *host = into;
	struct yaml_walk walk = yaml_walk(pair->value);
	struct yaml_pair service;
	size_t count = 0;

	host->services = arena_array(parser->arena, pair->value->count, sizeof(*host->services));
	while (yaml_next_pair(&walk, &service) && parse_room(parser, count++, pair->key->at)) {
		if (service.key->reported)
			continue;
		if (parse_kind(parser, &service, YAML_SCALAR | YAML_MAPPING, "NAME: PORT"))
			read_service(parser, &service, host);
		else
			host->broken = true;
	}
}
