/*
 * Lints against their definitions, checked without any index: over random topologies, small ones,
 * in which everything meets everything.
 */
#include "planner/reach/reach.h"
#include "tests/random/dice.h"
#include "tests/unit/loading.h"
#include "topology/diag/codes.h"
#include "topology/lint/lint.h"
#include "topology/model/match.h"

#define TOPOLOGIES 1500

static const char *const vlans[] = {"va", "vb", "vc", "vd"};
static const char *const hosts[] = {"ha", "hb", "hc", "hd", "he"};
static const uint16_t ports[] = {22, 80, 81, 443};

/* --- topologies at random */

static void add_host(struct dice *dice, unsigned host, struct strbuf *text)
{
	unsigned on = 1 + lists(dice, 15);

	if (lists(dice, 2))
		on &= 1 + lists(dice, 15);
	strbuf_printf(text, "  %s: {ssh: %s, services: {web: %s}, vlans: {", hosts[host],
		      lists(dice, 3) ? "{}" : "none",
		      lists(dice, 2) ? "80" : "{port: 443, listen: any}");
	for (unsigned v = 0; v < 4; v++) {
		if (!(on & 1u << v))
			continue;
		if (lists(dice, 3))
			strbuf_printf(text, "%s: 10.%u.0.%u, ", vlans[v], v, host + 1);
		else
			strbuf_printf(text, "%s: , ", vlans[v]);
	}
	strbuf_puts(text, "}}\n");
}

/* An end of a rule; closed: none that may mean somebody who is no host of the file. */
static void add_end(struct dice *dice, bool closed, struct strbuf *text)
{
	switch (lists(dice, closed ? 6 : 9)) {
	case 0:
	case 1:
		strbuf_puts(text, hosts[lists(dice, 5)]);
		break;
	case 2:
	case 3:
		strbuf_puts(text, vlans[lists(dice, 4)]);
		break;
	case 4:
		/* A host that is on the VLAN, whatever the dice say. */
		strbuf_puts(text, "hub@");
		strbuf_puts(text, vlans[lists(dice, 4)]);
		break;
	case 5:
		strbuf_puts(text, closed || lists(dice, 2) ? "some" : "others");
		break;
	case 6:
		strbuf_puts(text, "any");
		break;
	default:
		strbuf_printf(text, "10.%u.0.0/%u", lists(dice, 4), lists(dice, 2) ? 16 : 29);
	}
}

static void add_rule(struct dice *dice, struct strbuf *text)
{
	const bool allow = lists(dice, 2);

	strbuf_puts(text, allow ? "  - allow: " : "  - deny: ");
	add_end(dice, allow, text);
	strbuf_puts(text, " -> ");
	add_end(dice, false, text);
	if (lists(dice, 2))
		strbuf_printf(text, " %u", ports[lists(dice, 4)]);
	if (lists(dice, 4) == 0)
		strbuf_puts(text, " 80-100");
	strbuf_puts(text, "\n");
}

static void make_text(struct dice *dice, struct strbuf *text)
{
	strbuf_puts(text, "tunplan: 1\nme: you\nvlans: {va: 10.0.0.0/16, vb: 10.1.0.0/16, vc: "
			  "10.2.0.0/16, vd: }\nhosts:\n  you: va\n  hub: [va, vb, vc, vd]\n");
	for (unsigned i = 0; i < 5; i++)
		add_host(dice, i, text);
	strbuf_puts(text, "sets: {some: [ha, hb, hub@vc, vd], others: [va, hd, 10.2.0.0/30]}\n"
			  "reachability:\n");
	for (unsigned i = 0; i < 9; i++)
		add_rule(dice, text);
}

/* --- what the lints say */

struct found {
	struct loading loading;
	struct diag_list diags;
};

static void look(const struct strbuf *text, struct found *found)
{
	loading_load_good(&found->loading, text->text);
	diag_list_init(&found->diags, &found->loading.arena);
	lint_topology(found->loading.topology, &found->diags);
}

static bool is_reported(const struct found *found, const char *code, struct span at)
{
	for (size_t i = 0; i < found->diags.count; i++) {
		if (strcmp(found->diags.items[i].code, code) == 0 &&
		    found->diags.items[i].at.at == at.at)
			return true;
	}
	return false;
}

/* --- what is so */

/* All points of a topology: each address of each interface, and none. */
static size_t list_points(const struct topology *topology, struct match_point *points)
{
	size_t count = 0;

	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++) {
			const struct interface *interface = &host->interfaces[i];

			points[count++] = (struct match_point){
				h, interface->vlan,
				interface->address_count ? interface->addresses : NULL};
		}
	}
	return count;
}

/* Whether a rule decides about anything that goes between two points. */
static bool decides(const struct topology *topology, const struct rule *rule)
{
	struct match_point points[64];
	const size_t count = list_points(topology, points);
	static const uint16_t tried[] = {1, 22, 80, 81, 82, 100, 443, 65535};

	for (size_t i = 0; i < count * count; i++) {
		for (size_t p = 0; p < sizeof(tried) / sizeof(tried[0]); p++) {
			if (match_rule(topology, &points[i / count], &points[i % count],
				       tried[p]) == rule)
				return true;
		}
	}
	return false;
}

/* Whether the same stands in an earlier rule. */
static bool is_repeat(const struct found *found, size_t index)
{
	const struct topology *topology = found->loading.topology;
	const struct span at = topology->rules[index].at;
	const char *text = found->loading.bytes + at.at - found->loading.sources.items[0].base;

	for (size_t i = 0; i < index; i++) {
		const struct span before = topology->rules[i].at;

		if (before.length == at.length &&
		    memcmp(found->loading.bytes + before.at - found->loading.sources.items[0].base,
			   text, at.length) == 0)
			return true;
	}
	return false;
}

static void check_shadowed(const struct found *found, size_t *reported)
{
	const struct topology *topology = found->loading.topology;

	for (size_t i = 0; i < topology->rule_count; i++) {
		const struct rule *rule = &topology->rules[i];

		if (is_reported(found, LINT_SHADOWED, rule->at)) {
			cr_expect(!decides(topology, rule), "rule %zu decides in\n%.*s", i,
				  (int)found->loading.file.size, found->loading.bytes);
			++*reported;
		} else {
			cr_expect(!is_repeat(found, i), "rule %zu is there before in\n%.*s", i,
				  (int)found->loading.file.size, found->loading.bytes);
		}
	}
}

static bool reaches(const struct network_index *network_index, size_t from, size_t to,
		    uint16_t port)
{
	const struct reach_to question = {.host = to, .vlan = TOPOLOGY_NONE, .port = port};

	return from != to && reach_try(network_index, from, REACH_PROCESS, &question).open;
}

static void check_unreachable(const struct found *found, size_t *reported)
{
	const struct topology *topology = found->loading.topology;
	struct arena arena = {0};
	struct network_index network_index;

	/* What follows from another lint is not said. */
	for (size_t i = 0; i < found->diags.count; i++) {
		if (strcmp(found->diags.items[i].code, LINT_CUTS_INSIDE) == 0)
			return;
	}
	network_index_init(&network_index, topology, &arena);
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];
		bool reached = h == topology->me;

		for (size_t from = 0; from < topology->host_count; from++) {
			if (!host->ssh->none)
				reached |= reaches(&network_index, from, h, host->ssh->port);
			for (size_t i = 0; i < host->service_count; i++)
				reached |= reaches(&network_index, from, h, host->services[i].port);
		}
		cr_expect(is_reported(found, LINT_UNREACHABLE, host->at) == !reached, "%s in\n%.*s",
			  host->name, (int)found->loading.file.size, found->loading.bytes);
		*reported += !reached;
	}
	arena_finish(&arena);
}

/* Whether an end that names a VLAN means a host, and not by that interface. */
static bool means_elsewhere(const struct topology *topology, const struct rule_end *end,
			    size_t host, size_t vlan)
{
	return end->kind == RULE_VLAN && end->vlan != vlan &&
	       host_interface(&topology->hosts[host], end->vlan);
}

static bool means(const struct topology *topology, const struct rule_end *end, size_t host)
{
	const struct host *there = &topology->hosts[host];

	if (end->kind == RULE_HOST)
		return end->host == host;
	if (end->kind == RULE_VLAN)
		return host_interface(there, end->vlan);
	for (size_t i = 0; i < there->interface_count && end->kind == RULE_CIDR; i++) {
		if (there->interfaces[i].address_count &&
		    cidr_contains(&end->cidr, there->interfaces[i].addresses))
			return true;
	}
	return false;
}

static bool is_open(const struct topology *topology, const struct rule *rule, size_t vlan,
		    size_t from, size_t to)
{
	const struct interface *leaving = host_interface(&topology->hosts[from], vlan);
	const struct interface *arriving = host_interface(&topology->hosts[to], vlan);
	struct match_point source = {from, vlan, NULL}, target = {to, vlan, arriving->addresses};

	if (!arriving->address_count)
		target.address = NULL;
	if (!match_source(topology, leaving, target.address ? ADDRESS_IPV4 : ADDRESS_NAME,
			  &source.address))
		return false;
	for (unsigned port = 1; port <= UINT16_MAX; port++) {
		const struct rule *decides;
		bool meant = rule->port_count == 0;

		for (size_t i = 0; i < rule->port_count; i++)
			meant |= rule->ports[i].first <= port && port <= rule->ports[i].last;
		if (!meant)
			continue;
		decides = match_rule(topology, &source, &target, (uint16_t)port);
		if (!decides || decides->allow)
			return true;
		/* What a rule without ports denies, it denies at every port but those before it. */
		if (port > 500)
			return false;
	}
	return false;
}

/* Whether two hosts that the ends mean meet on a VLAN where the rule does not see them. */
static bool has_gap(const struct topology *topology, const struct rule *rule,
		    const struct rule_end *from, const struct rule_end *to)
{
	if (from->kind == RULE_HOST_AT_VLAN || to->kind == RULE_HOST_AT_VLAN)
		return false;
	for (size_t a = 0; a < topology->host_count; a++) {
		/* Logins pass such a host. */
		if (topology->hosts[a].ssh->stated && !topology->hosts[a].ssh->none)
			continue;
		for (size_t b = 0; b < topology->host_count; b++) {
			for (size_t v = 0; v < topology->vlan_count; v++) {
				if (a == b || !host_interface(&topology->hosts[a], v) ||
				    !host_interface(&topology->hosts[b], v))
					continue;
				if (((means_elsewhere(topology, from, a, v) &&
				      means(topology, to, b)) ||
				     (means_elsewhere(topology, to, b, v) &&
				      means(topology, from, a))) &&
				    is_open(topology, rule, v, a, b))
					return true;
			}
		}
	}
	return false;
}

static void check_ineffective_deny(const struct found *found, size_t *reported)
{
	const struct topology *topology = found->loading.topology;

	for (size_t r = 0; r < topology->rule_count; r++) {
		const struct rule *rule = &topology->rules[r];
		const struct set one[2] = {{.ends = (struct rule_end *)&rule->from, .end_count = 1},
					   {.ends = (struct rule_end *)&rule->to, .end_count = 1}};
		const struct set *from =
			rule->from.kind == RULE_SET ? &topology->sets[rule->from.set] : &one[0];
		const struct set *to =
			rule->to.kind == RULE_SET ? &topology->sets[rule->to.set] : &one[1];
		bool gap = false;

		for (size_t i = 0; i < from->end_count * to->end_count && !rule->allow; i++)
			gap |= has_gap(topology, rule, &from->ends[i / to->end_count],
				       &to->ends[i % to->end_count]);
		gap &= !is_reported(found, LINT_SHADOWED, rule->at);
		cr_expect(is_reported(found, LINT_TOOTHLESS, rule->at) == gap, "rule %zu in\n%.*s",
			  r, (int)found->loading.file.size, found->loading.bytes);
		*reported += gap;
	}
}

/* Looks at many, and that the lint had something to say. */
static void check_all(void (*check)(const struct found *found, size_t *reported), uint64_t seed)
{
	struct dice dice = {seed};
	size_t reported = 0;

	for (unsigned i = 0; i < TOPOLOGIES; i++) {
		struct strbuf text = {0};
		struct found found;

		make_text(&dice, &text);
		look(&text, &found);
		check(&found, &reported);
		loading_finish(&found.loading);
		strbuf_finish(&text);
	}
	cr_expect(reported > TOPOLOGIES / 10, "only %zu", reported);
}

Test(lint_random, shadowed_rules_never_decide)
{
	check_all(check_shadowed, 1);
}

Test(lint_random, unreachable_is_what_the_planner_cannot_reach)
{
	check_all(check_unreachable, 2);
}

Test(lint_random, ineffective_deny_rules_have_gaps)
{
	check_all(check_ineffective_deny, 3);
}
