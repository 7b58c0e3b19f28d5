#include "exec/tunnel/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/hash.h"
#include "topology/base/memory.h"

static bool same_places(const struct snapshot *snapshot, const struct snapshot_of *of)
{
	size_t count = 0;

	if (!snapshot->places || !of->places)
		return !snapshot->places && !of->places;
	while (snapshot->places[count])
		if (count == of->place_count ||
		    strcmp(snapshot->places[count], of->places[count]) != 0)
			return false;
		else
			count++;
	return count == of->place_count;
}

static struct snapshot *find(const struct list *all, const struct snapshot_of *of)
{
	for (size_t i = 0; i < all->count; i++) {
		struct snapshot *snapshot = all->items[i];

		if (strcmp(snapshot->path, of->path) == 0 &&
		    strcmp(snapshot->me_name, of->me) == 0 && same_places(snapshot, of) &&
		    strcmp(snapshot->text, of->text) == 0)
			return snapshot;
	}
	return NULL;
}

static char **copy_places(const struct snapshot_of *of)
{
	char **copy;

	if (!of->places)
		return NULL;
	copy = memory_array(of->place_count + 1, sizeof(*copy));
	for (size_t i = 0; i < of->place_count; i++)
		copy[i] = memory_string(of->places[i]);
	return copy;
}

/* Reads and validates the text. Returns whether it is valid; the diagnostics are appended otherwise. */
static bool load(struct snapshot *snapshot, struct strbuf *why)
{
	const struct load_file file = {.name = snapshot->path,
				       .identity = snapshot->path,
				       .text = snapshot->text,
				       .size = strlen(snapshot->text)};
	struct diag_list diags;

	diag_list_init(&diags, &snapshot->arena);
	if (topology_load(&file, NULL, &snapshot->sources, &snapshot->arena, &diags,
			  &snapshot->topology))
		return true;
	diag_render(&diags, &snapshot->sources, false, why);
	return false;
}

/* Sees the topology from where me is. */
static bool locate(struct snapshot *snapshot, const struct snapshot_of *of, struct strbuf *why)
{
	const char *unknown;

	snapshot->me = topology_host(snapshot->topology, of->me);
	if (snapshot->me == TOPOLOGY_NONE) {
		strbuf_puts(why, "the file has no host of the name that is given as me");
		return false;
	}
	if (!places_named(snapshot->topology, of->places, of->place_count, &snapshot->arena,
			  &snapshot->where, &unknown)) {
		strbuf_puts(why,
			    "the file has no place of a name that is given as one where me is");
		return false;
	}
	snapshot->topology =
		topology_at(snapshot->topology, snapshot->me, &snapshot->where, &snapshot->arena);
	network_index_init(&snapshot->network_index, snapshot->topology, &snapshot->arena);
	return true;
}

struct snapshot *snapshot_get(struct list *all, const struct snapshot_of *of, const char **ret_code,
			      struct strbuf *why)
{
	struct snapshot *snapshot = find(all, of);

	if (snapshot)
		return snapshot_hold(snapshot);
	snapshot = memory_alloc(sizeof(*snapshot));
	snapshot->all = all;
	snapshot->holders = 1;
	snapshot->path = memory_string(of->path);
	snapshot->text = memory_string(of->text);
	snapshot_digest(of->text, snapshot->digest);
	snapshot->me_name = memory_string(of->me);
	snapshot->places = copy_places(of);
	list_add(all, snapshot);
	*ret_code = "topology";
	if (load(snapshot, why)) {
		*ret_code = "usage";
		if (locate(snapshot, of, why))
			return snapshot;
	}
	snapshot_forget(snapshot);
	return NULL;
}

void snapshot_digest(const char *text, char ret_digest[SNAPSHOT_DIGEST_SIZE])
{
	snprintf(ret_digest, SNAPSHOT_DIGEST_SIZE, "%016" PRIx64,
		 text_hash_long(text, strlen(text)));
}

const char *snapshot_text(const struct list *all, const char *path, const char *digest)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct snapshot *snapshot = all->items[i];

		if (strcmp(snapshot->path, path) == 0 && strcmp(snapshot->digest, digest) == 0)
			return snapshot->text;
	}
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
	list_remove(snapshot->all, snapshot);
	arena_finish(&snapshot->arena);
	free(snapshot->path);
	free(snapshot->text);
	free(snapshot->me_name);
	memory_free_strings(snapshot->places);
	free(snapshot);
}
