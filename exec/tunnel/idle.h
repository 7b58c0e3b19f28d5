/*
 * Idle: which rule of a far end ends a hop while it is idle, by what is seen of its ends alone: pure.
 *
 * Two settings of sshd do that, without a word to us. UnusedConnectionTimeout, of the hop's own sshd, ends a connection
 * in which there was no channel for so long. ChannelTimeout, of the sshd of the hop before, ends what carries the hop,
 * when no byte passed for so long; our keepalives are such bytes. Either is taken for the reason when two ends in
 * succession come after the same time, and the hop before goes on. A hop that another one carries, through which
 * nothing ran and no keepalive was due yet, may have been ended by either: nothing that is seen here tells.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_IDLE_H
#define TUNPLAN_EXEC_TUNNEL_IDLE_H

#include <stdbool.h>
#include <stdint.h>

/* Bits: of an end that either explains, both. */
enum idle_rule { IDLE_NONE, IDLE_UNUSED = 1, IDLE_CHANNEL = 2, IDLE_EITHER = 3 };

/* How one that its far end closed has ended. */
struct idle_end {
	bool carried;      /* by the hop before; a first hop is not */
	bool carries;      /* something of ours ran through it */
	bool used;         /* somebody came to a listener of it since what is noted below */
	uint64_t moved_ms; /* so long ago something of ours went through it last */
	uint64_t
		carried_ms; /* so long ago the last that it carried had ended; or more, if it never carried anything */
	uint64_t took_ms; /* its login took so long: an answer takes less than half of it */
	unsigned alive_s; /* its ServerAliveInterval; 0: none */
};

/* Of several ends in succession. Zeroed: of none. */
struct idle_ends {
	enum idle_rule rule; /* that explains the last one, and those before it of the same age */
	uint64_t after_ms;   /* and after how long */
};

/* Takes one more end. Returns what explains it and the one before, if they came after the same time; else IDLE_NONE. */
enum idle_rule idle_take(struct idle_ends *ends, const struct idle_end *end);

/*
 * Returns the ServerAliveInterval that keeps a hop alive which ended after so long without a byte, in s, and in spite of
 * that of before_s (0: of the usual one); and the ServerAliveCountMax with which a dead link is noticed as late as with other ones.
 */
unsigned idle_alive_s(uint64_t after_ms, unsigned before_s);
unsigned idle_alive_count(unsigned alive_s, unsigned usual_s, unsigned usual_count);

#endif
