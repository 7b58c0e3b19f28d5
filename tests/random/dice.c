#include "tests/random/dice.h"

unsigned lists(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice->state >> 33) % sides;
}

bool chance(struct dice *dice, unsigned percent)
{
	return lists(dice, 100) < percent;
}

struct dice dice_of(uint64_t seed)
{
	struct dice dice = {(seed + 1) * 0x9e3779b97f4a7c15u};

	for (int i = 0; i < 4; i++)
		lists(&dice, 2);
	return dice;
}
