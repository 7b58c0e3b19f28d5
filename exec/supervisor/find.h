/*
 * Find: how a client finds the supervisor, or starts one.
 *
 * Finding and starting are one step under start.lock, so that two clients never start two supervisors,
 * and no client connects to a supervisor that is about to exit. A supervisor whose socket is gone still
 * has its lock: it is woken, and listens again. Prints nothing.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_FIND_H
#define TUNPLAN_EXEC_SUPERVISOR_FIND_H

#include <jansson.h>
#include <stddef.h>

#include "exec/system/patience.h"
#include "exec/system/runtime.h"

/* What is done when there is no supervisor. */
enum find_start {
	FIND_LOOK,  /* nothing */
	FIND_CLEAR, /* one is started if another left anything: ssh processes, or what has failed */
	FIND_START, /* one is started */
};

/* What a client learns on the way to the supervisor. */
struct find_news {
	char *why;           /* why it failed: a sentence, or NULL */
	char *passed_over;   /* a sentence: why $XDG_RUNTIME_DIR is not used; or NULL */
	char *unwritable;    /* a sentence: why the state directory is not used; or NULL */
	bool started;        /* a supervisor was started */
	bool ends_at_logout; /* and runtime_ends_at_logout() */
	bool killed;         /* another was killed, and nobody had cleared away after it */
	size_t left;         /* how many of its ssh processes ran then */
	json_t *failed; /* there is none: what has failed under those before (failed.h); or NULL */
};

/*
 * Returns a descriptor that is connected to the supervisor; -ESRCH when there is none and none is to be
 * started; -ETIMEDOUT or -EINTR when patience ends, with what was waited for in news->why (a part of a
 * sentence); -EPROTONOSUPPORT when what another one left is of another version; or -errno. The news are filled in any
 * case: find_news_finish() frees them.
 */
int find_supervisor(enum find_start start, const struct patience *patience,
		    struct find_news *ret_news);

void find_news_finish(struct find_news *news);

/*
 * Waits until a supervisor that was told to go has gone: find_supervisor() then finds another. Returns 0,
 * -ETIMEDOUT or -EINTR.
 */
int find_wait_gone(pid_t pid, const struct patience *patience);

/*
 * Lets the supervisor leave all that it has to the next one, and waits until it has gone (supervisor.h). Returns 0; -ESRCH
 * when there is none; -ETIMEDOUT or -EINTR; or -errno, with the reason in *ret_why (free() it): what it has written down is of
 * another version, or is not all that it has.
 */
int find_and_let_go(const struct patience *patience, char **ret_why);

/*
 * Returns a sentence for a supervisor that is gone, as sending to it or waiting for it told with that
 * error: what it wrote last into its log. free() it.
 */
char *find_last_words(const struct runtime *runtime, int error);

#endif
