#include "topology/validate/validate.h"

#include <string.h>

#include "topology/diag/codes.h"

/* Errors behind which no more suggestions are looked for. */
#define SUGGESTED_MAX 100

bool validate_may_suggest(const struct validator *validator)
{
	return validator->diags->errors <= SUGGESTED_MAX;
}

void validate_suggest(struct validator *validator, struct diag *diag, const char *best,
		      struct span at)
{
	diag_help(validator->diags, diag, "did you mean '%s'?", best);
	diag->related = at;
}

bool validate_is_broken(const struct validator *validator, size_t host)
{
	return host < validator->document->host_count && validator->document->hosts[host].broken;
}

/* --- names that refer to something */

/* The order in which kinds are named, and in which one of equally near names is suggested. */
static const enum index_kind spoken[INDEX_KINDS] = {INDEX_HOSTS,   INDEX_VLANS,  INDEX_SETS,
						    INDEX_TUNNELS, INDEX_GROUPS, INDEX_PLACES};

/* "host", "host or VLAN", "host, VLAN or set" */
static const char *kinds_text(struct validator *validator, unsigned kinds)
{
	const char *text = "";

	for (size_t i = 0; i < INDEX_KINDS; i++) {
		const char *comma = *text ? ", " : "";

		if (!(kinds & INDEX_BIT(spoken[i])))
			continue;
		kinds &= ~INDEX_BIT(spoken[i]);
		text = arena_format(validator->scratch, "%s%s%s", text,
				    *text && !kinds ? " or " : comma, index_word(spoken[i]));
	}
	return text;
}

/* Suggests the nearest name of some kinds; false when none is near. */
static bool suggest_name(struct validator *validator, struct diag *diag, const char *wanted,
			 unsigned kinds)
{
	const struct topology *topology = validator->topology;
	struct suggest suggest;
	struct span at = {0};

	if (!validate_may_suggest(validator))
		return false;
	suggest_init(&suggest, wanted);
	for (size_t i = 0; i < INDEX_KINDS; i++) {
		const char *before = suggest.best;

		if (!(kinds & INDEX_BIT(spoken[i])))
			continue;
		index_offer(topology, spoken[i], &suggest);
		if (suggest.best != before)
			at = index_item(topology, spoken[i], suggest.index)->at;
	}
	if (suggest.best)
		validate_suggest(validator, diag, suggest.best, at);
	return suggest.best != NULL;
}

/* What to do when no name is near. Perhaps it is the name of something else. */
static void help_unknown(struct validator *validator, struct diag *diag, const char *name,
			 unsigned kinds)
{
	const unsigned network = index_namespace(INDEX_HOSTS);

	if (kinds & INDEX_BIT(INDEX_TUNNELS)) {
		diag->help = "name a tunnel, a group, or a pattern with * or ?";
		return;
	}
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		if (!(network & ~kinds & INDEX_BIT(kind)) ||
		    index_find(validator->topology, kind, name) == TOPOLOGY_NONE)
			continue;
		diag_help(validator->diags, diag, "'%s' is a %s; name a %s", name, index_word(kind),
			  kinds_text(validator, kinds));
		return;
	}
	if (kinds & INDEX_BIT(INDEX_SETS))
		diag->help = "an end of a rule is any, a host, a VLAN, HOST@VLAN, a set or a range "
			     "such as 10.0.0.0/8";
	else if (kinds == INDEX_BIT(INDEX_VLANS))
		diag->help = "name it under 'vlans:', or use the name of a VLAN that is there";
	else
		diag->help = "name it under 'hosts:', or use the name of a host that is there";
}

/* Whether things of some kinds may exist that could not be read. */
static bool are_broken(const struct document *document, unsigned kinds)
{
	return (kinds & INDEX_BIT(INDEX_HOSTS) && document->hosts_broken) ||
	       (kinds & INDEX_BIT(INDEX_VLANS) && document->vlans_broken) ||
	       (kinds & INDEX_BIT(INDEX_SETS) && document->sets_broken) ||
	       (kinds & INDEX_BIT(INDEX_TUNNELS) && document->tunnels_broken);
}

static struct diag *report_unknown(struct validator *validator, struct word name, unsigned kinds,
				   const char *code, struct referrer referrer)
{
	const char *kinds_words = kinds_text(validator, kinds);

	if (!referrer.name)
		return diag_error(validator->diags, code, name.at, "%s %s unknown %s '%s'",
				  referrer.what, referrer.verb, kinds_words, name.text);
	return diag_error(validator->diags, code, name.at, "%s '%s' %s unknown %s '%s'",
			  referrer.what, referrer.name, referrer.verb, kinds_words, name.text);
}

bool validate_any(struct validator *validator, struct word name, unsigned kinds, const char *code,
		  struct referrer referrer, enum index_kind *ret_kind, size_t *ret_index)
{
	struct diag *diag;

	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		const size_t index = kinds & INDEX_BIT(kind)
					     ? index_find(validator->topology, kind, name.text)
					     : TOPOLOGY_NONE;

		if (index == TOPOLOGY_NONE)
			continue;
		*ret_kind = kind;
		*ret_index = index;
		return true;
	}
	if (are_broken(validator->document, kinds))
		return false;
	diag = report_unknown(validator, name, kinds, code, referrer);
	if (!suggest_name(validator, diag, name.text, kinds))
		help_unknown(validator, diag, name.text, kinds);
	return false;
}

size_t validate_host(struct validator *validator, struct word host, struct referrer referrer)
{
	size_t index = TOPOLOGY_NONE;
	enum index_kind kind;

	validate_any(validator, host, INDEX_BIT(INDEX_HOSTS), CODE_UNKNOWN_HOST, referrer, &kind,
		     &index);
	return index;
}

size_t validate_vlan(struct validator *validator, struct word vlan, struct referrer referrer)
{
	struct found_vlan *found = &validator->found[(uintptr_t)vlan.text / 8 % FOUND_VLANS];
	size_t index = TOPOLOGY_NONE;
	enum index_kind kind;

	if (found->text == vlan.text)
		return found->index;
	if (validate_any(validator, vlan, INDEX_BIT(INDEX_VLANS), CODE_UNKNOWN_VLAN, referrer,
			 &kind, &index))
		*found = (struct found_vlan){vlan.text, index};
	return index;
}

/* Whether a host may be on a VLAN at some place: it is me, or the file does not say who is. */
static bool may_be_at_place(const struct topology *topology, size_t host, size_t vlan)
{
	if (topology->me != TOPOLOGY_NONE && topology->me != host)
		return false;
	for (size_t i = 0; i < topology->place_count; i++) {
		for (size_t j = 0; j < topology->places[i].interface_count; j++) {
			if (topology->places[i].interfaces[j].vlan == vlan)
				return true;
		}
	}
	return false;
}

bool validate_on_vlan(struct validator *validator, size_t host, size_t vlan, struct span at)
{
	const struct topology *topology = validator->topology;
	const struct host *there = &topology->hosts[host];
	struct diag *diag;

	if (host_interface(there, vlan) || may_be_at_place(topology, host, vlan))
		return true;
	if (validate_is_broken(validator, host))
		return false;
	diag = diag_error(validator->diags, CODE_NOT_ON_VLAN, at, "'%s' is not on VLAN '%s'",
			  there->name, topology->vlans[vlan].name);
	diag->help = "name one of the VLANs of the host, or add this one to it";
	diag->related = there->at;
	return false;
}

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

BEGINS_WITH_WORD(struct doc_vlan);
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
	validate_allowed_lints(&validator);
	return topology;
}
