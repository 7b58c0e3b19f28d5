#include "cmd/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cli.h"

/* Why something did not arrive, or NULL: of stdout itself only errors are remembered, not which. */
static const char *trouble;

/* Something of a result was written. */
static bool begun;

void result_add_json(json_t *value, struct strbuf *text)
{
	char *line = value ? json_dumps(value, JSON_COMPACT) : NULL;

	if (line)
		strbuf_printf(text, "%s\n", line);
	else
		trouble = "a name in it is not UTF-8, as JSON wants it; try without --json";
	free(line);
	json_decref(value);
}

void result_print(struct strbuf *text)
{
	begun |= text->length > 0;
	if (fwrite(strbuf_text(text), 1, text->length, stdout) != text->length || fflush(stdout))
		trouble = strerror(errno);
	strbuf_finish(text);
}

void result_print_json(json_t *value)
{
	struct strbuf text = {0};

	result_add_json(value, &text);
	result_print(&text);
}

bool result_is_empty(void)
{
	return !begun;
}

bool result_arrived(void)
{
	if (!trouble && (fflush(stdout) || ferror(stdout)))
		trouble = strerror(errno);
	if (trouble)
		cli_error("cannot write the result: %s", trouble);
	return !trouble;
}
