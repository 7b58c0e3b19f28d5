#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "exec/tunnel/classify.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A case with everything filled in. */
static struct ssh_fault_subject subject_of(enum fault_about about, unsigned known)
{
	return (struct ssh_fault_subject){.host = "git",
					  .address = "10.0.0.1",
					  .port = 22,
					  .from = "gw",
					  .about = about,
					  .known = known,
					  .me = "laptop"};
}

/* Lines as ssh, its servers and the system really print them. */
static const struct {
	const char *log;
	enum fault_about about;
	unsigned known;
	const char *code;
	const char *blamed; /* "SUBJECT HOST" */
	const char *words;  /* NULL: the log without its end */
} cases[] = {
	{"root@h: Permission denied (publickey).\r\n", FAULT_HOP, 0, "auth", "hop git",
	 "root@h: Permission denied (publickey)."},
	{"root@h: Permission denied (gssapi-keyex,publickey).\r\n", FAULT_HOP, 0, "auth", "hop git",
	 "root@h: Permission denied (gssapi-keyex,publickey)."},
	{"no such identity: /k: No such file or directory\nroot@h: Permission denied "
	 "(publickey).\n",
	 FAULT_HOP, 0, "auth", "own_side laptop",
	 "no such identity: /k: No such file or directory"},
	{"sshconnect2.c:sign_and_send_pubkey():1629 (pid=63): signing failed for ED25519 \"me\" "
	 "from "
	 "agent: agent refused operation\nroot@h: Permission denied (publickey).\n",
	 FAULT_HOP, 0, "auth", "own_side laptop",
	 "signing failed for ED25519 \"me\" from agent: agent refused operation"},
	{"Load key \"/k\": error in libcrypto\nroot@h: Permission denied (publickey).\n", FAULT_HOP,
	 0, "auth", "own_side laptop", "Load key \"/k\": error in libcrypto"},
	{"Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\r\n"
	 "Disconnected from 10.0.0.1 port 22\r\n",
	 FAULT_HOP, 0, "auth", "own_side laptop",
	 "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures"},
	{"Received disconnect from 10.0.0.1 port 22:11: Terminated (shutdown) by supervisor\r\n"
	 "Disconnected from 10.0.0.1 port 22\r\n",
	 FAULT_HOP, 0, "closed", "hop git",
	 "Received disconnect from 10.0.0.1 port 22:11: Terminated (shutdown) by supervisor"},
	{"Host key verification failed.\r\n", FAULT_HOP, 0, "host_key", "hop git",
	 "Host key verification failed."},
	{"@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@\n"
	 "Host key verification failed.\n",
	 FAULT_HOP, 0, "host_key", "hop git", "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!"},
	/* Of an ssh that runs on the host before. */
	{"Host key verification failed.\r\n", FAULT_HOP, FAULT_STITCHED, "host_key", "hop git",
	 "Host key verification failed."},
	{"no such identity: /k: No such file or directory\nroot@h: Permission denied "
	 "(publickey).\n",
	 FAULT_HOP, FAULT_STITCHED, "auth", "hop git", "root@h: Permission denied (publickey)."},
	{"bind [127.0.0.1]:2999: Address already in use\r\n"
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 2999\r\n",
	 FAULT_HOP, FAULT_STITCHED, "port_taken", "hop gw",
	 "bind [127.0.0.1]:2999: Address already in use"},
	{"mux_client_forward: forwarding request failed: remote port forwarding failed for listen "
	 "port 9999\r\n",
	 FAULT_HOP, FAULT_STITCHED, "listen", "hop git",
	 "mux_client_forward: forwarding request failed: remote port forwarding failed for listen "
	 "port 9999"},
	{"sh: 1: mktemp: not found\r\n", FAULT_HOP, FAULT_STITCHED, "relay", "hop gw",
	 "sh: 1: mktemp: not found"},
	{"/root/.ssh/config: line 1: Bad configuration option: x\r\n", FAULT_HOP, FAULT_STITCHED,
	 "config", "hop gw", "/root/.ssh/config: line 1: Bad configuration option: x"},
	{"tunplan: cannot run a program on the hop before: sh: the sshd opens no session\r\n",
	 FAULT_HOP, FAULT_STITCHED, "max_sessions", "hop gw",
	 "tunplan: cannot run a program on the hop before: sh: the sshd opens no session"},
	{"ssh: Could not resolve hostname h: Name or service not known\n", FAULT_HOP,
	 FAULT_FROM_HERE, "resolve", "hop git",
	 "ssh: Could not resolve hostname h: Name or service not known"},
	{"ssh: Could not resolve hostname h: Temporary failure in name resolution\n", FAULT_HOP,
	 FAULT_FROM_HERE, "resolve", "own_side laptop",
	 "ssh: Could not resolve hostname h: Temporary failure in name resolution"},
	{"ssh: Could not resolve hostname 2001:db8::2: Address family for hostname not supported\n",
	 FAULT_HOP, FAULT_FROM_HERE, "config", "own_side laptop",
	 "ssh: Could not resolve hostname 2001:db8::2: Address family for hostname not supported"},
	{"ssh: connect to host 10.0.0.1 port 22: Permission denied\n", FAULT_HOP, FAULT_FROM_HERE,
	 "unreachable", "own_side laptop",
	 "ssh: connect to host 10.0.0.1 port 22: Permission denied"},
	{"mktemp: failed to create directory via template '/x/tmp.XXXXXXXXXX': No such file or "
	 "directory\n",
	 FAULT_HOP, FAULT_STITCHED, "relay", "hop gw",
	 "mktemp: failed to create directory via template '/x/tmp.XXXXXXXXXX': No such file or "
	 "directory"},
	{"Killed\n", FAULT_HOP, FAULT_STITCHED, "killed", "hop gw", "Killed"},
	{"ssh: connect to host 10.0.0.1 port 22: Connection refused\n", FAULT_HOP, FAULT_FROM_HERE,
	 "refused", "hop git", "ssh: connect to host 10.0.0.1 port 22: Connection refused"},
	{"ssh: connect to host 10.0.0.1 port 22: Connection timed out\n", FAULT_HOP,
	 FAULT_FROM_HERE, "timeout", "hop git",
	 "ssh: connect to host 10.0.0.1 port 22: Connection timed out"},
	{"Connection timed out during banner exchange\n", FAULT_HOP, 0, "timeout", "hop git",
	 "Connection timed out during banner exchange"},
	{"ssh: connect to host 10.0.0.1 port 22: No route to host\n", FAULT_HOP, FAULT_FROM_HERE,
	 "unreachable", "hop git", "ssh: connect to host 10.0.0.1 port 22: No route to host"},
	{"ssh: connect to host 10.0.0.1 port 22: Network is unreachable\n", FAULT_HOP,
	 FAULT_FROM_HERE, "unreachable", "own_side laptop",
	 "ssh: connect to host 10.0.0.1 port 22: Network is unreachable"},
	{"kex_exchange_identification: Connection closed by remote host\n", FAULT_HOP, FAULT_SPOKE,
	 "closed", "hop git", "kex_exchange_identification: Connection closed by remote host"},
	{"kex_exchange_identification: Connection closed by remote host\n"
	 "Connection closed by 10.0.0.1 port 22\n",
	 FAULT_HOP, 0, "closed", "hop git",
	 "kex_exchange_identification: Connection closed by remote host"},
	{"kex_exchange_identification: read: Connection reset by peer\n", FAULT_HOP,
	 FAULT_NEIGHBOURS, "closed", "hop git",
	 "kex_exchange_identification: read: Connection reset by peer"},
	{"tunplan: the ssh of the hop before cannot be asked: Connection refused\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 FAULT_HOP, 0, "parent", "hop git",
	 "tunplan: the ssh of the hop before cannot be asked: Connection refused"},

	/* A relaying host's trouble is the relaying host's. */
	{"bash: line 1: nc: command not found\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 FAULT_HOP, FAULT_RELAYED, "relay", "hop gw", "bash: line 1: nc: command not found"},
	{"sh: 1: socat: not found\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 FAULT_HOP, FAULT_RELAYED, "relay", "hop gw", "sh: 1: socat: not found"},
	{"kex_exchange_identification: Connection closed by remote host\n", FAULT_HOP,
	 FAULT_RELAYED, "relay", "hop gw",
	 "kex_exchange_identification: Connection closed by remote host"},
	{"tunplan: cannot run a program on the hop before: socat - TCP:10.9.0.4:22: the sshd opens "
	 "no session\nkex_exchange_identification: Connection closed by remote host\n",
	 FAULT_HOP, FAULT_RELAYED, "max_sessions", "hop gw",
	 "tunplan: cannot run a program on the hop before: socat - TCP:10.9.0.4:22: the sshd opens "
	 "no session"},
	{"2026/11/29 08:00:00 socat[7] E connect(5, AF=2 10.9.0.4:22, 16): Connection refused\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 FAULT_HOP, FAULT_RELAYED, "refused", "hop git",
	 "2026/11/29 08:00:00 socat[7] E connect(5, AF=2 10.9.0.4:22, 16): Connection refused"},

	/* Ends. */
	{"Timeout, server 10.0.0.1 not responding.\r\n", FAULT_HOP, FAULT_WAS_UP, "timeout",
	 "hop git", "Timeout, server 10.0.0.1 not responding."},
	{"Connection to 10.0.0.1 closed by remote host.\r\n", FAULT_HOP, FAULT_WAS_UP, "closed",
	 "hop git", "Connection to 10.0.0.1 closed by remote host."},
	{"client_loop: send disconnect: Broken pipe\r\n", FAULT_HOP, FAULT_WAS_UP | FAULT_CARRIED,
	 "closed", "hop git", "client_loop: send disconnect: Broken pipe"},

	/* What a server says that does not open a channel: by its four reasons, and by no words of another server. */
	{"open failed: administratively prohibited: open failed", FAULT_EGRESS, 0, "denied",
	 "hop gw", NULL},
	{"open failed: administratively prohibited: only one 'session' channel allowed", FAULT_HOP,
	 FAULT_OTHER, "denied", "hop gw", NULL},
	{"open failed: administratively prohibited: ", FAULT_EGRESS, FAULT_OTHER, "denied",
	 "hop gw", "open failed: administratively prohibited:"},
	{"open failed: unknown channel type: unknown channel", FAULT_EGRESS, FAULT_OTHER,
	 "unsupported", "hop gw", NULL},
	{"open failed: resource shortage: ", FAULT_EGRESS, FAULT_OTHER, "limit", "hop gw",
	 "open failed: resource shortage:"},
	{"open failed: connect failed: Connection refused", FAULT_EGRESS, FAULT_OPENSSH, "refused",
	 "egress git", NULL},
	{"open failed: connect failed: Connection refused", FAULT_HOP, 0, "refused", "hop git",
	 NULL},
	{"open failed: connect failed: Connection refused", FAULT_EGRESS, FAULT_OTHER,
	 "not_connected", "egress git", NULL},
	{"open failed: connect failed: [Errno 111] Connect call failed ('127.0.0.1', 9)",
	 FAULT_EGRESS, FAULT_OTHER, "not_connected", "egress git", NULL},
	{"open failed: connect failed: Permission denied (publickey)", FAULT_HOP, FAULT_OTHER,
	 "not_connected", "hop git", NULL},
	{"open failed: connect failed: Verbindungsaufbau abgelehnt", FAULT_EGRESS, 0,
	 "not_connected", "egress git", NULL},
	{"open failed: 17: who knows", FAULT_EGRESS, 0, "not_connected", "egress git", NULL},
	{"open failed: connect failed: Name or service not known", FAULT_HOP, FAULT_OPENSSH,
	 "resolve", "hop git", NULL},
	{"open failed: connect failed: Temporary failure in name resolution", FAULT_EGRESS, 0,
	 "resolve", "hop gw", NULL},
	{"open failed: connect failed: Connection timed out", FAULT_EGRESS, 0, "timeout",
	 "egress git", NULL},
	{"open failed: connect failed: open failed", FAULT_HOP, 0, "unreachable", "hop git", NULL},
	{"open failed: connect failed: open failed", FAULT_EGRESS, FAULT_DIALS, "unreachable",
	 "egress git", NULL},
	{"open failed: connect failed: open failed", FAULT_EGRESS, FAULT_EXHAUSTED, "limit",
	 "hop gw", NULL},
	{"open failed: connect failed: open failed", FAULT_EGRESS, FAULT_PATH | FAULT_DIALS,
	 "refused", "egress git", NULL},
	{"open failed: connect failed: open failed", FAULT_EGRESS, FAULT_PATH | FAULT_EXHAUSTED,
	 "limit", "hop gw", NULL},

	/* Listeners. */
	{"bind [127.0.0.1]:7999: Address already in use\n"
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 7999\n",
	 FAULT_LOCAL_INGRESS, FAULT_FROM_HERE, "port_taken", "local_ingress git",
	 "bind [127.0.0.1]:7999: Address already in use"},
	{"bind [127.0.0.1]:80: Permission denied\n"
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 80\n",
	 FAULT_LOCAL_INGRESS, FAULT_FROM_HERE, "bind", "own_side laptop",
	 "bind [127.0.0.1]:80: Permission denied"},
	{"channel_setup_fwd_listener_tcpip: cannot listen to port: 7999\n", FAULT_LOCAL_INGRESS,
	 FAULT_FROM_HERE, "files", "own_side laptop",
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 7999"},
	{"socket: Too many open files\n"
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 7999\n",
	 FAULT_LOCAL_INGRESS, FAULT_FROM_HERE, "files", "own_side laptop",
	 "socket: Too many open files"},
	{"remote port forwarding failed for listen port 9999", FAULT_REMOTE_INGRESS, 0, "listen",
	 "remote_ingress git", NULL},
	{"mux_client_forward: forwarding request failed: remote port forwarding failed for listen "
	 "path "
	 "/run/x.sock",
	 FAULT_REMOTE_INGRESS, FAULT_PATH, "listen", "remote_ingress git", NULL},

	/* From here: a remote forward's egress. */
	{"Connection refused", FAULT_EGRESS, FAULT_FROM_HERE, "refused", "egress git", NULL},
	{"No such file or directory", FAULT_EGRESS, FAULT_FROM_HERE | FAULT_PATH, "refused",
	 "egress git", NULL},

	/* This side. */
	{"/root/.ssh/config: line 3: Bad configuration option: frob\n"
	 "/root/.ssh/config: terminating, 1 bad configuration options\n",
	 FAULT_HOP, 0, "config", "own_side laptop",
	 "/root/.ssh/config: line 3: Bad configuration option: frob"},
	{"No such file or directory", FAULT_OWN_SIDE, 0, "start", "own_side laptop", NULL},
	{"Too many open files", FAULT_OWN_SIDE, 0, "files", "own_side laptop", NULL},
	{"Cannot allocate memory", FAULT_OWN_SIDE, 0, "start", "own_side laptop", NULL},

	{"something new\n", FAULT_HOP, 0, "unknown", "hop git", "something new"},
	{"", FAULT_HOP, 0, "unknown", "hop git", ""},
};

/* Nobody may remember that session any more. */
Test(classify, a_refused_listener_may_be_that_of_a_lost_session)
{
	const unsigned servers[] = {FAULT_OPENSSH, FAULT_OTHER};

	for (size_t i = 0; i < COUNT(servers); i++) {
		const struct ssh_fault_subject subject =
			subject_of(FAULT_REMOTE_INGRESS, servers[i]);
		struct strbuf words = {0}, advice = {0};

		classify_advice(classify(&subject,
					 "remote port forwarding failed for listen port 9999",
					 &words),
				&subject, &advice);
		cr_expect(strstr(strbuf_text(&advice), "a session of yours that was lost") != NULL,
			  "%s", strbuf_text(&advice));
		strbuf_finish(&words);
		strbuf_finish(&advice);
	}
}

Test(classify, finds_the_class_the_line_that_tells_and_who_is_to_blame)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct ssh_fault_subject subject = subject_of(cases[i].about, cases[i].known);
		struct strbuf words = {0}, blamed = {0};
		const struct ssh_fault *fault = classify(&subject, cases[i].log, &words);
		const char *expected = cases[i].words ? cases[i].words : cases[i].log;

		strbuf_printf(&blamed, "%s %s", classify_about(fault, &subject),
			      classify_host(fault, &subject));
		cr_expect(eq(str, (char *)fault->code, (char *)cases[i].code), "%s", cases[i].log);
		cr_expect(eq(str, (char *)strbuf_text(&words), (char *)expected), "%s",
			  cases[i].log);
		cr_expect(eq(str, (char *)strbuf_text(&blamed), (char *)cases[i].blamed), "%s",
			  cases[i].log);
		strbuf_finish(&words);
		strbuf_finish(&blamed);
	}
}

/* A line that has what a row looks for, and nothing else. */
static void write_line(const struct ssh_fault *row, struct strbuf *line)
{
	if (row->reason)
		strbuf_printf(line, "open failed: %s: <%s>", row->reason,
			      row->words ? row->words : "");
	else
		strbuf_printf(line, "<%s>", row->words);
}

static bool says_keyword(const char *advice)
{
	static const char *const keywords[] = {
		"AllowTcpForwarding", "PermitOpen",   "DisableForwarding",          "MaxStartups",
		"MaxSessions",        "PermitListen", "AllowStreamLocalForwarding", "GatewayPorts",
		"ChannelTimeout",     "StreamLocal",  "UnusedConnectionTimeout",    "ClientAlive",
	};

	for (size_t i = 0; i < COUNT(keywords); i++)
		if (strstr(advice, keywords[i]))
			return true;
	return false;
}

/* The advice is filled in; where another server is concerned, it names no keyword of OpenSSH's. */
static void check_advice(const struct ssh_fault *fault, const struct ssh_fault_subject *subject)
{
	struct strbuf advice = {0};

	classify_advice(fault, subject, &advice);
	cr_expect(ge(sz, advice.length, 1), "%s", fault->code);
	cr_expect(strchr(strbuf_text(&advice), '{') == NULL, "%s", strbuf_text(&advice));
	if (subject->known & FAULT_OTHER)
		cr_expect(not(says_keyword(strbuf_text(&advice))), "%s", strbuf_text(&advice));
	strbuf_finish(&advice);
}

Test(classify, each_row_holds_for_its_subjects_and_for_no_other)
{
	for (size_t i = 0; i < faults_by_words_count; i++) {
		const struct ssh_fault *row = &faults_by_words[i];
		struct strbuf line = {0};

		write_line(row, &line);
		for (enum fault_about about = 0; about < FAULT_ABOUT_COUNT; about++) {
			const unsigned servers[] = {0, FAULT_OPENSSH, FAULT_OTHER};

			for (size_t j = 0; j < COUNT(servers); j++) {
				const struct ssh_fault_subject subject =
					subject_of(about, row->when | servers[j]);
				const bool fits = (row->about & FAULT_BIT(about)) &&
						  !(row->unless & subject.known);
				struct strbuf words = {0};
				const struct ssh_fault *found =
					classify(&subject, strbuf_text(&line), &words);

				cr_expect(fits == (found == row), "row %zu, '%s', about %d", i,
					  strbuf_text(&line), (int)about);
				cr_expect(0 != (found->about & FAULT_BIT(about)), "%s",
					  found->code);
				check_advice(found, &subject);
				strbuf_finish(&words);
			}
		}
		strbuf_finish(&line);
	}
}

Test(classify, each_class_of_ours_has_an_advice_for_each_server)
{
	for (size_t i = 0; i < faults_by_code_count; i++) {
		const struct ssh_fault *row = &faults_by_code[i];
		const unsigned servers[] = {0, FAULT_OPENSSH, FAULT_OTHER};

		cr_expect(eq(ptr, (void *)classify_code(row->code), (void *)row), "%s", row->code);
		for (size_t j = 0; j < COUNT(servers); j++) {
			const struct ssh_fault_subject subject = subject_of(FAULT_HOP, servers[j]);

			check_advice(row, &subject);
		}
	}
}

Test(classify, a_server_that_gives_no_words_is_known)
{
	cr_expect(classify_is_bare("open failed: administratively prohibited: "));
	cr_expect(classify_is_bare("open failed: connect failed"));
	cr_expect(not(classify_is_bare("open failed: connect failed: x")));
	cr_expect(not(classify_is_bare("Connection refused")));
	cr_expect(not(classify_is_bare("")));
}

Test(classify, lines_about_connections_inside_do_not_count)
{
	struct strbuf words = {0};
	const struct ssh_fault_subject subject = subject_of(FAULT_HOP, 0);
	const struct ssh_fault *fault =
		classify(&subject,
			 "channel 3: open failed: connect failed: Connection "
			 "refused\ndebug1: x: Permission denied (y)\nbye\n",
			 &words);

	cr_expect(eq(str, (char *)fault->code, "unknown"));
	cr_expect(eq(str, words.text, "bye"));
	strbuf_finish(&words);
}

Test(classify, advice_names_what_it_is_about)
{
	const struct ssh_fault fault = {
		.advice = "{host} {from} {address} {port} {place} {known} {other}"};
	const struct ssh_fault_subject subject = {
		.host = "git", .address = "2001:db8::1", .port = 2222, .from = "gw"};
	struct strbuf text = {0};

	classify_advice(&fault, &subject, &text);
	cr_expect(eq(str, text.text,
		     "git gw 2001:db8::1 2222 [2001:db8::1]:2222 [2001:db8::1]:2222 {other}"));
	strbuf_finish(&text);
}

Test(classify, a_place_without_a_port_is_a_path)
{
	const struct ssh_fault fault = {.advice = "{place}, {host}"};
	const struct ssh_fault_subject subject = {.address = "/run/app.sock"};
	struct strbuf text = {0};

	classify_advice(&fault, &subject, &text);
	cr_expect(eq(str, text.text, "/run/app.sock, ?"));
	strbuf_finish(&text);
}

Test(classify, knows_its_own_classes)
{
	cr_expect(eq(str, (char *)classify_code("narrowed")->code, "narrowed"));
	cr_expect(eq(str, (char *)classify_code("no such code")->code, "unknown"));
}
