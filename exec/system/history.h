/*
 * History: the last transitions of one state machine, oldest first, with their times. Of fixed
 * size, so a machine that flaps for weeks takes no more memory than one that never does.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_HISTORY_H
#define TUNPLAN_EXEC_SYSTEM_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_MAX 16

struct history_entry {
	const char *state; /* the state that was entered; static */
	uint64_t at_ms;    /* monotonic */
};

/* Owned by its machine; a zeroed one is empty. */
struct history {
	struct history_entry entries[HISTORY_MAX];
	size_t count; /* moves ever made; the last HISTORY_MAX of them are kept */
};

/* Notes that a state (a static name) was entered. */
void history_add(struct history *history, const char *state, uint64_t at_ms);

/* Returns how many moves are kept. */
size_t history_kept(const struct history *history);

/* Returns a kept move, 0 being the oldest; index must be below history_kept(). */
const struct history_entry *history_at(const struct history *history, size_t index);

/* Returns when the present state was entered, or 0 when nothing ever happened. */
uint64_t history_since_ms(const struct history *history);

#endif
