#include "cmd/options.h"

#include <string.h>

/* One option: where its value goes. Exactly one of text, places, flag and color is set. */
struct option_row {
	const char *name;
	const char *short_name; /* "-f", or NULL */
	const char **text;
	struct cli *places; /* its list of places: the option may be there several times */
	bool *flag;
	enum cli_color *color;
};

#define ROW_COUNT 8

static void list_rows(struct options *options, struct option_row rows[ROW_COUNT])
{
	struct cli *cli = &options->cli;
	const struct option_row all[ROW_COUNT] = {
		{.name = "--file", .short_name = "-f", .text = &cli->file},
		{.name = "--me", .text = &cli->me},
		{.name = "--place", .places = cli},
		{.name = "--json", .flag = &cli->json},
		{.name = "--trust-file", .flag = &cli->trust_file},
		{.name = "--color", .color = &cli->color},
		{.name = "--help", .short_name = "-h", .flag = &options->help},
		{.name = "--version", .flag = &options->version},
	};

	memcpy(rows, all, sizeof(all));
}

static int set_color(const char *when, enum cli_color *ret_color)
{
	static const struct {
		const char *name;
		enum cli_color color;
	} names[] = {{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(when, names[i].name) == 0) {
			*ret_color = names[i].color;
			return EXIT_DONE;
		}
	}
	return cli_usage(NULL, "--color is auto, always or never, not '%s'", when);
}

static int add_place(struct cli *cli, const char *place)
{
	if (cli->place_count == CLI_PLACES_MAX)
		return cli_usage(NULL, "--place can be given %d times, and is given more often",
				 CLI_PLACES_MAX);
	cli->places[cli->place_count++] = place;
	return EXIT_DONE;
}

/*
 * Returns the row that an argument names, or NULL, and the value that is glued to it ("--me=you",
 * "-fFILE"), or NULL.
 */
static const struct option_row *find_row(const struct option_row *rows, const char *argument,
					 const char **ret_value)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const char *short_name = rows[i].short_name;
		size_t length = strlen(rows[i].name);

		*ret_value = NULL;
		if (short_name && strncmp(argument, short_name, 2) == 0 &&
		    (rows[i].text || !argument[2])) {
			if (argument[2])
				*ret_value = argument + 2;
			return &rows[i];
		}
		if (strncmp(argument, rows[i].name, length) != 0)
			continue;
		if (argument[length] == '=')
			*ret_value = argument + length + 1;
		if (argument[length] == '=' || !argument[length])
			return &rows[i];
	}
	return NULL;
}

static int set_option(const struct option_row *row, const char *value)
{
	if (row->flag && value)
		return cli_usage(NULL, "%s takes no value", row->name);
	if (row->flag)
		*row->flag = true;
	else if (!value || !*value)
		return cli_usage(NULL, "%s needs a value", row->name);
	else if (row->color)
		return set_color(value, row->color);
	else if (row->places)
		return add_place(row->places, value);
	else
		*row->text = value;
	return EXIT_DONE;
}

int options_take(int *argc, char **argv, struct options *ret_options)
{
	struct options options = {0};
	struct option_row rows[ROW_COUNT];
	int kept = 1;
	int next = 1;

	list_rows(&options, rows);
	while (next < *argc && strcmp(argv[next], "--") != 0) {
		const char *value;
		const struct option_row *row = find_row(rows, argv[next], &value);

		if (!row && kept == 1 && argv[next][0] == '-')
			return cli_usage(NULL, "unknown option '%s'", argv[next]);
		if (!row) {
			argv[kept++] = argv[next++];
			continue;
		}
		next++;
		if (!row->flag && !value && next < *argc)
			value = argv[next++];
		if (set_option(row, value) != EXIT_DONE)
			return EXIT_USAGE;
	}
	while (next < *argc)
		argv[kept++] = argv[next++];
	argv[kept] = NULL;
	*argc = kept;
	*ret_options = options;
	return EXIT_DONE;
}
