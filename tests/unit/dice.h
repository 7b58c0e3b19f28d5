/*
 * Dice: numbers that are the same at each run, for tests that make their input at random.
 */
#ifndef TUNPLAN_TESTS_UNIT_DICE_H
#define TUNPLAN_TESTS_UNIT_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Returns a number below sides. */
static inline unsigned roll(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice->state >> 33) % sides;
}

/* Whether something that is so in so many of a hundred cases is so now. */
static inline bool chance(struct dice *dice, unsigned percent)
{
	return roll(dice, 100) < percent;
}

/* Makes dice that have nothing in common with those of the next seed. */
static inline struct dice dice_of(uint64_t seed)
{
	struct dice dice = {(seed + 1) * 0x9e3779b97f4a7c15u};

	for (int i = 0; i < 4; i++)
		roll(&dice, 2);
	return dice;
}

#endif
