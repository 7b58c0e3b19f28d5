#include "topology/validate/validate_parts.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/name.h"

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
	struct address address;

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
	if (kinds == INDEX_BIT(INDEX_VLANS) &&
	    address_numeric(name, strlen(name), validator->scratch, &address))
		diag_help(validator->diags, diag, "an address stands behind its VLAN: {VLAN: %s}",
			  name);
	else if (kinds == network)
		diag->help = "an end of a rule is any, a host, a VLAN, HOST@VLAN, a set, SET@VLAN "
			     "or a range such as 10.0.0.0/8";
	else if (kinds == INDEX_BIT(INDEX_VLANS) && name_reserved(name))
		diag_help(validator->diags, diag,
			  "no VLAN can have this name: name one, or leave it "
			  "out, and '@' with it");
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

bool validate_on_vlan(struct validator *validator, size_t host, size_t vlan, const char *set,
		      struct span at)
{
	const struct topology *topology = validator->topology;
	const struct host *there = &topology->hosts[host];
	struct diag *diag;

	if (host_interface(there, vlan) || may_be_at_place(topology, host, vlan))
		return true;
	if (validate_is_broken(validator, host))
		return false;
	diag = diag_error(validator->diags, CODE_NOT_ON_VLAN, at, "'%s'%s%s%s is not on VLAN '%s'",
			  there->name, set ? " of set '" : "", set ? set : "", set ? "'" : "",
			  topology->vlans[vlan].name);
	diag->help = "name one of the VLANs of the host, or add this one to it";
	diag->related = there->at;
	return false;
}
