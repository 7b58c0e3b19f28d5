/*
 * SET@VLAN: an end of a rule that stands for each member of a set at one VLAN.
 *
 * It becomes a set of HOST@VLAN, behind the sets of the file, so that nobody who reads rules needs to
 * know of it. Rules that name the same SET@VLAN share one such set.
 */
#include "topology/validate/validate_parts.h"

#include "topology/diag/codes.h"

/* Members of sets looked at, in all: a set counts again for each VLAN. Some 60 MB of ends at most. */
#define WORK_MAX ((size_t)1000 * 1000)

static size_t *bucket_of(struct validator *validator, size_t set, size_t vlan)
{
	return &validator->at_vlan.heads[(set * 31 + vlan) % SET_AT_BUCKETS];
}

/* Returns the SET@VLAN that was made before, or NULL. */
static const struct set_at_vlan *find_made(struct validator *validator, size_t set, size_t vlan)
{
	const struct sets_at_vlan *at_vlan = &validator->at_vlan;
	size_t next = *bucket_of(validator, set, vlan);

	for (; next; next = at_vlan->made[next - 1].next) {
		const struct set_at_vlan *made = &at_vlan->made[next - 1];

		if (made->of == set && made->vlan == vlan)
			return made;
	}
	return NULL;
}

/* Returns its index among the sets of the topology; of a broken one TOPOLOGY_NONE. */
static size_t index_of(const struct validator *validator, const struct set_at_vlan *made)
{
	return made->broken
		       ? TOPOLOGY_NONE
		       : validator->topology->set_count + (size_t)(made - validator->at_vlan.made);
}

static size_t add_made(struct validator *validator, struct set_at_vlan made)
{
	struct sets_at_vlan *at_vlan = &validator->at_vlan;
	size_t *bucket = bucket_of(validator, made.of, made.vlan);

	made.next = *bucket;
	*ARENA_PUSH(validator->scratch, at_vlan->made, at_vlan->count) = made;
	*bucket = at_vlan->count;
	return index_of(validator, &at_vlan->made[at_vlan->count - 1]);
}

static bool has_room(struct validator *validator, const struct set *set, struct span at)
{
	struct sets_at_vlan *at_vlan = &validator->at_vlan;

	if (at_vlan->full)
		return false;
	at_vlan->work += set->end_count;
	at_vlan->full = at_vlan->work > WORK_MAX;
	if (at_vlan->full)
		diag_error(validator->diags, CODE_LIMIT_SETS, at,
			   "the sets at VLANs of this topology have more than %zu members in all",
			   WORK_MAX)
			->help = "use VLANs and ranges of addresses instead of large sets";
	return !at_vlan->full;
}

static void report_no_host(struct validator *validator, const struct set *set,
			   const struct rule_end *member, size_t vlan, struct span at)
{
	const struct topology *topology = validator->topology;
	const char *text = member->cidr.text;
	struct diag *diag;

	if (member->kind == RULE_VLAN)
		text = topology->vlans[member->vlan].name;
	else if (member->kind == RULE_HOST_AT_VLAN)
		text = arena_format(validator->scratch, "%s@%s", topology->hosts[member->host].name,
				    topology->vlans[member->vlan].name);
	diag = diag_error(validator->diags, CODE_NOT_ON_VLAN, at,
			  "'%s' of set '%s' does not stand for a host on VLAN '%s'", text,
			  set->name, topology->vlans[vlan].name);
	diag->help =
		"SET@VLAN is for sets of hosts that are all there; write a rule of its own for "
		"each other member";
	diag->related = set->at;
}

/* Whether a member of a set can be at a VLAN; says why not. */
static bool member_at(struct validator *validator, const struct set *set,
		      const struct rule_end *member, size_t vlan, struct span at)
{
	if (member->kind == RULE_HOST)
		return validate_on_vlan(validator, member->host, vlan, set->name, at);
	if (member->kind == RULE_HOST_AT_VLAN && member->vlan == vlan)
		return true;
	report_no_host(validator, set, member, vlan, at);
	return false;
}

size_t validate_set_at(struct validator *validator, size_t set, size_t vlan, const char *text,
		       struct span at)
{
	const struct set *from = &validator->topology->sets[set];
	struct set_at_vlan made = {.of = set, .vlan = vlan};
	const struct set_at_vlan *before = find_made(validator, set, vlan);

	if (before)
		return index_of(validator, before);
	if (!has_room(validator, from, at))
		return TOPOLOGY_NONE;
	made.set = (struct set){
		.name = arena_string(validator->arena, text),
		.at = from->at,
		.ends = arena_array(validator->arena, from->end_count, sizeof(*from->ends)),
		.at_vlan = true};
	for (size_t i = 0; i < from->end_count; i++) {
		if (member_at(validator, from, &from->ends[i], vlan, at))
			made.set.ends[made.set.end_count++] =
				(struct rule_end){.kind = RULE_HOST_AT_VLAN,
						  .host = from->ends[i].host,
						  .vlan = vlan,
						  .set = TOPOLOGY_NONE};
		else
			made.broken = true;
	}
	return add_made(validator, made);
}

void validate_sets_at_end(struct validator *validator)
{
	const struct sets_at_vlan *at_vlan = &validator->at_vlan;
	struct topology *topology = validator->topology;
	struct set *sets;

	if (at_vlan->count == 0)
		return;
	sets = arena_array(validator->arena, topology->set_count + at_vlan->count, sizeof(*sets));
	for (size_t i = 0; i < topology->set_count; i++)
		sets[i] = topology->sets[i];
	for (size_t i = 0; i < at_vlan->count; i++)
		sets[topology->set_count + i] = at_vlan->made[i].set;
	topology->sets = sets;
	topology->set_count += at_vlan->count;
}
