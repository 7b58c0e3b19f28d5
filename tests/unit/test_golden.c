/*
 * Golden cases: each broken/NAME.yaml gives exactly the diagnostics of broken/NAME.txt, each lints/
 * NAME.yaml exactly its warnings, and files in good/ and silent/ give none. GOLDEN_DIR is where
 * they are; with GOLDEN_UPDATE set, the texts are written anew, to be read before they are
 * committed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/load_files.h"
#include "tests/unit/loading.h"
#include "topology/diag/codes.h"
#include "topology/language/parse.h"
#include "topology/lint/lint.h"

#define CASES_MIN 24

static const char *golden_dir(void)
{
	const char *dir = getenv("GOLDEN_DIR");

	return dir ? dir : "tests/golden";
}

/* Reads a whole file; false when there is none. */
static bool read_file(const char *path, struct strbuf *content)
{
	FILE *file = fopen(path, "rb");
	char buffer[4096];
	size_t size;

	if (!file)
		return false;
	strbuf_clear(content);
	strbuf_add(content, "", 0);
	while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0)
		strbuf_add(content, buffer, size);
	fclose(file);
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Calls check for each file of a folder whose name ends so; returns how many there were. */
static size_t each_file(const char *folder, const char *end,
			void (*check)(const char *path, const char *name))
{
	struct strbuf path = {0};
	const struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	strbuf_printf(&path, "%s/%s", golden_dir(), folder);
	dir = opendir(path.text);
	cr_assert(dir != NULL, "%s: %s", path.text, strerror(errno));
	while ((entry = readdir(dir))) {
		if (!ends_with(entry->d_name, end))
			continue;
		strbuf_clear(&path);
		strbuf_printf(&path, "%s/%s/%s", golden_dir(), folder, entry->d_name);
		check(path.text, entry->d_name);
		count++;
	}
	closedir(dir);
	strbuf_finish(&path);
	return count;
}

/* "x.yaml" -> "x.txt" and back; the caller frees it. */
static char *replace_end(const char *path, const char *end, const char *by)
{
	struct strbuf result = {0};

	strbuf_add(&result, path, strlen(path) - strlen(end));
	strbuf_puts(&result, by);
	return result.text;
}

/* Loads a file of a folder, as if it were here: what it includes is found from there. */
static void load_file(const char *path, const char *name, struct loading *loading)
{
	struct strbuf content = {0};
	struct load_input input;
	const int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *folder = replace_end(path, name, ""), *real;

	cr_assert(read_file(path, &content), "%s: %s", path, strerror(errno));
	loading_init(loading, strbuf_text(&content), content.length);
	loading->file.name = name;
	real = realpath(path, NULL);
	loading->file.identity = arena_string(&loading->arena, real);
	free(real);
	load_files_input(true, &input);
	cr_assert(here >= 0 && chdir(folder) == 0);
	loading_run(loading, &input);
	cr_assert(fchdir(here) == 0);
	close(here);
	free(folder);
	strbuf_finish(&content);
}

static void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	cr_assert(file != NULL, "%s: %s", path, strerror(errno));
	fputs(text, file);
	cr_assert(fclose(file) == 0);
}

/* Compares what is said of a file with what should be. */
static void check_text(const char *path, const char *text)
{
	char *expected_path = replace_end(path, ".yaml", ".txt");
	struct strbuf expected = {0};

	if (getenv("GOLDEN_UPDATE"))
		update(expected_path, text);
	if (!read_file(expected_path, &expected))
		cr_expect(false, "%s is missing; it would be:\n%s", expected_path, text);
	else
		cr_expect(strcmp(text, strbuf_text(&expected)) == 0, "%s\nis:\n%s\nexpected:\n%s",
			  path, text, strbuf_text(&expected));
	strbuf_finish(&expected);
	free(expected_path);
}

static void check_broken(const char *path, const char *name)
{
	struct loading loading;

	load_file(path, name, &loading);
	cr_expect(loading.diags.errors > 0, "%s: nothing is wrong with it", path);
	check_text(path, loading_text(&loading));
	loading_finish(&loading);
}

Test(golden, broken_files)
{
	const size_t count = each_file("broken", ".yaml", check_broken);

	cr_expect(count >= CASES_MIN, "only %zu cases", count);
}

static void check_lints(const char *path, const char *name)
{
	struct loading loading;

	load_file(path, name, &loading);
	cr_assert(loading.good, "%s", loading_text(&loading));
	lint_topology(loading.topology, &loading.diags);
	cr_expect(loading.diags.lints > 0, "%s: nothing is odd about it", path);
	check_text(path, loading_text(&loading));
	loading_finish(&loading);
}

Test(golden, files_with_lints)
{
	cr_expect(each_file("lints", ".yaml", check_lints) > 0);
}

static void check_not_stale(const char *path, const char *name)
{
	char *yaml_path = replace_end(path, ".txt", ".yaml");
	struct strbuf content = {0};

	(void)name;
	cr_expect(read_file(yaml_path, &content), "%s belongs to no file", path);
	strbuf_finish(&content);
	free(yaml_path);
}

Test(golden, texts_belong_to_files)
{
	cr_expect(each_file("broken", ".txt", check_not_stale) >= CASES_MIN);
	cr_expect(each_file("lints", ".txt", check_not_stale) > 0);
}

static void check_good(const char *path, const char *name)
{
	struct loading loading;

	load_file(path, name, &loading);
	cr_assert(loading.good, "%s", loading_text(&loading));
	lint_topology(loading.topology, &loading.diags);
	cr_expect(loading.diags.count == 0, "%s", loading_text(&loading));
	loading_finish(&loading);
}

Test(golden, good_files)
{
	cr_expect(each_file("good", ".yaml", check_good) > 0);
	cr_expect(each_file("silent", ".yaml", check_good) > 0);
}

/* Limits whose files would be large: test_yaml.c, test_load.c and others reach them. */
static const char *const elsewhere[] = {CODE_LIMIT_SIZE,      CODE_LIMIT_NODES, CODE_LIMIT_GROUPS,
					CODE_LIMIT_STRING,    CODE_LIMIT_LIST,  CODE_LIMIT_FILES,
					CODE_LIMIT_EXPANSION, CODE_LIMIT_SETS};

static bool seen[200]; /* by the number of the code */

static void note_codes(const char *path, const char *name)
{
	struct strbuf text = {0};

	(void)name;
	cr_assert(read_file(path, &text));
	for (const char *at = strbuf_text(&text); (at = strstr(at, "error[T")); at++) {
		const unsigned long number = strtoul(at + strlen("error[T"), NULL, 10);

		cr_assert(number < sizeof(seen) / sizeof(seen[0]), "%s", path);
		seen[number] = true;
	}
	strbuf_finish(&text);
}

Test(golden, has_a_case_for_every_code)
{
	const struct code *row;

	each_file("broken", ".txt", note_codes);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		seen[strtoul(elsewhere[i] + 1, NULL, 10)] = true;
	for (size_t i = 0; (row = code_row(i)) && row->code[0] == 'T'; i++)
		cr_expect(seen[strtoul(row->code + 1, NULL, 10)], "%s: %s", row->code, row->title);
}

static bool seen_lints[100]; /* by the number of the code */

static void note_lints(const char *path, const char *name)
{
	struct strbuf text = {0};

	(void)name;
	cr_assert(read_file(path, &text));
	for (const char *at = strbuf_text(&text); (at = strstr(at, "warning[L")); at++) {
		const unsigned long number = strtoul(at + strlen("warning[L"), NULL, 10);

		cr_assert(number < sizeof(seen_lints) / sizeof(seen_lints[0]), "%s", path);
		seen_lints[number] = true;
	}
	strbuf_finish(&text);
}

/* All but the one for files that are too large to be kept: test_lint.c makes some. */
Test(golden, has_a_case_for_every_lint)
{
	const struct code *row;

	each_file("lints", ".txt", note_lints);
	for (size_t i = 0; (row = code_row(i)); i++) {
		if (row->code[0] == 'L' && strcmp(row->code, LINT_UNFINISHED) != 0)
			cr_expect(seen_lints[strtoul(row->code + 1, NULL, 10)], "%s: %s", row->code,
				  row->title);
	}
}

/* --- every key */

/* Where a table's mappings stand in a file; `*` is any name or entry. */
static const struct {
	const char *table;
	const char *path;
} places[] = {
	{"topology", ""},
	{"vlan", "vlans/*"},
	{"host", "hosts/*"},
	{"ssh", "hosts/*/ssh"},
	{"sshd", "hosts/*/sshd"},
	{"service", "hosts/*/services/*"},
	{"rule", "reachability/*"},
	{"tunnel", "tunnels/*"},
	{"forward", "tunnels/*/forwards/*"},
	{"place", "places/*"},
	{"when", "places/*/when"},
	{"defaults", "defaults"},
	{"default-ssh", "defaults/ssh"},
	{"default-tunnel", "defaults/tunnel"},
	{"variable", "vars/*"},
};

static const char *key_wanted;
static bool key_found;

/* Whether a key stands in one of the mappings that a path leads to from a node. */
static bool has_key(const struct yaml_tree *tree, const struct yaml_node *node, const char *path)
{
	const size_t length = strcspn(path, "/");
	const char *rest = path + length + (path[length] == '/');
	struct yaml_walk walk = yaml_walk(node);
	const struct yaml_node *item;
	struct yaml_pair pair;

	if (node->kind == YAML_LIST && *path == '*') {
		while ((item = yaml_next(&walk))) {
			if (has_key(tree, item, rest))
				return true;
		}
	}
	while (node->kind == YAML_MAPPING && yaml_next_pair(&walk, &pair)) {
		const char *name = yaml_text(tree, pair.key);

		if (!*path && strcmp(name, key_wanted) == 0)
			return true;
		if (*path &&
		    (*path == '*' ||
		     (strlen(name) == length && strncmp(name, path, length) == 0)) &&
		    has_key(tree, pair.value, rest))
			return true;
	}
	return false;
}

static const char *path_wanted;

static void look_for_key(const char *path, const char *name)
{
	struct strbuf content = {0};
	struct yaml_tree tree = {0};
	struct loading loading;

	(void)name;
	cr_assert(read_file(path, &content));
	loading_init(&loading, strbuf_text(&content), content.length);
	cr_assert(yaml_read(loading_source(&loading), &loading.diags, &tree));
	key_found = key_found || has_key(&tree, tree.nodes, path_wanted);
	yaml_tree_finish(&tree);
	loading_finish(&loading);
	strbuf_finish(&content);
}

static void expect_cases(const struct key_table *table)
{
	path_wanted = NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(places[i].table, table->name) == 0)
			path_wanted = places[i].path;
	}
	cr_assert(path_wanted != NULL, "%s", table->name);
	for (size_t i = 0; i < table->count; i++) {
		if (!keys_has(table, &table->keys[i]))
			continue;
		key_wanted = table->keys[i].name;
		key_found = false;
		each_file("good", ".yaml", look_for_key);
		each_file("good/included", ".yaml", look_for_key);
		cr_expect(key_found, "no good file has %s of %s", key_wanted, table->name);
	}
}

Test(golden, has_a_case_for_every_key)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++)
		expect_cases(table);
}
