#include "topology/base/glob.h"

#include "tests/unit/planning.h"

struct row {
	const char *pattern;
	const char *text;
	bool matches;
};

static const struct row rows[] = {
	{"", "", true},
	{"", "a", false},
	{"a", "", false},
	{"db", "db", true},
	{"db", "DB", false},
	{"db", "db1", false},
	{"db1", "db", false},
	{"?", "a", true},
	{"?", "", false},
	{"d?", "db", true},
	{"d?", "dbs", false},
	{"*", "", true},
	{"*", "anything", true},
	{"**", "", true},
	{"1**", "1", true}, /* as for an sshd */
	{"db-*", "db-", true},
	{"db-*", "db-eu-1", true},
	{"db-*", "web", false},
	{"*-db", "eu-db-db", true}, /* the first that fits is not the last */
	{"*-db", "eu-db-", false},
	{"*a*b", "xaxbxb", true},
	{"*a*b", "xbxa", false},
	{"a*b*c", "abcbc", true},
	{"a*b*c", "acb", false},
	{"*?", "", false},
	{"*?", "a", true},
	{"?*?", "a", false},
	{"10.0.?.*", "10.0.3.77", true},
	{"10.0.?.*", "10.0.33.7", false},
	{"*", "*", true},
	{"a\\*", "a*", false}, /* nothing escapes */
};

Test(glob, matches_whole_texts)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(glob_matches(rows[i].pattern, rows[i].text) == rows[i].matches, "%s %s",
			  rows[i].pattern, rows[i].text);
}

Test(glob, tells_a_pattern_from_a_name)
{
	cr_expect(glob_is("db-*"));
	cr_expect(glob_is("d?"));
	cr_expect(not(glob_is("db-1")));
	cr_expect(not(glob_is("")));
}

#define STARS 40
#define TEXT  10000

/* Every star could end at every character, in 10^100 ways. */
Test(glob, gives_up_soon_on_what_nearly_matches, .timeout = 20)
{
	char pattern[2 * STARS + 2] = "", text[TEXT + 1];

	for (size_t i = 0; i < STARS; i++)
		memcpy(pattern + 2 * i, "*1", 2);
	memset(text, '1', TEXT);
	text[TEXT] = '\0';
	cr_expect(glob_matches(pattern, text));
	strcat(pattern, "2");
	cr_expect(not(glob_matches(pattern, text)));
	text[TEXT - 1] = '2';
	cr_expect(glob_matches(pattern, text));
}

#define FIVE "*1*1*1*1*1"

Test(glob, plans_past_an_sshd_with_many_stars, .timeout = 20)
{
	struct planning_case test;

	planning_init(&test,
		      "tunplan: 1\n"
		      "me: a\n"
		      "vlans: {v: }\n"
		      "hosts:\n"
		      "  a: [v]\n"
		      "  b:\n"
		      "    vlans: {v: \"1111:1111:1111:1111:1111:1111:1111:1111\"}\n"
		      "    ssh: {}\n"
		      "    sshd:\n"
		      "      PermitListen: [\"" FIVE FIVE FIVE FIVE FIVE FIVE FIVE FIVE "*2:80\"]\n"
		      "      GatewayPorts: clientspecified\n"
		      "tunnels: {t: \"b@v:80 -> a:80\"}\n");
	cr_assert(test.plan == NULL);
	expect_text(test.failure.code, "no_path");
	planning_finish(&test);
}
