#include "cmd/manual.h"

#include <string.h>

#include "topology/diag/suggest.h"

const struct manual_row *manual_find(const char *name)
{
	for (const struct manual_row *row = manual_commands; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const char *manual_suggest(const char *name)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (const struct manual_row *row = manual_commands; row->name; row++)
		suggest_offer(&suggest, row->name, 0);
	return suggest.best;
}
