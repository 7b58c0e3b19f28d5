#include "cmd/commands.h"

#include <string.h>

#include "exec/lab/service/git_command.h"
#include "exec/place/place_look.h"
#include "exec/ssh/holder.h"
#include "exec/supervisor/supervisor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct command *const commands[] = {
	&command_check, &command_config, &command_list,   &command_plan,    &command_export,
	&command_up,    &command_down,   &command_status, &command_restart, &command_reload,
	&command_logs,  &command_lab,    &command_schema, &command_help,    &command_version,
};

/* What people may look for: the manual of a later version, or a habit from there. */
static const char *const planned[] = {
	"init",   "explain", "draw",  "run",    "port",       "ssh",
	"doctor", "proxy",   "learn", "import", "completion",
};

static const struct role roles[] = {
	{"--supervisor", supervisor_main},
	{"--holder", holder_main},
	{"--places", place_look_main},
	{"--lab-git", lab_git_main},
};

const struct command *const *commands_all(size_t *ret_count)
{
	*ret_count = COUNT(commands);
	return commands;
}

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
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
