#include "topology/validate/validate_parts.h"

#include "topology/base/glob.h"
#include "topology/diag/codes.h"

/* Entries of groups, and tunnels compared with patterns, in all: seconds of work at most. */
#define WORK_MAX ((size_t)5 * 1000 * 1000)

/* How far the walk over the groups is with one of them. */
enum progress { UNSEEN, OPEN, DONE };

/* A group whose members are being looked at. */
struct visit {
	size_t group;
	size_t next; /* member */
};

struct walk {
	struct validator *validator;
	enum progress *progress; /* of each group */
	struct visit *stack;     /* the open groups; at most all of them */
	size_t depth;
	size_t *order; /* groups, every one behind those that it contains */
	size_t ordered;
	size_t *last_in; /* of each tunnel: 1 + the last group that took it */
	size_t work;
};

/* Returns the index of the group that a member names, or TOPOLOGY_NONE. */
static size_t group_index(const struct validator *validator, const char *name)
{
	const struct group *group = topology_group(validator->topology, name);

	if (!group || topology_tunnel(validator->topology, name) != TOPOLOGY_NONE)
		return TOPOLOGY_NONE;
	return (size_t)(group - validator->topology->groups);
}

static void report_cycle(struct walk *walk, struct word member, size_t group)
{
	const struct group *groups = walk->validator->topology->groups;
	const size_t within = walk->stack[walk->depth - 1].group;
	struct diag *diag;

	if (within == group)
		diag = diag_error(walk->validator->diags, CODE_GROUP_CYCLE, member.at,
				  "group '%s' contains itself", member.text);
	else
		diag = diag_error(walk->validator->diags, CODE_GROUP_CYCLE, member.at,
				  "group '%s' contains itself, through '%s'", member.text,
				  groups[within].name);
	diag->help = "take one of them out";
	diag->related = groups[group].at;
	diag->related_text = "the group begins here";
}

static void open_group(struct walk *walk, size_t group)
{
	walk->progress[group] = OPEN;
	walk->stack[walk->depth++] = (struct visit){group, 0};
}

/* Looks at the next member of the innermost open group, or closes the group. */
static void step(struct walk *walk)
{
	struct visit *visit = &walk->stack[walk->depth - 1];
	const struct doc_group *group = &walk->validator->document->groups[visit->group];
	struct word member;
	size_t inner;

	if (visit->next == group->members.count) {
		walk->progress[visit->group] = DONE;
		walk->order[walk->ordered++] = visit->group;
		walk->depth--;
		return;
	}
	member = group->members.items[visit->next++];
	inner = group_index(walk->validator, member.text);
	if (inner == TOPOLOGY_NONE)
		return;
	if (walk->progress[inner] == OPEN)
		report_cycle(walk, member, inner);
	else if (walk->progress[inner] == UNSEEN)
		open_group(walk, inner);
}

/* Depth first, without recursion: a file may nest groups as deep as it has groups. */
static void order_groups(struct walk *walk)
{
	for (size_t i = 0; i < walk->validator->document->group_count; i++) {
		if (walk->progress[i] == UNSEEN)
			open_group(walk, i);
		while (walk->depth)
			step(walk);
	}
}

static void add_tunnel(struct walk *walk, struct group *group, size_t tunnel)
{
	const size_t self = (size_t)(group - walk->validator->topology->groups) + 1;

	walk->work++;
	if (walk->last_in[tunnel] == self)
		return;
	walk->last_in[tunnel] = self;
	*ARENA_PUSH(walk->validator->arena, group->tunnels, group->tunnel_count) = tunnel;
}

/* A pattern may match nothing: what it is for may stand in a file that is not included here. */
static void add_matches(struct walk *walk, struct group *group, const char *pattern)
{
	const struct topology *topology = walk->validator->topology;

	walk->work += topology->tunnel_count;
	for (size_t i = 0; i < topology->tunnel_count; i++) {
		if (glob_matches(pattern, topology->tunnels[i].name))
			add_tunnel(walk, group, i);
	}
}

static void report_unknown(struct validator *validator, struct word member, const char *group)
{
	const struct referrer referrer = {"group", group, "contains"};
	const unsigned kinds = INDEX_BIT(INDEX_TUNNELS) | INDEX_BIT(INDEX_GROUPS);
	enum index_kind kind;
	size_t index;

	validate_any(validator, member, kinds, CODE_UNKNOWN_TUNNEL, referrer, &kind, &index);
}

static void add_member(struct walk *walk, struct group *group, struct word member)
{
	const struct topology *topology = walk->validator->topology;
	const size_t tunnel = topology_tunnel(topology, member.text);
	const size_t inner = group_index(walk->validator, member.text);

	if (glob_is(member.text)) {
		add_matches(walk, group, member.text);
	} else if (tunnel != TOPOLOGY_NONE) {
		add_tunnel(walk, group, tunnel);
	} else if (inner != TOPOLOGY_NONE) {
		for (size_t i = 0; i < topology->groups[inner].tunnel_count; i++)
			add_tunnel(walk, group, topology->groups[inner].tunnels[i]);
	} else {
		report_unknown(walk->validator, member, group->name);
	}
}

static void expand_groups(struct walk *walk)
{
	const struct document *document = walk->validator->document;

	for (size_t i = 0; i < walk->ordered; i++) {
		const struct doc_group *from = &document->groups[walk->order[i]];
		struct group *group = &walk->validator->topology->groups[walk->order[i]];

		for (size_t j = 0; j < from->members.count && walk->work <= WORK_MAX; j++)
			add_member(walk, group, from->members.items[j]);
		if (walk->work > WORK_MAX) {
			diag_error(walk->validator->diags, CODE_LIMIT_GROUPS, group->at,
				   "the groups up to this one stand for too many tunnels")
				->help = "use fewer patterns, or groups that nest less";
			return;
		}
	}
}

void validate_groups(struct validator *validator)
{
	const size_t groups = validator->document->group_count;
	struct walk walk = {.validator = validator};

	walk.progress = arena_array(validator->scratch, groups, sizeof(*walk.progress));
	walk.stack = arena_array(validator->scratch, groups, sizeof(*walk.stack));
	walk.order = arena_array(validator->scratch, groups, sizeof(*walk.order));
	walk.last_in = arena_array(validator->scratch, validator->topology->tunnel_count,
				   sizeof(*walk.last_in));
	order_groups(&walk);
	expand_groups(&walk);
}
