/*
 * Master: one `ssh -N` process that holds a hop open and listens on a control socket.
 *
 * It runs in a session and process group of its own, with stdin from /dev/null and stderr to a file (a full pipe
 * would freeze it and every tunnel in it). It is ready when its control socket appears and answers on a
 * link (link.h), and dead when that link ends. Who answers is what the kernel says, and need not be our
 * child: an `ssh` in PATH may be a script that starts the real one. Before it is ready, the end of our
 * child is the end of the master.
 *
 * The ssh of a stitched piece runs on another host: here there is only the holder of its session (holder.h), which is
 * ready once the program there says "up", and has no link. All that the ssh and the program say there is in the
 * log.
 *
 *     master_create -> authenticating? -> ready -> ended        (each at most once, in this order)
 *                                           master_prime -> primed?
 *     master_adopt  -> ended                                    (of one that was not up: as above)
 *
 * One that another supervisor has started is taken over where it stands (master_adopt()). It is no child of ours, so a
 * descriptor of its process tells its end; who was its holder is told by the holder how the session ended.
 *
 * The hop that created a master owns it, and calls master_destroy() after `ended`.
 */
#ifndef TUNPLAN_EXEC_SSH_MASTER_H
#define TUNPLAN_EXEC_SSH_MASTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "exec/ssh/link.h"
#include "exec/ssh/master_left.h"
#include "exec/ssh/ssh_log.h"

struct log_reader;
struct master;
struct uv_loop_s;

/* What the owner is told. None of these may destroy the master, except `ended`. */
struct master_events {
	void (*authenticating)(void *data); /* the sshd answered; not told by ssh before 8.5 */
	void (*ready)(void *data);
	void (*primed)(
		void *data); /* one of the two functions below master_prime() changed, or master_is_holding() */
	void (*ended)(void *data); /* the process is gone, whyever, and what it left in its group */
};

struct master_spec {
	const char *const *argv; /* ssh_argv_master() */
	const char *const *env;  /* process_master_env() */
	const char *socket;      /* its control path; nothing has ever stood there */
	const char *log;         /* the file of its stderr */
	const struct master_events *events;
	void *data;        /* given to the events */
	const char *input; /* what it is to read first, if it is the holder of a session; or NULL */
};

/*
 * Starts one; the texts of the spec are copied. Returns 0 and sets *ret_master, or -errno: then
 * nothing was started and no event follows.
 */
int master_create(struct uv_loop_s *loop, const struct master_spec *spec,
		  struct master **ret_master);

/* What one that another supervisor has started is good for. */
enum master_use {
	MASTER_IS_UP,   /* it listens: it is ready, which is not told */
	MASTER_RISES,   /* it has yet to log in: the events follow as of one of ours */
	MASTER_DRAINS,  /* it listens no longer, and is to end by itself */
	MASTER_IS_DEAF, /* nobody can ask it for anything any more: master_end_deaf() it */
};

/*
 * Takes one over, with a spec without argv, env and input. Returns 0 with *ret_master, and in *ret_use what it is good for;
 * or -ESRCH: its process has ended.
 */
int master_adopt(struct uv_loop_s *loop, const struct master_spec *spec,
		 const struct master_left *left, struct master **ret_master,
		 enum master_use *ret_use);

/* Whether it is ready, or was until it began to drain. */
bool master_is_ready(const struct master *master);

/* Of the holder of a session: whether what is to run there has begun. */
bool master_has_begun(const struct master *master);

/* Returns what else was said there until it was up, or "". */
const char *master_said(const struct master *master);

/*
 * Asks it to end, and kills it after two seconds: a stopped process does not hear. `ended`
 * follows. Asking again changes nothing.
 */
void master_stop(struct master *master);

/* Kills it at once: it does not answer. `ended` follows. */
void master_kill(struct master *master);

/* Ends one that is deaf. An ssh that is told to end removes whatever stands at its control path, which is another's perhaps. */
void master_end_deaf(struct master *master);

/*
 * Lets a ready one end by itself when its last connection is over: it stops listening on its control socket, and
 * its link is destroyed, with all requests; without a link it is stopped. `ended` follows some day; until then master_stop() still works.
 */
void master_drain(struct master *master);

/* Gives the holder of a session a line to read. */
void master_say(struct master *master, const char *line);

/* Lets a ready one's sshd become quick (prime.h). `primed` follows, twice at most. */
void master_prime(struct master *master);

/* Whether its sshd may still be slow with small answers, and will not be for much longer: 50 ms. */
bool master_is_fresh(const struct master *master);

/* Whether the session that makes its sshd quick is there, or may come. */
bool master_is_priming(const struct master *master);

/*
 * Holds a session on a ready one (hold.h), until master_let_go(), or it is told to end. `primed` follows where the session
 * ends by itself, or was not to be had; the second function tells.
 */
void master_hold(struct master *master);
bool master_is_holding(const struct master *master);
void master_let_go(struct master *master);

/* Frees it; it must have ended. The socket that it made, and its log, are removed. Accepts NULL. */
void master_destroy(struct master *master);

/* Returns its link, or NULL: it is not ready, drains, or is about to end. `ended` is told after the link's end. */
struct link *master_link(const struct master *master);

/*
 * Whether something new can connect to a ready one: the file of its control socket is there, and no other. Its
 * link lives without that.
 */
bool master_is_reachable(const struct master *master);

/* The process id of the ssh that answers, before `ready` that of our child; its control path. */
pid_t master_pid(const struct master *master);
const char *master_socket(const struct master *master);

/* Whether its ssh is no more: `ended` was told, or is about to be, as far as the kernel tells. */
bool master_is_gone(const struct master *master);

/* Returns the signal that killed our child, or 0. */
int master_signal(const struct master *master);

/* What is wrong with the protocol that it speaks on its control socket, for which it was killed; or NULL. */
const char *master_fault(const struct master *master);

/* Whether it ended in peace: only a `-N` ssh that somebody sent TERM does so. */
bool master_was_ended(const struct master *master);

/* Whether nobody can know how it ended: it was taken over, and said nothing of that. */
bool master_end_is_unknown(const struct master *master);

/* Whether it was the holder of a session, and has heard from there that all of it has ended. */
bool master_heard_end(const struct master *master);

/* Returns what it has said on stderr so far; and who waits for more of that. Both are the master's. */
struct ssh_log *master_log(const struct master *master);
struct log_reader *master_reader(const struct master *master);

/* Keeps its log from growing beyond LOGFILE_MAX_BYTES. */
void master_cap_log(const struct master *master);

#endif
