#include "exec/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "topology/memory.h"

struct snapshot *snapshot_create(const char *path, const char *text, struct strbuf *why)
{
	struct snapshot *snapshot = memory_alloc(sizeof(*snapshot));
	struct diag_list diags;
	struct load_file file;

	snapshot->holders = 1;
	snapshot->path = memory_string(path);
	snapshot->text = memory_string(text);
	file = (struct load_file){.name = snapshot->path,
				  .identity = snapshot->path,
				  .text = snapshot->text,
				  .size = strlen(snapshot->text)};
	arena_init(&snapshot->arena);
	diag_list_init(&diags, &snapshot->arena);
	if (topology_load(&file, NULL, &snapshot->sources, &snapshot->arena, &diags,
			  &snapshot->topology))
		return snapshot;
	diag_render(&diags, &snapshot->sources, false, why);
	snapshot_forget(snapshot);
	return NULL;
}

struct snapshot *snapshot_hold(struct snapshot *snapshot)
{
	snapshot->holders++;
	return snapshot;
}

void snapshot_forget(struct snapshot *snapshot)
{
	if (!snapshot || --snapshot->holders)
		return;
	arena_finish(&snapshot->arena);
	free(snapshot->path);
	free(snapshot->text);
	free(snapshot);
}
