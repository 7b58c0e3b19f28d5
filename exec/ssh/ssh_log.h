/*
 * Ssh log: what a master has said on its stderr so far, as facts. It is fed with the text as it comes, in pieces of
 * any size (log_reader.h), and keeps of each thing only the last word.
 *
 * The words of ssh itself are kept apart from the server's (its Banner, the text of its disconnect message), and what
 * is about one dial or listener from what is about others. A connection through the master is told by its channel:
 *
 *     debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=7): 10.2.0.3:22
 *     debug1: channels.c:channel_new():503 (pid=7): channel 2: new stdio-forward [stdio-forward]
 *     channels.c:channel_input_open_failure():3563 (pid=7): channel 2: open failed: connect failed: Connection refused
 *
 * ssh before 8.5 has no LogVerbose: then a refusal is taken for that of the last dial, and little else is known.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_LOG_H
#define TUNPLAN_EXEC_SSH_SSH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec/ssh/login_log.h"
#include "exec/ssh/ssh_argv.h"
#include "topology/base/strbuf.h"

struct ssh_log;

struct ssh_log *ssh_log_create(void);

/* Accepts NULL. */
void ssh_log_destroy(struct ssh_log *log);

/* Reads the next bytes. */
void ssh_log_add(struct ssh_log *log, const char *bytes, size_t length);

/* Nothing more will come: what there is of a last line is a line. */
void ssh_log_end(struct ssh_log *log);

/* --- the login */

/* Whether the sshd's banner was read: the rest is key exchange and login. */
bool ssh_log_has_banner(const struct ssh_log *log);

/* Whether it lets nobody from here in for now: too many logins have failed, or are under way. Since 9.8 it says so. */
bool ssh_log_is_shut_out(const struct ssh_log *log);
#define SSH_LOG_SHUT_OUT "Not allowed at this time"

/*
 * What else the far end has said in place of a banner, its lines on one, until more is read; "" when it said nothing, or a
 * banner came.
 */
const char *ssh_log_preface(const struct ssh_log *log);

/* Whether that sshd says that it is OpenSSH's; false where ssh does not tell. */
bool ssh_log_is_openssh(const struct ssh_log *log);

/* Whether it says that it is another one; false where ssh does not tell. */
bool ssh_log_is_other(const struct ssh_log *log);

/* How far the login is, as far as ssh's keys matter. */
const struct login_log *ssh_log_login(const struct ssh_log *log);

/* Whether ssh tells of its channels: it has a LogVerbose, and the log can be written. */
bool ssh_log_tells(const struct ssh_log *log);

/* Whether a fresh master needs a session (prime.h). */
enum ssh_log_priming {
	SSH_LOG_PRIMING_UNKNOWN, /* the sshd has not said yet which options the key has */
	SSH_LOG_PRIMING_NEEDED,  /* it is an OpenSSH before 10.1, or ssh does not tell */
	SSH_LOG_PRIMING_SPARED,  /* it is none, or the key has a command of its own */
};

enum ssh_log_priming ssh_log_priming(const struct ssh_log *log);

/* Whether the key has a command of its own, which would run in the place of any other. */
bool ssh_log_is_forced(const struct ssh_log *log);

/* --- its own words */

/*
 * The lines in which ssh speaks of itself, without the server's words and without what is about its channels and
 * listeners; of many, the last. And the very last of them. Both until more is read; "" when there are none.
 */
const char *ssh_log_words(const struct ssh_log *log);
const char *ssh_log_last_words(const struct ssh_log *log);

/* --- what it was asked for */

/* The connections that came to a listener, or of a dial. */
struct ssh_log_use {
	unsigned came;
	unsigned
		opened; /* of these, those that reached what is behind it: the egress, for SOCKS whatever was asked */
	unsigned refused; /* and those that did not */
};

/* A dial of a place is about to be asked for, or a listener: what was said of the one before is forgotten. */
void ssh_log_expect_dial(struct ssh_log *log, const char *address, unsigned port);
void ssh_log_expect_listener(struct ssh_log *log, const struct mux_forward *forward);

/* How many dials of that place ssh has told of. */
unsigned ssh_log_dials(const struct ssh_log *log, const char *address, unsigned port);

/* What became of those of a dial that is told of in the log alone, because no control socket answers it. */
struct ssh_log_use ssh_log_dial_use(const struct ssh_log *log, const char *address, unsigned port);

/* Why that dial was refused: appends ssh's words. Returns false when the log does not say. */
bool ssh_log_dial_failure(const struct ssh_log *log, const char *address, unsigned port,
			  struct strbuf *words);

/* Why that listener could not be opened: appends ssh's lines that name its place. */
void ssh_log_listener_failure(const struct ssh_log *log, const struct mux_forward *forward,
			      struct strbuf *words);

/* Whether the sshd said that it listens wider than on this address (GatewayPorts yes). */
bool ssh_log_widened(const struct ssh_log *log, const char *address);

/* How many connections that came to any listener have reached what is behind it. */
unsigned ssh_log_opened(const struct ssh_log *log);

/* And how many were refused there. */
unsigned ssh_log_refused(const struct ssh_log *log);

/*
 * What became of the connections that came to a listener of a forward, or for a unix socket here also to others with
 * the same target. words: of the last one that was refused, until more is read, unless NULL.
 */
struct ssh_log_use ssh_log_use(const struct ssh_log *log, const struct mux_forward *forward,
			       const char **words);

#endif
