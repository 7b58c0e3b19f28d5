/*
 * Shuffles the keys of every mapping of a YAML text in block style, in which each key is on a line
 * of its own with its value indented under it: the order of keys must not matter.
 */
#ifndef TUNPLAN_TESTS_RANDOM_SHUFFLE_H
#define TUNPLAN_TESTS_RANDOM_SHUFFLE_H

#include "tests/random/dice.h"
#include "topology/base/strbuf.h"

/* Appends a stretch of lines with its mappings shuffled; the first line's indent is that of its keys. */
void shuffle_blocks(struct dice *dice, const char *text, size_t length, struct strbuf *out);

#endif
