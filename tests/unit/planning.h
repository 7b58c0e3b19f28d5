/*
 * What the planner's tests share: a topology from YAML text, its plan, and short forms of both to
 * compare.
 */
#ifndef TUNPLAN_TESTS_UNIT_PLANNING_H
#define TUNPLAN_TESTS_UNIT_PLANNING_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "planner/planner.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"
#include "tests/unit/expect_text.h"
#include "topology/load.h"

/* A topology with at most one plan made from it. */
struct planning_case {
	struct arena arena;
	struct sources sources;
	const struct topology *topology;
	const struct plan *plan;     /* NULL: failure says why */
	struct plan_failure failure; /* when plan is NULL */
};

/* Loads a text that must be valid. */
static inline void planning_load(struct planning_case *test, const char *yaml)
{
	const struct load_file file = {
		.name = "lab.yaml", .identity = "lab.yaml", .text = yaml, .size = strlen(yaml)};
	struct diag_list diags;
	struct strbuf text = {0};

	memset(test, 0, sizeof(*test));
	diag_list_init(&diags, &test->arena);
	if (!topology_load(&file, NULL, &test->sources, &test->arena, &diags, &test->topology)) {
		diag_render(&diags, &test->sources, false, &text);
		cr_fatal("%s", strbuf_text(&text));
	}
}

/* Plans a tunnel as the file's me; the request says the rest. */
static inline void planning_plan_as(struct planning_case *test, const char *tunnel,
				    struct plan_request request)
{
	const size_t index = topology_tunnel(test->topology, tunnel);
	const struct topology *there =
		topology_at(test->topology, test->topology->me, &request.where, &test->arena);
	struct network_index network_index;

	cr_assert(ne(sz, index, TOPOLOGY_NONE), "no tunnel %s", tunnel);
	network_index_init(&network_index, there, &test->arena);
	request.me = test->topology->me;
	request.network_index = &network_index;
	request.tunnel = &there->tunnels[index];
	test->plan = NULL;
	planner_plan(&request, &test->arena, &test->plan, &test->failure);
}

/* Plans a tunnel as the file's me, which is at some places. */
static inline void planning_plan_at(struct planning_case *test, const char *tunnel,
				    const struct whereabouts *where)
{
	planning_plan_as(test, tunnel, (struct plan_request){.where = *where});
}

/* Plans a tunnel as the file's me, and nobody asks where that is. */
static inline void planning_plan(struct planning_case *test, const char *tunnel)
{
	planning_plan_at(test, tunnel, &(const struct whereabouts){0});
}

/* Loads a text and plans its tunnel `t`. */
static inline void planning_init(struct planning_case *test, const char *yaml)
{
	planning_load(test, yaml);
	planning_plan(test, "t");
}

static inline void planning_finish(struct planning_case *test)
{
	arena_finish(&test->arena);
}

/* Returns the hosts of a forward's chain, "bastion-host test-server", or "no_path" and the like. */
static inline const char *planning_chain(struct planning_case *test, size_t forward)
{
	const char *text = "";
	size_t count;
	const size_t *chain;

	if (!test->plan)
		return test->failure.code;
	chain = plan_chain(test->plan, test->plan->forwards[forward].hop, &test->arena, &count);
	for (size_t i = 0; i < count; i++)
		text = arena_format(&test->arena, "%s%s%s", text, i ? " " : "",
				    test->topology->hosts[test->plan->hops[chain[i]].host].name);
	return text;
}

/* Returns the plan's only command as the shell reads it, or the one at an index. */
static inline const char *planning_command(struct planning_case *test, size_t index)
{
	struct plan_command *commands;
	struct strbuf text = {0};
	const char *line;
	size_t count;

	cr_assert(test->plan != NULL, "%s", test->failure.text);
	plan_commands(test->plan, &test->arena, &commands, &count);
	cr_assert(lt(sz, index, count));
	shell_join(&text, commands[index].argv);
	line = arena_string(&test->arena, strbuf_text(&text));
	strbuf_finish(&text);
	return line;
}

/*
 * Returns why a host is rejected, "RULE_DENY 12:5", by the plan or by its failure; "" if it is not.
 */
static inline const char *planning_rejection(struct planning_case *test, const char *host)
{
	const struct plan_rejection *list =
		test->plan ? test->plan->rejected : test->failure.rejected;
	const size_t count = test->plan ? test->plan->rejected_count : test->failure.rejected_count;

	for (size_t i = 0; i < count; i++) {
		const struct position at = sources_position(&test->sources, list[i].at);

		if (strcmp(test->topology->hosts[list[i].host].name, host) != 0)
			continue;
		if (at.line == 0)
			return plan_reason_code(list[i].reason);
		return arena_format(&test->arena, "%s %u:%u", plan_reason_code(list[i].reason),
				    at.line, at.column);
	}
	return "";
}

/* The guide's network with two firewalls. */
#define PLANNING_GUIDE                     \
	"tunplan: 1\n"                     \
	"me: you\n"                        \
	"vlans: [vlan1, vlan2, vlan3]\n"   \
	"hosts:\n"                         \
	"  you: [vlan1]\n"                 \
	"  bastion-host: [vlan1, vlan2]\n" \
	"  test-server: [vlan2, vlan3]\n"  \
	"  git-server: {vlans: [vlan3], ssh: none, services: {git: 7999}}\n"

#endif
