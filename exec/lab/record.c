#include "exec/lab/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/lab/kernel/namespace.h"
#include "exec/system/runtime.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

#define RECORD_VERSION 1

static const char record_name[] = "record.json";
static const char text_name[] = "topology.yaml";
static const char log_name[] = "log";

/* --- reading --------------------------------------------------------------------------------- */

/* Reads a file of the record; NULL when there is none. */
static const char *file_read(struct lab_record *record, const char *name, size_t *ret_size)
{
	const char *path = arena_format(&record->arena, "%s/%s", record->directory, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	char *text = NULL;
	size_t size = 0;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0) {
		text = arena_alloc(&record->arena, (size_t)info.st_size + 1);
		while (size < (size_t)info.st_size &&
		       (got = read(fd, text + size, (size_t)info.st_size - size)) > 0)
			size += (size_t)got;
	}
	close(fd);
	*ret_size = size;
	return text;
}

static bool process_read(json_t *object, struct lab_process_id *ret_process)
{
	json_int_t pid, start;

	if (json_unpack(object, "{sI sI}", "pid", &pid, "start", &start) < 0)
		return false;
	*ret_process = (struct lab_process_id){.pid = (pid_t)pid, .start = (unsigned long)start};
	return true;
}

/* Reads who is where; a lab of a file without places has nothing of it. */
static void places_read(struct lab_record *record, const json_t *root)
{
	const char *me = json_string_value(json_object_get(root, "me"));
	const json_t *places = json_object_get(root, "places");

	record->me = arena_string(&record->arena, me);
	record->place_count = json_array_size(places);
	record->places = arena_array(&record->arena, record->place_count, sizeof(*record->places));
	for (size_t p = 0; p < record->place_count; p++) {
		const char *name = json_string_value(json_array_get(places, p));

		record->places[p] = arena_string(&record->arena, name ? name : "");
	}
}

static bool record_parse(struct lab_record *record, json_t *root)
{
	json_t *init, *nodes;
	const char *file;
	int version;

	if (json_unpack(root, "{si ss so so}", "version", &version, "file", &file, "init", &init,
			"nodes", &nodes) < 0 ||
	    version != RECORD_VERSION || !process_read(init, &record->init))
		return false;
	record->file = arena_string(&record->arena, file);
	places_read(record, root);
	record->node_count = json_array_size(nodes);
	record->nodes = arena_array(&record->arena, record->node_count, sizeof(*record->nodes));
	for (size_t n = 0; n < record->node_count; n++)
		if (!process_read(json_array_get(nodes, n), &record->nodes[n]))
			return false;
	return true;
}

/* Fills in what is recorded. A record that cannot be read counts as none: its lab is unknown. */
static void record_read(struct lab_record *record)
{
	size_t size;
	const char *text = file_read(record, record_name, &size);
	json_t *root = text ? json_loadb(text, size, 0, NULL) : NULL;

	if (!root || !record_parse(record, root))
		record->init = (struct lab_process_id){0};
	else
		record->text = file_read(record, text_name, &record->text_size);
	if (!record->text)
		record->init = (struct lab_process_id){0};
	json_decref(root);
}

bool lab_record_alive(const struct lab_record *record)
{
	return lab_process_id_alive(&record->init);
}

/* --- finding --------------------------------------------------------------------------------- */

/* Returns the directory of all records in *ret_path (in arena). */
static int records_directory(struct arena *arena, enum runtime_use use, const char **ret_path,
			     struct lab_problem *problem)
{
	struct runtime runtime = {0};
	char *why = NULL;
	int error = runtime_open(use, &runtime, &why);

	if (error < 0)
		lab_problem_set(problem, error, "%s", why ? why : strerror(-error));
	else
		*ret_path = arena_format(arena, "%s/lab", runtime.dir);
	free(why);
	runtime_finish(&runtime);
	return error;
}

/*
 * Locks the record's directory, making it first. Whoever had it before may have removed it (and the
 * one above) at the end: then what we locked is no longer there, and we begin again.
 */
static int directory_lock(struct lab_record *record)
{
	for (;;) {
		struct stat locked, there;
		int fd, error = lab_directory_make(record->directory, 0700);

		if (error == -ENOENT)
			continue;
		if (error < 0)
			return error;
		fd = open(record->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX) < 0) {
			error = -errno;
			close(fd);
			return error;
		}
		if (fstat(fd, &locked) == 0 && stat(record->directory, &there) == 0 &&
		    locked.st_ino == there.st_ino && locked.st_dev == there.st_dev) {
			record->lock = fd;
			return 0;
		}
		close(fd);
	}
}

int lab_record_find(const char *file, bool lock, struct lab_record *ret_record,
		    struct lab_problem *problem)
{
	struct lab_record *record = ret_record;
	const char *all;
	int error;

	*record = (struct lab_record){.lock = -1};
	record->file = arena_string(&record->arena, file);
	error = records_directory(&record->arena, lock ? RUNTIME_MAKE : RUNTIME_LOOK, &all,
				  problem);
	if (error < 0)
		return error;
	/* The file's path itself is in the record. */
	record->directory = arena_format(&record->arena, "%s/%016" PRIx64, all,
					 text_hash_long(file, strlen(file)));
	if (lock)
		error = directory_lock(record);
	if (error < 0)
		return lab_problem_set(problem, error, "cannot lock %s: %s", record->directory,
				       strerror(-error));
	record_read(record);
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct lab_record *one = a, *other = b;

	return strcmp(one->file, other->file);
}

int lab_record_all(struct arena *arena, struct lab_record **ret_records, size_t *ret_count,
		   struct lab_problem *problem)
{
	struct lab_record *records = NULL;
	struct dirent *entry;
	const char *all;
	size_t count = 0;
	int error = records_directory(arena, RUNTIME_LOOK, &all, problem);
	DIR *directory = error == 0 ? memory_found(opendir(all)) : NULL;

	while (directory && (entry = readdir(directory))) {
		struct lab_record record = {.lock = -1};

		if (entry->d_name[0] == '.')
			continue;
		record.directory = arena_format(&record.arena, "%s/%s", all, entry->d_name);
		record_read(&record);
		if (record.init.pid == 0) {
			arena_finish(&record.arena);
			continue;
		}
		*(struct lab_record *)arena_push(arena, &records, &count, sizeof(record)) = record;
	}
	if (directory)
		closedir(directory);
	if (count > 1)
		qsort(records, count, sizeof(*records), compare_files);
	*ret_records = records;
	*ret_count = count;
	return error;
}

/* --- writing --------------------------------------------------------------------------------- */

static int file_write(const struct lab_record *record, const char *name, const char *text,
		      size_t size)
{
	struct arena arena = {0};
	const char *path = arena_format(&arena, "%s/%s", record->directory, name);
	const char *fresh = arena_format(&arena, "%s.new", path);
	int error = lab_file_write(fresh, 0600, text, size);

	if (error == 0 && rename(fresh, path) < 0)
		error = -errno;
	arena_finish(&arena);
	return error;
}

static json_t *process_json(const struct lab_process_id *process)
{
	return json_pack("{sI sI}", "pid", (json_int_t)process->pid, "start",
			 (json_int_t)process->start);
}

int lab_record_save(const struct lab_record *record, struct lab_problem *problem)
{
	json_t *nodes = json_array(), *places = json_array(), *root;
	char *text;
	int error;

	for (size_t n = 0; n < record->node_count; n++)
		json_array_append_new(nodes, process_json(&record->nodes[n]));
	for (size_t p = 0; p < record->place_count; p++)
		json_array_append_new(places, json_string(record->places[p]));
	root = json_pack("{si ss ss? so so so}", "version", RECORD_VERSION, "file", record->file,
			 "me", record->me, "places", places, "init", process_json(&record->init),
			 "nodes", nodes);
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	/* The record comes last: it is there only when all of it is. */
	error = file_write(record, text_name, record->text, record->text_size);
	if (error == 0)
		error = text ? file_write(record, record_name, text, strlen(text)) : -ENOMEM;
	free(text);
	if (error < 0)
		return lab_problem_set(problem, error, "cannot write to %s: %s", record->directory,
				       strerror(-error));
	return 0;
}

int lab_record_log(const struct lab_record *record)
{
	struct arena arena = {0};
	int fd = open(arena_format(&arena, "%s/%s", record->directory, log_name),
		      O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	arena_finish(&arena);
	return fd < 0 ? -errno : fd;
}

void lab_record_forget(struct lab_record *record)
{
	static const char *const names[] = {record_name, text_name, log_name};
	struct arena arena = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(arena_format(&arena, "%s/%s", record->directory, names[i]));
	arena_finish(&arena);
	record->init = (struct lab_process_id){0};
}

void lab_record_finish(struct lab_record *record)
{
	/* rmdir() refuses while anything is recorded, and that is when it must stay. */
	if (record->directory && record->lock >= 0) {
		const char *slash = strrchr(record->directory, '/');

		rmdir(record->directory);
		rmdir(arena_copy(&record->arena, record->directory,
				 (size_t)(slash - record->directory)));
		close(record->lock);
	}
	arena_finish(&record->arena);
	*record = (struct lab_record){.lock = -1};
}
