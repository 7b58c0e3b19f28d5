/*
 * Exit dial: dials by a tunnel host, shared by all who want to know the same.
 *
 * An sshd that is dialled and not spoken to counts that against whoever dialled, for a second each
 * time (PerSourcePenalties); a busy server has other reasons to mind. So one dial of a place serves
 * everyone who asks for it before the host has connected, two dials of a place by one host are at least
 * a second apart, and nothing is answered from memory: who comes too soon waits.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_EXIT_DIAL_H
#define TUNPLAN_EXEC_TUNNEL_EXIT_DIAL_H

#include <stdint.h>

#include "exec/ssh/link.h"
#include "exec/system/list.h"

struct incarnation;
struct exit_wait;

struct exit_answer {
	enum link_answer answer; /* LINK_OK: the host says that it connected */
	bool heard;              /* and something came over that connection by itself */
	const char *words;       /* why it could not, in its ssh's words, or "" */
};

/* The answer lives until this returns. The wait is freed after this. */
typedef void (*exit_dial_done)(void *data, const struct exit_answer *answer);

/*
 * Lets the host of a hop dial address:port through an incarnation of it that is up. The deadline
 * counts from the dial. `done` follows, from the loop.
 */
struct exit_wait *exit_dial_ask(struct incarnation *by, const char *address, uint16_t port,
				uint64_t deadline_ms, exit_dial_done done, void *data);

/* Ends a wait without its `done`. Accepts NULL. */
void exit_dial_cancel(struct exit_wait *wait);

/* It is known by now what the answers of an incarnation are worth: who waits for that is told. */
void exit_dials_judge(struct incarnation *by);

/* Frees what a hop remembers of its dials; nobody waits for one. */
void exit_dials_finish(struct list *dials);

#endif
