#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/port_memory.h"
#include "exec/system/state_file.h"

/* A name that no file has. */
static void new_name(char path[64])
{
	snprintf(path, 64, "/tmp/tunplan-state-XXXXXX");
	close(mkstemp(path));
	unlink(path);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

Test(state_file, comes_back_as_it_was_and_is_ours_alone)
{
	char path[64];
	struct stat info;
	json_t *object;

	new_name(path);
	cr_assert(eq(int, state_file_write(path, 1, json_pack("{s:i}", "x", 7)), 0));
	object = state_file_read(path, 1);
	cr_expect(eq(int, (int)json_integer_value(json_object_get(object, "x")), 7));
	json_decref(object);
	cr_assert(eq(int, stat(path, &info), 0));
	cr_expect(eq(int, info.st_mode & 0777, 0600));
	unlink(path);
}

Test(state_file, what_is_broken_or_of_another_version_is_not_read)
{
	static const struct {
		const char *text;
		int version;
	} rows[] = {{"", 0}, {"{", 0}, {"[1]", 0}, {"{\"x\":1}", 0}, {"{\"version\":99}", 99}};
	char path[64];

	new_name(path);
	cr_expect(eq(ptr, state_file_read(path, 1), NULL));
	cr_expect(eq(int, state_file_version(path), 0));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_text(path, rows[i].text);
		cr_expect(eq(ptr, state_file_read(path, 1), NULL), "%s", rows[i].text);
		cr_expect(eq(int, state_file_version(path), rows[i].version), "%s", rows[i].text);
	}
	unlink(path);
}

Test(state_file, a_failed_write_leaves_the_old_file)
{
	cr_expect(lt(int, state_file_write("/nonexistent/dir/file", 1, json_object()), 0));
}

Test(state_file, room_is_kept_and_used_up)
{
	char path[64], room[80];
	char *text;

	new_name(path);
	snprintf(room, sizeof(room), "%s.room", path);
	cr_expect(ne(int, state_file_write_in_room(path, "none"), 0));
	state_file_keep_room(path, "a text");
	cr_expect(eq(int, access(room, F_OK), 0));
	cr_expect(eq(ptr, state_file_read_text(path), NULL));
	cr_assert(eq(int, state_file_write_in_room(path, "a text"), 0));
	text = state_file_read_text(path);
	cr_expect(eq(str, text, "a text"));
	free(text);
	cr_expect(ne(int, access(room, F_OK), 0));
	state_file_keep_room(path, "a text");
	state_file_remove(path);
	cr_expect(ne(int, access(room, F_OK), 0));
	cr_expect(ne(int, access(path, F_OK), 0));
}

Test(state_file, ports_are_remembered)
{
	struct port_memory memory;
	char path[64];

	new_name(path);
	port_memory_init(&memory, path);
	cr_expect(eq(u16, port_memory_get(&memory, "a"), 0));
	port_memory_set(&memory, "a", 20123);
	port_memory_finish(&memory);

	port_memory_init(&memory, path);
	cr_expect(eq(u16, port_memory_get(&memory, "a"), 20123));
	cr_expect(eq(u16, port_memory_get(&memory, "b"), 0));
	port_memory_finish(&memory);
	unlink(path);
}
