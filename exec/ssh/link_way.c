#include "exec/ssh/link_way.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/link_parts.h"
#include "topology/base/memory.h"

static const struct link_way *const ways[] = {&link_native, &link_ssh};

#define WAY_COUNT (sizeof(ways) / sizeof(ways[0]))

const struct link_way *link_way_find(const char *name)
{
	if (!name || !*name)
		return ways[0];
	for (size_t i = 0; i < WAY_COUNT; i++)
		if (strcmp(ways[i]->name, name) == 0)
			return ways[i];
	return NULL;
}

char *link_way_fault(void)
{
	const char *name = getenv("TUNPLAN_MUX");
	struct strbuf text = {0};

	if (link_way_find(name))
		return NULL;
	strbuf_printf(&text, "TUNPLAN_MUX is '%s'; this version has: ", name);
	for (size_t i = 0; i < WAY_COUNT; i++)
		strbuf_printf(&text, "%s%s", i ? ", " : "", ways[i]->name);
	return text.text;
}
