#include "tests/sim/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/errand.h"
#include "tests/sim/rules.h"
#include "tests/sim/ssh_parts.h"
#include "tests/sim/trace.h"
#include "topology/base/memory.h"

bool session_is_meant(const char *const *argv)
{
	return argv[1] && argv[2] && strcmp(argv[1], "--holder") == 0 &&
	       strcmp(argv[2], "--feed") == 0;
}

/* Reads "-L 127.0.0.1:2999:h3:7001" into a forward and the buffer of its texts. */
static bool read_forward(const char *words, struct mux_forward *forward, char *texts)
{
	char *bind = texts, *target = texts + 64;
	unsigned port, to;

	if (sscanf(words, "-L %63[0-9.]:%u:%63[^:]:%u", bind, &port, target, &to) == 4)
		forward->type = PLAN_LOCAL;
	else if (sscanf(words, "-R %63[0-9.]:%u:%63[^:]:%u", bind, &port, target, &to) == 4)
		forward->type = PLAN_REMOTE;
	else
		return false;
	forward->bind = bind;
	forward->bind_port = (uint16_t)port;
	forward->target = target;
	forward->target_port = (uint16_t)to;
	return true;
}

/* The host on which its ssh runs. */
static struct machine *client_of(const struct ssh *ssh)
{
	return ssh->carrier->host;
}

static bool listen_at(struct ssh *ssh, const struct mux_forward *forward)
{
	const bool remote = forward->type == PLAN_REMOTE;
	struct machine *on = remote ? ssh->host : client_of(ssh);
	/* The place of either has its host's name. */
	struct mux_forward there = {
		.type = PLAN_REMOTE, .bind = forward->bind, .bind_port = forward->bind_port};
	char *place = world_place(&there, on);
	const bool taken = world_listener(place) || (remote && on->denies);
	struct listener *listener;

	if (taken && remote) {
		ssh_says(ssh, "remote port forwarding failed for listen port %u\r\n",
			 forward->bind_port);
	} else if (taken) {
		ssh_says(ssh, "bind [%s]:%u: Address already in use\r\n", forward->bind,
			 forward->bind_port);
	} else {
		listener = world_listen(place, ssh, on);
		listener->target = world_target(remote ? client_of(ssh) : ssh->host,
						forward->target, forward->target_port, NULL);
		listener->wide = remote && on->gateway == GATEWAY_YES;
		if (listener->wide)
			ssh_says(ssh,
				 "debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=%d): "
				 "Remote: Forwarding listen address \"%s\" overridden by server "
				 "GatewayPorts\r\n",
				 (int)ssh->pid, forward->bind);
	}
	free(place);
	return !taken;
}

bool session_listens(struct ssh *ssh)
{
	const char *words = strstr(ssh->program, "\tforward ");
	struct mux_forward forward = {0};
	char texts[128];

	if (!words || !read_forward(words + strlen("\tforward "), &forward, texts))
		rules_break("session", "a session has no forward that is simulated");
	return listen_at(ssh, &forward);
}

/* The host that the ssh of the program logs in to: the last word of "master … HOST &&". */
static void read_program(struct ssh *ssh, const char *text)
{
	const char *words = strstr(text, "\tmaster "), *end, *at;
	char *name;

	end = words ? strstr(words, " &&") : NULL;
	if (!end)
		rules_break("session", "a session has no master");
	for (at = end; at[-1] != ' ' && at[-1] != '@';)
		at--;
	name = memory_format("%.*s", (int)(end - at), at);
	ssh->host = world_host(name);
	if (!ssh->host)
		rules_break("session", "a session logs in to '%s', which is no host", name);
	free(name);
	ssh->program = memory_string(text);
}

void session_reads(struct ssh *ssh, const char *text, size_t size)
{
	char *line = memory_format("%.*s", (int)size, text);
	char *colon = strrchr(line, ':');

	if (!ssh->program) {
		read_program(ssh, line);
	} else if (colon && ssh->state == SSH_UP) {
		*colon = '\0';
		errand_send(ssh, ERRAND_DIAL, NULL, line, (uint16_t)strtoul(colon + 1, NULL, 10),
			    NULL, NULL);
	}
	free(line);
}
