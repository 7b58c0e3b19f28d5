/*
 * Several files, and variables. The files here are texts in a table; finding and trusting real ones
 * is tested by test_read_file.c, test_pattern.c and tests/e2e/cli.bats.
 */
#include <fnmatch.h>
#include <stdio.h>

#include "tests/unit/loading.h"
#include "topology/diag/codes.h"
#include "topology/language/variables.h"

#define FILES_MAX 8

/* What there is besides the first file, "net.yaml". */
struct world {
	struct {
		const char *name;
		const char *text;
	} files[FILES_MAX];
	const char *environment; /* "NAME=VALUE", or NULL */
	size_t size;             /* of a file "large", if not 0 */
	size_t copies;           /* how many files "copy*" there are */
};

static const char *environment(void *context, const char *name)
{
	const struct world *world = context;
	const size_t length = strlen(name);

	if (!world->environment || strncmp(world->environment, name, length) != 0 ||
	    world->environment[length] != '=')
		return NULL;
	return world->environment + length + 1;
}

static void add_file(const char *name, const char *text, size_t size, struct arena *arena,
		     struct load_file **files, size_t *count)
{
	struct load_file *file = arena_push(arena, files, count, sizeof(*file));

	*file = (struct load_file){.name = name, .identity = name, .text = text, .size = size};
}

static const char *include(void *context, const struct load_file *from, const char *pattern,
			   size_t size_max, struct arena *arena, struct load_file **ret_files,
			   size_t *ret_count)
{
	const struct world *world = context;

	(void)from;
	if (world->size && strcmp(pattern, "large") == 0) {
		char *text = arena_alloc(arena, world->size);

		memset(text, '#', world->size);
		add_file("large", text, world->size, arena, ret_files, ret_count);
		(*ret_files)[0].too_large = world->size > size_max;
	}
	for (size_t i = 0; i < world->copies && strcmp(pattern, "copy*") == 0; i++)
		add_file(arena_format(arena, "copy%zu", i), "x-: 1", 5, arena, ret_files,
			 ret_count);
	if (strcmp(pattern, "net.yaml") == 0)
		add_file("net.yaml", "", 0, arena, ret_files, ret_count);
	for (size_t i = 0; i < FILES_MAX && world->files[i].name; i++) {
		if (fnmatch(pattern, world->files[i].name, 0) == 0)
			add_file(world->files[i].name, world->files[i].text,
				 strlen(world->files[i].text), arena, ret_files, ret_count);
	}
	return *ret_count || strchr(pattern, '*') ? NULL : "there is none";
}

static void load(struct loading *loading, const char *text, const struct world *world)
{
	struct world context = *world;
	const struct load_input input = {&context, environment, include};

	loading_init(loading, text, strlen(text));
	loading_run(loading, &input);
}

/* Loads, and compares the first line of each diagnostic: "net.yaml:3:5 T021". */
static void expect_world(const char *text, const struct world *world, const char *expected)
{
	struct loading loading;
	struct strbuf lines = {0};

	load(&loading, text, world);
	for (size_t i = 0; i < loading.diags.count; i++) {
		const struct diag *diag = &loading.diags.items[i];
		const struct position at = sources_position(&loading.sources, diag->at);

		strbuf_printf(&lines, "%s%s:%u:%u %s", i ? ", " : "", at.source->name, at.line,
			      at.column, diag->code);
	}
	expect_text(strbuf_text(&lines), expected);
	cr_expect(loading.good == (loading.diags.errors == loading.diags.spoiling));
	strbuf_finish(&lines);
	loading_finish(&loading);
}

/* --- includes */

Test(load, puts_files_together)
{
	const struct world world = {
		.files = {
			{"one", "hosts: [c]\nreachability: [allow: c -> a]\n"
				"include: three\n"},
			{"two", "hosts: {d: b}\nreachability: [deny: d -> a]\n"},
			{"three", "reachability: [allow: any -> c]\n"},
		}};
	struct loading loading;
	const struct topology *topology;

	load(&loading,
	     "include: [one, two]\ntunplan: 1\nvlans: [b]\nhosts: [a]\n"
	     "reachability: [allow: a -> c]\ntunnels: {t: 1 -> d:1}\n",
	     &world);
	cr_assert(loading.good, "%s", loading_text(&loading));
	topology = loading.topology;
	cr_assert(topology->host_count == 3 && topology->rule_count == 4);
	expect_text(topology->hosts[1].name, "c");
	cr_expect(topology->hosts[2].interfaces[0].vlan == 0);
	/* a file's own rules, then those of what it includes */
	cr_expect(topology->rules[0].from.host == 0 && topology->rules[1].from.host == 1);
	cr_expect(topology->rules[2].from.kind == RULE_ANY && topology->rules[3].from.host == 2);
	expect_text(sources_text(&loading.sources, topology->rules[2].at, &loading.arena),
		    "three:1:23");
	loading_finish(&loading);
}

Test(load, reads_a_file_once)
{
	const struct world world = {.files = {
					    {"a.yaml", "hosts: [x]\ninclude: c.yaml\n"},
					    {"b.yaml", "include: [a.yaml, c.yaml]\n"},
					    {"c.yaml", "hosts: [z]\n"},
				    }};

	expect_world("tunplan: 1\ninclude: ['*.yaml', a.yaml]\n", &world, "");
}

Test(load, refuses_cycles)
{
	const struct world world = {.files = {
					    {"a", "include: b\n"},
					    {"b", "include: [c]\n"},
					    {"c", "include: [a, b, c, net.yaml]\n"},
				    }};

	expect_world("tunplan: 1\ninclude: a\n", &world,
		     "c:1:11 T069, c:1:14 T069, c:1:17 T069, c:1:20 T069");
	expect_world("tunplan: 1\ninclude: net.yaml\n", &world, "net.yaml:2:10 T069");
}

/* What a file that cannot be read may have is no error where it is missing. */
Test(load, says_nothing_of_what_may_be_in_an_unreadable_file)
{
	const struct world world = {.files = {{"bad", "hosts: [a"}, {"other", "tunplan: 9\n"}}};

	expect_world("tunplan: 1\ninclude: none\ntunnels: {t: 1 -> x:1}\ngroups: {g: u}\n"
		     "hosts: {a: v}\nme: ${m}\n",
		     &world, "net.yaml:2:10 T068");
	expect_world("tunplan: 1\ninclude: [bad, other]\ntunnels: {t: 1 -> x:1}\n", &world,
		     "bad:1:8 T001, other:1:10 T019");
	expect_world("tunplan: 1\ninclude: '*'\ntunnels: {t: 1 -> x:1}\n", &(struct world){0},
		     "net.yaml:3:19 T021");
}

Test(load, says_once_what_can_be_said_once)
{
	const struct world world = {
		.files = {{"a", "me: h\ndefaults: {ssh: {port: 1}}\nhosts: [h]\nvars: {v: 1}\n"}}};

	expect_world("tunplan: 1\nme: h\nhosts: [h]\ndefaults: {}\nvars: {v: 2}\ninclude: a\n",
		     &world, "a:1:1 T067, a:2:1 T067, a:3:9 T027, a:4:8 T027");
}

Test(load, finds_nothing_without_being_told_where)
{
	struct loading loading;

	loading_load(&loading, "tunplan: 1\ninclude: a\nvars: {v: {env: HOME}}\n");
	cr_assert(!loading.good && loading.diags.errors == 2);
	expect_text(loading.diags.items[0].code, CODE_INCLUDE);
	expect_text(loading.diags.items[1].code, CODE_VARIABLE_UNSET);
	loading_finish(&loading);
}

Test(load, keeps_its_limits)
{
	struct world world = {.copies = LOAD_FILES_MAX - 1};
	struct strbuf text = {0};
	struct loading loading;

	expect_world("tunplan: 1\ninclude: copy*\n", &world, "");
	world.copies++;
	expect_world("tunplan: 1\ninclude: copy*\n", &world, "net.yaml:2:10 T070");
	/* all texts together */
	world = (struct world){.size = SOURCES_SIZE_MAX - 28};
	expect_world("tunplan: 1\ninclude: [large]\n", &world, "large:0:0 T003");
	world.size++;
	expect_world("tunplan: 1\ninclude: [large, other]\n", &world, "net.yaml:2:11 T005");
	/* and the first alone */
	strbuf_puts(&text, "tunplan: 1\n#");
	strbuf_fill(&text, 'x', SOURCES_SIZE_MAX - text.length);
	for (size_t i = 0; i < 2; i++) {
		loading_init(&loading, text.text, text.length);
		loading_run(&loading, NULL);
		expect_text(loading.diags.count ? loading.diags.items[0].code : "",
			    i ? CODE_LIMIT_SIZE : "");
		loading_finish(&loading);
		strbuf_puts(&text, "x");
	}
	strbuf_finish(&text);
}

/* --- variables */

/* Loads a host whose user is a text, and compares what becomes of it. */
static void expect_user(const char *vars, const char *user, const char *expected)
{
	const struct world world = {.environment = "LOGIN=from-env"};
	struct strbuf text = {0};
	struct loading loading;

	strbuf_printf(&text, "tunplan: 1\nvars: %s\nhosts: {a: {ssh: {user: %s}}}\n", vars, user);
	load(&loading, strbuf_text(&text), &world);
	expect_text(loading.good ? loading.topology->hosts[0].ssh->user
				 : loading.diags.items[0].code,
		    expected);
	strbuf_finish(&text);
	loading_finish(&loading);
}

Test(load, expands_variables)
{
	expect_user("{a: b}", "\"${a}\"", "b");
	expect_user("{a: b}", "'x${a}y${a}z'", "xbybz");
	expect_user("{a: 22, b: 'v${a}'}", "'${b}'", "v22");
	expect_user("{a: {env: LOGIN}}", "'${a}'", "from-env");
	expect_user("{a: {env: LOGIN, default: x}}", "'${a}'", "from-env");
	expect_user("{a: {env: NONE, default: x}}", "'${a}'", "x");
	expect_user("{d: y, a: {env: NONE, default: 'x${d}'}}", "'${a}'", "xy");
	expect_user("{a: ''}", "'x${a}'", "x");
	/* structure does not come from a variable, nor a variable from a value */
	expect_user("{a: '[b, c]'}", "'${a}'", "T049");
	expect_user("{a: '$${b}', b: c}", "'${a}'", "T049");
	expect_user("{a: b}", "'$${a}'", "T049");
	expect_user("{a: b}", "'$a'", "T049");
	/* what cannot be expanded */
	expect_user("{a: b}", "'${b}'", "T072");
	expect_user("{a: b}", "'${a'", "T071");
	expect_user("{a: b}", "'${}'", "T071");
	expect_user("{a: b}", "'${LOGIN}'", "T072");
	expect_user("{a: {env: NONE}}", "'${a}'", "T073");
	expect_user("{a: '${b}', b: c}", "'${a}'", "T072");
	expect_user("{a: '${a}'}", "'${a}'", "T072");
	expect_user("{a-b: c}", "x", "T071");
	/* the user's characters are looked at behind the expansion */
	expect_user("{a: '-oProxyCommand=x'}", "'${a}'", "T049");
}

Test(load, expands_what_aliases_repeat)
{
	const struct world world = {.size = 0};
	struct loading loading;

	load(&loading,
	     "tunplan: 1\nvars: {u: ops, v: lan}\nvlans: [lan]\n"
	     "x-login: &login {user: '${u}', identity: \"~/${u}\"}\nx-note: '${nothing} ${'\n"
	     "hosts:\n  a: {ssh: *login, vlans: &on ['${v}'], x-rack: '${none}'}\n"
	     "  b: {ssh: {<<: *login, port: 1}, vlans: *on}\n  x-c: {ssh: {user: '${u}'}}\n",
	     &world);
	cr_assert(loading.good, "%s", loading_text(&loading));
	for (size_t i = 0; i < 3; i++)
		expect_text(loading.topology->hosts[i].ssh->user, "ops");
	expect_text(loading.topology->hosts[1].ssh->identity, "~/ops");
	cr_expect(loading.topology->hosts[1].interface_count == 1);
	loading_finish(&loading);
}

Test(load, has_the_variables_of_all_files)
{
	const struct world world = {.files = {{"a-x", "vars: {inner: h}\nhosts: ['${outer}']\n"}}};

	expect_world("tunplan: 1\nvars: {outer: h, n: x}\ninclude: 'a-${n}'\nme: ${inner}\n",
		     &world, "");
	expect_world("tunplan: 1\nvars: {outer: h}\ninclude: 'a-${n}'\nme: ${inner}\n", &world,
		     "net.yaml:3:13 T072");
}

Test(load, limits_what_expands)
{
	struct strbuf text = {0};
	struct loading loading;
	const struct world world = {.size = 0};
	char name;

	/* each variable twice the one before: 2^12 is the most */
	strbuf_puts(&text, "tunplan: 1\nvars:\n  a: x\n");
	for (name = 'b'; name <= 'm'; name++)
		strbuf_printf(&text, "  %c: ${%c}${%c}\n", name, name - 1, name - 1);
	strbuf_puts(&text, "x-long: ${m}\n");
	load(&loading, strbuf_text(&text), &world);
	cr_expect(loading.good, "%s", loading_text(&loading));
	loading_finish(&loading);
	strbuf_printf(
		&text,
		"x-longer: ${m}${a}\nreachability: [{deny: any -> any, reason: '${m}${a}'}]\n");
	load(&loading, strbuf_text(&text), &world);
	cr_expect(loading.diags.errors == 1);
	expect_text(loading.diags.items[0].code, CODE_LIMIT_EXPANSION);
	loading_finish(&loading);
	/* and all of them together: 4097 of the longest are more than 16 MiB */
	strbuf_clear(&text);
	strbuf_puts(&text, "tunplan: 1\nvars: {a: ");
	strbuf_fill(&text, 'x', VARIABLES_VALUE_MAX);
	strbuf_puts(&text, "}\nhosts: {h: {vlans: [");
	for (size_t i = 0; i < SOURCES_SIZE_MAX / VARIABLES_VALUE_MAX + 1; i++)
		strbuf_puts(&text, "'${a}', ");
	strbuf_puts(&text, "]}}\n");
	load(&loading, strbuf_text(&text), &world);
	for (size_t i = 0; i < loading.diags.count; i++) {
		if (strcmp(loading.diags.items[i].code, CODE_LIMIT_EXPANSION) == 0)
			strbuf_clear(&text);
	}
	cr_expect(text.length == 0, "%s", loading_text(&loading));
	strbuf_finish(&text);
	loading_finish(&loading);
}

/* A large file is read in the memory of its tree, and an alias needs all of the tree to the end. */
Test(load, a_large_file_may_have_an_alias)
{
	const size_t hosts = 6000;
	struct loading loading;
	struct strbuf text = {0};

	strbuf_puts(&text,
		    "tunplan: 1\nme: h0\nvlans: [v]\nhosts:\n  h0: &all {vlans: [v], ssh: none}\n");
	for (size_t i = 1; i < hosts - 1; i++)
		strbuf_printf(&text, "  h%zu: {vlans: [v], ssh: none}\n", i);
	strbuf_puts(&text, "  last: *all\n");
	loading_load_good(&loading, strbuf_text(&text));
	cr_expect(loading.topology->host_count == hosts);
	cr_expect(loading.topology->hosts[hosts - 1].interface_count == 1);
	loading_finish(&loading);
	strbuf_finish(&text);
}
