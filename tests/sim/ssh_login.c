/* The logins of ssh: dialled, by themselves or through another, until the control socket is there. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/disk.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/session.h"
#include "tests/sim/ssh_parts.h"
#include "tests/sim/trace.h"
#include "topology/base/memory.h"

/* The kernel gives up a connection by itself. */
#define TCP_GIVES_UP_S 127

static void log_in(void *data);

static void fail(struct ssh *ssh, const char *code, const char *words)
{
	world_blame(ssh->host, code);
	ssh->failed = code;
	ssh_says(ssh, "%s\r\n", words);
	ssh_end(ssh, 0, 255);
}

/* Without a carrier: of a TCP connection of its own. */
static void refuse_directly(struct ssh *ssh)
{
	world_blame(ssh->host, "refused");
	ssh->failed = "refused";
	ssh_says(ssh, "ssh: connect to host %s port 22: Connection refused\r\n", ssh->host->name);
	ssh_end(ssh, 0, 255);
}

static void refuse_through(struct ssh *ssh, unsigned channel)
{
	world_blame(ssh->host, "refused");
	ssh->failed = "refused";
	ssh_says(ssh->carrier, "channel %u: open failed: connect failed: Connection refused\r\n",
		 channel);
	ssh_says(ssh, "tunplan: cannot dial through the hop before: %s: Connection refused\n",
		 ssh->host->name);
	ssh_lose_carrier(ssh);
}

/* Which sshd a host has; the first needs no session to be quick with small answers, the last two neither. */
static const struct server {
	const char *banner;
	bool openssh;
	bool opens_all;
	bool keeps_listeners;
} servers[] = {
	{"match: OpenSSH_10.1 pat OpenSSH*", true, false, false},
	{"match: OpenSSH_9.2p1 pat OpenSSH*", true, false, false},
	{"match: OpenSSH_6.6.1 pat OpenSSH_6.6.1*", true, false, false},
	{"no match: dropbear_2022.83", false, false, true},
	{"no match: Twisted", false, true, false},
};

static const struct server *server_of(const struct machine *host)
{
	return &servers[fate(5, 'b', (uint64_t)host->name[0] << 8 | (uint64_t)host->name[1], 0)];
}

bool ssh_opens_all(const struct machine *host)
{
	return server_of(host)->opens_all;
}

bool ssh_keeps_listeners(const struct machine *host)
{
	return server_of(host)->keeps_listeners;
}

bool ssh_is_openssh(const struct machine *host)
{
	return server_of(host)->openssh;
}

/* The sshd has opened its account's session, and says what there is to say. */
static void begin(void *data)
{
	const struct ssh *ssh = data;

	if (ssh->state == SSH_UP && ssh_link_moves(ssh))
		ssh_says(ssh,
			 "debug1: clientloop.c:client_input_global_request():2505 (pid=%d): "
			 "client_input_global_request: rtype hostkeys-00@openssh.com want_reply "
			 "0\r\n",
			 (int)ssh->pid);
}

/* The first byte of the far end. */
static void reach(void *data)
{
	struct ssh *ssh = data;
	unsigned channel = 0;

	ssh->next = NULL;
	if (!ssh_link_moves(ssh)) {
		ssh->blocked = true;
		return;
	}
	if (ssh->carrier && !ssh->session) {
		ssh_says(ssh->carrier,
			 "debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=%d): %s:22\r\n",
			 (int)ssh->carrier->pid, ssh->host->name);
		channel = ssh->channel = ssh_opens_channel(ssh->carrier, "stdio-forward");
	}
	if (ssh->host->login == LOGIN_REFUSED && ssh->carrier && !ssh->session) {
		refuse_through(ssh, channel);
	} else if (ssh->host->login == LOGIN_REFUSED) {
		refuse_directly(ssh);
	} else if (ssh->host->login == LOGIN_CLOSED) {
		fail(ssh, "closed",
		     "kex.c:kex_exchange_identification():1201 (pid=1): Connection closed by "
		     "remote "
		     "host\r\n"
		     "Connection closed by UNKNOWN port 65535");
	} else if (ssh->host->login == LOGIN_SHUT_OUT) {
		fail(ssh, "not_allowed",
		     "debug1: kex.c:kex_exchange_identification():1290 (pid=1): banner line 0: Not "
		     "allowed "
		     "at this time\r\n"
		     "kex.c:kex_exchange_identification():1201 (pid=1): Connection closed by "
		     "remote "
		     "host\r\n"
		     "Connection closed by UNKNOWN port 65535");
	} else if (ssh->host->login != LOGIN_MUTE) {
		ssh_says(ssh, "debug1: compat.c:compat_banner():104 (pid=%d): %s\r\n",
			 (int)ssh->pid, server_of(ssh->host)->banner);
		ssh_says(ssh, "debug1: sshconnect.c:ssh_login():1585 (pid=%d): Authenticating\r\n",
			 (int)ssh->pid);
		ssh->state = SSH_LOGGING_IN;
		ssh_then(ssh, 2 * ssh_rtt(ssh), log_in);
	}
}

static void log_in(void *data)
{
	struct ssh *ssh = data;

	ssh->next = NULL;
	if (!ssh_link_moves(ssh)) {
		ssh->blocked = true;
	} else if (ssh->host->login == LOGIN_DENIED) {
		fail(ssh, "auth", "ops@host: Permission denied (publickey).");
	} else if (ssh->host->login == LOGIN_UNKNOWN) {
		fail(ssh, "host_key", "Host key verification failed.");
	} else if (ssh->session && ssh->host->login != LOGIN_HANGS && !session_listens(ssh)) {
		ssh_end(ssh, 0, 1);
	} else if (ssh->host->login != LOGIN_HANGS) {
		ssh->state = SSH_UP;
		ssh->used_ms = queue_now();
		ssh_moves(ssh);
		ssh->listens = !ssh->session;
		ssh_hears(ssh);
		if (!ssh->session)
			disk_make(ssh->socket, DISK_SOCKET);
		ssh->quiet_untold = true;
		ssh_tell_soon(ssh);
		queue_add(QUEUE_WORLD, ssh_draw(ssh, 80), begin, ssh);
	}
}

static void connect_late(void *data)
{
	struct ssh *ssh = data;

	if (ssh->state != SSH_CONNECTING)
		return;
	if (ssh->stopped) {
		ssh->late = true;
		return;
	}
	if (ssh->carrier_path && !ssh->session)
		fail(ssh, "timeout",
		     "Connection timed out during banner exchange\r\n"
		     "Connection to UNKNOWN port 65535 timed out");
	else
		fail(ssh, "timeout", "ssh: connect to host h port 22: Connection timed out");
}

void ssh_connects_late(void *data)
{
	struct ssh *ssh = data;

	ssh->next = NULL;
	connect_late(ssh);
}

static void dial(void *data)
{
	struct ssh *ssh = data;

	ssh->next = NULL;
	if (ssh->stopped) {
		ssh->blocked = true;
		return;
	}
	/* Its supervisor was killed before it was told anything. */
	if (ssh->session && !ssh->program) {
		ssh_end(ssh, 0, 255);
		return;
	}
	if (ssh->carrier_path) {
		ssh->carrier = ssh_of_socket(ssh->carrier_path);
		if (!ssh->carrier || !disk_has(ssh->carrier_path)) {
			ssh_says(ssh, "tunplan: the ssh of the hop before cannot be asked: "
				      "Connection refused\n");
			ssh_lose_carrier(ssh);
			return;
		}
	}
	if (!ssh->carrier_path && !own_network_is_up()) {
		fail(ssh, "unreachable", "ssh: connect to host h port 22: Network is unreachable");
		return;
	}
	if (!ssh->carrier_path)
		ssh->own_address = own_network_address();
	ssh_then(ssh, ssh_rtt(ssh), reach);
}

/* Returns the control socket through which a ProxyCommand dials, or NULL; free() it. */
static char *carrier_path(const char *const *argv)
{
	/* Of the holder that has a program run to relay, and of the one that only dials. */
	static const char *const marks[] = {"'--holder' '--run' '", "'--holder' '"};

	for (size_t i = 0; argv[i]; i++) {
		if (strncmp(argv[i], "ProxyCommand=", strlen("ProxyCommand=")) != 0)
			continue;
		for (size_t j = 0; j < 2; j++) {
			const char *at = strstr(argv[i], marks[j]);

			if (at) {
				at += strlen(marks[j]);
				return memory_format("%.*s", (int)strcspn(at, "'\""), at);
			}
		}
	}
	return NULL;
}

static bool forbidden; /* to start one */

void ssh_forbid(bool forbid)
{
	forbidden = forbid;
}

bool ssh_is_forbidden(void)
{
	return forbidden;
}

/* Returns what stands behind an option's name, in an argument of its own, or NULL. */
static const char *option(const char *const *argv, const char *name)
{
	for (size_t i = 0; argv[i]; i++)
		if (strncmp(argv[i], name, strlen(name)) == 0)
			return argv[i] + strlen(name);
	return NULL;
}

/* The host that is dialled: what HostName says, if anything does, else the last word. */
static const char *destination(const char *const *argv)
{
	const char *name = option(argv, "HostName=");
	size_t last = 0;

	while (argv[last + 1])
		last++;
	return name ? name : argv[last];
}

/* A holder, which has a socket from the beginning. It is told whom it leads to by what it reads. */
static struct ssh *start_session(const char *const *argv)
{
	struct ssh *ssh = memory_alloc(sizeof(*ssh));
	const struct ssh *carrier = ssh_of_socket(argv[4]);

	ssh->session = true;
	ssh->socket = memory_string(argv[3]);
	ssh->carrier_path = memory_string(argv[4]);
	ssh->host = carrier ? carrier->host : world_host_at(0);
	disk_make(ssh->socket, DISK_SOCKET);
	return ssh;
}

static struct ssh *start_master(const char *const *argv)
{
	const char *control = option(argv, "ControlPath=\"");
	struct ssh *ssh = memory_alloc(sizeof(*ssh));

	ssh->host = world_host(destination(argv));
	if (!ssh->host)
		rules_break("argv", "an ssh was started to '%s', which is no host",
			    destination(argv));
	ssh->carrier_path = carrier_path(argv);
	ssh->socket = memory_format("%.*s", (int)strcspn(control, "\""), control);
	return ssh;
}

struct ssh *ssh_start(const char *const *argv, const char *log, const struct ssh_watch *watch,
		      void *data)
{
	const char *patience = option(argv, "ConnectTimeout=");
	const char *alive_s = option(argv, "ServerAliveInterval=");
	struct ssh *ssh;

	if (forbidden)
		return NULL;
	ssh = session_is_meant(argv) ? start_session(argv) : start_master(argv);
	ssh->log = memory_string(log);
	ssh->alive_s = alive_s ? (unsigned)strtoul(alive_s, NULL, 10) : 0;
	ssh->watch = watch;
	ssh->data = data;
	ssh_add(ssh);
	trace("ssh %d starts to %s", (int)ssh->pid, ssh->host->name);
	ssh_then(ssh, ssh_draw(ssh, 3), dial);
	queue_add(QUEUE_WORLD, 1000 * (patience ? strtoul(patience, NULL, 10) : TCP_GIVES_UP_S),
		  connect_late, ssh);
	return ssh;
}

static void (*login_step(const struct ssh *ssh))(void *)
{
	if (ssh->state == SSH_LOGGING_IN)
		return log_in;
	return ssh->carrier || !ssh->carrier_path ? reach : dial;
}

void ssh_move_on(void)
{
	struct ssh *ssh;

	for (unsigned i = 0; (ssh = ssh_at(i)); i++) {
		if (ssh->blocked && ssh->state == SSH_UP && ssh->session) {
			ssh->blocked = false;
			ssh_hears_term(ssh);
		}
		if (!ssh->blocked || ssh->state == SSH_ENDED || ssh->state == SSH_UP)
			continue;
		ssh->blocked = false;
		if (!ssh->next)
			ssh_then(ssh, ssh_draw(ssh, 3), login_step(ssh));
	}
}
