#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"
#include "exec/ssh/ssh_log_line.h"

/* As it comes: in pieces that end anywhere. */
static void hear(struct ssh_log *log, const char *text)
{
	for (size_t at = 0, size = 1; text[at]; at += size, size = size % 7 + 1) {
		if (size > strlen(text + at))
			size = strlen(text + at);
		ssh_log_add(log, text + at, size);
	}
}

static struct ssh_log *read_log(const char *text)
{
	struct ssh_log *log = ssh_log_create();

	hear(log, text);
	return log;
}

#define NEW(channel, type)                                                              \
	"debug1: channels.c:channel_new():503 (pid=7): channel " #channel ": new " type \
	" [x] (inactive timeout: 0)\r\n"
#define DIAL(target, channel)                                                  \
	"debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=7): " target \
	"\r\n" NEW(channel, "stdio-forward")
#define FAILED(channel, words)                                                    \
	"channels.c:channel_input_open_failure():3563 (pid=7): channel " #channel \
	": open failed: " words "\r\n"
#define CONFIRMED(channel)                                                                     \
	"debug2: channels.c:channel_input_open_confirmation():3402 (pid=7): channel " #channel \
	": open confirm rwindow 2097152 rmax 32768\r\n"
#define CAME(called, type, channel)                                                                \
	"debug1: channels.c:channel_post_port_listener():1902 (pid=7): Connection to port " called \
	" requested.\r\n" NEW(channel, type)

static void expect_refused(const struct ssh_log *log, const char *address, unsigned port,
			   const char *words)
{
	struct strbuf said = {0};

	cr_expect(ssh_log_dial_failure(log, address, port, &said) == (words != NULL), "%s:%u",
		  address, port);
	cr_expect(eq(str, (char *)strbuf_text(&said), (char *)(words ? words : "")));
	strbuf_finish(&said);
}

Test(ssh_log, tells_dials_apart_that_run_at_the_same_time)
{
	struct ssh_log *log = read_log(
		DIAL("10.2.0.3:22", 2) DIAL("10.2.0.4:22", 3) DIAL("10.2.0.5:22", 4)
			FAILED(3, "connect failed: Connection refused") "channel 2: open failed: "
									"administratively "
									"prohibited: x\n");

	expect_refused(log, "10.2.0.3", 22, "open failed: administratively prohibited: x");
	expect_refused(log, "10.2.0.4", 22, "open failed: connect failed: Connection refused");
	expect_refused(log, "10.2.0.5", 22, NULL);
	expect_refused(log, "10.2.0.3", 2222, NULL);
	ssh_log_destroy(log);
}

Test(ssh_log, a_channel_number_that_is_used_again_belongs_to_its_last_dial)
{
	struct ssh_log *log = read_log(DIAL("10.2.0.3:22", 2) FAILED(2, "first") DIAL(
		"10.2.0.4:22", 2) FAILED(2, "second") NEW(2, "mux-control") FAILED(2, "third"));

	expect_refused(log, "10.2.0.3", 22, "open failed: first");
	expect_refused(log, "10.2.0.4", 22, "open failed: second");
	ssh_log_destroy(log);
}

Test(ssh_log, a_refusal_is_forgotten_when_the_place_is_dialled_again)
{
	struct ssh_log *log = read_log(DIAL("10.2.0.3:22", 2) FAILED(2, "first"));

	ssh_log_expect_dial(log, "10.2.0.3", 22);
	expect_refused(log, "10.2.0.3", 22, NULL);
	hear(log, DIAL("10.2.0.3:22", 2));
	expect_refused(log, "10.2.0.3", 22, NULL);
	hear(log, FAILED(2, "second"));
	expect_refused(log, "10.2.0.3", 22, "open failed: second");
	ssh_log_destroy(log);
}

Test(ssh_log, without_debug_lines_the_last_refusal_is_taken)
{
	struct ssh_log *log = read_log("channel 1: open failed: a\nchannel 2: open failed: b\n");

	expect_refused(log, "10.2.0.4", 22, "open failed: b");
	ssh_log_expect_dial(log, "10.2.0.4", 22);
	expect_refused(log, "10.2.0.4", 22, NULL);
	cr_expect(not(ssh_log_tells(log)));
	ssh_log_destroy(log);
}

static void expect_use(const struct ssh_log *log, const struct mux_forward *forward, unsigned came,
		       unsigned opened, unsigned refused, const char *words)
{
	const char *said;
	const struct ssh_log_use use = ssh_log_use(log, forward, &said);

	cr_expect(use.came == came && use.opened == opened && use.refused == refused, "%u %u %u",
		  use.came, use.opened, use.refused);
	cr_expect(eq(str, (char *)said, (char *)words));
}

Test(ssh_log, counts_the_connections_of_each_listener)
{
	const struct mux_forward web = {PLAN_LOCAL, "127.0.0.1", 8080, NULL, "web", 80, NULL},
				 path = {PLAN_LOCAL, NULL,         0, "/run/l.sock", NULL,
					 0,          "/run/r.sock"},
				 socks = {PLAN_DYNAMIC, "127.0.0.1", 1080, NULL, NULL, 0, NULL};
	struct ssh_log *log = read_log(
		CAME("8080 forwarding to web port 80", "direct-tcpip", 1) CAME(
			"-2 forwarding to /run/r.sock port -2", "direct-streamlocal@openssh.com", 2)
			CAME("1080 forwarding to socks port 0", "dynamic-tcpip", 3) CONFIRMED(3)
				FAILED(1, "connect failed: Connection refused"));

	expect_use(log, &web, 1, 0, 1, "open failed: connect failed: Connection refused");
	expect_use(log, &path, 1, 0, 0, "");
	expect_use(log, &socks, 1, 1, 0, "");
	hear(log, CONFIRMED(2) "debug1: channels.c:channel_free():721 (pid=7): channel 2: free: "
			       "direct-streamlocal\r\n" CONFIRMED(2));
	expect_use(log, &path, 1, 1, 0, "");
	expect_refused(log, "web", 80, NULL);
	hear(log, DIAL("web:80", 4) CONFIRMED(4));
	cr_expect(eq(u32, ssh_log_opened(log), 2));
	ssh_log_destroy(log);
}

#define THERE(said, type, channel) \
	"debug1: clientloop.c:client_request_forwarded_" said "\r\n" NEW(channel, type)
#define CONNECTED(channel, words)                                                                 \
	"debug1: channels.c:channel_post_connecting():1994 (pid=7): channel " #channel ": " words \
	"\r\n"

Test(ssh_log, counts_what_comes_back_from_a_remote_listener)
{
	const struct mux_forward port = {PLAN_REMOTE, "127.0.0.1", 9090, NULL,
					 "127.0.0.1", 80,          NULL},
				 all = {PLAN_REMOTE, "*", 9091, NULL, "127.0.0.1", 80, NULL},
				 /* Of the same port of that host, and another listener. */
		six = {PLAN_REMOTE, "::1", 9090, NULL, "127.0.0.1", 81, NULL},
				 path = {PLAN_REMOTE, NULL, 0,   "/run/x.sock",
					 "127.0.0.1", 80,   NULL};
	struct ssh_log *log = read_log(
		THERE("tcpip():1555 (pid=7): listen 127.0.0.1 port 9090, originator 127.0.0.1 port "
		      "40196",
		      "forwarded-tcpip", 1) THERE("tcpip():1555 (pid=7): listen  port 9091, "
						  "originator 127.0.0.1 port 1",
						  "forwarded-tcpip", 2)
			THERE("streamlocal():1611 (pid=7): request: /run/x.sock",
			      "forwarded-streamlocal@openssh.com", 3)
				CONNECTED(1, "connected to 127.0.0.1 port 80")
					CONNECTED(2, "connection failed: Connection refused")
		/* Nothing was opened for it: the next channel is another's. */
		"debug1: clientloop.c:client_request_forwarded_tcpip():1555 (pid=7): listen "
		"127.0.0.1 port 9090, originator h port 1\r\n" NEW(4, "mux-control") CONFIRMED(4));

	expect_use(log, &port, 2, 1, 0, "");
	expect_use(log, &all, 1, 0, 1, "Connection refused");
	expect_use(log, &six, 0, 0, 0, "");
	expect_use(log, &path, 1, 0, 0, "");
	ssh_log_destroy(log);
}

Test(ssh_log, what_is_said_of_a_channel_that_is_open_is_about_another_one)
{
	const struct mux_forward port = {PLAN_REMOTE, "127.0.0.1", 9090, NULL,
					 "127.0.0.1", 80,          NULL};
	/* The lines in between are lost: the disk was full. */
	struct ssh_log *log = read_log(
		THERE("tcpip():1555 (pid=7): listen 127.0.0.1 port 9090, originator h port 1",
		      "forwarded-tcpip", 2) CONNECTED(2, "connected to 127.0.0.1 port 80")
			CONFIRMED(2) FAILED(2, "connect failed: Connection refused"));

	expect_use(log, &port, 1, 1, 0, "");
	cr_expect(eq(u32, ssh_log_opened(log), 1));
	ssh_log_destroy(log);
}

Test(ssh_log, sees_the_banner)
{
	struct ssh_log *log = read_log("kex_exchange_identification: Connection closed\n");

	cr_expect(not(ssh_log_has_banner(log)));
	hear(log, "debug1: sshconnect.c:ssh_login():1585 (pid=7): Authenticating to 10.2.0.3:22 as "
		  "'root'\n");
	cr_expect(ssh_log_has_banner(log));
	ssh_log_destroy(log);
}

/* With LogVerbose, the tag stands for the name with which ssh would begin. */
Test(ssh_log, says_of_the_banner_what_ssh_says)
{
	struct ssh_log *log = read_log("kex.c:kex_exchange_identification():1201 (pid=7): "
				       "Connection closed by remote host\r\n");

	cr_expect(eq(str, ssh_log_words(log),
		     "kex_exchange_identification: Connection closed by remote host\n"));
	ssh_log_destroy(log);
}

#define BEFORE(number, words)                                                            \
	"debug1: kex.c:kex_exchange_identification():1288 (pid=7): banner line " #number \
	": " words "\r\n"

Test(ssh_log, what_is_said_in_place_of_a_banner_is_kept_until_one_comes)
{
	struct ssh_log *log = read_log(BEFORE(0, "Down for maintenance: until Monday") BEFORE(1, "")
					       BEFORE(2, "Sorry"));

	cr_expect(eq(str, (char *)ssh_log_preface(log),
		     "Down for maintenance: until Monday | Sorry"));
	cr_expect(eq(str, (char *)ssh_log_words(log), ""));
	hear(log, "debug1: sshconnect.c:ssh_login():1585 (pid=7): Authenticating to 10.2.0.3:22 as "
		  "'root'\n");
	cr_expect(eq(str, (char *)ssh_log_preface(log), ""));
	ssh_log_destroy(log);
}

/* --- whose words ----------------------------------------------------------------------------- */

#define MATCH  "debug1: compat.c:compat_banner():150 (pid=7): match: OpenSSH_9.2p1 pat OpenSSH*\r\n"
#define QUOTE  "debug3: sshconnect2.c:input_userauth_banner():675 (pid=7): entering\r\n"
#define CLOSED "packet.c:sshpkt_vfatal():1945 (pid=7): Connection closed by 10.2.0.3 port 22\r\n"

Test(ssh_log, sees_that_nobody_is_let_in_for_now)
{
	static const char *const rows[] = {
		"debug1: kex.c:kex_exchange_identification():1290 (pid=7): "
		"banner line 0: Not allowed at this time\n",
		"debug1: kex.c:kex_exchange_identification():1290 (pid=7): "
		"banner line 0: Welcome\n",
		"Not allowed at this time\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log = ssh_log_create();

		ssh_log_add(log, rows[i], strlen(rows[i]));
		cr_expect(eq(int, ssh_log_is_shut_out(log), i == 0), "%s", rows[i]);
		ssh_log_destroy(log);
	}
}

Test(ssh_log, what_the_server_says_are_not_the_words_of_ssh)
{
	static const struct {
		const char *log, *words, *last;
	} rows[] = {
		{MATCH QUOTE "Host is down for maintenance.\n" CLOSED,
		 "Connection closed by 10.2.0.3 port 22\n",
		 "Connection closed by 10.2.0.3 port 22"},
		/* Without a line break at its end, and with what looks like ours. */
		{MATCH QUOTE
		 "Permission denied (x)\npacket.c:sshpkt_vfatal():1 (pid=8): No route to "
		 "host\nHost is down" CLOSED,
		 "Connection closed by 10.2.0.3 port 22\n",
		 "Connection closed by 10.2.0.3 port 22"},
		{MATCH QUOTE "Hello.\r\ndebug2: sshconnect2.c:userauth():650 (pid=7): we sent a "
			     "publickey packet, wait for reply\r\nTimeout, server h not "
			     "responding.\r\n",
		 "Timeout, server h not responding.\n", "Timeout, server h not responding."},
		/* Another ssh, which carries this one, has read a banner before. */
		{"debug1: compat.c:compat_banner():150 (pid=5): match: OpenSSH_9.2p1\r\n" MATCH
			 QUOTE "Host is down\r\n" CLOSED,
		 "Connection closed by 10.2.0.3 port 22\n",
		 "Connection closed by 10.2.0.3 port 22"},
		{MATCH
		 "packet.c:ssh_packet_read_poll_seqnr():1745 (pid=7): Received disconnect from "
		 "10.2.0.3 port 22:11: bye\nNo route to host\n"
		 "packet.c:sshpkt_vfatal():1945 (pid=7): Disconnected from 10.2.0.3 port 22\r\n",
		 "Received disconnect from 10.2.0.3 port 22:11: bye\nDisconnected from 10.2.0.3 "
		 "port "
		 "22\n",
		 "Disconnected from 10.2.0.3 port 22"},
		/* What is about forwards is no reason for its end. */
		{MATCH "bind [127.0.0.1]:7999: Address already in use\r\n",
		 "bind "
		 "[127.0.0.1]:7999: "
		 "Address already in "
		 "use\n",
		 ""},
		{MATCH "connect_to mail: unknown host (Name or service not known)\r\n"
		       "mux_confirm_remote_forward: unknown forwarding id 0\r\n",
		 "", ""},
		/* ssh before 8.5. */
		{"Hello.\nConnection closed by 10.2.0.3 port 22\r\n",
		 "Hello.\nConnection closed by 10.2.0.3 port 22\n",
		 "Connection closed by 10.2.0.3 port 22"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log = read_log(rows[i].log);

		cr_expect(eq(str, (char *)ssh_log_words(log), (char *)rows[i].words));
		cr_expect(eq(str, (char *)ssh_log_last_words(log), (char *)rows[i].last));
		ssh_log_destroy(log);
	}
}

Test(ssh_log, a_last_line_without_an_end_counts_at_the_end)
{
	struct ssh_log *log = read_log("Killed by signal 15.");

	cr_expect(eq(str, (char *)ssh_log_last_words(log), ""));
	ssh_log_end(log);
	cr_expect(eq(str, (char *)ssh_log_last_words(log), "Killed by signal 15."));
	ssh_log_destroy(log);
}

Test(ssh_log, of_many_words_the_last_are_kept)
{
	struct ssh_log *log = ssh_log_create();
	char line[64];

	for (unsigned i = 0; i < 3000; i++) {
		snprintf(line, sizeof(line), "trouble number %u\n", i);
		hear(log, line);
	}
	cr_expect(strlen(ssh_log_words(log)) < 20000);
	cr_expect(strncmp(ssh_log_words(log), "trouble number ", 15) == 0);
	cr_expect(strstr(ssh_log_words(log), "\ntrouble number 2999\n") != NULL);
	ssh_log_destroy(log);
}

Test(ssh_log, a_line_about_a_listener_belongs_to_the_one_whose_place_it_names)
{
	static const struct {
		struct mux_forward forward;
		const char *words;
	} rows[] = {
		{{PLAN_LOCAL, "127.0.0.1", 8080, NULL, "web", 80, NULL},
		 "bind [127.0.0.1]:8080: Address already in use\n"
		 "channel_setup_fwd_listener_tcpip: cannot listen to port: 8080\n"},
		{{PLAN_LOCAL, "10.77.0.1", 8081, NULL, "web", 80, NULL},
		 "bind [10.77.0.1]:8081: Cannot assign requested address\n"},
		{{PLAN_LOCAL, NULL, 0, "/run/nodir/x.sock", "web", 80, NULL},
		 "unix_listener: cannot bind to path /run/nodir/x.sock: No such file or "
		 "directory\n"},
		{{PLAN_LOCAL, "127.0.0.1", 808, NULL, "web", 80, NULL}, ""},
		{{PLAN_LOCAL, NULL, 0, "/nodir/x.sock", "web", 80, NULL}, ""},
	};
	struct ssh_log *log = read_log(
		"bind [127.0.0.1]:8080: Address already in use\r\n"
		"channel_setup_fwd_listener_tcpip: cannot listen to port: 8080\r\n"
		"mux_master_process_open_fwd: requested local forward 127.0.0.1:8080 failed\r\n"
		"bind [10.77.0.1]:8081: Cannot assign requested address\r\n"
		"unix_listener: cannot bind to path /run/nodir/x.sock: No such file or "
		"directory\r\n");
	struct strbuf words = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strbuf_clear(&words);
		ssh_log_listener_failure(log, &rows[i].forward, &words);
		cr_expect(eq(str, (char *)strbuf_text(&words), (char *)rows[i].words));
	}
	ssh_log_expect_listener(log, &rows[0].forward);
	strbuf_clear(&words);
	ssh_log_listener_failure(log, &rows[0].forward, &words);
	cr_expect(eq(str, (char *)strbuf_text(&words), ""));
	ssh_log_listener_failure(log, &rows[1].forward, &words);
	cr_expect(eq(str, (char *)strbuf_text(&words), (char *)rows[1].words));
	strbuf_finish(&words);
	ssh_log_destroy(log);
}

Test(ssh_log, sees_that_a_listener_was_widened)
{
	struct ssh_log *log =
		read_log("debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=7): Remote: "
			 "Forwarding listen address \"127.0.0.1\" overridden by server "
			 "GatewayPorts\r\n");

	cr_expect(ssh_log_widened(log, "127.0.0.1"));
	cr_expect(not(ssh_log_widened(log, "127.0.0.2")));
	ssh_log_destroy(log);
}

Test(ssh_log, knows_whether_the_server_is_openssh)
{
	static const struct {
		const char *says;
		bool openssh;
	} rows[] = {
		{"match: OpenSSH_9.2p1 pat OpenSSH*", true},
		{"match: OpenSSH_for_Windows_9.5 pat OpenSSH*", true},
		{"no match: dropbear_2022.83", false},
		{"no match: AsyncSSH_2.10.1", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log = read_log("debug1: compat.c:compat_banner():150 (pid=7): ");

		hear(log, rows[i].says);
		hear(log, "\r\n");
		cr_expect(ssh_log_is_openssh(log) == rows[i].openssh, "%s", rows[i].says);
		cr_expect(ssh_log_tells(log));
		ssh_log_destroy(log);
	}
}

/* --- lines ----------------------------------------------------------------------------------- */

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

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log = read_log(rows[i].log);

		cr_expect(eq(int, ssh_log_priming(log), rows[i].priming), "%s", rows[i].log);
		ssh_log_destroy(log);
	}
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
		{"Authenticated to h ([10.0.0.5]:22) using \"publickey\".\n",
		 "Authenticated to h ([10.0.0.5]:22) using \"publickey\".", true, false},
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

Test(ssh_log, a_tag_may_name_the_program)
{
	static const char line[] =
		"debug1: channels.c:channel_new():503 (bin=ssh, pid=77): channel 2: new x (y): z";
	struct ssh_log_tag tag;

	cr_assert(ssh_log_find_tag(line, strlen(line), 0, &tag));
	cr_expect(tag.debug && tag.pid == 77);
	cr_expect(strncmp(tag.function, "channel_new", tag.length) == 0);
	cr_expect(eq(str, (char *)tag.said, "channel 2: new x (y): z"));
	cr_expect(not(ssh_log_find_tag(line, strlen(line), 7, &tag)));
}
