#include "planner/search/trails.h"

void trails_init(struct trails *trails, const struct goal *goal, struct arena *arena)
{
	*trails = (struct trails){
		.lists = {.arena = arena},
		.best = {.arena = arena},
		.goal = goal,
		.arena = arena,
	};
}

/* Returns the number of the list of hosts on which a label is. */
static uint32_t number_of(struct trails *trails, const struct label *label)
{
	const struct known_key key = {label->parent->trail, label->host};
	uint32_t **number = (uint32_t **)known_at(&trails->lists, key);

	if (!*number) {
		*number = arena_alloc(trails->arena, sizeof(**number));
		**number = ++trails->count;
	}
	return **number;
}

static struct label **best_of(struct trails *trails, const struct label *label)
{
	const uint32_t pieces = trails->goal->joint_count ? label->pieces : 0;
	const struct known_key key = {label->trail, (uint64_t)label->client << 32 | pieces};

	return (struct label **)known_at(&trails->best, key);
}

bool trails_keep(struct trails *trails, struct label *label)
{
	const struct topology *topology = trails->goal->network_index->topology;
	struct label **best;

	label->trail = number_of(trails, label);
	best = best_of(trails, label);
	if (*best && label_compare(topology, label, *best) >= 0)
		return false;
	*best = label;
	return true;
}

bool trails_has(struct trails *trails, const struct label *label)
{
	return !label->parent || *best_of(trails, label) == label;
}
