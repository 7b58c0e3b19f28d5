#include "topology/lint/lint.h"

#include <string.h>

#include "topology/lint/lint_parts.h"

/* Those that blame rules go before those that look who is to blame (lint_parts.h). */
static const struct {
	const char *code;
	void (*run)(struct linter *linter);
} lints[] = {
	{LINT_SHADOWED, lint_shadowed},
	{LINT_TOOTHLESS, lint_ineffective_deny},
	{LINT_CUTS_INSIDE, lint_cuts_inside},
	{LINT_EMPTY_VLAN, lint_empty_vlan},
	{LINT_UNREACHABLE, lint_unreachable},
	{LINT_OUTSIDE_CIDR, lint_outside_cidr},
	{LINT_SAME_ADDRESS, lint_same_address},
	{LINT_OVERLAP, lint_overlap},
	{LINT_SAME_INGRESS, lint_same_ingress},
	{LINT_TAKEN_PLACE, lint_taken_place},
	{LINT_PRIVILEGED, lint_privileged},
	{LINT_EXPOSED, lint_exposed},
	{LINT_SAME_PUBLICATION, lint_same_publication},
	{LINT_NOT_ONES_OWN, lint_not_ones_own},
	{LINT_OPEN_PROXY, lint_open_proxy},
	{LINT_NEAR_HOST, lint_near_host},
	{LINT_NO_EFFECT, lint_no_effect},
};

static bool is_allowed(const struct topology *topology, const char *code)
{
	for (size_t i = 0; i < topology->allowed_lint_count; i++) {
		if (strcmp(topology->allowed_lints[i], code) == 0)
			return true;
	}
	return false;
}

/* Says of the topology as a whole that a lint was given up. */
static void report_unfinished(struct linter *linter, const char *code)
{
	if (is_allowed(linter->topology, LINT_UNFINISHED))
		return;
	diag_lint(linter->diags, LINT_UNFINISHED, source_span(&linter->topology->sources->items[0]),
		  "there is too much here for %s, which was given up: it may have missed something",
		  code)
		->help =
		"use sets and ranges instead of many rules, or VLANs instead of many hosts";
}

static void list_forwards(struct linter *linter)
{
	const struct topology *topology = linter->topology;

	for (size_t t = 0; t < topology->tunnel_count; t++) {
		const struct tunnel *tunnel = &topology->tunnels[t];

		for (size_t i = 0; i < tunnel->forward_count; i++)
			*ARENA_PUSH(linter->scratch, linter->forwards, linter->forward_count) =
				(struct owned_forward){tunnel, &tunnel->forwards[i]};
	}
}

static void list_addresses(struct linter *linter)
{
	const struct member_list *all = &linter->vlan_members.all;

	for (size_t i = 0; i < all->first[linter->topology->vlan_count]; i++) {
		const struct interface *interface = all->items[i].interface;

		for (size_t j = 0; j < interface->address_count; j++)
			*ARENA_PUSH(linter->scratch, linter->addresses, linter->address_count) =
				(struct owned_address){&interface->addresses[j], &all->items[i]};
	}
}

static void add_published(struct linter *linter, size_t host, const struct service *service,
			  const struct publication *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*ARENA_PUSH(linter->scratch, linter->published, linter->published_count) =
			(struct published){&items[i], host, service};
}

static void list_published(struct linter *linter)
{
	for (size_t h = 0; h < linter->topology->host_count; h++) {
		const struct host *host = &linter->topology->hosts[h];

		add_published(linter, h, NULL, host->published, host->published_count);
		for (size_t i = 0; i < host->service_count; i++)
			add_published(linter, h, &host->services[i], host->services[i].published,
				      host->services[i].published_count);
	}
}

void lint_topology(const struct topology *topology, struct diag_list *diags)
{
	struct arena scratch = {0};
	struct linter linter = {.topology = topology, .diags = diags, .scratch = &scratch};

	vlan_members_init(&linter.vlan_members, topology, &scratch);
	linter.subsume = (struct subsume){&linter.vlan_members, &linter.budget};
	rule_end_index_init(&linter.from, &linter.subsume, RULES_FROM, &scratch);
	rule_end_index_init(&linter.to, &linter.subsume, RULES_TO, &scratch);
	list_forwards(&linter);
	list_addresses(&linter);
	list_published(&linter);
	linter.reported = arena_array(&scratch, topology->rule_count, sizeof(*linter.reported));
	for (size_t i = 0; i < sizeof(lints) / sizeof(lints[0]); i++) {
		if (is_allowed(topology, lints[i].code))
			continue;
		linter.budget = (struct budget){.max = LINT_STEPS_MAX};
		lints[i].run(&linter);
		if (budget_is_spent(&linter.budget))
			report_unfinished(&linter, lints[i].code);
	}
	arena_finish(&scratch);
	diag_sort(diags);
}
