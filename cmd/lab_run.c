/* lab up, down, exec, shell, check: makes a lab, runs commands on its hosts, ends it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/lab_commands.h"
#include "cmd/lab_found.h"
#include "cmd/locate.h"
#include "cmd/result.h"
#include "exec/lab/build.h"
#include "exec/lab/lab_check.h"
#include "exec/lab/lab_exec.h"
#include "topology/base/memory.h"

static int problem_print(const struct lab_problem *problem)
{
	cli_error("%s", problem->text);
	return EXIT_FAILED;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Appends at which places me is, if the topology has any. */
static void add_places(const struct lab *lab, struct arena *arena, struct strbuf *text)
{
	const struct topology *topology = lab->network->topology;

	if (lab->me == TOPOLOGY_NONE)
		return;
	strbuf_printf(text, "  %s is at %s\n", topology->hosts[lab->me].name,
		      lab->where.count ? whereabouts_names(topology, &lab->where, ", ", arena)
				       : "no place of the file");
}

/* Says what there is, and to a person also what to do with it. */
static void up_print(struct lab_found *found, size_t me, double took_s)
{
	const struct topology *topology = found->lab.network->topology;
	const char *host = topology->hosts[me == TOPOLOGY_NONE ? 0 : me].name;
	struct strbuf text = {0};

	strbuf_printf(&text, "lab up: %zu host%s on %zu VLAN%s in %.2f s\n", topology->host_count,
		      topology->host_count == 1 ? "" : "s", topology->vlan_count,
		      topology->vlan_count == 1 ? "" : "s", took_s);
	add_places(&found->lab, &found->arena, &text);
	if (isatty(STDOUT_FILENO))
		strbuf_printf(&text,
			      "  tunplan lab shell %s          a shell on that host\n"
			      "  tunplan lab exec %s -- CMD    a command on it\n"
			      "  tunplan lab status%*s           the network, and what answers\n"
			      "  tunplan lab down%*s             the end of it\n",
			      host, host, (int)strlen(host), "", (int)strlen(host), "");
	result_print(&text);
}

/* Whether me is in the lab where it is to be. */
static bool same_places(const struct lab_found *found, struct loaded *loaded)
{
	const struct lab *lab = &found->lab;
	const char *names =
		whereabouts_names(loaded->topology, &loaded->where, ",", &loaded->arena);

	if (loaded->where.how == WHEREABOUTS_UNASKED)
		return lab->me == TOPOLOGY_NONE;
	return lab->me == loaded->me &&
	       strcmp(names, whereabouts_names(lab->network->topology, &lab->where, ",",
					       &loaded->arena)) == 0;
}

/* Whether a host sees the machine's files in place of its own. */
static bool is_stale(const struct lab_found *found)
{
	const struct lab_network *network = found->lab.network;

	for (size_t h = 0; h < network->topology->host_count; h++) {
		const struct lab_exec_target entry = {.lab = &found->lab,
						      .node = &network->nodes[h],
						      .agent = found->record.nodes[h]};

		if (lab_check_listeners(&entry, NULL, 0, NULL) == -ESTALE)
			return true;
	}
	return false;
}

/* There is one already: fine, unless it is not the one that is asked for. */
static int up_already(const struct lab_found *found, struct loaded *loaded)
{
	const char *text = loaded_text(loaded);
	bool same = strlen(text) == found->record.text_size &&
		    memcmp(text, found->record.text, found->record.text_size) == 0;

	if (is_stale(found)) {
		cli_error("the lab is up, but its hosts see the machine's files in place of their "
			  "own; to mend it: tunplan lab down, then tunplan lab up");
		return EXIT_FAILED;
	}
	if (same && same_places(found, loaded)) {
		printf("lab up: it was up already\n");
		return EXIT_DONE;
	}
	if (same)
		cli_error("the lab is up with %s at another place; to move it: tunplan lab down, "
			  "then tunplan lab up --place NAME",
			  loaded->topology->hosts[loaded->me].name);
	else
		cli_error("the lab is up as %s was before it changed; to apply the change: "
			  "tunplan lab down, then tunplan lab up",
			  loaded->name);
	return EXIT_FAILED;
}

/* Notes in the lab and its record who is where. */
static void me_place(struct lab_found *found, struct loaded *loaded)
{
	found->lab.me = TOPOLOGY_NONE;
	if (loaded->where.how == WHEREABOUTS_UNASKED || loaded->me == TOPOLOGY_NONE)
		return;
	found->lab.me = loaded->me;
	found->lab.where = loaded->where;
	found->record.me = loaded->topology->hosts[loaded->me].name;
	found->record.places = locate_names(loaded);
	found->record.place_count = loaded->where.count;
}

static int up_fresh(struct lab_found *found, struct loaded *loaded)
{
	struct lab_problem problem = {""};
	double start_s = now_s();
	const char *why;
	int error;

	if (loaded->topology->host_count == 0) {
		cli_error("%s has no hosts, so there is nothing to make a lab of", loaded->name);
		return EXIT_FAILED;
	}
	if (!lab_network_create(loaded->here, &found->arena, &found->lab.network, &why)) {
		cli_error("%s: %s", loaded->name, why);
		return EXIT_FAILED;
	}
	me_place(found, loaded);
	/* What is still recorded belongs to a lab that was killed. */
	lab_record_forget(&found->record);
	found->lab.file = loaded->path;
	found->record.text = loaded_text(loaded);
	found->record.text_size = strlen(found->record.text);
	error = lab_build(&found->lab, &found->record, &problem);
	if (error == 0)
		up_print(found, loaded->me, now_s() - start_s);
	else if (problem.text[0])
		problem_print(&problem);
	return error == 0 ? EXIT_DONE : problem.text[0] ? EXIT_FAILED : EXIT_INTERRUPTED;
}

int lab_up(struct cli *cli, int argc, char **argv)
{
	struct loaded loaded;
	struct lab_found found;
	int status;

	(void)argc;
	(void)argv;
	status = loaded_read(cli, &loaded);
	if (status != EXIT_DONE)
		return status;
	/* Who is said to be somewhere has to be somebody. */
	if (loaded.where.how != WHEREABOUTS_UNASKED &&
	    loaded_require_me(&loaded) == TOPOLOGY_NONE) {
		loaded_finish(&loaded);
		return EXIT_USAGE;
	}
	locate_me_in_lab(&loaded);
	status = lab_find(cli, LAB_CHANGE, &found);
	if (status == EXIT_DONE)
		status = found.alive ? up_already(&found, &loaded) : up_fresh(&found, &loaded);
	lab_found_finish(&found);
	loaded_finish(&loaded);
	return status;
}

int lab_down(struct cli *cli, int argc, char **argv)
{
	struct lab_problem problem = {""};
	struct lab_found found;
	int status;

	(void)argc;
	(void)argv;
	status = lab_find(cli, LAB_CHANGE, &found);
	if (status == EXIT_DONE && found.record.init.pid == 0)
		printf("lab down: there was none\n");
	else if (status == EXIT_DONE && lab_end(&found.record, &problem) < 0)
		status = problem_print(&problem);
	lab_found_finish(&found);
	return status;
}

/* Finds the host of that name in the lab; prints and returns NULL when it has none. */
static const struct lab_node *node_find(const struct lab_found *found, const char *name)
{
	const struct topology *topology = found->lab.network->topology;
	size_t host = topology_host(topology, name);
	const char *near = topology_suggest_host(topology, name);

	if (host != TOPOLOGY_NONE)
		return &found->lab.network->nodes[host];
	if (near)
		cli_error("the lab has no host '%s'; did you mean '%s'?", name, near);
	else
		cli_error("the lab has no host '%s'; `tunplan lab status` names them", name);
	return NULL;
}

/* Runs argv on a host; exit status by the rules of lab exec. */
static int run_on(const struct lab_found *found, const struct lab_node *node, const char *directory,
		  char *const *argv)
{
	struct lab_exec_target entry = {.lab = &found->lab, .node = node, .directory = directory};
	struct lab_problem problem = {""};
	int status;

	entry.agent = found->record.nodes[node->host];
	if (lab_exec_run(&entry, argv, &status, &problem) < 0) {
		cli_error("%s", problem.text);
		return EXIT_OURS;
	}
	return status;
}

int lab_exec(struct cli *cli, int argc, char **argv)
{
	const struct lab_node *node;
	struct lab_found found;
	char *directory;
	int first = argc > 2 && strcmp(argv[2], "--") == 0 ? 3 : 2, status = EXIT_OURS;

	if (argc <= first) {
		cli_usage("lab", "say where and what: tunplan lab exec HOST -- CMD");
		return EXIT_OURS;
	}
	if (lab_find_alive(cli, &found) == EXIT_DONE && (node = node_find(&found, argv[1]))) {
		directory = memory_found(getcwd(NULL, 0));
		status = run_on(&found, node, directory, &argv[first]);
		free(directory);
	}
	lab_found_finish(&found);
	return status;
}

/* Which host a person means who names none: the one that the file says is theirs. */
static const struct lab_node *node_of_me(const struct cli *cli, const struct lab_found *found)
{
	const struct topology *topology = found->lab.network->topology;
	const char *name = cli->me ? cli->me : getenv("TUNPLAN_ME");

	if (name && *name)
		return node_find(found, name);
	if (topology->me != TOPOLOGY_NONE)
		return &found->lab.network->nodes[topology->me];
	cli_error("on which host? Say tunplan lab shell HOST; the file has no `me:`");
	return NULL;
}

int lab_shell(struct cli *cli, int argc, char **argv)
{
	const struct lab_node *node = NULL;
	struct lab_found found;
	int status = EXIT_OURS;

	if (lab_find_alive(cli, &found) == EXIT_DONE)
		node = argc == 2 ? node_find(&found, argv[1]) : node_of_me(cli, &found);
	if (node) {
		char *shell = arena_string(&found.arena, found.lab.user.shell);
		char interactive[] = "-i";
		char *words[] = {shell, interactive, NULL};

		status = run_on(&found, node, NULL, words);
	}
	lab_found_finish(&found);
	return status;
}

int lab_check(struct cli *cli, int argc, char **argv)
{
	struct lab_problem problem = {""};

	(void)argc;
	(void)argv;
	if (lab_possible(&problem) < 0)
		return problem_print(&problem);
	if (cli->json)
		result_print_json(json_pack("{sb}", "possible", true));
	else
		printf("labs can be made here\n");
	return EXIT_DONE;
}
