#include <string.h>

#include "planner/model/auto_port.h"
#include "planner/model/endpoint.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"

/* An argv that grows. */
struct words {
	struct arena *arena;
	const char **items;
	size_t count;
};

/* What an ssh could step into that only forwards; and one that runs a program, to relay by it. */
#define FORWARD_TRAPS (PLAN_TRAP_CONTROL | PLAN_TRAP_FORK | PLAN_TRAP_CLEAR)
#define RELAY_TRAPS   (PLAN_TRAP_CONTROL | PLAN_TRAP_COMMAND | PLAN_TRAP_STDIN)

/* One piece of a chain whose command is being put together. */
struct chain_view {
	const struct plan *plan;
	const size_t *hops; /* indexes, first to last */
};

static void word(struct words *words, const char *text)
{
	const char **added = arena_push(words->arena, &words->items, &words->count, sizeof(*added));

	*added = text;
}

static const struct plan_hop *hop_at(const struct chain_view *chain, size_t at)
{
	return &chain->plan->hops[chain->hops[at]];
}

/* A joint on me is a socket in the directory where the commands are typed: nobody else's, one hopes. */
static const char *end_text(const struct words *words, const struct plan_forward *forward,
			    const struct plan_end *end, uint16_t port)
{
	if (end->joint)
		return arena_format(words->arena, "./joint-%zu.sock", forward->of + 1);
	if (end->socket)
		return end->socket;
	return endpoint_text(end->address, port, words->arena);
}

static void forward_words(struct words *words, const struct plan *plan, size_t index)
{
	static const char *const flags[] = {
		[PLAN_LOCAL] = "-L",
		[PLAN_REMOTE] = "-R",
		[PLAN_DYNAMIC] = "-D",
		[PLAN_REMOTE_DYNAMIC] = "-R",
	};
	const struct plan_forward *forward = &plan->forwards[index];
	const struct plan_end *ingress = &forward->ingress, *egress = &forward->egress;
	const uint16_t port =
		ingress->any_port ? auto_port(plan->name, forward->of) : ingress->port;
	const char *from = end_text(words, forward, ingress, port);

	word(words, flags[forward->type]);
	if (egress->socks)
		word(words, from);
	else
		word(words, arena_format(words->arena, "%s:%s", from,
					 end_text(words, forward, egress, egress->port)));
}

/* What the ssh client is called with for a hop. */
static const char *destination(const struct plan_hop *hop)
{
	return hop->config ? hop->config : hop->address;
}

static void option(struct words *words, const char *text)
{
	word(words, "-o");
	word(words, text);
}

/*
 * Whether -J can log in to the hop at this place of the chain: the ssh that it starts gets no
 * option but user and port. An alias past the first hop would be dialled by the address that me's
 * ssh_config has for it, and not by the plan's.
 */
static bool fits_jump(const struct chain_view *chain, size_t at)
{
	const struct plan_hop *hop = hop_at(chain, at);
	const struct plan_guard *guard = &hop->guard;

	return !hop->identity && !hop->options && (at == 0 || !hop->config) && !guard->key_alias &&
	       !guard->no_proxy && !(guard->traps & PLAN_TRAP_CONTROL) && !guard->hostname;
}

/* Returns "user@host:port,…" for the hops before `at`, or NULL when -J cannot do it. */
static const char *jump_list(const struct chain_view *chain, size_t at, struct arena *arena)
{
	const char *list = "";

	/* The last of the jumps dials what the ssh behind it takes for its host. */
	if (hop_at(chain, at)->config || hop_at(chain, at)->guard.renamed)
		return NULL;
	for (size_t i = 0; i < at; i++) {
		const struct plan_hop *hop = hop_at(chain, i);
		const bool user = hop->user != NULL;

		if (!fits_jump(chain, i) || hop_at(chain, i + 1)->method == PLAN_RELAYED)
			return NULL;
		list = arena_format(arena, "%s%s%s%s%s", list, i ? "," : "", user ? hop->user : "",
				    user ? "@" : "", endpoint_host(destination(hop), arena));
		if (hop->port != 22 || hop->guard.port)
			list = arena_format(arena, "%s:%u", list, hop->port);
	}
	return list;
}

/* Adds what undoes those of the traps that a hop's ssh would step into. */
static void trap_words(struct words *words, const struct plan_hop *hop, unsigned traps)
{
	static const struct {
		enum plan_trap trap;
		const char *word, *value;
	} rows[] = {
		{PLAN_TRAP_CONTROL, "-S", "none"},
		{PLAN_TRAP_FORK, "-o", "ForkAfterAuthentication=no"},
		{PLAN_TRAP_CLEAR, "-o", "ClearAllForwardings=no"},
		{PLAN_TRAP_PASSING, "-o", "ProxyUseFdpass=no"},
		{PLAN_TRAP_COMMAND, "-o", "RemoteCommand=none"},
		{PLAN_TRAP_STDIN, "-o", "StdinNull=no"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].trap & traps & hop->guard.traps) {
			word(words, rows[i].word);
			word(words, rows[i].value);
		}
}

static void login_words(struct words *words, const struct plan_hop *hop)
{
	const struct plan_guard *guard = &hop->guard;

	if (guard->hostname)
		option(words, arena_format(words->arena, "HostName=%s", hop->address));
	if (hop->port != 22 || guard->port) {
		word(words, "-p");
		word(words, arena_format(words->arena, "%u", hop->port));
	}
	if (hop->identity) {
		option(words, "IdentitiesOnly=yes");
		word(words, "-i");
		word(words, hop->identity);
	}
	if (guard->key_alias)
		option(words, arena_format(words->arena, "HostKeyAlias=%s", guard->key_alias));
	for (size_t i = 0; hop->options && hop->options[i]; i++)
		option(words, hop->options[i]);
}

static void destination_word(struct words *words, const struct plan_hop *hop)
{
	const char *name = destination(hop);

	word(words, hop->user ? arena_format(words->arena, "%s@%s", hop->user, name) : name);
}

static void through_words(struct words *words, const struct chain_view *chain, size_t at);

/* The program that dials for a hop where the sshd may not. */
static void relay_words(struct words *words, const struct plan_hop *hop)
{
	const char *const *argv = plan_relay_argv(hop, words->arena);

	for (size_t i = 0; argv[i]; i++)
		word(words, argv[i]);
}

/*
 * Returns the command that logs in to a hop and connects from there to the next one's sshd. ssh
 * would expand a `%` in it, but no word of a topology can hold one.
 */
static const char *carrier(const struct chain_view *chain, size_t at, struct arena *arena)
{
	const struct plan_hop *next = hop_at(chain, at + 1);
	struct words words = {.arena = arena};

	word(&words, "ssh");
	through_words(&words, chain, at);
	trap_words(&words, hop_at(chain, at),
		   next->method == PLAN_RELAYED ? RELAY_TRAPS : PLAN_TRAP_CONTROL);
	login_words(&words, hop_at(chain, at));
	if (next->method == PLAN_RELAYED) {
		destination_word(&words, hop_at(chain, at));
		relay_words(&words, next);
	} else {
		word(&words, "-W");
		word(&words, endpoint_text(next->address, next->port, arena));
		destination_word(&words, hop_at(chain, at));
	}
	word(&words, NULL);
	return shell_line(words.items, arena);
}

/*
 * Adds the words that make the login to a hop go through those before it: nested, as -J does. Before
 * the first one, nothing may go.
 */
static void through_words(struct words *words, const struct chain_view *chain, size_t at)
{
	const struct plan_guard *guard = &hop_at(chain, at)->guard;
	const char *jumps;

	if (at == 0) {
		if (guard->no_proxy)
			option(words, "ProxyCommand=none");
		return;
	}
	jumps = jump_list(chain, at, words->arena);
	if (jumps) {
		word(words, "-J");
		word(words, jumps);
		return;
	}
	option(words,
	       arena_format(words->arena, "ProxyCommand=%s", carrier(chain, at - 1, words->arena)));
	trap_words(words, hop_at(chain, at), PLAN_TRAP_PASSING);
}

/* Returns the argv that carries every forward of one last hop; without any, a login. */
static const char **command_argv(const struct plan *plan, size_t hop, struct arena *arena)
{
	size_t count;
	const struct chain_view chain = {plan, plan_piece(plan, hop, arena, &count)};
	struct words words = {.arena = arena};

	word(&words, "ssh");
	if (plan->forward_count) {
		word(&words, "-N");
		word(&words, "-o");
		word(&words, "ExitOnForwardFailure=yes");
	}
	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].hop == hop)
			forward_words(&words, plan, i);
	through_words(&words, &chain, count - 1);
	trap_words(&words, &plan->hops[hop],
		   plan->forward_count ? FORWARD_TRAPS : PLAN_TRAP_CONTROL);
	login_words(&words, &plan->hops[hop]);
	destination_word(&words, &plan->hops[hop]);
	word(&words, NULL);
	return words.items;
}

/* Whether a command is to be typed for a hop: it carries a forward; or it is where a piece of a login ends. */
static bool carries(const struct plan *plan, size_t hop)
{
	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].hop == hop)
			return true;
	return plan->forward_count == 0 &&
	       (hop + 1 == plan->hop_count || plan->hops[hop + 1].method == PLAN_STITCHED);
}

static void add_command(struct plan_command **commands, size_t *count, const struct plan *plan,
			size_t hop, struct arena *arena)
{
	*(struct plan_command *)arena_push(arena, commands, count, sizeof(**commands)) =
		(struct plan_command){plan->hops[hop].client, command_argv(plan, hop, arena)};
}

void plan_commands(const struct plan *plan, struct arena *arena, struct plan_command **ret_commands,
		   size_t *ret_count)
{
	struct plan_command *commands = NULL;
	size_t count = 0;

	for (size_t hop = 0; hop < plan->hop_count; hop++)
		if (carries(plan, hop))
			add_command(&commands, &count, plan, hop, arena);
	*ret_commands = commands;
	*ret_count = count;
}
