/*
 * Way: what a change of this machine's own network means for a TCP connection that stands, and for who wants to make
 * one. Pure: it decides by what the kernel has told (kernel.h), and asks nobody.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_WAY_H
#define TUNPLAN_EXEC_TUNNEL_WAY_H

#include <stdbool.h>

#include "exec/system/kernel.h"
#include "topology/base/strbuf.h"

/* By which way an address is reached from here, as it was when somebody looked. Zeroed: nobody has. */
struct way {
	bool known;
	bool exists; /* there is a route, and its interface is up */
	struct kernel_route
		route; /* the interface and the own address; what it was last, if there is none */
};

/* What a connection may still be good for. */
enum way_verdict {
	WAY_STANDS, /* nothing that it needs has changed */
	WAY_ASK,    /* only its far end can tell */
	WAY_LOST,   /* nothing of it gets through now */
};

/* Returns the way that a route is. error: of who asked for it (kernel_network_route()); before: as it was. */
struct way way_of(const struct kernel_network *network, int error, const struct kernel_route *route,
		  const struct way *before);

/*
 * Whether there is a way now that was not there before: none was, or another. One that nobody had looked at counts as
 * none.
 */
bool way_returned(const struct way *before, const struct way *now);

/*
 * Judges a connection. before: the way by which it was made, or that it took when it was last known to be good; now:
 * that of its packets. When it is lost, says in words why, with the name of the interface.
 *
 * 1. The interface that has its own address is switched off, or neither that nor any other has the address: lost.
 * 2. There is no route to its far end, or the interface of that is down: lost.
 * 3. The way is another than before: to be asked, for a connection can move with its own address.
 * 4. Another interface, or this machine, carries what goes that way, so that it says little: to be asked.
 * 5. Else it stands.
 */
enum way_verdict way_judge(const struct kernel_network *network, const struct kernel_tcp_key *key,
			   const struct way *before, const struct way *now, struct strbuf *words);

/*
 * Returns a number that is another when an interface that leads elsewhere, or an address of one, is: for who cannot be
 * judged by a connection.
 */
uint64_t way_signature(const struct kernel_network *network);

#endif
