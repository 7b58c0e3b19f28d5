#include "cmd/commands.h"

#include <string.h>

#include "exec/lab/service/git_command.h"
#include "exec/ssh/holder.h"
#include "exec/supervisor/supervisor.h"
#include "topology/diag/suggest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct command commands[] = {
	{"check", "[--strict] [FILE…]",
	 "reports all errors in topologies, and warns about probable mistakes", cmd_check,
	 "  --strict   warnings, too, make the exit status 3\n"
	 "Without FILE it checks the topology that the other commands would use; `-` is standard\n"
	 "input. Errors and warnings go to standard error with the line and a caret; with --json\n"
	 "the same facts go to standard output, one object per file. `allow_lints: [L011]` in the\n"
	 "file silences a warning.\n"},
	{"config", "", "prints the whole topology in canonical form, with the origin of each part",
	 cmd_config,
	 "All included files are in it, variables have their values, and every list is a list. It "
	 "can\n"
	 "be loaded again. With --json, the same as one object.\n"},
	{"list", "[--long]", "names the tunnels and groups", cmd_list,
	 "On a terminal, or with --long, each name is followed by its ends: ingress -> egress.\n"},
	{"plan", "[--alternatives N] [--without HOST]… [--spof] TUNNEL…",
	 "shows the chain of a tunnel, who can read what, and the plain commands", cmd_plan,
	 "TUNNEL is a name, group or pattern of the file; \"7999 -> HOST/SERVICE\", an egress "
	 "alone\n"
	 "(its ingress is `auto`), or a host (a login) that need not be in it.\n"
	 "  --alternatives N   also the N next paths, and the hosts that no path can do without\n"
	 "  --without HOST     plan as if the host were down\n"
	 "  --spof             names the hosts whose loss breaks a tunnel; without TUNNEL, of all\n"
	 "Nothing is started. Exit 4 means that there is no path; then it shows the nearest one "
	 "with\n"
	 "every change it needs, and each host that was considered, with the reason against it.\n"},
	{"export", "script TUNNEL", "prints a tunnel as a shell script that needs only ssh",
	 cmd_export,
	 "  export script   a POSIX shell script that brings the tunnel up, stays in the "
	 "foreground,\n"
	 "                  and takes it down at Ctrl-C\n"
	 "Nothing is started. Exit 4 means that there is no path, as with `plan`.\n"},
	{"up", "TUNNEL…", "brings tunnels up and prints where each is entered", cmd_up,
	 "  --dry-run     plan and show, start nothing\n"
	 "  --no-wait     return once the supervisor has taken over\n"
	 "  --timeout S   give up after that many seconds\n"
	 "Progress per hop goes to standard error, each ingress to standard output. It returns "
	 "when a\n"
	 "probe through the chain has reached the egress; exit 5 means up, but the egress is "
	 "silent.\n"},
	{"down", "TUNNEL…", "takes tunnels down and leaves nothing behind", cmd_down,
	 "  --all         all tunnels of this topology\n"
	 "  --all-files   all tunnels of all topologies\n"},
	{"status", "[TUNNEL…]", "shows the state of tunnels and of each of their hops", cmd_status,
	 "  --all-files   also the tunnels of other topologies\n"
	 "With TUNNEL, exit 1 means that not all of them are up.\n"},
	{"lab", "up|down|exec|shell|status|list|check",
	 "builds the topology on this machine, to try it", cmd_lab,
	 "  lab up                 namespaces as hosts, with real sshds and services; you are\n"
	 "                         where --place says, else at the places without `when`\n"
	 "  lab exec HOST -- CMD   runs a command on a host; its exit status is the command's\n"
	 "  lab shell [HOST]       a shell on a host (`me` of the file)\n"
	 "  lab status, lab list   the hosts of this lab; all labs\n"
	 "  lab check              whether labs can be made on this machine\n"
	 "  lab down               takes it down, also what a killed lab left\n"},
	{"schema", "", "prints a JSON Schema of the topology, for editors", cmd_schema,
	 "Draft-07. An editor with a YAML language server completes and checks keys with it:\n"
	 "  tunplan schema >tunplan.schema.json\n"
	 "and, as the first line of the topology:\n"
	 "  # yaml-language-server: $schema=tunplan.schema.json\n"},
	{"help", "[COMMAND]", "explains a command", cmd_help, NULL},
	{"version", "", "prints the version", cmd_version, NULL},
};

/* What people may look for: the manual of a later version, or a habit from there. */
static const char *const planned[] = {
	"init", "explain", "draw",  "restart", "run",  "port",   "reload",
	"ssh",  "doctor",  "proxy", "learn",   "logs", "import", "completion",
};

static const struct role roles[] = {
	{"--supervisor", supervisor_main},
	{"--holder", holder_main},
	{"--lab-git", lab_git_main},
};

const struct command *commands_all(size_t *ret_count)
{
	*ret_count = COUNT(commands);
	return commands;
}

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

const char *commands_suggest(const char *name)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < COUNT(commands); i++)
		suggest_offer(&suggest, commands[i].name, i);
	return suggest.best;
}

bool commands_is_planned(const char *name)
{
	for (size_t i = 0; i < COUNT(planned); i++) {
		if (strcmp(planned[i], name) == 0)
			return true;
	}
	return false;
}

const struct role *roles_find(const char *flag)
{
	for (size_t i = 0; i < COUNT(roles); i++) {
		if (strcmp(roles[i].flag, flag) == 0)
			return &roles[i];
	}
	return NULL;
}
