#include "topology/validate/validate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "topology/diag/codes.h"
#include "topology/validate/validate_parts.h"

/* --- names that are there twice */

static void report_taken(struct validator *validator, enum index_kind kind,
			 const struct named *thing, enum index_kind by, const struct named *first)
{
	struct diag *diag = diag_error(validator->diags, CODE_NAME_TAKEN, thing->at,
				       "this %s has the name of %s %s: '%s'", index_word(kind),
				       kind == by ? "another" : "a", index_word(by), thing->name);

	diag->help = "give one of the two another name";
	diag->related = first->at;
	diag->related_text = "first defined here";
}

/* Reports the things of a kind whose name one before them has. */
static void check_repeats(struct validator *validator, enum index_kind kind)
{
	const struct topology *topology = validator->topology;

	for (size_t i = 0; i < index_count(topology, kind); i++) {
		const struct named *thing = index_item(topology, kind, i);
		const size_t first = index_find(topology, kind, thing->name);

		if (first < i)
			report_taken(validator, kind, thing, kind,
				     index_item(topology, kind, first));
	}
}

/* Whether the name of a host has a capital letter. */
static bool has_capitals(const struct topology *topology)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < topology->host_count; i++) {
		if (strpbrk(topology->hosts[i].name, capitals))
			return true;
	}
	return false;
}

/* Hosts whose names differ in their case alone stand together, in the file's order. */
static int compare_cases(const void *left, const void *right)
{
	const struct host *a = *(const struct host *const *)left;
	const struct host *b = *(const struct host *const *)right;
	const int names = strcasecmp(a->name, b->name);

	return names ? names : (a > b) - (a < b);
}

static void report_case(struct validator *validator, const struct host *host,
			const struct host *first)
{
	struct diag *diag =
		diag_error(validator->diags, CODE_NAME_TAKEN, host->at,
			   "this host has the name of another host: '%s' and '%s' are one to "
			   "every resolver",
			   host->name, first->name);

	diag->help = "give one of the two another name, not only in another case";
	diag->related = first->at;
	diag->related_text = "first defined here";
}

/*
 * Reports the hosts whose name one before them has but for its case. ssh and every resolver take the two
 * for one (RFC 4343), so that a tunnel to either would lead to whichever machine has the name.
 */
static void check_case(struct validator *validator)
{
	const struct topology *topology = validator->topology;
	const struct host **hosts;
	size_t first = 0;

	if (!has_capitals(topology))
		return;
	hosts = arena_array(validator->scratch, topology->host_count, sizeof(void *));
	for (size_t i = 0; i < topology->host_count; i++)
		hosts[i] = &topology->hosts[i];
	qsort(hosts, topology->host_count, sizeof(void *), compare_cases);
	for (size_t i = 1; i < topology->host_count; i++) {
		if (strcasecmp(hosts[first]->name, hosts[i]->name) != 0)
			first = i;
		else if (topology_host(topology, hosts[i]->name) ==
			 (size_t)(hosts[i] - topology->hosts))
			report_case(validator, hosts[i], hosts[first]);
	}
}

/* Reports the things of a kind whose name one of another kind has. */
static void check_taken(struct validator *validator, enum index_kind kind, enum index_kind by)
{
	const struct topology *topology = validator->topology;

	for (size_t i = 0; i < index_count(topology, by); i++) {
		const struct named *first = index_item(topology, by, i);
		const size_t taken = index_find(topology, kind, first->name);

		if (taken != TOPOLOGY_NONE && index_find(topology, by, first->name) == i)
			report_taken(validator, kind, index_item(topology, kind, taken), by, first);
	}
}

static void check_names(struct validator *validator)
{
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		if (index_repeats(validator->topology, kind))
			check_repeats(validator, kind);
		for (enum index_kind by = 0; by < kind; by++) {
			if (index_namespace(kind) & INDEX_BIT(by) &&
			    index_count(validator->topology, kind))
				check_taken(validator, kind, by);
		}
	}
	check_case(validator);
}

/* --- the arrays, with nothing in them yet but names */

/* Where the things of a kind are in a document. Each begins with its name. */
struct declared {
	const void *items;
	size_t count;
	size_t size;
};

#define BEGINS_WITH_WORD(type) \
	_Static_assert(offsetof(type, name) == 0, "it does not begin with its name")

BEGINS_WITH_WORD(struct vlan);
BEGINS_WITH_WORD(struct doc_host);
BEGINS_WITH_WORD(struct doc_set);
BEGINS_WITH_WORD(struct doc_tunnel);
BEGINS_WITH_WORD(struct doc_group);
BEGINS_WITH_WORD(struct doc_place);

static void declare_names(struct topology *topology, const struct document *document,
			  struct arena *arena)
{
#define DECLARED(array, number)                                             \
	{                                                                   \
		document->array, document->number, sizeof(*document->array) \
	}
	const struct declared all[INDEX_KINDS] = {
		[INDEX_VLANS] = DECLARED(vlans, vlan_count),
		[INDEX_HOSTS] = DECLARED(hosts, host_count),
		[INDEX_SETS] = DECLARED(sets, set_count),
		[INDEX_TUNNELS] = DECLARED(tunnels, tunnel_count),
		[INDEX_GROUPS] = DECLARED(groups, group_count),
		[INDEX_PLACES] = DECLARED(places, place_count),
	};
#undef DECLARED

	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		index_make_array(topology, kind, all[kind].count, arena);
		for (size_t i = 0; i < all[kind].count; i++) {
			struct word word;

			memcpy(&word, (const unsigned char *)all[kind].items + i * all[kind].size,
			       sizeof(word));
			index_name(topology, kind, i, (struct named){word.text, word.at});
		}
	}
	index_create(topology, arena);
}

/* --- all of it */

static void validate_me(struct validator *validator)
{
	const struct word me = validator->document->me;
	const struct referrer referrer = {"'me'", NULL, "names"};

	validator->topology->me = TOPOLOGY_NONE;
	validator->topology->me_at = me.at;
	if (me.text)
		validator->topology->me = validate_host(validator, me, referrer);
}

struct topology *validate_document(const struct document *document, struct arena *arena,
				   struct arena *scratch, struct diag_list *diags)
{
	struct topology *topology = arena_alloc(arena, sizeof(*topology));
	struct validator validator = {.document = document,
				      .topology = topology,
				      .arena = arena,
				      .scratch = scratch,
				      .diags = diags};

	declare_names(topology, document, arena);
	check_names(&validator);
	validate_me(&validator);
	validate_vlans(&validator);
	validate_defaults(&validator);
	validate_places(&validator);
	validate_hosts(&validator);
	validate_sets(&validator);
	validate_rules(&validator);
	validate_tunnels(&validator);
	validate_groups(&validator);
	validate_spoiled(&validator);
	validate_allowed_lints(&validator);
	return topology;
}
