/*
 * Prime: one session on a fresh master, which does nothing but make the far sshd quick.
 *
 * An sshd of OpenSSH before 10.1 sends small packets at once only when its connection has had a session. Before
 * that, the second of two small answers waits until the first was acknowledged, for 44 ms as a rule, and a
 * master (`ssh -N`) never has a session by itself. So `true` is run once, without waiting for it. It shall harm
 * nobody: which sshd it is, and whether the key has a forced command, which would run in its place, is read from
 * the log first (ssh_log_priming()). Whatever goes wrong is nobody's trouble.
 *
 *     begun -> no longer awaited? -> over        (each told once, by `told`; the first only if it takes so long)
 */
#ifndef TUNPLAN_EXEC_SSH_PRIME_H
#define TUNPLAN_EXEC_SSH_PRIME_H

#include <stdbool.h>

struct log_reader;
struct prime;
struct uv_loop_s;

/*
 * Begins with the control socket and the log of a master that answers; the reader outlives it. `told` follows from the loop, each time
 * that one of the two below changes, and may destroy the prime.
 */
struct prime *prime_create(struct uv_loop_s *loop, const char *socket, struct log_reader *log,
			   void (*told)(void *data), void *data);

/*
 * Whether it is worth waiting for: the sshd may not be quick yet, or still be busy with the session. That ends
 * soon, whatever happens: 50 ms after it began.
 */
bool prime_is_awaited(const struct prime *prime);

/* Whether there is no session of it, nor will there be one. */
bool prime_is_over(const struct prime *prime);

/* Frees it; the session ends with it. Accepts NULL. */
void prime_destroy(struct prime *prime);

#endif
