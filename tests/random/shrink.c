#include "tests/random/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* Takes a stretch out if the rest will do. */
static bool shrink_without(struct shrink *shrink, size_t from, size_t to)
{
	const size_t size = strlen(shrink->text);
	char *rest = memory_alloc(size + 1);
	bool holds;

	memcpy(rest, shrink->text, from);
	memcpy(rest + from, shrink->text + to, size - to + 1);
	holds = shrink->holds(shrink->context, rest);
	if (holds)
		memcpy(shrink->text, rest, size - (to - from) + 1);
	free(rest);
	return holds;
}

size_t shrink_indent(const char *line)
{
	return strspn(line, " ");
}

size_t shrink_block(const char *text, size_t at)
{
	const size_t indent = shrink_indent(text + at);

	do {
		at += strcspn(text + at, "\n");
		at += text[at] == '\n';
	} while (text[at] && shrink_indent(text + at) > indent);
	return at;
}

static bool shrink_lines(struct shrink *shrink)
{
	bool shrunk = false;

	for (size_t at = 0; shrink->text[at];) {
		if (shrink_without(shrink, at, shrink_block(shrink->text, at))) {
			shrunk = true;
			continue;
		}
		at += strcspn(shrink->text + at, "\n");
		at += shrink->text[at] == '\n';
	}
	return shrunk;
}

/* Takes an entry out with a comma, and ports of rules with the space before them. */
static bool shrink_entries(struct shrink *shrink)
{
	bool shrunk = false;

	for (size_t at = 1; shrink->text[at]; at++) {
		const char *text = shrink->text + at;

		if (*text == ',' || (*text == ' ' && !strchr(" \n", text[-1])))
			shrunk |= shrink_without(shrink, at, at + 1 + strcspn(text + 1, " ,]}\n"));
		if (*shrink->text && shrink->text[at - 1] == '[' && strcspn(text, ",\n") &&
		    text[strcspn(text, ",\n")] == ',')
			shrunk |= shrink_without(shrink, at, at + strcspn(text, ",\n") + 1);
		if (at >= strlen(shrink->text))
			break;
	}
	return shrunk;
}

void shrink_text(struct shrink *shrink)
{
	while (shrink_lines(shrink) || shrink_entries(shrink))
		;
}
