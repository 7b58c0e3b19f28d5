#include <stdlib.h>

#include "tests/unit/planning.h"

/* Returns what is at a path of keys and numbers, "hops.0.id", printed as JSON; in the arena. */
static const char *at(struct planning_case *test, const json_t *json, const char *path)
{
	char *keys = arena_string(&test->arena, path);
	char *printed;
	const char *text;

	for (char *key = strtok(keys, "."); key && json; key = strtok(NULL, "."))
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(key))
					   : json_object_get(json, key);
	if (!json)
		return "missing";
	printed = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	text = arena_string(&test->arena, printed);
	free(printed);
	return text;
}

Test(plan_json, has_the_keys_that_others_build_on)
{
	static const char *const rows[][2] = {
		{"tunnel", "\"t\""},
		{"method", "\"nested\""},
		{"forwards.0.type", "\"local\""},
		{"forwards.0.ingress",
		 "{\"address\":\"127.0.0.1\",\"host\":\"you\",\"port\":7999}"},
		{"forwards.0.egress",
		 "{\"address\":\"git-server\",\"host\":\"git-server\",\"port\":7999}"},
		{"forwards.0.hop", "\"h2\""},
		{"hops.0.id", "\"h1\""},
		{"hops.0.through", "null"},
		{"hops.0.from", "\"you\""},
		{"hops.0.host", "\"bastion-host\""},
		{"hops.0.address", "\"bastion-host\""},
		{"hops.0.port", "22"},
		{"hops.0.user", "null"},
		{"hops.0.vlan", "\"vlan1\""},
		{"hops.1.through", "\"h1\""},
		{"hops.1.method", "\"nested\""},
		{"exposure.0.from", "\"you\""},
		{"exposure.0.to", "\"bastion-host\""},
		{"exposure.0.where", "\"vlan1\""},
		{"exposure.0.encrypted_by", "\"ssh (test-server)\""},
		{"exposure.4.encrypted_by", "null"},
		{"exposure.4.readable_by", "\"anyone on vlan3\""},
		{"decided_by", "\"only path\""},
		{"commands.0.on", "\"you\""},
		{"commands.0.argv.0", "\"ssh\""},
		{"rejected.0",
		 "{\"at\":\"lab.yaml:8:32\",\"code\":\"NO_SSH\",\"host\":\"git-server\",\"text\":"
		 "\"`ssh: none`: no login, so it cannot be a hop\"}"},
		{"routes.0.hosts", "[\"bastion-host\",\"test-server\"]"},
		{"routes.0.alternatives", "[]"},
		{"listeners.0.open_to", "\"every program on you\""},
		{"hops.1.client", "\"you\""},
	};
	struct planning_case test;
	json_t *json;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n");
	json = plan_json(test.plan);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_log_info("path %s", rows[i][0]);
		expect_text(at(&test, json, rows[i][0]), rows[i][1]);
	}
	json_decref(json);
	planning_finish(&test);
}

Test(plan_json, other_ends)
{
	struct planning_case test;
	json_t *json;

	planning_init(&test, PLANNING_GUIDE
		      "tunnels:\n"
		      "  t: [auto -> socks@bastion-host, /run/x -> test-server:80]\n");
	json = plan_json(test.plan);
	expect_text(at(&test, json, "forwards.0.ingress"),
		    "{\"address\":\"127.0.0.1\",\"auto\":true,\"host\":\"you\",\"port\":0}");
	expect_text(at(&test, json, "forwards.0.egress"),
		    "{\"host\":\"bastion-host\",\"socks\":true}");
	expect_text(at(&test, json, "forwards.1.ingress"),
		    "{\"host\":\"you\",\"socket\":\"/run/x\"}");
	expect_text(at(&test, json, "exposure.2.to"), "null");
	json_decref(json);
	planning_finish(&test);
}

Test(plan_json, no_path)
{
	struct planning_case test;
	json_t *json;

	planning_init(&test, PLANNING_GUIDE
		      "tunnels: {t: {ingress: 1, egress: git-server/git, exit: bastion-host}}\n");
	json = plan_failure_json(test.topology, &test.failure);
	expect_text(at(&test, json, "error.code"), "\"no_path\"");
	expect_text(at(&test, json, "error.text"),
		    "\"no path from you to git-server:7999 with exit bastion-host\"");
	expect_text(at(&test, json, "rejected.0.host"), "\"bastion-host\"");
	expect_text(at(&test, json, "rejected.0.code"), "\"DEFAULT_DENY\"");
	expect_text(at(&test, json, "rejected.0.at"), "null");
	expect_text(at(&test, json, "nearest.0.hosts"), "[\"bastion-host\",\"test-server\"]");
	expect_text(at(&test, json, "nearest.0.changes.0.code"), "\"CONSTRAINT\"");
	expect_text(at(&test, json, "nearest.0.changes.0.text"),
		    "\"drop `exit`: without it there is a path\"");
	json_decref(json);
	planning_finish(&test);
}
