#include "exec/tunnel/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

struct snapshot *snapshot_create(const char *path, const char *text, struct strbuf *why)
{
	struct snapshot *snapshot = memory_alloc(sizeof(*snapshot));
	struct diag_list diags;
	struct load_file file;

	snapshot->holders = 1;
	snapshot->me = TOPOLOGY_NONE;
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

const char *snapshot_set_me(struct snapshot *snapshot, const char *me, const char *const *places,
			    size_t place_count)
{
	const size_t host = topology_host(snapshot->topology, me);
	struct whereabouts where;
	const char *unknown;

	if (host == TOPOLOGY_NONE)
		return "the file has no host of the name that is given as me";
	if (!places_named(snapshot->topology, places, place_count, &snapshot->arena, &where,
			  &unknown))
		return "the file has no place of a name that is given as one where me is";
	snapshot->me = host;
	snapshot->where = where;
	snapshot->topology = topology_at(snapshot->topology, host, &where, &snapshot->arena);
	network_index_init(&snapshot->network_index, snapshot->topology, &snapshot->arena);
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
