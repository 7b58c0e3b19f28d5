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

void lint_topology(const struct topology *topology, struct diag_list *diags)
{
	struct arena scratch = {0};
	struct linter linter = {.topology = topology, .diags = diags, .scratch = &scratch};

	vlan_members_init(&linter.vlan_members, topology, &scratch);
	linter.subsume = (struct subsume){&linter.vlan_members, &linter.budget};
	rule_end_index_init(&linter.from, &linter.subsume, RULES_FROM, &scratch);
	rule_end_index_init(&linter.to, &linter.subsume, RULES_TO, &scratch);
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
