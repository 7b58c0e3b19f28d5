/*
 * Ssh log line: the lines of a master's stderr, and who speaks in each of them. Pure functions.
 *
 * Each master is started with a LogVerbose that prints a few debug lines, and puts the name of a function and the
 * number of the process before what ssh says there:
 *
 *     debug1: channels.c:channel_new():503 (pid=7): channel 2: new stdio-forward [stdio-forward]
 *     packet.c:sshpkt_vfatal():1782 (pid=7): Connection closed by 10.2.0.3 port 22
 *
 * ssh before 8.5 has no LogVerbose.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_LOG_LINE_H
#define TUNPLAN_EXEC_SSH_SSH_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of LogVerbose on which the facts of ssh_log.h rely. */
#define SSH_LOG_VERBOSE                                                               \
	"sshconnect.c:ssh_login():*,sshconnect2.c:*userauth*():*,"                    \
	"kex.c:kex_input_newkeys():*,sshconnect2.c:pubkey_prepare():*,"               \
	"sshconnect2.c:authmethod_get():*,"                                           \
	"channels.c:channel_connect_stdio_fwd():*,channels.c:channel_new():*,"        \
	"channels.c:channel_free():*,channels.c:channel_input_open_confirmation():*," \
	"channels.c:channel_input_open_failure():*,"                                  \
	"channels.c:channel_post_port_listener():*,"                                  \
	"channels.c:channel_post_connecting():*,"                                     \
	"clientloop.c:client_request_forwarded_*():*,"                                \
	"clientloop.c:client_input_global_request():*,"                               \
	"packet.c:ssh_packet_read_poll_seqnr():*,packet.c:sshpkt_vfatal():*,"         \
	"compat.c:compat_banner():*,kex.c:kex_exchange_identification():*"

/*
 * Steps through the lines of a text: sets *ret_line and *ret_length (without line break, and without what
 * LogVerbose puts before a line that is no debug line) and moves *text on. Returns false at the end.
 */
bool ssh_log_next(const char **text, const char **ret_line, size_t *ret_length);

/* What LogVerbose puts before a line. */
struct ssh_log_tag {
	const char *function; /* "channel_new", not terminated */
	size_t length;        /* of the function's name */
	long pid;             /* of the ssh that speaks */
	bool debug;           /* it is a debug line */
	const char *said;     /* what stands behind the tag, up to the end of the line */
};

/*
 * Finds the tag of a line. pid: whose it has to be, wherever in the line it stands; 0: anybody's, at the line's
 * beginning. Returns false when there is none.
 */
bool ssh_log_find_tag(const char *line, size_t length, long pid, struct ssh_log_tag *ret_tag);

/*
 * Whether a line says nothing about the master itself, nor about a listener that it was asked for: a debug
 * line, one about a connection that it carries ("channel 3: open failed: …"), or what it says of a request on
 * its control socket, whose answer says the same.
 */
bool ssh_log_is_aside(const char *line, size_t length);

/* Whether a line is about a listener that it was asked for: no reason for its end. */
bool ssh_log_is_about_listener(const char *line, size_t length);

#endif
