/*
 * Patience: how a client waits: for how long, until which signal, and who tells the user about it.
 *
 * Whatever a client waits for, the other process may be stopped or slow. So it never blocks but in
 * wait_for().
 */
#ifndef TUNPLAN_EXEC_SYSTEM_PATIENCE_H
#define TUNPLAN_EXEC_SYSTEM_PATIENCE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct patience {
	int64_t until_ms; /* clock_ms()'s: no longer than until then; -1: for ever */
	const sigset_t
		*mask; /* while waiting: a signal that it lets through may end the wait; or NULL */
	/* Told once about each thing that is waited for longer than a moment: a part of a sentence. */
	void (*tell)(const char *what, void *data);
	void *data;
};

/* One thing that is waited for. */
struct wait {
	const struct patience *patience;
	uint64_t since_ms;
	bool told; /* the user knows */
};

/* Begins one. */
struct wait wait_begin(const struct patience *patience);

/*
 * Waits for an event of a descriptor (-1: of none) for at_most_ms (-1: for ever) and no longer than
 * patience lasts. Returns 1 for an event, 0 for none yet, -ETIMEDOUT or -EINTR when patience ends.
 */
int wait_for(struct wait *wait, int fd, short events, int at_most_ms);

/* Tells the user about a wait that takes long, once: who is waited for, and its process (0: unknown). */
void wait_tell(struct wait *wait, const char *who, pid_t pid);

/* Returns whether a process is stopped: it does nothing until it gets SIGCONT. */
bool wait_is_stopped(pid_t pid);

/*
 * Returns "the supervisor (process 7, which is stopped: `kill -CONT 7` lets it go on)", for a sentence;
 * free() it.
 */
char *wait_awaited(const char *who, pid_t pid);

#endif
