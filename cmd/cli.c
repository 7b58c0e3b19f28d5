#include "cmd/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/manual.h"

static void say(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static void say(const char *format, va_list arguments)
{
	fputs("tunplan: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void cli_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

int cli_usage(const char *name, const char *format, ...)
{
	const struct manual_row *row = name ? manual_find(name) : NULL;
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	if (row)
		fprintf(stderr, "usage: tunplan %s %s\n", row->name, row->arguments);
	else
		fputs("usage: tunplan [OPTION…] COMMAND [ARGUMENT…]   (`tunplan help` says more)\n",
		      stderr);
	return EXIT_USAGE;
}

bool cli_color(const struct cli *cli, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (cli->color != COLOR_AUTO)
		return cli->color == COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color);
}
