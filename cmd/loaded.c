#include "cmd/loaded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/find_file.h"
#include "cmd/load_files.h"
#include "cmd/locate.h"
#include "topology/base/memory.h"
#include "topology/print/print.h"

/* So many of the tunnels that are left out are named. */
#define SPOILED_NAMED_MAX 5

bool loaded_find_file(const struct cli *cli, struct strbuf *ret_path)
{
	if (find_file(cli->file, ret_path))
		return true;
	cli_error(
		"no topology: no -f, no $TUNPLAN_FILE, and no tunplan.yaml here, in a parent "
		"directory\nor in ~/.config/tunplan. One begins like this:\n\n"
		"    tunplan: 1\n"
		"    me: laptop\n"
		"    vlans: [internet, office]\n"
		"    hosts: {laptop: [internet], bastion: [internet, office], intranet: [office]}\n"
		"    tunnels:\n"
		"      web: 8080 -> intranet:80\n");
	return false;
}

int loaded_read_file(const struct cli *cli, const char *path, struct loaded *ret_loaded,
		     struct diag_list *ret_diags, const char **ret_reason)
{
	struct load_file first;
	struct load_input input;

	memset(ret_loaded, 0, sizeof(*ret_loaded));
	/* The topology keeps pointing at its sources, wherever the caller moves ret_loaded to. */
	ret_loaded->sources = arena_alloc(&ret_loaded->arena, sizeof(*ret_loaded->sources));
	ret_loaded->me = TOPOLOGY_NONE;
	diag_list_init(ret_diags, &ret_loaded->arena);
	load_files_input(cli->trust_file, &input);
	load_files_first(path, cli->trust_file, &ret_loaded->arena, &first);
	ret_loaded->name = first.name;
	*ret_reason = first.refused;
	if (first.refused)
		return EXIT_TOPOLOGY;
	ret_loaded->path = strcmp(path, "-") == 0 ? NULL : memory_found(realpath(path, NULL));
	return topology_load(&first, &input, ret_loaded->sources, &ret_loaded->arena, ret_diags,
			     &ret_loaded->topology)
		       ? EXIT_DONE
		       : EXIT_TOPOLOGY;
}

/* Says which tunnels are left out: what else is asked of the file does not need them. */
static void note_spoiled(const struct loaded *loaded)
{
	const struct topology *topology = loaded->topology;
	struct strbuf names = {0};

	for (size_t i = 0; i < topology->spoiled_count && i < SPOILED_NAMED_MAX; i++)
		strbuf_printf(&names, "%s%s", i ? ", " : "", topology->spoiled[i]);
	if (topology->spoiled_count > SPOILED_NAMED_MAX)
		strbuf_printf(&names, " and %zu more", topology->spoiled_count - SPOILED_NAMED_MAX);
	if (names.length)
		cli_note("%s: left out, each for an error of its own (`tunplan check` shows it): "
			 "%s",
			 loaded->name, strbuf_text(&names));
	strbuf_finish(&names);
}

/* Finds the host that somebody named as this machine; origin says who did. */
static int set_me(struct loaded *loaded, const char *origin, const char *name)
{
	const char *near = topology_suggest_host(loaded->topology, name);

	loaded->me = topology_host(loaded->topology, name);
	if (loaded->me != TOPOLOGY_NONE)
		return EXIT_DONE;
	if (near)
		cli_error("%s: %s has no host '%s'; did you mean '%s'?", origin, loaded->name, name,
			  near);
	else
		cli_error("%s: %s has no host '%s'", origin, loaded->name, name);
	return EXIT_USAGE;
}

/* A machine is the host of its name: the whole one ("gw.example.org"), else the first label. */
static size_t host_of_this_machine(const struct topology *topology)
{
	char name[256];
	size_t host;

	if (gethostname(name, sizeof(name)))
		return TOPOLOGY_NONE;
	name[sizeof(name) - 1] = '\0';
	host = topology_host(topology, name);
	if (host != TOPOLOGY_NONE)
		return host;
	name[strcspn(name, ".")] = '\0';
	return topology_host(topology, name);
}

static int resolve_me(const struct cli *cli, struct loaded *loaded)
{
	const char *environment = getenv("TUNPLAN_ME");

	if (cli->me)
		return set_me(loaded, "--me", cli->me);
	if (environment && *environment)
		return set_me(loaded, "TUNPLAN_ME", environment);
	loaded->me = loaded->topology->me;
	if (loaded->me == TOPOLOGY_NONE)
		loaded->me = host_of_this_machine(loaded->topology);
	return EXIT_DONE;
}

/* A program is told the errors without their carets: as many as a person is shown. */
static void keep_errors(const struct loaded *loaded, const struct diag_list *diags)
{
	struct arena arena = {0};

	for (size_t i = 0; i < diags->count && i < DIAG_SHOWN_MAX; i++) {
		const struct diag *diag = &diags->items[i];
		const char *at = sources_text(loaded->sources, diag->at, &arena);

		if (diag->level == DIAG_ERROR)
			cli_keep(arena_format(&arena, "%s%s%s [%s]", at ? at : "", at ? ": " : "",
					      diag->message, diag->code),
				 diag->help);
	}
	arena_finish(&arena);
}

void loaded_print_diags(const struct cli *cli, const struct loaded *loaded,
			const struct diag_list *diags)
{
	struct strbuf text = {0};

	diag_render(diags, loaded->sources, cli_color(cli, STDERR_FILENO), &text);
	cli_print(strbuf_text(&text));
	strbuf_finish(&text);
	keep_errors(loaded, diags);
}

int loaded_read(const struct cli *cli, struct loaded *ret_loaded)
{
	struct loaded loaded;
	struct diag_list diags;
	struct strbuf path = {0};
	const char *reason;
	int status;

	if (!loaded_find_file(cli, &path))
		return EXIT_TOPOLOGY;
	status = loaded_read_file(cli, strbuf_text(&path), &loaded, &diags, &reason);
	strbuf_finish(&path);
	if (reason)
		cli_error("%s: %s", loaded.name, reason);
	else if (status == EXIT_DONE)
		note_spoiled(&loaded);
	else
		loaded_print_diags(cli, &loaded, &diags);
	loaded.spoiling = diags;
	if (status == EXIT_DONE)
		status = resolve_me(cli, &loaded);
	if (status == EXIT_DONE)
		status = locate_said(cli, &loaded);
	loaded.here = loaded.topology;
	if (status == EXIT_DONE)
		*ret_loaded = loaded;
	else
		loaded_finish(&loaded);
	return status;
}

int loaded_refuse_spoiled(const struct cli *cli, struct loaded *loaded, const char *tunnel)
{
	struct diag_list diags;

	diag_of_tunnel(&loaded->spoiling, tunnel, &loaded->arena, &diags);
	loaded_print_diags(cli, loaded, &diags);
	return EXIT_TOPOLOGY;
}

const char *loaded_text(struct loaded *loaded)
{
	struct strbuf text = {0};
	const char *copy;

	topology_print(loaded->topology, false, &text);
	copy = arena_copy(&loaded->arena, strbuf_text(&text), text.length);
	strbuf_finish(&text);
	return copy;
}

void loaded_finish(struct loaded *loaded)
{
	free(loaded->path);
	arena_finish(&loaded->arena);
	memset(loaded, 0, sizeof(*loaded));
}

size_t loaded_require_me(const struct loaded *loaded)
{
	if (loaded->me == TOPOLOGY_NONE)
		cli_error(
			"which host of %s is this machine? Say --me HOST, set TUNPLAN_ME, or write "
			"`me: HOST` into the file",
			loaded->name);
	return loaded->me;
}
