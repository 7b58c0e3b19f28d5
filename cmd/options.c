#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/strbuf.h"
#include "topology/diag/suggest.h"

#define DIGITS "0123456789"
/* What is shorter is no time. */
#define SECONDS_MIN 0.001

static const struct option common[] = {
	{"--file", .kind = OPTION_TEXT, .offset = offsetof(struct options, cli.file),
	 .wants = "a file", .short_name = "-f"},
	{"--me", .kind = OPTION_TEXT, .offset = offsetof(struct options, cli.me),
	 .wants = "a host"},
	{"--place", .kind = OPTION_LIST, .offset = offsetof(struct options, cli.places),
	 .wants = "a place"},
	{"--json", .offset = offsetof(struct options, cli.json)},
	{"--trust-file", .offset = offsetof(struct options, cli.trust_file)},
	{"--color", .kind = OPTION_COLOR, .offset = offsetof(struct options, cli.color),
	 .wants = "auto, always or never"},
	{"--help", .offset = offsetof(struct options, help), .short_name = "-h"},
	{"--version", .offset = offsetof(struct options, version)},
	{0},
};

/* --- values: each returns whether the text is one, and puts it into the field */

static bool set_text(const struct option *option, const char *text, void *field)
{
	(void)option;
	*(const char **)field = text;
	return true;
}

static bool add_to_list(const struct option *option, const char *text, void *field)
{
	struct option_list *list = field;

	(void)option;
	list->items[list->count++] = text;
	return true;
}

static bool set_number(const struct option *option, const char *text, void *field)
{
	const unsigned long number = strtoul(text, NULL, 10);

	/* strtoul() would also read blanks and signs. */
	if (text[strspn(text, DIGITS)] || number > option->max)
		return false;
	*(size_t *)field = number;
	return true;
}

static bool set_seconds(const struct option *option, const char *text, void *field)
{
	char *end;
	const double seconds = strtod(text, &end);

	/* strtod() would also read blanks, signs, exponents and hexadecimal digits. */
	if (text[strspn(text, DIGITS ".")] || *end || seconds < SECONDS_MIN ||
	    seconds > option->max)
		return false;
	*(int *)field = (int)(seconds * 1000);
	return true;
}

static bool set_color(const struct option *option, const char *text, void *field)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	(void)option;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*(enum cli_color *)field = (enum cli_color)i;
			return true;
		}
	}
	return false;
}

static bool (*const setters[])(const struct option *option, const char *text, void *field) = {
	[OPTION_TEXT] = set_text,       [OPTION_LIST] = add_to_list, [OPTION_NUMBER] = set_number,
	[OPTION_SECONDS] = set_seconds, [OPTION_COLOR] = set_color,
};

/* --- the line */

/* A command line that is read: what is taken out of it moves the rest together. */
struct line {
	const char *command; /* whose usage is shown; NULL: of the program */
	const struct option *options;
	void *fields;
	int argc;
	char **argv;
	int next;
	int kept; /* words, and argv[0] */
};

/*
 * Returns the row that an argument names, or NULL, and the value that is glued to it ("--me=you",
 * "-fFILE"), or NULL.
 */
static const struct option *find(const struct option *options, const char *argument,
				 const char **ret_value)
{
	const size_t length = strcspn(argument, "=");

	for (const struct option *option = options; option && option->name; option++) {
		const char *short_name = option->short_name;

		*ret_value = NULL;
		if (short_name && strncmp(argument, short_name, 2) == 0 &&
		    (option->wants || !argument[2])) {
			if (argument[2])
				*ret_value = argument + 2;
			return option;
		}
		if (strlen(option->name) != length || strncmp(argument, option->name, length) != 0)
			continue;
		if (argument[length])
			*ret_value = argument + length + 1;
		return option;
	}
	return NULL;
}

/* Says what the value of an option may be, and what it is, or nothing if there is none. */
static int say_wants(const struct line *line, const struct option *option, const char *value)
{
	const double least = option->kind == OPTION_SECONDS ? SECONDS_MIN : 0;
	struct strbuf text = {0};
	int status;

	strbuf_puts(&text, option->wants);
	if (option->max)
		strbuf_printf(&text, " from %g to %u", least, option->max);
	if (value && *value)
		strbuf_printf(&text, ", not '%s'", value);
	status = cli_usage(line->command, "%s wants %s", option->name, strbuf_text(&text));
	strbuf_finish(&text);
	return status;
}

/* Puts a value, or NULL for none, where the option's row says. */
static int set(const struct line *line, const struct option *option, const char *value)
{
	void *field = (char *)line->fields + option->offset;
	const struct option_list *list = option->kind == OPTION_LIST ? field : NULL;

	if (option->kind == OPTION_LATER)
		return cli_usage(line->command, "%s is not in this version yet", option->name);
	if (option->kind == OPTION_FLAG && value)
		return cli_usage(line->command, "%s takes no value", option->name);
	if (option->kind == OPTION_FLAG) {
		*(bool *)field = true;
		return EXIT_DONE;
	}
	if (!value || !*value)
		return say_wants(line, option, NULL);
	if (list && list->count == OPTION_LIST_MAX)
		return cli_usage(line->command, "%s can be given %d times, and is given more often",
				 option->name, OPTION_LIST_MAX);
	if (!setters[option->kind](option, value, field))
		return say_wants(line, option, value);
	return EXIT_DONE;
}

static void offer(const struct option *options, struct suggest *suggest)
{
	for (const struct option *option = options; option && option->name; option++)
		if (option->kind != OPTION_LATER)
			suggest_offer(suggest, option->name, 0);
}

static int unknown(const struct line *line, const char *argument)
{
	struct suggest suggest;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
	suggest_init(&suggest, name);
	offer(line->options, &suggest);
	offer(common, &suggest);
	if (suggest.best)
		return cli_usage(line->command, "unknown option '%s'; did you mean '%s'?", argument,
				 suggest.best);
	return cli_usage(line->command, "unknown option '%s'", argument);
}

/* Takes the options of the line, up to a `--`. strict: what begins with '-' must be one of them. */
static int take(struct line *line, bool strict)
{
	while (line->next < line->argc && strcmp(line->argv[line->next], "--") != 0) {
		char *argument = line->argv[line->next++];
		const char *value;
		const struct option *option = find(line->options, argument, &value);

		if (!option && (strict || line->kept == 1) && argument[0] == '-' && argument[1])
			return unknown(line, argument);
		if (!option) {
			line->argv[line->kept++] = argument;
			continue;
		}
		if (option->wants && !value && line->next < line->argc)
			value = line->argv[line->next++];
		if (set(line, option, value) != EXIT_DONE)
			return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* Keeps what is left of the line as it is. */
static void keep_rest(struct line *line, int *ret_argc)
{
	while (line->next < line->argc)
		line->argv[line->kept++] = line->argv[line->next++];
	line->argv[line->kept] = NULL;
	*ret_argc = line->kept;
}

/* Whether --json stands anywhere: who wants JSON wants it of a wrong line, too. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

int options_take_common(int *argc, char **argv, struct options *ret_options)
{
	struct options options = {0};
	struct line line = {NULL, common, &options, *argc, argv, 1, 1};

	*ret_options = (struct options){.cli.json = wants_json(*argc, argv)};
	if (take(&line, false) != EXIT_DONE)
		return EXIT_USAGE;
	keep_rest(&line, argc);
	*ret_options = options;
	return EXIT_DONE;
}

int options_take(const struct command *command, void *ret_options, int *argc, char **argv)
{
	struct line line = {command->name, command->options, ret_options, *argc, argv, 1, 1};

	if (take(&line, true) != EXIT_DONE)
		return EXIT_USAGE;
	line.next += line.next < line.argc; /* the `--` */
	keep_rest(&line, argc);
	if (*argc - 1 > command->words)
		return cli_usage(command->name, "unknown argument '%s'", argv[1 + command->words]);
	return EXIT_DONE;
}
