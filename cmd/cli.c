#include "cmd/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/manual.h"
#include "topology/base/memory.h"
#include "topology/base/utf8.h"

/* What was said so far of why the command fails: by cli.h's rules, for a program to read. */
static struct strbuf kept, kept_advice;

/* Where what is said goes instead, or NULL. */
static struct cli_held *holding;

/* JSON holds only UTF-8: each byte that is none becomes a question mark. */
static void add_utf8(const char *text, struct strbuf *to)
{
	for (size_t left = strlen(text), size; left; text += size, left -= size) {
		uint32_t point;

		size = utf8_decode(text, left, &point);
		strbuf_add(to, point == UTF8_INVALID ? "?" : text, size);
	}
}

/* Adds a sentence to those that are kept, and the first advice. */
static void keep(const char *sentence, const char *advice, struct strbuf *sentences,
		 struct strbuf *first_advice)
{
	if (sentences->length)
		strbuf_puts(sentences, "\n");
	add_utf8(sentence, sentences);
	if (advice && !first_advice->length)
		add_utf8(advice, first_advice);
}

void cli_keep(const char *sentence, const char *advice)
{
	if (holding)
		keep(sentence, advice, &holding->kept, &holding->advice);
	else
		keep(sentence, advice, &kept, &kept_advice);
}

void cli_print(const char *text)
{
	if (holding)
		strbuf_puts(&holding->said, text);
	else
		fputs(text, stderr);
}

void cli_hold(struct cli_held *held)
{
	holding = held;
}

void cli_say_held(const struct cli_held *held)
{
	cli_print(strbuf_text(&held->said));
	if (held->kept.length)
		cli_keep(held->kept.text, held->advice.text);
}

void cli_held_finish(struct cli_held *held)
{
	strbuf_finish(&held->said);
	strbuf_finish(&held->kept);
	strbuf_finish(&held->advice);
}

json_t *cli_why(int status)
{
	static const struct {
		int status;
		const char *code;
	} codes[] = {
		{EXIT_USAGE, "usage"},
		{EXIT_TOPOLOGY, "topology"},
		{EXIT_NO_PATH, "no_path"},
		{EXIT_INTERRUPTED, "interrupted"},
	};
	const char *code = "failed";

	if (!kept.length || status == EXIT_DONE)
		return NULL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == status)
			code = codes[i].code;
	return json_pack("{s:s, s:s, s:s?}", "code", code, "text", strbuf_text(&kept), "advice",
			 kept_advice.text);
}

static void say(const char *sentence)
{
	char *line = memory_format("tunplan: %s\n", sentence);

	cli_print(line);
	free(line);
}

void cli_error(const char *format, ...)
{
	va_list arguments;
	char *sentence;

	va_start(arguments, format);
	sentence = memory_vformat(format, arguments);
	va_end(arguments);
	say(sentence);
	cli_keep(sentence, NULL);
	free(sentence);
}

void cli_note(const char *format, ...)
{
	va_list arguments;
	char *sentence;

	va_start(arguments, format);
	sentence = memory_vformat(format, arguments);
	va_end(arguments);
	say(sentence);
	free(sentence);
}

void cli_note_wait(const char *what, void *data)
{
	(void)data;
	cli_note("waiting for %s", what);
}

int cli_usage(const char *name, const char *format, ...)
{
	const struct manual_row *row = name ? manual_find(name) : NULL;
	va_list arguments;
	char *sentence, *usage;

	va_start(arguments, format);
	sentence = memory_vformat(format, arguments);
	va_end(arguments);
	usage = row ? memory_format("usage: tunplan %s %s", row->name, row->arguments)
		    : memory_format("usage: tunplan [OPTION…] COMMAND [ARGUMENT…]   "
				    "(`tunplan help` says more)");
	say(sentence);
	cli_print(usage);
	cli_print("\n");
	cli_keep(sentence, usage);
	free(usage);
	free(sentence);
	return EXIT_USAGE;
}

bool cli_color(const struct cli *cli, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (cli->color != COLOR_AUTO)
		return cli->color == COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color);
}
