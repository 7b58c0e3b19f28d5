/*
 * Holds the tables of keys, the codes and tunplan(5) together: each has exactly the entries of the
 * others, in the same words. (test_golden.c asks for a case for every code.)
 */
#include <ctype.h>

#include "cmd/read_file.h"
#include "tests/unit/loading.h"
#include "topology/diag/codes.h"
#include "topology/language/options.h"
#include "topology/language/parse.h"

#define ENTRIES_MAX 200

/* "*WORD* TITLE" and the indented lines below it, without their markup. */
struct entry {
	const char *section; /* "# KEYS" */
	const char *part;    /* "## host", or "" */
	const char *word;
	const char *title;
	struct strbuf body; /* one line */
};

static struct arena arena;
static struct entry entries[ENTRIES_MAX];
static size_t entry_count;

/* Appends a line without markup: * and _ around words, backslashes, ++ at its end. */
static void add_plain(const char *line, size_t length, struct strbuf *plain)
{
	if (length > 1 && line[length - 1] == '+' && line[length - 2] == '+')
		length -= 2;
	for (size_t i = 0; i < length; i++) {
		const bool in_word = i > 0 && i + 1 < length &&
				     isalnum((unsigned char)line[i - 1]) &&
				     isalnum((unsigned char)line[i + 1]);

		if (line[i] == '\\')
			strbuf_add(plain, &line[++i], 1);
		else if (line[i] != '*' && (line[i] != '_' || in_word))
			strbuf_add(plain, &line[i], 1);
	}
}

static void begin_entry(const char *line, size_t length, const char *section, const char *part)
{
	const size_t word = strcspn(line + 1, "*");
	struct entry *entry = &entries[entry_count++];

	cr_assert(entry_count < ENTRIES_MAX);
	entry->section = section;
	entry->part = part;
	entry->word = arena_copy(&arena, line + 1, word);
	entry->title = "";
	if (word + 3 < length)
		entry->title = arena_copy(&arena, line + word + 3, length - word - 3);
}

/* The line is followed by the rest of the manual. */
static void read_line(const char *line, size_t length)
{
	static const char *section = "", *part = "";

	if (length > 2 && strncmp(line, "# ", 2) == 0) {
		section = arena_copy(&arena, line + 2, length - 2);
		part = "";
	} else if (length > 3 && strncmp(line, "## ", 3) == 0) {
		part = arena_copy(&arena, line + 3, length - 3);
	} else if (line[0] == '*' && strncmp(line + length, "\n\t", 2) == 0) {
		begin_entry(line, length, section, part);
	} else if (entry_count && length > 1 && line[0] == '\t') {
		struct strbuf *body = &entries[entry_count - 1].body;

		strbuf_puts(body, body->length ? " " : "");
		add_plain(line + 1, length - 1, body);
	}
}

static void read_manual(void)
{
	const char *manual, *reason;
	size_t size;

	cr_assert(read_file("topology/tunplan.5.scd", &arena, &manual, &size, &reason));
	for (size_t i = 0; i < size;) {
		const size_t length = strcspn(manual + i, "\n");

		read_line(manual + i, length);
		i += length + 1;
	}
}

static void forget_manual(void)
{
	for (size_t i = 0; i < entry_count; i++)
		strbuf_finish(&entries[i].body);
	arena_finish(&arena);
}

TestSuite(manual, .init = read_manual, .fini = forget_manual);

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* The entry of a word in a part of a section, or NULL when there is none or more than one. */
static const struct entry *find_entry(const char *section, const char *part, const char *word)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < entry_count; i++) {
		if (strcmp(entries[i].section, section) != 0 ||
		    strcmp(entries[i].part, part) != 0 || strcmp(entries[i].word, word) != 0)
			continue;
		if (found)
			return NULL;
		found = &entries[i];
	}
	return found;
}

static const struct key_table *find_table(const char *name)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

static bool reads_key(const struct key_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->keys[i].name, name) == 0)
			return keys_has(table, &table->keys[i]);
	}
	return false;
}

static void expect_key(const struct key_table *table, const struct key *key)
{
	const struct entry *entry = find_entry("KEYS", table->name, key->name);
	const char *body = entry ? strbuf_text(&entry->body) : "";

	cr_assert(entry != NULL, "%s has no (or two) entries under ## %s", key->name, table->name);
	cr_expect(begins_with(body, key->summary), "%s of %s:\nmanual: %s\ntable:  %s", key->name,
		  table->name, body, key->summary);
	cr_expect(strstr(body, " Type: ") && strstr(body, " Default: ") &&
			  strstr(body, arena_format(&arena, " Example: %s: ", key->name)),
		  "%s of %s lacks type, default or example", key->name, table->name);
}

Test(manual, has_every_key_that_is_read)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++) {
		/* What `defaults` shares with others is described there. */
		for (size_t j = 0; !table->shared && j < table->count; j++)
			expect_key(table, &table->keys[j]);
	}
}

Test(manual, has_no_key_that_is_not_read)
{
	size_t count = 0;

	for (size_t i = 0; i < entry_count; i++) {
		const struct key_table *table = find_table(entries[i].part);

		if (strcmp(entries[i].section, "KEYS") != 0)
			continue;
		cr_expect(table && reads_key(table, entries[i].word), "## %s has %s",
			  entries[i].part, entries[i].word);
		count++;
	}
	cr_expect(count > 0);
}

/* What could stand around a key of a table. */
static const struct {
	const char *table;
	const char *before;
	const char *behind;
} frames[] = {
	{"topology", "", ""},
	{"vlan", "vlans: {a: {", "}}"},
	{"host", "hosts: {a: {", "}}"},
	{"ssh", "hosts: {a: {ssh: {", "}}}"},
	{"sshd", "hosts: {a: {sshd: {", "}}}"},
	{"service", "hosts: {a: {services: {b: {", "}}}}"},
	{"rule", "reachability: [{", "}]"},
	{"tunnel", "tunnels: {a: {", "}}"},
	{"forward", "tunnels: {a: [{", "}]}"},
	{"place", "places: {a: {", "}}"},
	{"when", "places: {a: {when: {", "}}}"},
	{"defaults", "defaults: {", "}"},
	{"variable", "vars: {a: {", "}}"},
};

/* Whether a text is read without an error, but for the keys that an example leaves out. */
static void expect_readable(const char *text)
{
	struct parse_file file = {0};
	struct arena scratch = {0};
	struct document document;
	struct loading loading;

	loading_init(&loading, text, strlen(text));
	file.good = yaml_read(loading_source(&loading), &loading.diags, &file.tree);
	parse_document(&file, 1, false, &loading.arena, &scratch, &loading.diags, &document);
	for (size_t i = 0; i < loading.diags.count; i++) {
		const struct diag *diag = &loading.diags.items[i];

		cr_expect(diag->code == CODE_KEY_MISSING, "%s\n%s", text, diag->message);
	}
	yaml_tree_finish(&file.tree);
	arena_finish(&scratch);
	loading_finish(&loading);
}

Test(manual, has_examples_that_can_be_read)
{
	size_t count = 0;

	for (size_t i = 0; i < entry_count; i++) {
		const char *example = strstr(strbuf_text(&entries[i].body), " Example: ");

		for (size_t j = 0; j < sizeof(frames) / sizeof(frames[0]); j++) {
			if (!example || strcmp(entries[i].part, frames[j].table) != 0)
				continue;
			expect_readable(arena_format(&arena, "%s%s%s\n", frames[j].before,
						     example + strlen(" Example: "),
						     frames[j].behind));
			count++;
		}
	}
	cr_expect(count > 0);
}

/* Where the options of ssh are listed, "*A*, *B*." */
static const char *options_listed(void)
{
	const char *manual, *reason, *start, *end;
	size_t size;

	cr_assert(read_file("topology/tunplan.5.scd", &arena, &manual, &size, &reason));
	start = strstr(manual, "# OPTIONS OF SSH");
	cr_assert(start != NULL);
	end = strstr(start, ".\n\n*StrictHostKeyChecking* may be");
	cr_assert(end != NULL);
	return arena_copy(&arena, start, (size_t)(end - start));
}

Test(manual, lists_the_options_of_ssh)
{
	const char *listed = options_listed();
	const struct option *option;
	size_t taken = 0, stars = 0;

	for (size_t i = 0; (option = option_row(i)); i++) {
		const char *word = arena_format(&arena, "*%s*", option->keyword);

		cr_expect((strstr(listed, word) != NULL) == !option->refused, "%s", word);
		taken += !option->refused;
	}
	for (const char *at = listed; *at; at++)
		stars += *at == '*';
	/* *options* itself is in bold, too. */
	cr_expect(stars == 2 * (taken + 1), "%zu stars, %zu options", stars, taken);
}

/* "`me` cannot stand here." without its backticks. */
static const char *without_backticks(const char *text)
{
	char *copy = arena_string(&arena, text), *end = copy;

	for (; *text; text++) {
		if (*text != '`')
			*end++ = *text;
	}
	*end = '\0';
	return copy;
}

Test(manual, explains_every_code_in_order)
{
	const struct code *row;
	size_t codes = 0;

	for (size_t i = 0; i < entry_count; i++) {
		const char *body = strbuf_text(&entries[i].body), *text;

		if (strcmp(entries[i].section, "DIAGNOSTICS") != 0)
			continue;
		row = code_row(codes++);
		cr_assert(row && strcmp(entries[i].word, row->code) == 0, "%s: %s is expected here",
			  entries[i].word, row ? row->code : "nothing");
		text = without_backticks(row->text);
		expect_text(entries[i].title, row->title);
		cr_expect(begins_with(body, text) && strlen(body) > strlen(text) + 1,
			  "%s:\nmanual: %s\ntable:  %s", row->code, body, text);
	}
	row = code_row(codes);
	cr_expect(row == NULL, "%s has no entry", row ? row->code : "");
}
