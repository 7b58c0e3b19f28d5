#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "exec/tunnel/classify.h"

static const struct {
	const char *log;
	const char *code;
	const char *words;
} cases[] = {
	{"root@h: Permission denied (publickey).\r\n", "auth",
	 "root@h: Permission denied (publickey)."},
	{"no such identity: /k: No such file or directory\nroot@h: Permission denied "
	 "(publickey).\n",
	 "auth", "no such identity: /k: No such file or directory"},
	{"Host key verification failed.\r\n", "host_key", "Host key verification failed."},
	{"@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@\n"
	 "Host key verification failed.\n",
	 "host_key", "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!"},
	{"ssh: Could not resolve hostname h: Name or service not known\n", "resolve",
	 "ssh: Could not resolve hostname h: Name or service not known"},
	{"ssh: connect to host 10.0.0.1 port 22: Connection refused\n", "refused",
	 "ssh: connect to host 10.0.0.1 port 22: Connection refused"},
	{"ssh: connect to host 10.0.0.1 port 22: Connection timed out\n", "timeout",
	 "ssh: connect to host 10.0.0.1 port 22: Connection timed out"},
	{"Connection timed out during banner exchange\n", "timeout",
	 "Connection timed out during banner exchange"},
	{"ssh: connect to host 10.0.0.1 port 22: No route to host\n", "unreachable",
	 "ssh: connect to host 10.0.0.1 port 22: No route to host"},
	{"kex_exchange_identification: Connection closed by remote host\n"
	 "Connection closed by 10.0.0.1 port 22\n",
	 "closed", "kex_exchange_identification: Connection closed by remote host"},
	{"bash: line 1: nc: command not found\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 "relay", "bash: line 1: nc: command not found"},
	{"tunplan: the ssh of the hop before cannot be asked: Connection refused\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 "parent", "tunplan: the ssh of the hop before cannot be asked: Connection refused"},
	{"sh: 1: socat: not found\n"
	 "kex_exchange_identification: Connection closed by remote host\n",
	 "relay", "sh: 1: socat: not found"},
	{"tunplan: cannot run a program on the hop before: socat - TCP:10.9.0.4:22: the sshd opens "
	 "no session\nkex_exchange_identification: Connection closed by remote host\n",
	 "max_sessions",
	 "tunplan: cannot run a program on the hop before: socat - TCP:10.9.0.4:22: the sshd opens "
	 "no session"},
	{"Timeout, server 10.0.0.1 not responding.\r\n", "timeout",
	 "Timeout, server 10.0.0.1 not responding."},
	{"Connection to 10.0.0.1 closed by remote host.\r\n", "closed",
	 "Connection to 10.0.0.1 closed by remote host."},
	{"open failed: administratively prohibited: open failed", "denied",
	 "open failed: administratively prohibited: open failed"},
	{"bind [127.0.0.1]:7999: Address already in use\n"
	 "channel_setup_fwd_listener_tcpip: cannot listen to port: 7999\n",
	 "port_taken", "bind [127.0.0.1]:7999: Address already in use"},
	{"remote port forwarding failed for listen port 9999", "listen",
	 "remote port forwarding failed for listen port 9999"},
	{"/root/.ssh/config: line 3: Bad configuration option: frob\n"
	 "/root/.ssh/config: terminating, 1 bad configuration options\n",
	 "config", "/root/.ssh/config: line 3: Bad configuration option: frob"},
	{"something new\n", "unknown", "something new"},
	{"", "unknown", ""},
};

Test(classify, finds_the_class_and_the_line_that_tells)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf words = {0};
		const struct ssh_fault *fault = classify(cases[i].log, &words);

		cr_expect(eq(str, (char *)fault->code, (char *)cases[i].code), "%s", cases[i].log);
		cr_expect(eq(str, (char *)strbuf_text(&words), (char *)cases[i].words), "%s",
			  cases[i].log);
		cr_expect(ge(sz, strlen(fault->advice), 1));
		strbuf_finish(&words);
	}
}

Test(classify, lines_about_connections_inside_do_not_count)
{
	struct strbuf words = {0};
	const struct ssh_fault *fault =
		classify("channel 3: open failed: connect failed: Connection "
			 "refused\ndebug1: x: Permission denied (y)\nbye\n",
			 &words);

	cr_expect(eq(str, (char *)fault->code, "unknown"));
	cr_expect(eq(str, words.text, "bye"));
	strbuf_finish(&words);
}

Test(classify, advice_names_what_it_is_about)
{
	const struct ssh_fault fault = {NULL, "x",
					"{host} {from} {address} {port} {place} {known} {other}"};
	const struct ssh_fault_subject subject = {"git", "2001:db8::1", 2222, "gw"};
	struct strbuf text = {0};

	classify_advice(&fault, &subject, &text);
	cr_expect(eq(str, text.text,
		     "git gw 2001:db8::1 2222 [2001:db8::1]:2222 [2001:db8::1]:2222 {other}"));
	strbuf_finish(&text);
}

Test(classify, a_place_without_a_port_is_a_path)
{
	const struct ssh_fault fault = {NULL, "x", "{place}, {host}"};
	const struct ssh_fault_subject subject = {NULL, "/run/app.sock", 0, NULL};
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
