#include "cmd/lab_found.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/find_file.h"
#include "exec/lab/build.h"
#include "topology/base/memory.h"
#include "topology/load.h"

/* The real path of a file, also of one that is gone from a directory that is still there. */
static const char *real_path(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *found = path;
	char *real = memory_found(realpath(path, NULL));

	if (real) {
		found = arena_string(arena, real);
	} else {
		real = memory_found(
			realpath(arena_format(arena, "%.*s.", (int)(name - path), path), NULL));
		if (real)
			found = arena_format(arena, "%s/%s", real, name);
	}
	free(real);
	return found;
}

/* Puts me where it is in the lab. Returns false when the topology has no such host or place. */
static bool place_me(struct lab_found *found, const struct topology **topology)
{
	const struct lab_record *record = &found->record;
	const char *unknown;

	found->lab.me = TOPOLOGY_NONE;
	if (!record->me)
		return true;
	found->lab.me = topology_host(*topology, record->me);
	if (found->lab.me == TOPOLOGY_NONE ||
	    !places_named(*topology, record->places, record->place_count, &found->arena,
			  &found->lab.where, &unknown))
		return false;
	*topology = topology_at(*topology, found->lab.me, &found->lab.where, &found->arena);
	return true;
}

bool lab_found_load(struct lab_found *found)
{
	struct sources *sources = arena_alloc(&found->arena, sizeof(*sources));
	struct load_file file;
	struct diag_list diags;
	const struct topology *topology;
	const char *problem;

	found->alive = false;
	if (!lab_record_alive(&found->record))
		return false;
	file = (struct load_file){.name = found->record.file,
				  .identity = found->record.file,
				  .text = found->record.text,
				  .size = found->record.text_size};
	diag_list_init(&diags, &found->arena);
	found->lab.file = found->record.file;
	/*
	 * It was valid when the lab was made; another version of this program may think otherwise.
	 */
	found->alive = topology_load(&file, NULL, sources, &found->arena, &diags, &topology) &&
		       place_me(found, &topology) &&
		       lab_network_create(topology, &found->arena, &found->lab.network, &problem) &&
		       found->lab.network->node_count == found->record.node_count;
	return found->alive;
}

int lab_find(const struct cli *cli, enum lab_access access, struct lab_found *ret_found)
{
	struct lab_problem problem = {""};
	struct strbuf path = {0};
	int error;

	*ret_found = (struct lab_found){.record = {.lock = -1}};
	if (!find_file(cli->file, &path)) {
		cli_error("no topology: say which one with -f FILE");
		return EXIT_TOPOLOGY;
	}
	ret_found->name = arena_string(&ret_found->arena, strbuf_text(&path));
	strbuf_finish(&path);
	error = lab_caller(&ret_found->lab, &ret_found->arena, &problem);
	if (error == 0)
		error = lab_record_find(real_path(ret_found->name, &ret_found->arena),
					access == LAB_CHANGE, &ret_found->record, &problem);
	if (error < 0) {
		cli_error("%s", problem.text);
		return EXIT_FAILED;
	}
	lab_found_load(ret_found);
	return EXIT_DONE;
}

int lab_find_alive(const struct cli *cli, struct lab_found *ret_found)
{
	int status = lab_find(cli, LAB_READ, ret_found);

	if (status == EXIT_DONE && !ret_found->alive) {
		cli_error("no lab of %s is up; make one with `tunplan lab up`", ret_found->name);
		return EXIT_FAILED;
	}
	return status;
}

void lab_found_finish(struct lab_found *found)
{
	lab_record_finish(&found->record);
	arena_finish(&found->arena);
}
