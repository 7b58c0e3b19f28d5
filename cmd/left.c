#include "cmd/left.h"

#include <string.h>

#include "cmd/cli.h"

/* Returns the reason of an entry, behind its place. */
static const char *reason_of(const json_t *entry)
{
	const char *text = json_string_value(entry), *mark = strstr(text, ": ");

	return mark ? mark : "";
}

/* Returns how many entries have the reason of that one, or 0 if one before it has. */
static size_t count_alike(const json_t *left, size_t index)
{
	const char *reason = reason_of(json_array_get(left, index));
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(left); i++) {
		if (strcmp(reason_of(json_array_get(left, i)), reason) != 0)
			continue;
		if (i < index)
			return 0;
		count++;
	}
	return count;
}

void left_print(const json_t *left, const char *tunnel)
{
	const char *name = tunnel ? tunnel : "", *colon = tunnel ? ": " : "";

	for (size_t i = 0; i < json_array_size(left); i++) {
		const char *text = json_string_value(json_array_get(left, i));
		const char *reason = reason_of(json_array_get(left, i));
		const size_t count = count_alike(left, i);

		if (count == 1)
			cli_error("%s%sleft behind: %s", name, colon, text);
		else if (count)
			cli_error("%s%sleft behind: %.*s and %zu more%s", name, colon,
				  (int)(reason - text), text, count - 1, reason);
	}
}
