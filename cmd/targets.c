#include "cmd/targets.h"

#include <string.h>

#include "cmd/pattern.h"
#include "topology/adhoc.h"
#include "topology/model/index.h"

struct targets {
	const struct cli *cli;
	struct loaded *loaded;
	const struct tunnel **tunnels;
	size_t count;
};

static void add(struct targets *targets, const struct tunnel *tunnel)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->tunnels[i] == tunnel)
			return;
	*(const struct tunnel **)arena_push(&targets->loaded->arena, &targets->tunnels,
					    &targets->count, sizeof(void *)) = tunnel;
}

/* Whether a word is meant as an end or a whole tunnel, and not as a name that is mistyped. */
static bool is_notation(const struct topology *topology, const char *word)
{
	return topology_host(topology, word) != TOPOLOGY_NONE || strpbrk(word, "/:@") ||
	       strstr(word, "->");
}

static bool is_of_the_file(const struct topology *topology, const char *word)
{
	return topology_tunnel(topology, word) != TOPOLOGY_NONE || topology_group(topology, word) ||
	       pattern_is(word);
}

static int add_adhoc(struct targets *targets, const char *word)
{
	struct loaded *loaded = targets->loaded;
	const struct tunnel *tunnel;
	struct diag_list diags;

	diag_list_init(&diags, &loaded->arena);
	if (!adhoc_tunnel(word, loaded->topology, loaded->sources, &loaded->arena, &diags,
			  &tunnel)) {
		diag_sort(&diags);
		loaded_print_diags(targets->cli, loaded, &diags);
		return EXIT_USAGE;
	}
	add(targets, tunnel);
	return EXIT_DONE;
}

static int add_word(struct targets *targets, char *word)
{
	const struct topology *topology = targets->loaded->topology;
	size_t *tunnels, count;
	int status;

	if (!is_of_the_file(topology, word) && is_notation(topology, word))
		return add_adhoc(targets, word);
	status = loaded_tunnels(targets->loaded, &word, 1, &tunnels, &count);
	for (size_t i = 0; status == EXIT_DONE && i < count; i++)
		add(targets, &topology->tunnels[tunnels[i]]);
	return status;
}

int targets_find(const struct cli *cli, struct loaded *loaded, char **words, size_t word_count,
		 const struct tunnel ***ret_tunnels, size_t *ret_count)
{
	struct targets targets = {.cli = cli, .loaded = loaded};
	int status = EXIT_DONE;

	for (size_t i = 0; i < word_count; i++)
		if (add_word(&targets, words[i]) != EXIT_DONE)
			status = EXIT_USAGE;
	*ret_tunnels = targets.tunnels;
	*ret_count = targets.count;
	return status;
}

int targets_hosts(struct loaded *loaded, const char *const *names, size_t name_count,
		  size_t **ret_hosts)
{
	const struct topology *topology = loaded->topology;
	size_t *hosts = arena_array(&loaded->arena, name_count, sizeof(*hosts));

	for (size_t i = 0; i < name_count; i++) {
		struct suggest suggest;

		hosts[i] = topology_host(topology, names[i]);
		if (hosts[i] != TOPOLOGY_NONE)
			continue;
		suggest_init(&suggest, names[i]);
		index_offer(topology, INDEX_HOSTS, &suggest);
		if (suggest.best)
			cli_error("%s has no host '%s'; did you mean '%s'?", loaded->name, names[i],
				  suggest.best);
		else
			cli_error("%s has no host '%s'", loaded->name, names[i]);
		return EXIT_USAGE;
	}
	*ret_hosts = hosts;
	return EXIT_DONE;
}
