/*
 * Owner: whose a listener on this machine is. An ssh that says that it listens is not believed where the kernel can
 * tell: another program may have closed the listener through the ssh's control socket, and a third one have the port.
 *
 * The kernel is asked once for all listeners, and the answer serves all forwards until owner_forget(): that is at the
 * end of each step of the engine, and whenever an ssh has opened another listener.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_OWNER_H
#define TUNPLAN_EXEC_TUNNEL_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "topology/base/strbuf.h"

struct engine;

enum owner {
	OWNER_UNKNOWN, /* this kernel does not tell, or not about this address or this process */
	OWNER_SSH,
	OWNER_NOBODY, /* nothing listens there */
	OWNER_OTHER,  /* another program does */
};

/*
 * Returns who gets the connections to a TCP address and port of this machine, where that ssh (0: one that has ended)
 * should. Appends to words, unless NULL, a sentence about nobody, or about the other with its process and program, as
 * far as they are to be seen: for that all processes are looked through.
 *
 * inode: the kernel's number of the socket, from when that ssh was seen to have it, to begin with 0; or NULL. A socket that
 * an ssh has is closed by it, and goes to nobody else: as long as it listens there, the ssh is not looked into again.
 */
enum owner owner_find(struct engine *engine, pid_t ssh, const char *address, uint16_t port,
		      uint32_t *inode, struct strbuf *words);

/*
 * Returns whether a program that is no ssh of ours listens at a TCP address and port of this machine, and appends a sentence
 * that names it. False where the kernel does not tell, and for an address that is a name.
 */
bool owner_is_foreign(struct engine *engine, const char *address, uint16_t port,
		      struct strbuf *words);

/* The same for an ssh of ours. */
bool owner_is_ours(struct engine *engine, const char *address, uint16_t port, struct strbuf *words);

/* Appends "process 77 (nc)", or as much of it as is to be seen. */
void owner_name_process(pid_t pid, struct strbuf *words);

/* What the kernel said is too old by now. */
void owner_forget(struct engine *engine);

#endif
