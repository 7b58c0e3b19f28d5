/*
 * Caret: the source line that a diagnostic is about, with carets under the offending part.
 *
 *        14 |     via: [bastoin]
 *           |           ^^^^^^^
 *
 * Pure text for diag_render(). Characters that a terminal must not be sent become question marks.
 */
#ifndef TUNPLAN_TOPOLOGY_DIAG_CARET_H
#define TUNPLAN_TOPOLOGY_DIAG_CARET_H

#include <stdbool.h>

#include "topology/base/strbuf.h"
#include "topology/diag/source.h"

/* Appends text up to its NUL, with a '?' for everything that is not printable. */
void caret_safe_text(const char *text, struct strbuf *ret_text);

/*
 * Appends the two lines for a place (with a line). A long line is clipped around the carets; a tab is
 * drawn as spaces up to the next multiple of eight columns; color adds ANSI colours.
 */
void caret_render(const struct position *position, bool color, struct strbuf *ret_text);

#endif
