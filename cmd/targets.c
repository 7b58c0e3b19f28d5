#include "cmd/targets.h"

#include <string.h>

#include "cmd/pattern.h"
#include "topology/adhoc.h"

/* Adds a tunnel, unless it is there. */
static void add(struct loaded *loaded, const struct tunnel *tunnel, struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->tunnels[i] == tunnel)
			return;
	*(const struct tunnel **)arena_push(&loaded->arena, &targets->tunnels, &targets->count,
					    sizeof(void *)) = tunnel;
}

/* Returns whether the group has any tunnel, and be it one that is left out. */
static bool add_group(struct loaded *loaded, const struct group *group, struct targets *targets)
{
	targets->incomplete |= group->incomplete;
	for (size_t i = 0; i < group->tunnel_count; i++)
		add(loaded, &loaded->topology->tunnels[group->tunnels[i]], targets);
	return group->tunnel_count > 0 || group->incomplete;
}

/* Adds all tunnels and groups whose names match; returns whether any did. */
static bool add_pattern(struct loaded *loaded, const char *pattern, struct targets *targets)
{
	const struct topology *topology = loaded->topology;
	bool any = false;

	for (size_t i = 0; i < topology->tunnel_count; i++) {
		if (pattern_matches(pattern, topology->tunnels[i].name)) {
			add(loaded, &topology->tunnels[i], targets);
			any = true;
		}
	}
	for (size_t i = 0; i < topology->spoiled_count; i++)
		any |= targets->incomplete |= pattern_matches(pattern, topology->spoiled[i]);
	for (size_t i = 0; i < topology->group_count; i++) {
		if (pattern_matches(pattern, topology->groups[i].name))
			any |= add_group(loaded, &topology->groups[i], targets);
	}
	return any;
}

static bool add_name(struct loaded *loaded, const char *name, struct targets *targets)
{
	const struct topology *topology = loaded->topology;
	const struct group *group = topology_group(topology, name);
	const size_t tunnel = topology_tunnel(topology, name);

	if (group)
		return add_group(loaded, group, targets);
	if (tunnel == TOPOLOGY_NONE)
		return pattern_is(name) && add_pattern(loaded, name, targets);
	add(loaded, &topology->tunnels[tunnel], targets);
	return true;
}

/* Says why a name stands for nothing. adhoc: the name of a host would have done. */
static int unknown_tunnel(const struct loaded *loaded, const char *name, bool adhoc)
{
	const char *near = topology_suggest_tunnel(loaded->topology, name);
	const char *host = adhoc ? topology_suggest_host(loaded->topology, name) : NULL;
	size_t length = strlen(name);

	if (length && name[length - 1] == '-')
		cli_error("'%s' ends in '-': the shell took the rest for a redirection; quote it, "
			  "as in \"8080 -> HOST/SERVICE\"",
			  name);
	else if (strstr(name, "->"))
		cli_error("'%s': this version takes names only; write it into %s under `tunnels:`",
			  name, loaded->name);
	else if (topology_group(loaded->topology, name))
		cli_error("the group '%s' of %s has no tunnel: nothing matches what it lists", name,
			  loaded->name);
	else if (topology_host(loaded->topology, name) != TOPOLOGY_NONE)
		cli_error("%s has no tunnel '%s', which is a host; `tunplan plan %s` shows how to "
			  "reach "
			  "it",
			  loaded->name, name, name);
	else if (near)
		cli_error("%s has no tunnel '%s'; did you mean '%s'?", loaded->name, name, near);
	else if (host)
		cli_error("%s has no tunnel or host '%s'; did you mean the host '%s'?",
			  loaded->name, name, host);
	else if (pattern_is(name))
		cli_error("no tunnel of %s matches '%s'", loaded->name, name);
	else
		cli_error("%s has no tunnel '%s'; `tunplan list` names them", loaded->name, name);
	return EXIT_USAGE;
}

/*
 * Whether a word is meant as an end or a whole tunnel, and not as a name that is mistyped, or as a pattern:
 * brackets are those of an IPv6 address where a port stands behind them.
 */
static bool is_notation(const struct topology *topology, const char *word)
{
	const bool pattern = pattern_is(word) && !(*word == '[' && strstr(word, "]:"));

	return !topology_group(topology, word) &&
	       (topology_host(topology, word) != TOPOLOGY_NONE || strstr(word, "->") ||
		(!pattern && strpbrk(word, "/:@")));
}

static int add_adhoc(const struct cli *cli, struct loaded *loaded, const char *word,
		     struct targets *targets)
{
	const struct tunnel *tunnel;
	struct diag_list diags;

	diag_list_init(&diags, &loaded->arena);
	if (!adhoc_tunnel(word, loaded->topology, loaded->sources, &loaded->arena, &diags,
			  &tunnel)) {
		diag_sort(&diags);
		loaded_print_diags(cli, loaded, &diags);
		return EXIT_USAGE;
	}
	add(loaded, tunnel, targets);
	return EXIT_DONE;
}

int targets_find(const struct cli *cli, struct loaded *loaded, char **words, size_t word_count,
		 bool adhoc, struct targets *ret_targets)
{
	struct targets targets = {0};
	int status = EXIT_DONE;

	for (size_t i = 0; i < word_count; i++) {
		if (add_name(loaded, words[i], &targets))
			continue;
		if (topology_spoils(loaded->topology, words[i]))
			status = loaded_refuse_spoiled(cli, loaded, words[i]);
		else if (!adhoc || !is_notation(loaded->topology, words[i]))
			status = unknown_tunnel(loaded, words[i], adhoc);
		else if (add_adhoc(cli, loaded, words[i], &targets) != EXIT_DONE)
			status = EXIT_USAGE;
	}
	if (status == EXIT_DONE)
		*ret_targets = targets;
	return status;
}

int targets_hosts(struct loaded *loaded, const char *const *names, size_t name_count,
		  size_t **ret_hosts)
{
	const struct topology *topology = loaded->topology;
	size_t *hosts = arena_array(&loaded->arena, name_count, sizeof(*hosts));

	for (size_t i = 0; i < name_count; i++) {
		const char *near = topology_suggest_host(topology, names[i]);

		hosts[i] = topology_host(topology, names[i]);
		if (hosts[i] != TOPOLOGY_NONE)
			continue;
		if (near)
			cli_error("%s has no host '%s'; did you mean '%s'?", loaded->name, names[i],
				  near);
		else
			cli_error("%s has no host '%s'", loaded->name, names[i]);
		return EXIT_USAGE;
	}
	*ret_hosts = hosts;
	return EXIT_DONE;
}
