#include "planner/views/plan_script.h"

#include <assert.h>
#include <string.h>

#include "planner/model/auto_port.h"
#include "planner/model/endpoint.h"
#include "planner/reach/permit.h"
#include "planner/views/picture.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"

/* Where the words of a command's forwards begin: "ssh -N -o ExitOnForwardFailure=yes -L …". */
#define FORWARDS_AT 4

/* For an ssh that runs a program elsewhere and nothing else, whatever the ssh_config there adds. */
#define BARE                                                                            \
	"-T -S none -o ClearAllForwardings=yes -o RemoteCommand=none -o BatchMode=yes " \
	"-o ServerAliveInterval=15 -o ServerAliveCountMax=3"

/* What tunnel.sh has. */
#define ALIVE_COUNT_MAX 3

/* A script in the making. */
struct script {
	const struct plan *plan;
	struct arena arena;
	struct strbuf *text;
	bool *served;       /* by hop: a session elsewhere asks for its forwards already */
	size_t ports_after; /* so many after the one by the tunnel's name is an `auto` port */
};

/* --- words */

static const char *quoted(struct script *script, const char *word)
{
	return shell_line((const char *const[]){word, NULL}, &script->arena);
}

static const char *host_name(const struct script *script, size_t host)
{
	return script->plan->topology->hosts[host].name;
}

/* Returns "ssh …" of the last command of a plan without forwards: the login to its last hop. */
static const char **login_argv(struct script *script, struct plan_hop *hops, size_t count)
{
	struct plan login = *script->plan;
	struct plan_command *commands;

	login.forward_count = 0;
	login.hops = hops;
	login.hop_count = count;
	plan_commands(&login, &script->arena, &commands, &count);
	assert(count > 0);
	return commands[count - 1].argv;
}

/* Returns the words with which a hop's own ssh logs in to it, whatever carries that. */
static const char *alone(struct script *script, size_t hop)
{
	struct plan_hop copy = script->plan->hops[hop];

	copy.through = TOPOLOGY_NONE;
	copy.method = PLAN_NESTED;
	/* A master of the script is told so by the script. */
	copy.guard.no_proxy = false;
	copy.guard.traps = 0;
	return shell_line(login_argv(script, &copy, 1) + 1, &script->arena);
}

/* Returns the words with which a hop's ssh client logs in to it by the hops of its piece. */
static const char *by_piece(struct script *script, size_t hop)
{
	return shell_line(login_argv(script, script->plan->hops, hop + 1) + 1, &script->arena);
}

static bool is_mine(const struct script *script, size_t hop)
{
	return !plan_is_stitched(script->plan, hop);
}

/* Returns the two words of a forward, "-L" and what it is, as they stand in the plan's command. */
static const char *const *forward_words(struct script *script, size_t index)
{
	const struct plan *plan = script->plan;
	struct plan_forward forward = plan->forwards[index];
	struct plan only = *plan;
	struct plan_command *commands;
	size_t count;

	if (forward.ingress.any_port) {
		forward.ingress.any_port = false;
		forward.ingress.port = auto_port(plan->name, forward.of + script->ports_after);
	}
	only.forwards = &forward;
	only.forward_count = 1;
	plan_commands(&only, &script->arena, &commands, &count);
	assert(count == 1);
	commands[0].argv[FORWARDS_AT + 2] = NULL;
	return commands[0].argv + FORWARDS_AT;
}

/* --- the hops of me */

/* Returns the ProxyCommand by which a hop is dialled from the one that carries it. */
static const char *through(struct script *script, const struct plan_hop *hop)
{
	struct arena *arena = &script->arena;
	const char *name = host_name(script, hop->from);
	const char *words;

	/* The shell on the hop before reads the program that runs there, too. */
	if (hop->method == PLAN_RELAYED)
		words = arena_format(
			arena, "%s %s", name,
			quoted(script, shell_line(plan_relay_argv(hop, arena), arena)));
	else
		words = arena_format(arena, "-W %s %s",
				     quoted(script, endpoint_text(hop->address, hop->port, arena)),
				     name);
	return arena_format(arena, "ProxyCommand=ssh -F none -S hop%zu -o ProxyCommand=false %s",
			    hop->through + 1, words);
}

/* Adds what the script's masters have of `up`, where it depends on the hop or on the user's ssh_config. */
static void add_keepalives(struct script *script, const struct plan_hop *hop)
{
	const unsigned count =
		hop->guard.alive_count_max ? hop->guard.alive_count_max : plan_alive_count_max(hop);

	if (hop->guard.alive_s)
		strbuf_printf(script->text, " -o ServerAliveInterval=%u", hop->guard.alive_s);
	if (count != ALIVE_COUNT_MAX)
		strbuf_printf(script->text, " -o ServerAliveCountMax=%u", count);
}

/* An alias of ssh_config is dialled as that says, every other first hop as the plan says. */
static void add_master(struct script *script, size_t index)
{
	const struct plan_hop *hop = &script->plan->hops[index];
	const bool first = hop->through == TOPOLOGY_NONE;
	const char *proxy = first ? "ProxyCommand=none" : through(script, hop);

	strbuf_printf(script->text, "\tmaster hop%zu %s ", index + 1, host_name(script, hop->host));
	if (!first || !hop->config)
		strbuf_printf(script->text, "-o %s ", quoted(script, proxy));
	if (!first && hop->guard.traps & PLAN_TRAP_PASSING)
		strbuf_puts(script->text, "-o ProxyUseFdpass=no ");
	if (hop->guard.traps & PLAN_TRAP_FORK)
		strbuf_puts(script->text, "-o ForkAfterAuthentication=no ");
	strbuf_puts(script->text, alone(script, index));
	add_keepalives(script, hop);
	strbuf_puts(script->text, "\n");
}

/* --- forwards */

static void add_forward(struct script *script, size_t index)
{
	const struct plan_forward *forward = &script->plan->forwards[index];
	const struct plan_end *ingress = &forward->ingress;

	strbuf_printf(script->text, "\tforward hop%zu %s\n", forward->hop + 1,
		      shell_line(forward_words(script, index), &script->arena));
	/* What ssh leaves, and only if it is ours. A joint goes with its directory. */
	if (ingress->socket && ingress->host == script->plan->me)
		strbuf_printf(script->text, "\tsockets=\"$sockets %s\"\n", ingress->socket);
}

/* Returns the words of all forwards that a hop carries. */
static const char *all_forwards(struct script *script, size_t hop)
{
	const char *words = "";

	for (size_t i = 0; i < script->plan->forward_count; i++)
		if (script->plan->forwards[i].hop == hop)
			words = arena_format(&script->arena, "%s%s%s", words, *words ? " " : "",
					     shell_line(forward_words(script, i), &script->arena));
	return words;
}

/*
 * Returns the command of the session that runs the ssh of a piece on the host where it begins, and the hop of me
 * that carries the session. Where that host's own login is made elsewhere, too, the session goes on by a login
 * of its own from there.
 */
static const char *session_command(struct script *script, size_t hop, size_t *ret_carrier)
{
	const char *command = "sh";
	size_t at = plan_carrier(script->plan, hop);

	for (; !is_mine(script, at); at = plan_carrier(script->plan, at))
		command = arena_format(&script->arena, "ssh " BARE " %s %s", by_piece(script, at),
				       quoted(script, command));
	*ret_carrier = at;
	return command;
}

/* Returns the sockets that the ssh of a piece makes where it runs, with a blank between, or "". */
static const char *sockets_of(struct script *script, size_t hop)
{
	const char *paths = "";

	for (size_t i = 0; i < script->plan->forward_count; i++) {
		const struct plan_forward *forward = &script->plan->forwards[i];

		if (forward->hop == hop && forward->ingress.socket &&
		    (forward->type == PLAN_LOCAL || forward->type == PLAN_DYNAMIC))
			paths = arena_format(&script->arena, "%s%s%s", paths, *paths ? " " : "",
					     forward->ingress.socket);
	}
	return paths;
}

/* Adds what that session reads. */
static void add_program(struct script *script, size_t hop)
{
	const char *sockets = sockets_of(script, hop);

	strbuf_printf(script->text, "bring_up() {\n\tmaster %s &&\n\t\tforward %s",
		      by_piece(script, hop), all_forwards(script, hop));
	if (*sockets)
		strbuf_printf(script->text, " &&\n\t\tsockets=%s", quoted(script, sockets));
	strbuf_printf(script->text, "\n}\n\n%s", session_sh);
}

static void add_session(struct script *script, size_t hop)
{
	const struct plan_hop *hops = script->plan->hops;
	size_t at;
	const char *command = session_command(script, hop, &at);

	strbuf_printf(script->text,
		      "\t# On %s: an ssh to %s, until the end of what is read there.\n",
		      host_name(script, hops[hop].client), host_name(script, hops[hop].host));
	strbuf_printf(script->text, "\tsession hop%zu %s %s <<'END'\n", at + 1,
		      host_name(script, hops[at].host), quoted(script, command));
	add_program(script, hop);
	strbuf_puts(script->text, "END\n");
	script->served[hop] = true;
}

/* Each path from its egress on: who comes in at the ingress finds all of it. */
static void add_forwards(struct script *script)
{
	const struct plan *plan = script->plan;

	script->served = arena_array(&script->arena, plan->hop_count, sizeof(*script->served));
	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++)
		for (size_t i = plan->forward_count; i-- > 0;) {
			const size_t hop = plan->forwards[i].hop;

			if (plan->forwards[i].of != of || script->served[hop])
				continue;
			if (is_mine(script, hop))
				add_forward(script, i);
			else
				add_session(script, hop);
		}
}

/* --- what is said */

/* Adds "a", "b" … as the lines of a comment. */
static void add_comment(struct script *script, const char *lines)
{
	while (*lines) {
		const size_t length = strcspn(lines, "\n");

		strbuf_puts(script->text, length ? "#     " : "#");
		strbuf_add(script->text, lines, length);
		strbuf_puts(script->text, "\n");
		lines += length + (lines[length] == '\n');
	}
}

static void add_head(struct script *script, const char *what)
{
	const struct plan *plan = script->plan;
	struct strbuf picture = {0};

	strbuf_printf(script->text, "#!/bin/sh\n# %s: %s\n#\n", plan->name, what);
	picture_render(plan, 0, &picture);
	add_comment(script, strbuf_text(&picture));
	strbuf_finish(&picture);
	strbuf_printf(script->text,
		      "#\n# Made for %s by `tunplan export script`.\n#\n"
		      "# What is quoted twice, and a ~, is for ssh to read.\n"
		      "# shellcheck disable=SC1003,SC2088\n\n",
		      host_name(script, plan->me));
}

/* Returns what a program opens to enter a forward of the tunnel. */
static const char *entrance(struct script *script, size_t of)
{
	struct plan_end ingress = plan_first_piece(script->plan, of)->ingress;

	if (ingress.any_port) {
		ingress.any_port = false;
		ingress.port = auto_port(script->plan->name, of);
	}
	return endpoint_dialled(&ingress, &script->arena);
}

/* Whether ssh does not tell if its listener is where it was asked for: its sshd may have put it on loopback alone. */
static bool may_be_narrowed(const struct plan_forward *piece)
{
	return (piece->type == PLAN_REMOTE || piece->type == PLAN_REMOTE_DYNAMIC) &&
	       piece->ingress.address && !piece->ingress.socket &&
	       !permit_listens_by_default(piece->ingress.address);
}

/* Adds what the script says when it is up: a line for each forward of the tunnel. */
static void add_entrances(struct script *script)
{
	const struct plan *plan = script->plan;

	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++) {
		const struct plan_forward *first = plan_first_piece(plan, of);
		const char *host = host_name(script, first->ingress.host);
		const char *line = arena_format(
			&script->arena, "  %s on %s leads to %s", entrance(script, of), host,
			endpoint_name(plan, &plan_last_piece(plan, of)->egress, &script->arena));

		if (may_be_narrowed(first))
			line = arena_format(&script->arena,
					    "%s, if the ssh server of %s listens there "
					    "(GatewayPorts), which was not looked at",
					    line, host);

		strbuf_printf(script->text, "\techo %s\n", quoted(script, line));
	}
}

/* --- the whole */

/* The names are those that tunnel.sh calls. */
static void add_tunnel(struct script *script)
{
	add_head(
		script,
		"brings this tunnel up with ssh alone, and keeps it up until Ctrl-C, TERM or HUP.\n"
		"# When one of its ssh processes ends, so does all of it. Nothing is left.");
	strbuf_printf(script->text, "tunnel=%s\n\nbring_up() {\n",
		      quoted(script, script->plan->name));
	for (size_t hop = 0; hop < script->plan->hop_count; hop++)
		if (is_mine(script, hop))
			add_master(script, hop);
	add_forwards(script);
	strbuf_puts(script->text, "}\n\nentrances() {\n");
	add_entrances(script);
	strbuf_printf(script->text, "}\n\n%s", tunnel_sh);
}

/* One ssh inside the other, where the login goes by one that is made elsewhere. */
static void add_login(struct script *script)
{
	size_t hop = script->plan->hop_count - 1;
	const char *words = by_piece(script, hop);

	while (!is_mine(script, hop)) {
		const char *command = arena_format(&script->arena, "ssh %s", words);

		hop = plan_carrier(script->plan, hop);
		words = arena_format(&script->arena, "-t %s %s", by_piece(script, hop),
				     quoted(script, command));
	}
	add_head(script, "logs in there.");
	strbuf_printf(script->text, "exec ssh %s\n", words);
}

void plan_script(const struct plan *plan, struct strbuf *text)
{
	struct script script = {.plan = plan, .text = text};

	if (plan->forward_count)
		add_tunnel(&script);
	else
		add_login(&script);
	arena_finish(&script.arena);
}

void plan_session(const struct plan *plan, size_t hop, const char *verbose, size_t ports_after,
		  struct strbuf *command, struct strbuf *program)
{
	struct script script = {.plan = plan, .text = program, .ports_after = ports_after};
	size_t carrier;

	strbuf_puts(command, session_command(&script, hop, &carrier));
	strbuf_printf(program, "verbose=%s\n", quoted(&script, verbose));
	add_program(&script, hop);
	arena_finish(&script.arena);
}

void plan_login(const struct plan *plan, size_t hop, struct strbuf *text)
{
	struct script script = {.plan = plan};

	strbuf_printf(text, "ssh %s true", by_piece(&script, hop));
	arena_finish(&script.arena);
}
