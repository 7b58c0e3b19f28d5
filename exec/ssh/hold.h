/*
 * Hold: one session on a master, which does nothing and does not end: `cat`, with nothing to read.
 *
 * Some sshds end a connection in which there was no channel for a while (UnusedConnectionTimeout). A session is one.
 * It ends with the connection, or when we let go of it, or are gone: then `cat` reads the end.
 *
 *     begun -> over        (told once, by `told`; not after hold_destroy())
 */
#ifndef TUNPLAN_EXEC_SSH_HOLD_H
#define TUNPLAN_EXEC_SSH_HOLD_H

struct hold;
struct uv_loop_s;

/* Begins with the control socket of a master that answers. `told` follows from the loop when there is no session any more, or was none to be had. */
struct hold *hold_create(struct uv_loop_s *loop, const char *socket, void (*told)(void *data),
			 void *data);

/* Ends the session, and frees it. Accepts NULL. */
void hold_destroy(struct hold *hold);

#endif
