/*
 * State file: a JSON object on disk, with a version in it, that is replaced as a whole or not at
 * all.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_STATE_FILE_H
#define TUNPLAN_EXEC_SYSTEM_STATE_FILE_H

#include <jansson.h>

/* Returns the object, or NULL when the file is missing, broken, or of another version than that. */
json_t *state_file_read(const char *path, int version);

/* Returns the version of a file, or 0 when the file is missing or broken. */
int state_file_version(const char *path);

/*
 * Writes an object (whose reference it takes) with its version added: into a new file beside it, then
 * renamed. Returns 0 or -errno; the old file then still stands.
 */
int state_file_write(const char *path, int version, json_t *object);

/* The same for a text that is no object. The second returns NULL when the file is missing; free() it. */
int state_file_write_text(const char *path, const char *text);
char *state_file_read_text(const char *path);

/*
 * Keeps room on the disk for a text as long as that one, or somewhat longer, as far as there is any; and writes one there, when
 * there is no other room any more. The second returns 0 or -errno; the old file then still stands, and the room is kept.
 */
void state_file_keep_room(const char *path, const char *text);
int state_file_write_in_room(const char *path, const char *text);

/* Removes a file, and what there is beside it, of which its writer may have been killed; the second, that alone. */
void state_file_remove(const char *path);
void state_file_tidy(const char *path);

#endif
