/*
 * Ssh log: reads facts from a master's stderr that are no error messages. Pure functions of its
 * text.
 *
 * Each master is started with a LogVerbose (ssh_argv.h) that prints a few debug lines: which sshd it is, what
 * that says of the login, and what tells a refused dial apart from other dials through the same master at the
 * same time:
 *
 *     debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=7): 10.2.0.3:22
 *     debug1: channels.c:channel_new():503 (pid=7): channel 2: new stdio-forward [stdio-forward]
 * (…) channel 2: open failed: connect failed: Connection refused
 *
 * ssh before 8.5 has no LogVerbose; then the last "open failed" is taken for ours.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_LOG_H
#define TUNPLAN_EXEC_SSH_SSH_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/base/strbuf.h"

/* The value of LogVerbose that the functions below rely on. */
#define SSH_LOG_VERBOSE                                                              \
	"sshconnect.c:ssh_login():*,channels.c:channel_connect_stdio_fwd():*,"       \
	"channels.c:channel_new():*,channels.c:channel_input_open_confirmation():*," \
	"packet.c:ssh_packet_read_poll_seqnr():*,compat.c:compat_banner():*,"        \
	"clientloop.c:client_input_global_request():*"

/*
 * Steps through the lines of a text: sets *ret_line and *ret_length (without line break, and without what
 * LogVerbose puts before a line that is no debug line) and moves *text on. Returns false at the end.
 */
bool ssh_log_next(const char **text, const char **ret_line, size_t *ret_length);

/*
 * Whether a line says nothing about the master itself, nor about a listener that it was asked for: a debug
 * line, one about a connection that it carries ("channel 3: open failed: …"), or what it says of a request on
 * its control socket, whose answer says the same.
 */
bool ssh_log_is_aside(const char *line, size_t length);

/* Whether a line is about a listener that it was asked for: no reason for its end. */
bool ssh_log_is_about_listener(const char *line, size_t length);

/* Whether the sshd's banner was read: the rest is key exchange and login. */
bool ssh_log_has_banner(const char *log);

/*
 * Finds why a dial of address:port through this master was refused and appends ssh's words to
 * words. Returns false when the log does not say.
 */
bool ssh_log_dial_failure(const char *log, const char *address, unsigned port,
			  struct strbuf *words);

/* What became of a connection that was made to one of the master's unix-socket forwards. */
enum ssh_log_outcome { SSH_LOG_PENDING, SSH_LOG_OPENED, SSH_LOG_REFUSED };

/*
 * Finds the first connection to a unix socket on the tunnel host and what became of it; a refusal's
 * words are appended. ssh before 9.4 cannot be asked for such a dial on its control socket.
 */
enum ssh_log_outcome ssh_log_socket_dial(const char *log, struct strbuf *words);

/* Whether a fresh master needs a session (prime.h). */
enum ssh_log_priming {
	SSH_LOG_PRIMING_UNKNOWN, /* the sshd has not said yet which options the key has */
	SSH_LOG_PRIMING_NEEDED,  /* it is an OpenSSH before 10.1, or ssh does not tell */
	SSH_LOG_PRIMING_SPARED,  /* it is none, or the key has a command of its own */
};

enum ssh_log_priming ssh_log_priming(const char *log);

/* Whether the sshd said that it listens wider than on this address (GatewayPorts yes). */
bool ssh_log_widened(const char *log, const char *address);

#endif
