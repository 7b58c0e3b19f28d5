/*
 * Script parts: what is the same in every script of plan_script.h, as shell text.
 *
 * The parts know the names of each other's functions: master HOP HOST SSH-ARGUMENT…, forward HOP
 * WORD…, session HOP HOST COMMAND. What failed, or a signal, ends the script by its EXIT trap.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_SCRIPT_PARTS_H
#define TUNPLAN_PLANNER_VIEWS_SCRIPT_PARTS_H

#include "topology/base/strbuf.h"

/* Appends the functions; $tunnel, which they name, stands before them. */
void script_part_functions(struct strbuf *text);

/* Appends session(), for scripts that let an ssh run elsewhere. */
void script_part_session(struct strbuf *text);

/* Appends the traps and the private directory, in which all that follows happens. */
void script_part_begin(struct strbuf *text);

/*
 * Appends, as the here-document of a session(), the program that it runs there: an ssh that is logged
 * in by these words, and is asked for these forwards.
 */
void script_part_program(const char *login, const char *forwards, struct strbuf *text);

#endif
