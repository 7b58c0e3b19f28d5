#include "exec/tunnel/classify.h"

#include <stdbool.h>
#include <string.h>

#include "exec/ssh/holder.h"
#include "exec/ssh/ssh_log_line.h"

#define KNOWN_HOSTS                                                                              \
	"the key of {host} is not in known_hosts here: run the commands of `tunplan plan` once " \
	"by hand, compare the key that ssh shows, and accept it"
#define CHANGED                                                                                   \
	"{host} shows another key than known_hosts has: if that is expected, remove the old one " \
	"(ssh-keygen -R '{known}') and log in once by hand; if not, stop here"
#define AUTH                                                                                     \
	"see that the agent holds your key (ssh-add -l), or name it with `identity:`, and that " \
	"{host} accepts it for this user"
#define RESOLVE "{from} does not know the name {address}: correct it, or give {host} an address"
#define REFUSED "nothing listens on {place}: is the service on {host} running, and there?"
#define TIMEOUT "{place} does not answer {from}: is {host} on, and does a firewall drop this?"
#define ROUTE   "{from} has no route to {address}: is that address of {host} right?"
#define DENIED                                                                             \
	"the sshd on {from} forbids this forward: see AllowTcpForwarding, PermitOpen and " \
	"DisableForwarding there"
#define CLOSED                                                                                    \
	"{host} closed the connection: too many logins at once (MaxStartups), a ban, or no sshd " \
	"on port {port}"
#define RELAY "{from} lacks the program that is to relay: install it there, or correct its `relay`"
#define SESSIONS                                                                                  \
	"the program that relays needs a session: see MaxSessions in the sshd_config of {from}, " \
	"and how many tunnels relay there"
#define TAKEN "port {port} is in use: choose another ingress port, `auto`, or end its owner"
#define LISTEN                                                                                  \
	"the sshd on {host} would not listen: port {port} is in use there, or PermitListen or " \
	"AllowTcpForwarding forbids it"
/* It is where ssh listens, or where a hop's ssh was to dial from. */
#define BIND   "this machine does not have that address now: correct the ingress, or the BindAddress"
#define CONFIG "ssh does not accept its configuration: correct the file and line that it names"
#define NEGOTIATE                                                                              \
	"ssh and the sshd on {host} have no algorithm in common: one of them is too old; see " \
	"KexAlgorithms, HostKeyAlgorithms and Ciphers in ssh_config(5)"
#define DIED     "run `tunplan up` again; if it dies again, look into the logs of {host}'s sshd"
#define IDENTITY "name a key that exists and is yours alone (chmod 600) with `identity:`"

/* Of our holder, whatever else its ssh says for want of a connection. */
#define PARENT "mend the hop before it, or run `tunplan up` again if that is up"

static const struct ssh_fault faults[] = {
	{HOLDER_UNHEARD, "parent", PARENT},
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", "host_key", CHANGED},
	{"Host key verification failed", "host_key", KNOWN_HOSTS},
	{"UNPROTECTED PRIVATE KEY FILE", "auth", IDENTITY},
	{"no such identity", "auth", IDENTITY},
	{"Permission denied (", "auth", AUTH},
	{"Too many authentication failures", "auth", AUTH},
	{"administratively prohibited", "denied", DENIED},
	{"Could not resolve hostname", "resolve", RESOLVE},
	{"Name or service not known", "resolve", RESOLVE},
	{"Temporary failure in name resolution", "resolve", RESOLVE},
	{"No address associated with", "resolve", RESOLVE},
	{"Address already in use", "port_taken", TAKEN},
	{"Cannot assign requested address", "bind", BIND},
	{"Privileged ports can only be forwarded by root", "bind",
	 "choose an ingress port from 1024 on"},
	{"remote port forwarding failed", "listen", LISTEN},
	{"cannot listen to port", "bind", "choose another ingress port"},
	{"Connection refused", "refused", REFUSED},
	{"Connection timed out", "timeout", TIMEOUT},
	{"Operation timed out", "timeout", TIMEOUT},
	{"Timeout, server", "timeout", TIMEOUT},
	{"No route to host", "unreachable", ROUTE},
	{"Network is unreachable", "unreachable", ROUTE},
	{"Host is down", "unreachable", ROUTE},
	{"Unable to negotiate", "negotiate", NEGOTIATE},
	{"no matching", "negotiate", NEGOTIATE},
	{"Bad configuration option", "config", CONFIG},
	{"bad configuration options", "config", CONFIG},
	{"Bad owner or permissions", "config", CONFIG},
	{"Unsupported option", "config", CONFIG},
	{"no argument after keyword", "config", CONFIG},
	{"unix_listener", "config", "see that the runtime directory is there and yours"},
	/* Of the shell on the host before, for a relayed hop. */
	{"command not found", "relay", RELAY},
	{": not found", "relay", RELAY},
	/* Of our holder. */
	{"the sshd opens no session", "max_sessions", SESSIONS},
	{"kex_exchange_identification", "closed", CLOSED},
	{"banner exchange", "closed", CLOSED},
	{"closed by remote host", "closed", DIED},
	{"Connection reset", "closed", CLOSED},
	{"Connection closed", "closed", CLOSED},
	{"Broken pipe", "closed", DIED},
	{"open failed", "refused", REFUSED},
};

/* Trouble that only we see. */
static const struct ssh_fault own_faults[] = {
	{NULL, "unknown",
	 "run ssh by hand with the commands of `tunplan plan` and see what it says"},
	{NULL, "timeout", TIMEOUT},
	{NULL, "login_timeout",
	 "the sshd on {host} answers but the login does not end: is its machine overloaded, or "
	 "does "
	 "it wait for a name server or a second factor?"},
	{NULL, "stalled",
	 "see whether the link to {host} is there; `tunplan up` makes another ssh beside this one"},
	{NULL, "cut_off",
	 "run `tunplan up` again: it makes another ssh beside this one, whose socket was removed"},
	{NULL, "ssh_stopped", "let the ssh process of {host} go on: kill -CONT and its pid"},
	{NULL, "busy",
	 "nothing, if much is being carried by {host} just now; else look at its ssh process"},
	{NULL, "says_yes",
	 "use the tunnel once: only that tells whether {host} reaches what is behind it"},
	{NULL, "says_no",
	 "use the tunnel once: this server may say the same of what it forbids, so only that "
	 "tells whether {host} reaches anything"},
	{NULL, "forbidden_place",
	 "use the tunnel once: {host} forbids the place that was tried, and may allow others"},
	{NULL, "no_address",
	 "give {host} an address in the file, or look there with `ss -ltn` where it listens"},
	{NULL, "may_not_dial",
	 "look on {host} with `ss -ltn` where it listens: its ssh server does not dial for "
	 "tunplan"},
	{NULL, "not_told",
	 "look on {host} with `ss -ltn` where it listens: ssh before 8.5 does not tell, nor with a "
	 "full disk"},
	{NULL, "own_name",
	 "this machine does not know that name: correct it, or give its host an address"},
	{NULL, "protocol",
	 "`ssh -V` shows which ssh is first in your PATH: put another one there, or install a "
	 "newer tunplan"},
	{NULL, "late",
	 "{host} has not answered, and the request was taken back: run `tunplan up` again"},
	{NULL, "killed", DIED},
	{NULL, "port_taken", TAKEN},
	{NULL, "not_a_socket", "the path is taken by something that is no socket: choose another"},
	{NULL, "not_accepting",
	 "ssh said that it listens, but nothing answers: run `tunplan up` again"},
	{NULL, "narrowed",
	 "the sshd on {host} has GatewayPorts no and listens on 127.0.0.1 and ::1 alone: set it "
	 "to clientspecified, or use one of the two"},
	{NULL, "widened",
	 "the sshd on {host} has GatewayPorts yes and would listen on every address: set it to "
	 "clientspecified"},
	{NULL, "refused", REFUSED},
	{NULL, "parent", PARENT},
	{NULL, "start", "see that ssh is installed and that processes can be started"},
	{NULL, "stopped", "run `tunplan up` again"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct ssh_fault *classify_code(const char *code)
{
	for (size_t i = 0; i < COUNT(own_faults); i++)
		if (strcmp(own_faults[i].code, code) == 0)
			return &own_faults[i];
	return &own_faults[0];
}

/* Appends a line without the carriage return, blanks and the @ signs of ssh's big warnings. */
static void add_words(const char *line, size_t length, struct strbuf *words)
{
	static const char trimmings[] = " \t\r@";

	while (length && strchr(trimmings, line[0])) {
		line++;
		length--;
	}
	while (length && strchr(trimmings, line[length - 1]))
		length--;
	strbuf_add(words, line, length);
}

static bool line_has(const char *line, size_t length, const char *pattern)
{
	return memmem(line, length, pattern, strlen(pattern)) != NULL;
}

/* Finds the last line of ssh's own that has the pattern (NULL: any). */
static bool find_line(const char *log, const char *pattern, struct strbuf *words)
{
	const char *found = NULL;
	size_t found_length = 0;
	const char *line;
	size_t length;

	while (ssh_log_next(&log, &line, &length)) {
		if (ssh_log_is_aside(line, length) || length == 0)
			continue;
		if (pattern && !line_has(line, length, pattern))
			continue;
		found = line;
		found_length = length;
	}
	if (found)
		add_words(found, found_length, words);
	return found != NULL;
}

const struct ssh_fault *classify(const char *log, struct strbuf *words)
{
	for (size_t i = 0; i < COUNT(faults); i++)
		if (find_line(log, faults[i].pattern, words))
			return &faults[i];
	find_line(log, NULL, words);
	return classify_code("unknown");
}

static void add_place(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	const char *address = subject->address ? subject->address : "?";

	if (!subject->port)
		strbuf_puts(text, address);
	else
		strbuf_printf(text, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address,
			      subject->port);
}

/* As known_hosts names it. */
static void add_known(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	const char *address = subject->address ? subject->address : "?";

	if (subject->port == 22)
		strbuf_puts(text, address);
	else
		strbuf_printf(text, "[%s]:%u", address, subject->port);
}

static void add_text(const char *value, struct strbuf *text)
{
	strbuf_puts(text, value ? value : "?");
}

static void add_host(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->host, text);
}

static void add_address(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->address, text);
}

static void add_from(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->from, text);
}

static void add_port(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	strbuf_printf(text, "%u", subject->port);
}

/* What an advice may name. */
static const struct {
	const char *name;
	void (*add)(const struct ssh_fault_subject *subject, struct strbuf *text);
} tokens[] = {
	{"{host}", add_host}, {"{address}", add_address}, {"{from}", add_from},
	{"{port}", add_port}, {"{place}", add_place},     {"{known}", add_known},
};

/* Appends what a {name} stands for; returns the length of "{name}", or 0 if it stands for nothing. */
static size_t fill_in(const char *at, const struct ssh_fault_subject *subject, struct strbuf *text)
{
	for (size_t i = 0; i < COUNT(tokens); i++) {
		size_t length = strlen(tokens[i].name);

		if (strncmp(at, tokens[i].name, length) == 0) {
			tokens[i].add(subject, text);
			return length;
		}
	}
	return 0;
}

void classify_advice(const struct ssh_fault *fault, const struct ssh_fault_subject *subject,
		     struct strbuf *text)
{
	for (const char *at = fault->advice; *at;) {
		size_t filled = *at == '{' ? fill_in(at, subject, text) : 0;

		if (!filled)
			strbuf_add(text, at, 1);
		at += filled ? filled : 1;
	}
}
