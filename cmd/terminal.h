/* Terminal: how wide it is, and how much of a text fits on one of its lines. */
#ifndef TUNPLAN_CMD_TERMINAL_H
#define TUNPLAN_CMD_TERMINAL_H

#include "topology/base/strbuf.h"

/* Returns the columns of the terminal on a descriptor, as it says, else $COLUMNS does, else 80. */
unsigned terminal_width(int fd);

/* Cuts a text after the last character that fits into that many columns. */
void terminal_cut(struct strbuf *text, unsigned width);

#endif
