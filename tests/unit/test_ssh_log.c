#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"

#define DIAL(target, channel)                                                       \
	"debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=7): " target "\n" \
	"debug1: channels.c:channel_new():503 (pid=7): channel " #channel           \
	": new stdio-forward [stdio-forward] (inactive timeout: 0)\n"

Test(ssh_log, tells_dials_apart_that_run_at_the_same_time)
{
	static const char log[] = DIAL("10.2.0.3:22", 2) DIAL("10.2.0.4:22", 3) DIAL(
		"10.2.0.5:22", 4) "channel 3: open failed: connect failed: Connection refused\n"
				  "channel 2: open failed: administratively prohibited: x\n";
	struct strbuf words = {0};

	cr_expect(ssh_log_dial_failure(log, "10.2.0.3", 22, &words));
	cr_expect(eq(str, words.text, "open failed: administratively prohibited: x"));
	strbuf_clear(&words);
	cr_expect(ssh_log_dial_failure(log, "10.2.0.4", 22, &words));
	cr_expect(eq(str, words.text, "open failed: connect failed: Connection refused"));
	strbuf_clear(&words);
	cr_expect(not(ssh_log_dial_failure(log, "10.2.0.5", 22, &words)));
	cr_expect(not(ssh_log_dial_failure(log, "10.2.0.3", 2222, &words)));
	strbuf_finish(&words);
}

Test(ssh_log, a_channel_number_that_is_used_again_belongs_to_its_last_dial)
{
	static const char log[] = DIAL("10.2.0.3:22", 2) "channel 2: open failed: first\n" DIAL(
		"10.2.0.4:22", 2) "channel 2: open failed: second\n";
	struct strbuf words = {0};

	cr_expect(ssh_log_dial_failure(log, "10.2.0.4", 22, &words));
	cr_expect(eq(str, words.text, "open failed: second"));
	strbuf_finish(&words);
}

Test(ssh_log, without_debug_lines_the_last_refusal_is_taken)
{
	struct strbuf words = {0};

	cr_expect(ssh_log_dial_failure("channel 1: open failed: a\nchannel 2: open failed: b\n",
				       "10.2.0.4", 22, &words));
	cr_expect(eq(str, words.text, "open failed: b"));
	strbuf_finish(&words);
}

Test(ssh_log, sees_the_banner)
{
	cr_expect(ssh_log_has_banner("debug1: sshconnect.c:ssh_login():1585 (pid=7): "
				     "Authenticating to 10.2.0.3:22 as 'root'\n"));
	cr_expect(not(ssh_log_has_banner("kex_exchange_identification: Connection closed\n")));
	cr_expect(not(ssh_log_has_banner("")));
}

Test(ssh_log, a_dial_that_failed_before_ours_is_not_ours)
{
	/* Only its end is in this part of the log. */
	static const char log[] =
		"channel 2: open failed: connect failed: Connection refused\n" DIAL("10.2.0.3:22",
										    3);
	struct strbuf words = {0};

	cr_expect(not(ssh_log_dial_failure(log, "10.2.0.3", 22, &words)));
	cr_expect(eq(str, (char *)strbuf_text(&words), ""));
}

Test(ssh_log, follows_a_dial_of_a_unix_socket)
{
#define OPENED                                                          \
	"debug1: channels.c:channel_new():503 (pid=7): channel 3: new " \
	"direct-streamlocal@openssh.com [direct-streamlocal@openssh.com] (inactive timeout: 0)\n"
#define CONFIRMED                                                                             \
	"debug2: channels.c:channel_input_open_confirmation():3402 (pid=7): channel 3: open " \
	"confirm rwindow 2097152 rmax 32768\n"
	struct strbuf words = {0};

	cr_expect(eq(int, ssh_log_socket_dial("", &words), SSH_LOG_PENDING));
	cr_expect(eq(int, ssh_log_socket_dial(OPENED, &words), SSH_LOG_PENDING));
	cr_expect(eq(int, ssh_log_socket_dial(OPENED CONFIRMED, &words), SSH_LOG_OPENED));
	cr_expect(eq(int, ssh_log_socket_dial(CONFIRMED OPENED, &words), SSH_LOG_PENDING));
	cr_expect(eq(int,
		     ssh_log_socket_dial("channel 3: open failed: old\n" OPENED
					 "channel 3: open failed: connect failed: open failed\n",
					 &words),
		     SSH_LOG_REFUSED));
	cr_expect(eq(str, words.text, "open failed: connect failed: open failed"));
	strbuf_finish(&words);
}

#define BANNER(words)                                                                      \
	"debug1: compat.c:compat_banner():104 (pid=7): " words "\r\n"                      \
	"debug1: sshconnect.c:ssh_login():1585 (pid=7): Authenticating to 10.2.0.3:22 as " \
	"'root'\r\n"
#define BEGUN                                                               \
	"debug1: clientloop.c:client_input_global_request():2505 (pid=7): " \
	"client_input_global_request: rtype hostkeys-00@openssh.com want_reply 0\r\n"
#define KEY(options)                                                           \
	"debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=7): Remote: " \
	"/home/a command/.ssh/authorized_keys:1: key options:" options "\r\n"

Test(ssh_log, knows_which_sshd_needs_a_session)
{
	static const struct {
		const char *log;
		enum ssh_log_priming priming;
	} rows[] = {
		/* ssh before 8.5 tells nothing. */
		{"", SSH_LOG_PRIMING_NEEDED},
		{"Warning: Permanently added 'h' to the list of known hosts.\r\n",
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_9.2p1 Debian-2+deb12u10 pat OpenSSH* compat 0x04000000"),
		 SSH_LOG_PRIMING_UNKNOWN},
		{BANNER("match: OpenSSH_9.2p1 Debian-2+deb12u10 pat OpenSSH* compat 0x04000000")
			 BEGUN,
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_10.0p2 pat OpenSSH* compat 0x04000000") BEGUN,
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_10.1 pat OpenSSH* compat 0x04000000") BEGUN,
		 SSH_LOG_PRIMING_SPARED},
		{BANNER("match: OpenSSH_10.10p1 pat OpenSSH* compat 0x04000000"),
		 SSH_LOG_PRIMING_SPARED},
		{BANNER("match: OpenSSH_11.0 pat OpenSSH* compat 0x04000000"),
		 SSH_LOG_PRIMING_SPARED},
		{BANNER("match: OpenSSH_6.8 pat OpenSSH* compat 0x04000000"),
		 SSH_LOG_PRIMING_UNKNOWN},
		/* It sends no host keys, nor options of keys. */
		{BANNER("match: OpenSSH_6.6.1 pat OpenSSH_6.6.1* compat 0x04000000"),
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_5.3 pat OpenSSH_5* compat 0x0c000000"),
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_for_Windows_9.5 pat OpenSSH* compat 0x04000000"),
		 SSH_LOG_PRIMING_UNKNOWN},
		{BANNER("match: OpenSSH_for_Windows_9.5 pat OpenSSH* compat 0x04000000") BEGUN,
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("no match: dropbear_2022.83") BEGUN, SSH_LOG_PRIMING_SPARED},
		{BANNER("match: Cisco-1.25 pat Cisco-1.* compat 0x60000000"),
		 SSH_LOG_PRIMING_SPARED},
		{BANNER("no match: OpenSSX_9.2"), SSH_LOG_PRIMING_SPARED},
		{BANNER("match: OpenSSH_9.2p1 pat OpenSSH* compat 0x04000000")
			 BEGUN KEY(" agent-forwarding port-forwarding pty user-rc x11-forwarding"),
		 SSH_LOG_PRIMING_NEEDED},
		{BANNER("match: OpenSSH_9.2p1 pat OpenSSH* compat 0x04000000")
			 BEGUN KEY(" agent-forwarding command port-forwarding pty user-rc"),
		 SSH_LOG_PRIMING_SPARED},
		{BANNER("match: OpenSSH_9.2p1 pat OpenSSH* compat 0x04000000") KEY(" command"),
		 SSH_LOG_PRIMING_SPARED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(eq(int, ssh_log_priming(rows[i].log), rows[i].priming), "%s",
			  rows[i].log);
}

Test(ssh_log, a_line_is_what_ssh_says_without_our_tag)
{
	static const struct {
		const char *line, *said;
		bool aside, listener;
	} rows[] = {
		{"packet.c:ssh_packet_read_poll_seqnr():1745 (pid=77): Received disconnect from "
		 "10.2.0.3 port 22:2: Too many authentication failures\r\n",
		 "Received disconnect from 10.2.0.3 port 22:2: Too many authentication failures",
		 false, false},
		{"kex_exchange_identification: read: Connection reset by peer (pid=7): x\n",
		 "kex_exchange_identification: read: Connection reset by peer (pid=7): x", false,
		 false},
		{"no end (pid=7\n", "no end (pid=7", false, false},
		{"debug1: channels.c:channel_new():503 (pid=7): channel 2: new\n",
		 "debug1: channels.c:channel_new():503 (pid=7): channel 2: new", true, false},
		{"channel 2: open failed: connect failed: Connection refused\n",
		 "channel 2: open failed: connect failed: Connection refused", true, false},
		{"connect_to 10.0.0.5 port 80: failed.\n", "connect_to 10.0.0.5 port 80: failed.",
		 true, false},
		{"connect_to mail: unknown host (Name or service not known)\n",
		 "connect_to mail: unknown host (Name or service not known)", true, false},
		{"ssh: connect to host 10.2.0.3 port 22: Connection refused\n",
		 "ssh: connect to host 10.2.0.3 port 22: Connection refused", false, false},
		{"mux_confirm_remote_forward: unknown forwarding id 3\n",
		 "mux_confirm_remote_forward: unknown forwarding id 3", true, false},
		{"mux_master_process_close_fwd: port not forwarded\n",
		 "mux_master_process_close_fwd: port not forwarded", true, false},
		{"mm_receive_fd: no message header\n", "mm_receive_fd: no message header", true,
		 false},
		/* ssh -O says it of its own request. */
		{"mux_client_forward: forwarding request failed: Port forwarding failed\n",
		 "mux_client_forward: forwarding request failed: Port forwarding failed", false,
		 false},
		{"bind [127.0.0.1]:7001: Address already in use\n",
		 "bind [127.0.0.1]:7001: Address already in use", false, true},
		{"channel_setup_fwd_listener_tcpip: cannot listen to port: 7001\n",
		 "channel_setup_fwd_listener_tcpip: cannot listen to port: 7001", false, true},
		{"Connection to 10.2.0.3 closed by remote host.\r\n",
		 "Connection to 10.2.0.3 closed by remote host.", false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = rows[i].line, *line;
		size_t length;

		cr_assert(ssh_log_next(&at, &line, &length));
		cr_expect(length == strlen(rows[i].said) && memcmp(line, rows[i].said, length) == 0,
			  "%.*s", (int)length, line);
		cr_expect(ssh_log_is_aside(line, length) == rows[i].aside, "%s", rows[i].line);
		cr_expect(ssh_log_is_about_listener(line, length) == rows[i].listener, "%s",
			  rows[i].line);
	}
}

Test(ssh_log, sees_that_a_listener_was_widened)
{
	static const char log[] = "debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=7): "
				  "Remote: Forwarding listen address \"127.0.0.1\" overridden by "
				  "server GatewayPorts\n";

	cr_expect(ssh_log_widened(log, "127.0.0.1"));
	cr_expect(not(ssh_log_widened(log, "127.0.0.2")));
}
