/* `via` and `exit`: the hosts that the path of a tunnel passes or ends on, by their names or by a set's. */
#include "topology/validate/validate_parts.h"

#include <stdlib.h>
#include <string.h>

#include "topology/diag/codes.h"

bool validate_is_me(const struct word *word)
{
	return word->text && strcmp(word->text, "me") == 0;
}

void validate_no_ssh(struct validator *validator, struct span at, size_t host, const char *why)
{
	const struct host *there = &validator->topology->hosts[host];
	struct diag *diag = diag_error(validator->diags, CODE_NO_SSH, at, "'%s' has no sshd, so %s",
				       there->name, why);

	diag->related = there->ssh->at;
	diag->related_text = "it says 'ssh: none' here";
	diag->help = "choose another host, or say ssh: {} if it has an sshd";
}

static int compare_indexes(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

/* Adds the hosts of a set, those without an sshd as well: no path passes them. Says which is no host. */
static void add_members(struct validator *validator, struct word name, const struct set *set,
			struct stop *stop)
{
	size_t kept = 0;
	bool any = false;

	stop->hosts = arena_array(validator->arena, set->end_count, sizeof(*stop->hosts));
	for (size_t i = 0; i < set->end_count; i++) {
		struct diag *diag;

		if (set->ends[i].kind == RULE_HOST) {
			stop->hosts[stop->count++] = set->ends[i].host;
			any |= !validator->topology->hosts[set->ends[i].host].ssh->none;
			continue;
		}
		diag = diag_error(validator->diags, CODE_NO_STOP, name.at,
				  "a path cannot pass set '%s': not all of it are hosts",
				  set->name);
		diag->help = "name a set of hosts alone";
		diag->related = set->at;
		return;
	}
	if (stop->count && !any)
		validate_no_ssh(validator, name.at, stop->hosts[0],
				"like the rest of the set it cannot be a hop");
	if (stop->count)
		qsort(stop->hosts, stop->count, sizeof(*stop->hosts), compare_indexes);
	for (size_t i = 0; i < stop->count; i++)
		if (!kept || stop->hosts[kept - 1] != stop->hosts[i])
			stop->hosts[kept++] = stop->hosts[i];
	stop->count = kept;
}

struct stop validate_stop(struct validator *validator, struct word name, const char *tunnel,
			  const char *verb)
{
	const struct referrer referrer = {"tunnel", tunnel, verb};
	const unsigned kinds = INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_SETS);
	struct stop stop = {.set = TOPOLOGY_NONE};
	enum index_kind kind;
	size_t index;

	if (validate_is_me(&name)) {
		diag_error(validator->diags, CODE_ME, name.at,
			   "'me' cannot be a hop: every tunnel begins there")
			->help = "name the hosts behind it";
	} else if (!validate_any(validator, name, kinds, CODE_UNKNOWN_HOST, referrer, &kind,
				 &index)) {
		return stop;
	} else if (kind == INDEX_SETS) {
		stop.set = index;
		add_members(validator, name, &validator->topology->sets[index], &stop);
	} else {
		stop.hosts = arena_alloc(validator->arena, sizeof(*stop.hosts));
		stop.hosts[stop.count++] = index;
		if (validator->topology->hosts[index].ssh->none)
			validate_no_ssh(validator, name.at, index, "it cannot be a hop");
	}
	return stop;
}
