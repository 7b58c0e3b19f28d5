#include "exec/system/history.h"

#include <assert.h>

void history_add(struct history *history, const char *state, uint64_t at_ms)
{
	struct history_entry *entry = &history->entries[history->count++ % HISTORY_MAX];

	entry->state = state;
	entry->at_ms = at_ms;
}

size_t history_kept(const struct history *history)
{
	return history->count < HISTORY_MAX ? history->count : HISTORY_MAX;
}

const struct history_entry *history_at(const struct history *history, size_t index)
{
	size_t kept = history_kept(history);

	assert(index < kept);
	return &history->entries[(history->count - kept + index) % HISTORY_MAX];
}

uint64_t history_since_ms(const struct history *history)
{
	size_t kept = history_kept(history);

	return kept ? history_at(history, kept - 1)->at_ms : 0;
}
