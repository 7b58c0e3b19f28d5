/*
 * list: prints the names of tunnels and groups. In a pipe, names only, one per line; on a terminal
 * (or with --long), each with its ends.
 */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cmd/endpoint_text.h"
#include "cmd/loaded.h"
#include "cmd/options.h"
#include "cmd/result.h"

struct list_options {
	bool with_ends; /* --long */
};

/* Width of the column of names: that of the longest, within reason. */
static int name_width(const struct topology *topology)
{
	size_t width = 0;

	for (size_t i = 0; i < topology->tunnel_count; i++) {
		size_t length = strlen(topology->tunnels[i].name);

		if (length > width)
			width = length;
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		size_t length = strlen(topology->groups[i].name);

		if (length > width)
			width = length;
	}
	return width < 32 ? (int)width : 32;
}

static void add_tunnel(const struct topology *topology, const struct tunnel *tunnel, int width,
		       struct strbuf *text)
{
	for (size_t i = 0; i < tunnel->forward_count; i++) {
		strbuf_printf(text, "%-*s  ", width, i ? "" : tunnel->name);
		ingress_text(topology, &tunnel->forwards[i].ingress, text);
		strbuf_puts(text, " -> ");
		egress_text(topology, &tunnel->forwards[i].egress, text);
		if (i == 0 && tunnel->via_count)
			strbuf_puts(text, " via");
		for (size_t j = 0; i == 0 && j < tunnel->via_count; j++)
			strbuf_printf(text, " %s", stop_name(topology, &tunnel->via[j]));
		strbuf_puts(text, "\n");
	}
}

static void add_group(const struct topology *topology, const struct group *group, int width,
		      struct strbuf *text)
{
	strbuf_printf(text, "%-*s  =", width, group->name);
	for (size_t i = 0; i < group->tunnel_count; i++)
		strbuf_printf(text, " %s", topology->tunnels[group->tunnels[i]].name);
	strbuf_puts(text, "\n");
}

static void add_long(const struct topology *topology, struct strbuf *text)
{
	int width = name_width(topology);

	for (size_t i = 0; i < topology->tunnel_count; i++)
		add_tunnel(topology, &topology->tunnels[i], width, text);
	for (size_t i = 0; i < topology->group_count; i++)
		add_group(topology, &topology->groups[i], width, text);
}

static void add_names(const struct topology *topology, struct strbuf *text)
{
	for (size_t i = 0; i < topology->tunnel_count; i++)
		strbuf_printf(text, "%s\n", topology->tunnels[i].name);
	for (size_t i = 0; i < topology->group_count; i++)
		strbuf_printf(text, "%s\n", topology->groups[i].name);
}

static json_t *forward_json(const struct topology *topology, const struct forward *forward)
{
	struct strbuf ingress = {0};
	struct strbuf egress = {0};
	json_t *object;

	ingress_text(topology, &forward->ingress, &ingress);
	egress_text(topology, &forward->egress, &egress);
	object = json_pack("{ss ss}", "ingress", strbuf_text(&ingress), "egress",
			   strbuf_text(&egress));
	strbuf_finish(&ingress);
	strbuf_finish(&egress);
	return object;
}

static json_t *tunnel_json(const struct topology *topology, const struct tunnel *tunnel)
{
	json_t *forwards = json_array();
	json_t *via = json_array();

	for (size_t i = 0; i < tunnel->forward_count; i++)
		json_array_append_new(forwards, forward_json(topology, &tunnel->forwards[i]));
	for (size_t i = 0; i < tunnel->via_count; i++)
		json_array_append_new(via, json_string(stop_name(topology, &tunnel->via[i])));
	return json_pack("{ss so so}", "name", tunnel->name, "forwards", forwards, "via", via);
}

static json_t *group_json(const struct topology *topology, const struct group *group)
{
	json_t *names = json_array();

	for (size_t i = 0; i < group->tunnel_count; i++) {
		const char *name = topology->tunnels[group->tunnels[i]].name;

		json_array_append_new(names, json_string(name));
	}
	return json_pack("{ss so}", "name", group->name, "tunnels", names);
}

static void add_json(const struct loaded *loaded, struct strbuf *text)
{
	const struct topology *topology = loaded->topology;
	json_t *tunnels = json_array();
	json_t *groups = json_array();

	for (size_t i = 0; i < topology->tunnel_count; i++)
		json_array_append_new(tunnels, tunnel_json(topology, &topology->tunnels[i]));
	for (size_t i = 0; i < topology->group_count; i++)
		json_array_append_new(groups, group_json(topology, &topology->groups[i]));
	result_add_json(
		json_pack("{ss so so}", "file", loaded->path, "tunnels", tunnels, "groups", groups),
		text);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct list_options given = {.with_ends = isatty(STDOUT_FILENO)};
	struct strbuf text = {0};
	struct loaded loaded;
	int status = options_take(&command_list, &given, &argc, argv);

	if (status == EXIT_DONE)
		status = loaded_read(cli, &loaded);
	if (status != EXIT_DONE)
		return status;
	if (cli->json)
		add_json(&loaded, &text);
	else if (given.with_ends)
		add_long(loaded.topology, &text);
	else
		add_names(loaded.topology, &text);
	result_print(&text);
	loaded_finish(&loaded);
	return EXIT_DONE;
}

static const struct option options[] = {
	{"--long", .offset = offsetof(struct list_options, with_ends)},
	{0},
};

const struct command command_list = {"list", run, 0, options};
