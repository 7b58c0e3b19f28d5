#include "planner/views/shell.h"

#include <string.h>

/* No shell gives these a meaning inside a word. A `~` is left out: it has one at the start. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789"
			    "@%+=:,./_-";

void shell_quote(struct strbuf *text, const char *word)
{
	if (*word && word[strspn(word, plain)] == '\0') {
		strbuf_puts(text, word);
		return;
	}
	strbuf_puts(text, "'");
	for (;;) {
		const size_t run = strcspn(word, "'");

		strbuf_add(text, word, run);
		word += run;
		if (*word == '\0')
			break;
		strbuf_puts(text, "'\\''");
		word++;
	}
	strbuf_puts(text, "'");
}

void shell_join(struct strbuf *text, const char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			strbuf_puts(text, " ");
		shell_quote(text, argv[i]);
	}
}

const char *shell_line(const char *const *argv, struct arena *arena)
{
	struct strbuf text = {0};
	const char *line;

	shell_join(&text, argv);
	line = arena_string(arena, strbuf_text(&text));
	strbuf_finish(&text);
	return line;
}
