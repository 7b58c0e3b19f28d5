/*
 * Shrinks a text: removes lines with everything indented under them, and entries of lists, one
 * after the other, as long as the text still shows the failure.
 */
#ifndef TUNPLAN_TESTS_RANDOM_SHRINK_H
#define TUNPLAN_TESTS_RANDOM_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

struct shrink {
	bool (*holds)(void *context, const char *text);
	void *context;
	char *text;
};

/* Returns how many spaces a line begins with. */
size_t shrink_indent(const char *line);

/* Returns where the line behind a line and all that is under it begins. */
size_t shrink_block(const char *text, size_t at);

/* Makes the text of a heap string as small as it gets. */
void shrink_text(struct shrink *shrink);

#endif
