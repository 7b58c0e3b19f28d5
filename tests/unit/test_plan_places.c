/* Plans of one file from different places. */
#include <stdlib.h>

#include "tests/unit/planning.h"

#define PLACES_MAX 3

#define NETWORK                                                        \
	"tunplan: 1\n"                                                 \
	"me: laptop\n"                                                 \
	"vlans: [internet, office, dmz, plant]\n"                      \
	"hosts:\n"                                                     \
	"  laptop: {ssh: none}\n"                                      \
	"  gw: {vlans: [internet, dmz], ssh: {}}\n"                    \
	"  desk: {vlans: [office, dmz], ssh: {}}\n"                    \
	"  plc: {vlans: [plant], ssh: {}}\n"                           \
	"  intranet: {vlans: [dmz], ssh: none, services: {web: 80}}\n" \
	"reachability:\n"                                              \
	"  - allow: office -> plc\n"                                   \
	"places:\n"                                                    \
	"  at-office: {vlans: {office: 10.10.0.7}}\n"                  \
	"  vpn: {vlans: [dmz]}\n"                                      \
	"  away: {vlans: [internet]}\n"                                \
	"  cellar: \n"                                                 \
	"tunnels:\n"                                                   \
	"  t: 8080 -> intranet/web\n"                                  \
	"  plc: 8081 -> plc:502\n"                                     \
	"  back: desk:9000 -> laptop:9001\n"

static void plan_at(struct planning_case *test, const char *tunnel, enum whereabouts_how how,
		    const char *const *places)
{
	struct whereabouts where;
	const char *unknown;
	size_t count = 0;

	while (count < PLACES_MAX && places[count])
		count++;
	cr_assert(places_named(test->topology, places, count, &test->arena, &where, &unknown));
	where.how = how;
	planning_plan_at(test, tunnel, &where);
}

static const struct {
	const char *tunnel;
	const char *places[PLACES_MAX];
	const char *chain;
} rows[] = {
	{"t", {"at-office"}, "desk"},
	{"t", {"away"}, "gw"},
	{"t", {"at-office", "away"}, "desk"},
	{"t", {NULL}, "no_path"},
	{"t", {"cellar"}, "no_path"},
	/* On the egress's own VLAN, any host there will do. */
	{"t", {"vpn"}, "desk"},
	/* A rule about the VLAN counts for me while it is there. */
	{"plc", {"at-office"}, "plc"},
	{"plc", {"away"}, "gw desk plc"},
	{"back", {"at-office"}, "desk"},
	{"back", {"away"}, "gw desk"},
};

Test(plan_places, the_chain_depends_on_where_me_is)
{
	struct planning_case test;

	planning_load(&test, NETWORK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_log_info("row %zu", i);
		plan_at(&test, rows[i].tunnel, WHEREABOUTS_SAID, rows[i].places);
		expect_text(planning_chain(&test, 0), rows[i].chain);
	}
	planning_finish(&test);
}

static const struct {
	enum whereabouts_how how;
	const char *places[PLACES_MAX];
	const char *line;
	const char *json;
} words[] = {
	{WHEREABOUTS_RECOGNISED,
	 {"at-office", "vpn"},
	 "  laptop is at at-office, vpn (recognised)\n",
	 "[\"at-office\",\"vpn\"] \"recognised\""},
	{WHEREABOUTS_SAID, {"away"}, "  laptop is at away (as you say)\n", "[\"away\"] \"said\""},
	{WHEREABOUTS_FALLBACK,
	 {"away"},
	 "  laptop is at away (no other place is recognised)\n",
	 "[\"away\"] \"fallback\""},
	/* Without a place there is no path here: the same words stand below the error. */
	{WHEREABOUTS_SAID,
	 {NULL},
	 "  laptop is at no place of the file (as you say)\n",
	 "[] \"said\""},
	{WHEREABOUTS_FALLBACK,
	 {NULL},
	 "  laptop is at no place of the file (none is recognised)\n",
	 "[] \"fallback\""},
	{WHEREABOUTS_UNASKED, {NULL}, "", "[] null"},
};

static const char *show_json(struct planning_case *test)
{
	json_t *json = test->plan ? plan_json(test->plan)
				  : plan_failure_json(test->topology, &test->failure);
	char *places = json_dumps(json_object_get(json, "place"), JSON_COMPACT);
	char *by = json_dumps(json_object_get(json, "place_by"), JSON_ENCODE_ANY);
	const char *text = arena_format(&test->arena, "%s %s", places, by);

	free(places);
	free(by);
	json_decref(json);
	return text;
}

/* The second line of what is shown, if it is about where me is. */
static const char *show_line(struct planning_case *test)
{
	struct strbuf text = {0};
	const char *line, *copy;

	if (test->plan)
		plan_text(test->plan, &text);
	else
		plan_failure_text(test->topology, &test->failure, &text);
	line = strchr(strbuf_text(&text), '\n') + 1;
	copy = arena_copy(&test->arena, line, strcspn(line, "\n") + 1);
	strbuf_finish(&text);
	return strstr(copy, " is at ") ? copy : "";
}

Test(plan_places, are_shown_with_how_they_are_known)
{
	struct planning_case test;

	planning_load(&test, NETWORK);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		cr_log_info("row %zu", i);
		plan_at(&test, "t", words[i].how, words[i].places);
		expect_text(show_line(&test), words[i].line);
		expect_text(show_json(&test), words[i].json);
	}
	planning_finish(&test);
}

static const struct {
	enum whereabouts_how how;
	const char *places[PLACES_MAX];
	const char *text;
	const char *help;
} reasons[] = {
	{WHEREABOUTS_RECOGNISED,
	 {"vpn", "cellar"},
	 "it shares no VLAN with laptop (at vpn, cellar), and no host in between reaches far:22",
	 "if laptop is elsewhere, say where: --place"},
	{WHEREABOUTS_FALLBACK,
	 {"cellar"},
	 "it shares no VLAN with laptop (at cellar), and no host in between reaches far:22",
	 "the file puts laptop on no VLAN at this place: say where it is"},
	{WHEREABOUTS_FALLBACK,
	 {NULL},
	 "it shares no VLAN with laptop (at no place), and no host in between reaches far:22",
	 "the file puts laptop on no VLAN at this place: say where it is"},
	{WHEREABOUTS_UNASKED,
	 {NULL},
	 "it shares no VLAN with laptop, and no host in between reaches far:22",
	 "the file puts laptop on no VLAN: say where it is"},
};

Test(plan_places, where_there_are_none_nobody_can_say_one)
{
	struct planning_case test;

	planning_init(&test, "tunplan: 1\nme: laptop\nvlans: [b]\n"
			     "hosts: {laptop: , web: {vlans: [b], ssh: {}}}\n"
			     "tunnels: {t: 80 -> web:80}\n");
	cr_assert(test.plan == NULL);
	expect_text(test.failure.help, "the file puts laptop on no VLAN: write on which it is "
				       "(`hosts`, or `places` if that changes)");
	planning_finish(&test);
}

Test(plan_places, not_here_says_where_me_is)
{
	struct planning_case test;

	planning_load(
		&test,
		"tunplan: 1\nme: laptop\nvlans: [a, b, c]\n"
		"hosts: {laptop: , far: {vlans: [b], ssh: {}}, web: {vlans: [b], ssh: none}}\n"
		"places: {vpn: {vlans: [a]}, cellar: }\n"
		"tunnels: {t: 80 -> web:80}\n");
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		cr_log_info("row %zu", i);
		plan_at(&test, "t", reasons[i].how, reasons[i].places);
		cr_assert(test.plan == NULL);
		expect_text(planning_rejection(&test, "far"), "NOT_HERE");
		expect_text(test.failure.rejected[0].text, reasons[i].text);
		expect_text(test.failure.help, reasons[i].help);
	}
	planning_finish(&test);
}
