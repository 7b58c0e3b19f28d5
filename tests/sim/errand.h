/*
 * Errand: one request that an ssh has read on its control socket, and what the ssh and its far end make of it.
 */
#ifndef TUNPLAN_TESTS_SIM_ERRAND_H
#define TUNPLAN_TESTS_SIM_ERRAND_H

#include "tests/sim/ssh.h"

enum errand_kind { ERRAND_LISTEN, ERRAND_UNLISTEN, ERRAND_DIAL, ERRAND_SESSION };

enum errand_answer {
	ERRAND_OK,
	ERRAND_REFUSED,
	ERRAND_GONE, /* the ssh ended */
};

struct errand;

/* How it ended, once; words are the ssh's own, or "". */
typedef void (*errand_done)(void *data, enum errand_answer answer, const char *words);

/*
 * An ssh has read a request: forward for listeners; address and port for a dial. Texts are copied. done follows,
 * from the queue.
 */
struct errand *errand_send(struct ssh *ssh, enum errand_kind kind,
			   const struct mux_forward *forward, const char *address, uint16_t port,
			   errand_done done, void *data);

/* Whether its ssh has not come to it yet. */
bool errand_is_unread(const struct errand *errand);

/* Whether an ssh has any under way. */
bool errand_runs_through(const struct ssh *ssh);

/* Whether somebody is connected through it, or was until now, as far as its ssh has heard. */
bool errand_has_visitors(const struct ssh *ssh);

/* Somebody here connects to a listener, and stays for so many ms: what that makes its ssh do. */
void errand_visit(const struct listener *listener, unsigned stays_ms);

/* Goes on with what waited: a link or a process moves again, or ended. */
void errand_move_on(void);

/* Forgets the run before. */
void errand_reset(void);

#endif
