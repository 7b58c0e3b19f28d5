/*
 * Master: one `ssh -N` process that holds a hop open and listens on a control socket.
 *
 * It runs in a session of its own, with stdin from /dev/null and stderr to a file (a full pipe
 * would freeze it and every tunnel in it). It is ready when its control socket listens and answers;
 * who answers there is the ssh that counts, also where the `ssh` that was started is a program that
 * started it. From then on its link (link.h) is held, and the end of that is the end of the master:
 * what else is left of its process group is killed then.
 *
 *     master_create -> authenticating? -> ready? -> ended        (each at most once, in this order)
 *
 * Whoever created a master owns it, and calls master_destroy() after `ended`.
 */
#ifndef TUNPLAN_EXEC_SSH_MASTER_H
#define TUNPLAN_EXEC_SSH_MASTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "topology/base/strbuf.h"

struct link;
struct master;
struct uv_loop_s;

/* What the owner is told, from the loop. None of these may destroy the master, except `ended`. */
struct master_events {
	void (*authenticating)(void *data); /* the sshd answered; not told by ssh before 8.5 */
	void (*ready)(void *data);
	void (*ended)(void *data); /* the process is gone, whyever */
};

struct master_spec {
	const char *const *argv; /* ssh_argv_master() */
	const char *const *env;  /* process_master_env() */
	const char *socket;      /* its control path: nothing is there yet */
	const char *log;         /* the file of its stderr */
	const struct master_events *events;
	void *data; /* given to the events */
};

/*
 * Starts one; the texts of the spec are copied. Returns 0 and sets *ret_master, or -errno: then
 * nothing was started and no event follows.
 */
int master_create(struct uv_loop_s *loop, const struct master_spec *spec,
		  struct master **ret_master);

/* Returns its link between `ready` and its end, unless it was told to end; else NULL. */
struct link *master_link(const struct master *master);

/*
 * Asks it to end, and kills it after two seconds: a stopped process does not hear. `ended` follows.
 * Asking again changes nothing.
 */
void master_stop(struct master *master);

/*
 * Lets it end by itself after the last connection through it: it hears no more requests, and its socket is
 * gone. `ended` follows then.
 */
void master_drain(struct master *master);

/* Kills it at once. `ended` follows. */
void master_kill(struct master *master);

/* Frees it; it must have ended. Its log is removed, and its socket if it is the one that it made. Accepts NULL. */
void master_destroy(struct master *master);

/* Its process id, once it is ready: that of the ssh that answers; before, of what was started. */
pid_t master_pid(const struct master *master);

/* Its control path, and the file of its stderr. */
const char *master_socket(const struct master *master);
const char *master_log_path(const struct master *master);

/* Returns the signal that killed it, or 0. */
int master_signal(const struct master *master);

/* Whether it ended in peace: only a `-N` ssh that somebody sent TERM does so. */
bool master_was_ended(const struct master *master);

/* Appends what it wrote on stderr from an offset on. */
void master_log(const struct master *master, off_t from, struct strbuf *text);

/* Returns how much it wrote: the offset for what comes next. */
off_t master_log_size(const struct master *master);

/* Keeps its log from growing beyond LOGFILE_MAX_BYTES. */
void master_cap_log(const struct master *master);

#endif
