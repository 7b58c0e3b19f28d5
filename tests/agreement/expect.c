/*
 * expect: what the reachability rules say about every connection that the hosts of a topology could
 * open to each other, as lines for probe.c:
 *
 *     expect FILE
 *
 *     FROM DEVICE TARGET PORT ANSWER WHY
 *
 * with tabs in between. DEVICE is the interface that the connection leaves by, or `-` if the host
 * chooses. TARGET is an address or a name. ANSWER is
 *
 *     open          something listens, and the rules allow the connection
 *     refused       nothing listens, or a rule with `action: reject` denies it
 *     dropped       a rule denies it, or no rule allows it
 *     unreachable   the two ends have no address family in common, or there is no route
 *     closed        any of these except open
 *
 * There are two kinds of lines. With a DEVICE: each connection that reach_each() finds, by itself.
 * Without: what a program on the host reaches, open if any connection is. Choices that the lab
 * makes where the file leaves them open are taken from the lab's own network. If the answer depends
 * on such a choice (the range of a rule contains the chosen address, and the file cannot know),
 * there is no line. The last line, on standard error, counts those: "N lines, N left out".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/lab/network/network.h"
#include "exec/lab/network/published.h"
#include "planner/reach/reach.h"
#include "topology/load.h"

/* What comes of a connection, in the words of the lines. UNKNOWN: the file cannot say. */
enum answer { OPEN, REFUSED, DROPPED, UNREACHABLE, CLOSED, UNKNOWN };

static const char *const answer_words[] = {"open", "refused", "dropped", "unreachable", "closed"};

/* One way, and what it comes to at one of the addresses that the lab has there. */
struct trial {
	const struct lab_leg *leaving;
	const struct address *target;
	enum answer answer;
	const struct reach *reach;
};

/* One connection: from, to and port; and the ways that the model knows. */
struct question {
	size_t from;
	size_t to;
	uint16_t port;
	const struct service *service; /* what listens on the port, or NULL */
	bool listens;                  /* it or the sshd */
	struct reach *ways;
	size_t way_count;
	struct trial *trials;
	size_t trial_count;
};

static struct arena arena;
static const struct topology *topology;
static const struct lab_network *network;
static struct network_index network_index;
static size_t line_count, left_out;

/* --- one way */

/* What the model says of a way that has been found. */
static enum answer verdict(const struct reach *reach, bool listens)
{
	if (reach->obstacles & REASON_BIT(REASON_FAMILY))
		return CLOSED;
	if (reach->obstacles & REASON_BIT(REASON_RULE_DENY))
		return reach->rule->action == RULE_REJECT ? REFUSED : DROPPED;
	if (reach->obstacles & REASON_BIT(REASON_DEFAULT_DENY))
		return network->router ? DROPPED : CLOSED;
	if (reach->obstacles & REASON_BIT(REASON_LOOPBACK_ONLY))
		return REFUSED;
	return listens ? OPEN : REFUSED;
}

/*
 * Whether it makes a difference which addresses the lab has chosen: whether another rule decides when they
 * are known.
 */
static bool choice_matters(const struct question *question, const struct trial *trial,
			   const struct address *source)
{
	const struct reach *reach = trial->reach;
	const struct match_point from = {question->from, reach->from_vlan, source};
	const struct match_point to = {question->to, reach->vlan,
				       reach->published ? reach->target : trial->target};

	return match_rule(topology, &from, &to, reach->port) != reach->rule;
}

static enum answer trial_answer(const struct question *question, const struct trial *trial)
{
	const struct reach *reach = trial->reach;
	const struct address *source = lab_leg_address(trial->leaving, trial->target->family);

	if (source && choice_matters(question, trial, source))
		return UNKNOWN;
	return verdict(reach, question->listens);
}

/* Where the file leaves the family open, the lab has chosen one: then there is no such way in it. */
static void add_trial(struct question *question, const struct reach *reach,
		      const struct address *target)
{
	struct trial trial = {
		.leaving = lab_node_leg(&network->nodes[question->from], reach->from_vlan),
		.target = target,
		.reach = reach,
	};

	if (!lab_leg_address(trial.leaving, target->family) &&
	    !(reach->obstacles & REASON_BIT(REASON_FAMILY)))
		return;
	trial.answer = trial_answer(question, &trial);
	*(struct trial *)arena_push(&arena, &question->trials, &question->trial_count,
				    sizeof(trial)) = trial;
}

/* Whether an address of a leg is meant by a name at which something is published; or by any other name. */
static bool is_meant(const struct reach *reach, const struct address *address)
{
	for (size_t p = 0; reach->published && p < network->published_count; p++)
		if (network->published[p].at == reach->published)
			return lab_listen_has(&network->published[p].listen, address);
	return true;
}

/* A name, and what the file leaves open, is every address that the lab has given there. */
static void add_trials(struct question *question, const struct reach *reach)
{
	/* It is the router that has the names at which things are published. */
	const struct lab_node *node =
		reach->published ? network->router : &network->nodes[question->to];
	const struct lab_leg *arriving = lab_node_leg(node, reach->vlan);

	if (reach->target && !reach->by_name) {
		add_trial(question, reach, reach->target);
		return;
	}
	for (size_t a = 0; a < arriving->address_count; a++)
		if (is_meant(reach, &arriving->addresses[a].address))
			add_trial(question, reach, &arriving->addresses[a].address);
}

/* --- lines */

static const char *vlan_name(size_t vlan)
{
	return vlan == TOPOLOGY_NONE ? "inside" : topology->vlans[vlan].name;
}

static void print_line(const struct question *question, const char *device, const char *target,
		       enum answer answer, const struct reach *reach)
{
	const struct position at = sources_position(topology->sources, reach->at);

	if (answer == UNKNOWN) {
		left_out++;
		return;
	}
	line_count++;
	printf("%s\t%s\t%s\t%u\t%s\t%s -> %s, %s", topology->hosts[question->from].name, device,
	       target, reach->port, answer_words[answer], vlan_name(reach->from_vlan),
	       vlan_name(reach->vlan), reach->open ? "open" : plan_reason_code(reach->reason));
	if (reach->rule)
		printf(" by line %u", sources_position(topology->sources, reach->rule->at).line);
	else if (at.line)
		printf(" at line %u", at.line);
	puts("");
}

static bool same_target(const struct trial *a, const struct trial *b)
{
	return a->reach->port == b->reach->port && strcmp(a->target->text, b->target->text) == 0;
}

/* Whether an earlier trial has led to the same address. */
static bool met_before(const struct question *question, size_t index)
{
	for (size_t t = 0; t < index; t++)
		if (same_target(&question->trials[t], &question->trials[index]))
			return true;
	return false;
}

/*
 * What comes of an address when the host chooses the way: the best that any way comes to. Which of the
 * closed ones it takes is its own affair.
 */
static enum answer best_answer(const struct question *question, const struct trial *to)
{
	enum answer best = UNREACHABLE;
	size_t ways = 0;

	for (size_t t = 0; t < question->trial_count; t++) {
		const struct trial *trial = &question->trials[t];

		if (!same_target(trial, to))
			continue;
		if (trial->answer == UNKNOWN)
			return UNKNOWN;
		if (trial->reach->open && trial->answer < best)
			best = trial->answer;
		ways++;
	}
	if (best <= REFUSED)
		return best;
	return ways == 1 && network->router ? to->answer : CLOSED;
}

static void print_trials(const struct question *question)
{
	for (size_t t = 0; t < question->trial_count; t++) {
		const struct trial *trial = &question->trials[t];

		print_line(question, network->devices[trial->leaving->vlan], trial->target->text,
			   trial->answer, trial->reach);
		if (!met_before(question, t))
			print_line(question, "-", trial->target->text, best_answer(question, trial),
				   trial->reach);
	}
}

/*
 * The VLAN that the name of a host stands for where it is looked up: that of its sshd, else of the first
 * service that is reached from there.
 */
static size_t name_vlan(size_t from, size_t to)
{
	const struct host *host = &topology->hosts[to];
	struct reach_to sshd = reach_to_sshd(topology, to);
	struct reach reach = {.open = false};

	if (!host->ssh->none)
		reach = reach_try(&network_index, from, REACH_PROCESS, &sshd);
	for (size_t s = 0; s < host->service_count && !reach.open; s++) {
		const struct reach_to service = {.host = to,
						 .vlan = TOPOLOGY_NONE,
						 .port = host->services[s].port,
						 .service = &host->services[s]};

		reach = reach_try(&network_index, from, REACH_PROCESS, &service);
	}
	return reach.vlan;
}

/*
 * What the model would dial is a name, and something listens: the host has to find the way by it. Its own
 * name stands for one VLAN; that another port is reached by another one only, no name can tell.
 */
static void print_name(const struct question *question, const struct reach *best)
{
	const bool own =
		!best->published && strcmp(best->address, topology->hosts[question->to].name) == 0;
	bool there = false, known = true;

	for (size_t t = 0; t < question->trial_count; t++) {
		const struct trial *trial = &question->trials[t];

		if (trial->reach->vlan != best->vlan || !trial->reach->by_name ||
		    trial->reach->published != best->published ||
		    trial->reach->from_vlan != best->from_vlan)
			continue;
		there = true;
		known &= trial->answer != UNKNOWN;
	}
	if (!there)
		return;
	if (!known || (own && name_vlan(question->from, question->to) != best->vlan))
		left_out++;
	else
		print_line(question, "-", best->address, OPEN, best);
}

/* --- connections */

static void visit(void *context, const struct reach *reach)
{
	struct question *question = context;
	struct reach *way = arena_push(&arena, &question->ways, &question->way_count, sizeof(*way));

	*way = *reach;
}

/* A host itself: what the model would dial answers, and all else of it does not. */
static void ask_inside(const struct question *question)
{
	const struct lab_node *node = &network->nodes[question->from];
	const struct reach none = {.open = true,
				   .port = question->port,
				   .from_vlan = TOPOLOGY_NONE,
				   .vlan = TOPOLOGY_NONE};
	const bool loopback = question->service && question->service->listen == LISTEN_VLANS;

	for (size_t w = 0; w < question->way_count; w++)
		print_line(question, "-", question->ways[w].address,
			   question->listens ? OPEN : REFUSED, &question->ways[w]);
	if (loopback) {
		print_line(question, "-", "127.0.0.1", REFUSED, &none);
		print_line(question, "-", "localhost", REFUSED, &none);
	}
	if (!question->service || question->service->listen != LISTEN_LOOPBACK)
		return;
	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++)
			print_line(question, "-", node->legs[l].addresses[a].address.text, REFUSED,
				   &none);
}

static void ask(size_t from, size_t to, uint16_t port)
{
	const struct host *host = &topology->hosts[to];
	struct question question = {.from = from, .to = to, .port = port};
	struct reach_to target = {.host = to, .vlan = TOPOLOGY_NONE, .port = port};
	struct reach best;

	for (size_t s = 0; s < host->service_count; s++)
		if (!host->services[s].socket && host->services[s].port == port)
			question.service = &host->services[s];
	question.listens = question.service || (!host->ssh->none && host->ssh->port == port);
	target.service = question.service;
	target.published = question.service ? question.service->published : host->published;
	target.published_count = !question.listens  ? 0
				 : question.service ? question.service->published_count
						    : host->published_count;
	reach_each(&network_index, from, REACH_PROCESS, &target, visit, &question);
	if (from == to) {
		ask_inside(&question);
		return;
	}
	for (size_t w = 0; w < question.way_count; w++) {
		/* What is published on a host itself crosses nothing. */
		if (question.ways[w].from_vlan == TOPOLOGY_NONE)
			print_line(&question, "-", question.ways[w].address, OPEN,
				   &question.ways[w]);
		else
			add_trials(&question, &question.ways[w]);
	}
	print_trials(&question);
	best = reach_try(&network_index, from, REACH_PROCESS, &target);
	if (best.open && best.by_name && question.listens && best.from_vlan != TOPOLOGY_NONE)
		print_name(&question, &best);
}

/* --- ports */

/* Bits, by port. */
static uint8_t wanted[UINT16_MAX / 8 + 1];

static void want(long port)
{
	if (port > 0 && port <= UINT16_MAX)
		wanted[port / 8] |= (uint8_t)(1u << port % 8);
}

/* Where anything can be different: what listens, and the edges of the rules' ports from both sides. */
static void want_all(void)
{
	want(22);
	for (size_t h = 0; h < topology->host_count; h++)
		for (size_t s = 0; s < topology->hosts[h].service_count; s++)
			want(topology->hosts[h].services[s].port);
	for (size_t r = 0; r < topology->rule_count; r++) {
		const struct rule *rule = &topology->rules[r];

		for (size_t p = 0; p < rule->port_count; p++) {
			want(rule->ports[p].first - 1L);
			want(rule->ports[p].first);
			want(rule->ports[p].last);
			want(rule->ports[p].last + 1L);
		}
	}
}

static void ask_all(size_t from)
{
	for (size_t to = 0; to < topology->host_count; to++)
		for (long port = 1; port <= UINT16_MAX; port++)
			if (wanted[port / 8] >> port % 8 & 1)
				ask(from, to, (uint16_t)port);
}

/* --- all of it */

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "expect: %s: %s\n", what, why);
	exit(2);
}

static const char *read_text(const char *path, size_t *ret_size)
{
	static struct strbuf text;
	FILE *file = fopen(path, "rb");
	char part[4096];
	size_t size;

	if (!file)
		fail(path, "it cannot be read");
	while ((size = fread(part, 1, sizeof(part), file)) > 0)
		strbuf_add(&text, part, size);
	fclose(file);
	*ret_size = text.length;
	return strbuf_text(&text);
}

int main(int argc, char **argv)
{
	static struct sources sources;
	struct load_file file = {.name = "network.yaml", .identity = "network.yaml"};
	struct diag_list diags;
	const char *problem;

	if (argc != 2)
		fail("usage", "expect FILE");
	file.text = read_text(argv[1], &file.size);
	diag_list_init(&diags, &arena);
	if (!topology_load(&file, NULL, &sources, &arena, &diags, &topology))
		fail(argv[1], "it is not valid");
	if (!lab_network_create(topology, &arena, &network, &problem))
		fail(argv[1], problem);
	network_index_init(&network_index, topology, &arena);
	want_all();
	for (size_t from = 0; from < topology->host_count; from++)
		ask_all(from);
	fprintf(stderr, "%zu lines, %zu left out\n", line_count, left_out);
	arena_finish(&arena);
	return 0;
}
