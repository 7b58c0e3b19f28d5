/*
 * Retry: how long what failed waits until it is tried again: by the class of its failure, by how often it was tried,
 * and by a random number, so that many do not knock at the same moment. Pure: it knows no clock and no dice.
 *
 * What was lost is tried again at once. Then the n-th wait is drawn from 0 to the lesser of 60 s and 2ⁿ s, in the first
 * minute never over 5 s, for ever. The other classes wait as their comments say.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_RETRY_H
#define TUNPLAN_EXEC_TUNNEL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum retry_class {
	RETRY_LINK,     /* it comes back by itself when the fault ends */
	RETRY_CLOSED,   /* closed before its banner: three tries, 1 s apart, then as a link */
	RETRY_SHUT_OUT, /* its sshd lets nobody from here in for now: 20 s, doubled up to 10 min */
	RETRY_HELD,     /* a dead session of ours has the port: 50 ms, 1 s, doubled up to 60 s */
	RETRY_TAKEN,    /* somebody else listens there: each minute */
	RETRY_NEXT,     /* and there is another port to be tried: at once */
	RETRY_SOMEBODY, /* a person has to act: 1 min, 10 min, then hourly */
};

/* What is up for so long is well again: if it is lost then, that is a new trouble. */
#define RETRY_STEADY_MS 60000

/* One trouble of a hop, or of a listener. Zeroed: there is none. */
struct retry {
	enum retry_class class; /* of the last failure */
	unsigned attempt;       /* how many tries have failed since it began */
	unsigned streak;        /* of these the last ones, of the same class */
	uint64_t since_ms;      /* monotonic: it began */
};

/* Returns the class for a code of classify.h. Whether a connection was closed before its banner, the caller knows. */
enum retry_class retry_class_of(const char *code);

/* Notes that it was lost, and whether it had been up long enough to be a new trouble; or that a try has failed. */
void retry_lost(struct retry *retry, bool was_steady, uint64_t now_ms);
void retry_failed(struct retry *retry, enum retry_class class, uint64_t now_ms);

/* Returns how long to wait for the next try. */
uint64_t retry_wait_ms(const struct retry *retry, uint64_t now_ms, uint32_t random);

/* Whether the next try belongs to this one: also who does not want to wait for a hop waits for these. */
bool retry_is_quick(const struct retry *retry);

/*
 * Whether the last failure, with a code of classify.h, says that the host cannot be reached, and not that it does not let
 * in; what is closed before its banner has its three tries first.
 */
bool retry_is_unreached(const struct retry *retry, const char *code);

/* Returns since when (monotonic) the trouble is long enough to do without the host; UINT64_MAX: it was not tried enough. */
uint64_t retry_lasts_ms(const struct retry *retry);

/* Whether it comes back only if a person, or another program, does something. */
bool retry_needs_somebody(const struct retry *retry);

#endif
