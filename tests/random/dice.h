/* Dice: pseudo-random numbers that are the same in every run, for tests with random input. */
#ifndef TUNPLAN_TESTS_RANDOM_DICE_H
#define TUNPLAN_TESTS_RANDOM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Returns a number below sides. */
unsigned lists(struct dice *dice, unsigned sides);

/* Whether something that is so in so many of a hundred cases is so now. */
bool chance(struct dice *dice, unsigned percent);

/* Makes dice that have nothing in common with those of the next seed. */
struct dice dice_of(uint64_t seed);

#endif
