/*
 * lab status, lab list: which labs there are, and whether their hosts answer.
 *
 * Both fill structs first and then print them, as text or as JSON, so that the two cannot differ.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/lab_commands.h"
#include "cmd/lab_found.h"
#include "cmd/result.h"
#include "exec/lab/build.h"
#include "exec/lab/lab_check.h"
#include "exec/lab/service/service.h"

/* Something that should listen on a host. */
struct listener {
	const char *name; /* "ssh", or the service's */
	const char *kind; /* "sshd", or the kind of service */
	struct lab_listen listen;
	bool answers;
};

/* A host as it was found. */
struct host_state {
	const struct lab_node *node;
	struct lab_process_id process;
	bool alive;
	bool stale; /* it sees the machine's files in place of its own */
	struct listener *listeners;
	size_t listener_count;
};

/* --- finding out ----------------------------------------------------------------------------- */

static void listener_add(struct host_state *state, const char *name, const char *kind,
			 struct lab_listen listen, struct arena *arena)
{
	struct listener *listener = arena_push(arena, &state->listeners, &state->listener_count,
					       sizeof(*state->listeners));

	*listener = (struct listener){.name = name, .kind = kind, .listen = listen};
}

static void listeners_ask(const struct lab_found *found, struct host_state *state,
			  struct arena *arena)
{
	struct lab_exec_target entry = {
		.lab = &found->lab, .node = state->node, .agent = state->process};
	struct lab_listen *listens = arena_array(arena, state->listener_count, sizeof(*listens));
	bool *answers = arena_array(arena, state->listener_count, sizeof(*answers));
	int error;

	for (size_t l = 0; l < state->listener_count; l++)
		listens[l] = state->listeners[l].listen;
	error = lab_check_listeners(&entry, listens, state->listener_count, answers);

	state->stale = error == -ESTALE;
	state->alive = error == 0 || state->stale;
	for (size_t l = 0; l < state->listener_count; l++)
		state->listeners[l].answers = answers[l];
}

static void host_find(const struct lab_found *found, size_t index, struct host_state *state,
		      struct arena *arena)
{
	const struct host *host = &found->lab.network->topology->hosts[index];

	*state = (struct host_state){.node = &found->lab.network->nodes[index],
				     .process = found->record.nodes[index]};
	state->alive = lab_process_id_alive(&state->process);
	if (!host->ssh->none)
		listener_add(state, "ssh", "sshd", lab_listen_any(host->ssh->port), arena);
	for (size_t s = 0; s < host->service_count; s++)
		listener_add(state, host->services[s].name,
			     lab_service_kind(host->services[s].lab)->name,
			     lab_listen_service(state->node, &host->services[s], arena), arena);
	if (state->alive)
		listeners_ask(found, state, arena);
}

/* --- status as text -------------------------------------------------------------------------- */

/* Appends a duration as people say it: the one unit that matters. */
static void add_age(double age_s, struct strbuf *text)
{
	static const struct {
		double unit_s;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};

	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		if (age_s < units[u].unit_s && u + 1 < sizeof(units) / sizeof(units[0]))
			continue;
		strbuf_printf(text, "up for %.0f %s", age_s / units[u].unit_s, units[u].name);
		return;
	}
}

static void add_listeners(const struct host_state *state, struct strbuf *text)
{
	if (!state->alive)
		strbuf_printf(text, "  its process has ended");
	if (state->stale)
		strbuf_printf(text,
			      "  sees the machine's files: tunplan lab down, then tunplan lab up");
	for (size_t l = 0; state->alive && !state->stale && l < state->listener_count; l++) {
		const struct listener *listener = &state->listeners[l];

		strbuf_printf(text, "%s%s:", l == 0 ? "  " : ", ", listener->name);
		if (listener->listen.socket)
			strbuf_printf(text, "%s", listener->listen.socket);
		else
			strbuf_printf(text, "%u", (unsigned)listener->listen.port);
		if (strcmp(listener->kind, listener->name) != 0 &&
		    strcmp(listener->kind, "sshd") != 0)
			strbuf_printf(text, " (%s)", listener->kind);
		if (!listener->answers)
			strbuf_printf(text, " silent");
	}
}

/* How wide the columns are. */
struct widths {
	int vlan;
	int host;
	int address;
};

static void widen(int *width, const char *text)
{
	int length = (int)strlen(text);

	*width = length > *width ? length : *width;
}

static const char *addresses_text(const struct lab_leg *leg, struct arena *arena)
{
	const char *text = "";

	for (size_t a = 0; a < leg->address_count; a++)
		text = arena_format(arena, "%s%s%s", text, a > 0 ? " " : "",
				    leg->addresses[a].address.text);
	return text;
}

static struct widths widths_find(const struct lab_network *network, struct arena *arena)
{
	struct widths widths = {0};

	for (size_t v = 0; v < network->topology->vlan_count; v++)
		widen(&widths.vlan, network->topology->vlans[v].name);
	for (size_t h = 0; h < network->topology->host_count; h++) {
		const struct lab_node *node = &network->nodes[h];

		widen(&widths.host, node->name);
		for (size_t l = 0; l < node->leg_count; l++)
			widen(&widths.address, addresses_text(&node->legs[l], arena));
	}
	return widths;
}

/* Appends one line of a band; what a host answers stands where the host is met first. */
static void add_row(const struct widths *widths, const char *vlan, const struct host_state *state,
		    const struct lab_leg *leg, struct arena *arena, struct strbuf *text)
{
	strbuf_printf(text, "%-*s  %-*s  %-*s", widths->vlan, vlan, widths->host, state->node->name,
		      widths->address, leg ? addresses_text(leg, arena) : "");
	if (!leg || leg == &state->node->legs[0])
		add_listeners(state, text);
	strbuf_puts(text, "\n");
}

static void add_status(const struct lab_found *found, const struct host_state *states,
		       struct arena *arena, struct strbuf *text)
{
	const struct topology *topology = found->lab.network->topology;
	struct widths widths = widths_find(found->lab.network, arena);

	strbuf_printf(text, "%s: ", found->record.file);
	add_age(lab_process_id_age_s(&found->record.init), text);
	strbuf_printf(text, ", %zu host%s, %zu rule%s\n", topology->host_count,
		      topology->host_count == 1 ? "" : "s", topology->rule_count,
		      topology->rule_count == 1 ? "" : "s");
	for (size_t v = 0; v < topology->vlan_count; v++) {
		const char *name = topology->vlans[v].name;

		for (size_t h = 0; h < topology->host_count; h++) {
			const struct lab_leg *leg = lab_node_leg(states[h].node, v);

			if (!leg)
				continue;
			add_row(&widths, name, &states[h], leg, arena, text);
			name = "";
		}
	}
	for (size_t h = 0; h < topology->host_count; h++)
		if (states[h].node->leg_count == 0)
			add_row(&widths, "", &states[h], NULL, arena, text);
}

/* --- status as JSON -------------------------------------------------------------------------- */

static json_t *interfaces_json(const struct lab_found *found, const struct lab_node *node)
{
	json_t *interfaces = json_array();

	for (size_t l = 0; l < node->leg_count; l++) {
		const struct lab_leg *leg = &node->legs[l];
		json_t *addresses = json_array();

		for (size_t a = 0; a < leg->address_count; a++)
			json_array_append_new(addresses,
					      json_string(leg->addresses[a].address.text));
		json_array_append_new(interfaces,
				      json_pack("{ss so}", "vlan",
						found->lab.network->topology->vlans[leg->vlan].name,
						"addresses", addresses));
	}
	return interfaces;
}

static json_t *listeners_json(const struct host_state *state)
{
	json_t *listeners = json_array();

	for (size_t l = 0; l < state->listener_count; l++) {
		const struct listener *listener = &state->listeners[l];

		json_t *object = json_pack("{ss ss sb}", "name", listener->name, "kind",
					   listener->kind, "answers", (int)listener->answers);

		if (listener->listen.socket)
			json_object_set_new(object, "socket", json_string(listener->listen.socket));
		else
			json_object_set_new(object, "port", json_integer(listener->listen.port));
		json_array_append_new(listeners, object);
	}
	return listeners;
}

static const char *host_word(const struct host_state *state)
{
	return !state->alive ? "lost" : state->stale ? "stale" : "up";
}

static json_t *status_json(const struct lab_found *found, const struct host_state *states)
{
	const struct topology *topology = found->lab.network->topology;
	json_t *hosts = json_array();

	for (size_t h = 0; h < topology->host_count; h++)
		json_array_append_new(hosts,
				      json_pack("{ss ss sI so so}", "name", states[h].node->name,
						"state", host_word(&states[h]), "pid",
						(json_int_t)states[h].process.pid, "interfaces",
						interfaces_json(found, states[h].node), "listeners",
						listeners_json(&states[h])));
	return json_pack("{ss ss sI sf sI so}", "file", found->record.file, "state", "up", "pid",
			 (json_int_t)found->record.init.pid, "up_s",
			 lab_process_id_age_s(&found->record.init), "rules",
			 (json_int_t)topology->rule_count, "hosts", hosts);
}

/* Everything is there and answers. */
static bool all_well(const struct host_state *states, size_t count)
{
	for (size_t h = 0; h < count; h++) {
		if (!states[h].alive || states[h].stale)
			return false;
		for (size_t l = 0; l < states[h].listener_count; l++)
			if (!states[h].listeners[l].answers)
				return false;
	}
	return true;
}

int lab_status(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};
	struct lab_found found;
	struct host_state *states;
	size_t count;
	int status;

	(void)argc;
	(void)argv;
	status = lab_find_alive(cli, &found);
	if (status == EXIT_DONE) {
		count = found.lab.network->topology->host_count;
		states = arena_array(&found.arena, count, sizeof(*states));
		for (size_t h = 0; h < count; h++)
			host_find(&found, h, &states[h], &found.arena);
		if (cli->json)
			result_add_json(status_json(&found, states), &text);
		else
			add_status(&found, states, &found.arena, &text);
		result_print(&text);
		status = all_well(states, count) ? EXIT_DONE : EXIT_FAILED;
	}
	lab_found_finish(&found);
	return status;
}

/* --- list ------------------------------------------------------------------------------------ */

static json_t *lab_json(const struct lab_record *record)
{
	bool alive = lab_record_alive(record);

	return json_pack("{ss ss sI sI sf}", "file", record->file, "state", alive ? "up" : "lost",
			 "pid", (json_int_t)record->init.pid, "nodes",
			 (json_int_t)record->node_count, "up_s",
			 alive ? lab_process_id_age_s(&record->init) : 0.0);
}

static void add_lab(const struct lab_record *record, struct strbuf *text)
{
	strbuf_printf(text, "%s: ", record->file);
	if (lab_record_alive(record))
		add_age(lab_process_id_age_s(&record->init), text);
	else
		strbuf_printf(text,
			      "it was killed; `tunplan lab down` removes what is recorded of it");
	strbuf_puts(text, "\n");
}

int lab_list(struct cli *cli, int argc, char **argv)
{
	struct lab_problem problem = {""};
	struct strbuf text = {0};
	struct arena arena = {0};
	struct lab_record *records;
	json_t *labs = json_array();
	size_t count = 0;

	(void)argc;
	(void)argv;
	if (lab_record_all(&arena, &records, &count, &problem) < 0)
		cli_error("%s", problem.text);
	for (size_t r = 0; r < count; r++) {
		if (cli->json)
			json_array_append_new(labs, lab_json(&records[r]));
		else
			add_lab(&records[r], &text);
		lab_record_finish(&records[r]);
	}
	if (cli->json)
		result_add_json(json_pack("{sO}", "labs", labs), &text);
	result_print(&text);
	json_decref(labs);
	arena_finish(&arena);
	return problem.text[0] ? EXIT_FAILED : EXIT_DONE;
}
