#include "tests/sim/disk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/history_file.h"
#include "exec/system/list.h"
#include "exec/system/logfile.h"
#include "exec/system/runtime.h"
#include "exec/system/state_file.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/trace.h"
#include "tests/sim/uv.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* More than a run has open. */
#define DESCRIPTORS 1024

/* More than a supervisor makes of tunnels and hops. */
#define RUNS 4096

struct file {
	char *path;
	enum disk_kind kind;
	struct strbuf text;
	unsigned number; /* no other has it */
};

static struct {
	struct list files; /* struct file */
	bool full;
	bool ever_failed;
	unsigned logged;
	unsigned made;             /* files, ever */
	char *opened[DESCRIPTORS]; /* logs, by descriptor */
	unsigned appended;         /* to the history */
	char states[RUNS][16];     /* of tunnels, by the newer file of the history */
} disk;

static struct file *find(const char *path)
{
	for (size_t i = 0; i < disk.files.count; i++) {
		struct file *file = disk.files.items[i];

		if (strcmp(file->path, path) == 0)
			return file;
	}
	return NULL;
}

static void remove_file(struct file *file)
{
	list_remove(&disk.files, file);
	free(file->path);
	strbuf_finish(&file->text);
	free(file);
}

void disk_reset(void)
{
	while (disk.files.count)
		remove_file(disk.files.items[0]);
	list_finish(&disk.files);
	disk.full = disk.ever_failed = false;
	disk.appended = 0;
	memset(disk.states, 0, sizeof(disk.states));
}

void disk_set_full(bool full)
{
	disk.full = full;
}

bool disk_is_full(void)
{
	return disk.full;
}

unsigned disk_logged(void)
{
	return disk.logged;
}

bool disk_ever_failed(void)
{
	return disk.ever_failed;
}

static struct file *make(const char *path, enum disk_kind kind)
{
	struct file *file = find(path);

	if (file)
		remove_file(file);
	file = memory_alloc(sizeof(*file));
	file->path = memory_string(path);
	file->kind = kind;
	file->number = ++disk.made;
	list_add(&disk.files, file);
	uv_file_changed(path);
	return file;
}

void disk_make(const char *path, enum disk_kind kind)
{
	make(path, kind);
}

bool disk_has(const char *path)
{
	return find(path) != NULL;
}

bool disk_remove(const char *path)
{
	struct file *file = find(path);

	if (file)
		remove_file(file);
	return file != NULL;
}

void disk_vanish(const char *directory)
{
	for (size_t i = disk.files.count; i-- > 0;) {
		struct file *file = disk.files.items[i];

		if (strncmp(file->path, directory, strlen(directory)) == 0)
			remove_file(file);
	}
	disk.ever_failed = true;
}

void disk_append(const char *path, const char *text)
{
	struct file *file = find(path);

	disk.ever_failed |= disk.full;
	if (!file || disk.full)
		return;
	strbuf_puts(&file->text, text);
	uv_file_changed(path);
}

const char *disk_name(size_t index)
{
	const struct file *file = index < disk.files.count ? disk.files.items[index] : NULL;

	return file ? file->path : NULL;
}

const char *disk_path_of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && disk.opened[fd] ? disk.opened[fd] : "";
}

/* --- the product's --------------------------------------------------------------------------- */

int logfile_open(const char *path)
{
	int fd;

	seam();
	if (disk.full && !find(path)) {
		disk.ever_failed = true;
		return -ENOSPC;
	}
	if (strcmp(path, "/state/supervisor.log") != 0 && !find(path))
		make(path, DISK_TEXT);
	fd = loop_grant_log();
	if (fd < DESCRIPTORS)
		memory_replace(&disk.opened[fd], path);
	return fd;
}

void logfile_cap(int fd)
{
	(void)fd;
}

off_t logfile_next(const char *path, off_t from, struct strbuf *text)
{
	const struct file *file = find(path);

	if (!file)
		return from;
	if (from > (off_t)file->text.length)
		from = 0;
	strbuf_puts(text, strbuf_text(&file->text) + from);
	return (off_t)file->text.length;
}

int logfile_open_any(const char *path)
{
	/* Nothing of a process is to go nowhere here: of what it does then, nothing can be known. */
	return logfile_open(path);
}

int logfile_write(int fd, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	(void)fd;
	disk.logged++;
	if (!trace_is_on())
		return 0;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	trace("    %s", line);
	return 0;
}

/* Notes what a line of the history says of a tunnel, as who reads the newer file would. */
static void read_history(const char *text, size_t length)
{
	json_t *line = json_loadb(text, length, 0, NULL);
	const char *state = json_string_value(json_object_get(line, "state"));
	const size_t run = (size_t)json_integer_value(json_object_get(line, "run"));

	if (json_object_get(line, "supervisor") && strcmp(state, "told") != 0) {
		memset(disk.states, 0, sizeof(disk.states));
	} else if (run && run < RUNS) {
		snprintf(disk.states[run], sizeof(disk.states[run]), "%s", state);
	}
	json_decref(line);
}

/* It takes no time, and is no moment to be killed at. Each 20th write begins a newer file. */
int history_file_append(const char *path, const struct strbuf *lines, bool *ret_begun)
{
	const char *text = strbuf_text(lines);

	(void)path;
	if (disk.full)
		return -ENOSPC;
	*ret_begun = disk.appended++ % 20 == 0;
	if (*ret_begun)
		memset(disk.states, 0, sizeof(disk.states));
	while (*text) {
		const size_t length = strcspn(text, "\n");

		read_history(text, length);
		text += length + 1;
	}
	return 0;
}

const char *disk_history(unsigned long run)
{
	return run < RUNS ? disk.states[run] : NULL;
}

void history_file_touch(const char *path)
{
	(void)path;
}

int64_t history_file_touched_ms(const char *path)
{
	(void)path;
	return 0;
}

json_t *state_file_read(const char *path, int version)
{
	const struct file *file = find(path);
	json_t *object = file ? json_loads(strbuf_text(&file->text), 0, NULL) : NULL;

	seam();
	if (json_integer_value(json_object_get(object, "version")) == version)
		return object;
	json_decref(object);
	return NULL;
}

int state_file_version(const char *path)
{
	const struct file *file = find(path);
	json_t *object = file ? json_loads(strbuf_text(&file->text), 0, NULL) : NULL;
	const int version = (int)json_integer_value(json_object_get(object, "version"));

	json_decref(object);
	return version;
}

/* Writes beside the file, up to any byte at first, and then puts that in its place: the supervisor may be killed anywhere between. */
int state_file_write_text(const char *path, const char *text)
{
	char *beside = memory_format("%s.new", path);
	struct file *file;

	seam();
	file = disk.full ? NULL : make(beside, DISK_TEXT);
	disk.ever_failed |= disk.full;
	if (file) {
		strbuf_add(&file->text, text,
			   fate((unsigned)strlen(text) + 1, 'w', file->number, 0));
		seam();
		disk_remove(beside);
		file = find(path);
		file = file ? file : make(path, DISK_TEXT);
		strbuf_clear(&file->text);
		strbuf_puts(&file->text, text);
	}
	free(beside);
	seam();
	return file ? 0 : -ENOSPC;
}

/* Whatever is to be written on a full disk is longer than what was written last. */
int state_file_write_in_room(const char *path, const char *text)
{
	(void)path;
	(void)text;
	return -ENOSPC;
}

void state_file_keep_room(const char *path, const char *text)
{
	(void)path;
	(void)text;
}

int state_file_write(const char *path, int version, json_t *object)
{
	char *text;
	int error;

	json_object_set_new(object, "version", json_integer(version));
	text = json_dumps(object, JSON_COMPACT);
	error = state_file_write_text(path, text);
	free(text);
	json_decref(object);
	return error;
}

char *state_file_read_text(const char *path)
{
	const struct file *file = find(path);

	seam();
	return file ? memory_string(strbuf_text(&file->text)) : NULL;
}

void state_file_tidy(const char *path)
{
	char *new_path = memory_format("%s.new", path);

	unlink(new_path);
	free(new_path);
}

void state_file_remove(const char *path)
{
	unlink(path);
	state_file_tidy(path);
}

char **runtime_names(const struct runtime *runtime, const char *prefix)
{
	char **names = memory_array(disk.files.count + 1, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < disk.files.count; i++) {
		const struct file *file = disk.files.items[i];
		const size_t length = strlen(runtime->dir);

		if (strncmp(file->path, runtime->dir, length) == 0 && file->path[length] == '/' &&
		    strncmp(file->path + length + 1, prefix, strlen(prefix)) == 0)
			names[count++] = memory_string(file->path + length + 1);
	}
	return names;
}

int unlink(const char *path)
{
	seam();
	if (disk_remove(path))
		return 0;
	errno = ENOENT;
	return -1;
}

int lstat(const char *path, struct stat *ret_info)
{
	const struct file *file = find(path);

	if (!file) {
		errno = ENOENT;
		return -1;
	}
	*ret_info = (struct stat){
		.st_mode = file->kind == DISK_SOCKET ? S_IFSOCK : S_IFREG,
		.st_ino = file->number,
	};
	return 0;
}

int access(const char *path, int mode)
{
	(void)mode;
	if (find(path))
		return 0;
	errno = ENOENT;
	return -1;
}
