/*
 * Feed: what a holder gives a program on another host to read: all that the holder reads itself, and from then on
 * a line from time to time, by which the program knows that it can be reached. A program that reads no line for
 * long, or the end, ends by itself (session.sh).
 *
 * When who started the holder is gone, it reads what the next one says who connects to where it listens.
 */
#ifndef TUNPLAN_EXEC_SSH_FEED_H
#define TUNPLAN_EXEC_SSH_FEED_H

#include <stdbool.h>
#include <stddef.h>

struct feed {
	int to;   /* where the program reads; -1: it gets nothing more */
	int from; /* where that is read */
	int listener; /* where the next one comes, once there is nothing more to read from the one before */
	bool from_ends;   /* and that is so */
	bool is_in_line;  /* the last byte that it got does not end a line */
	char bytes[4096]; /* that it has yet to get */
	size_t size;
};

/*
 * Makes a pipe, and sets *ret_in to its end that the program is to have as its stdin. What it gets is read from our own stdin
 * first. listener must not block. Returns 0 or -errno.
 */
int feed_init(struct feed *feed, int listener, int *ret_in);

/* Tells the one who took us over, if anybody did, with which status the program has ended. */
void feed_tell(const struct feed *feed, int status);

/* From now on SIGTERM ends what the program reads, and not this process. */
void feed_begin(struct feed *feed);

/*
 * Waits for the next thing to do, and does it. Returns 1 if a descriptor of the caller's can be read, 0 if not, and
 * -1 once the program was to end by itself, and has had the time.
 */
int feed_turn(struct feed *feed, int watched);

#endif
