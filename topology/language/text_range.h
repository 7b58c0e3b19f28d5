/*
 * Text range: a text that stands for several, "node[001-128]" or "10.1.0.[1-128]".
 *
 * The numbers are decimal; each is written with at least as many digits as the first one has.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_TEXT_RANGE_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_TEXT_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/base/arena.h"

/* Most texts that one range stands for. */
#define TEXT_RANGE_MAX 100000

struct text_range {
	const char *text; /* all of it */
	size_t open;      /* bytes before '[' */
	size_t behind;    /* bytes up to and with ']' */
	uint32_t first;   /* number */
	uint32_t count;   /* at least 1 */
	int width;        /* least digits of a number */
};

/*
 * Whether a text has the form of a range: one [FIRST-LAST], of at most nine digits each, with FIRST not
 * above LAST and at most TEXT_RANGE_MAX numbers. The range keeps the text.
 */
bool text_range_read(const char *text, struct text_range *ret_range);

/* Returns text number index, in arena. */
const char *text_range_item(const struct text_range *range, uint32_t index, struct arena *arena);

#endif
