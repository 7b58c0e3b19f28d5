/*
 * State file: a JSON object on disk, with a version in it, that is replaced as a whole or not at
 * all.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_STATE_FILE_H
#define TUNPLAN_EXEC_SYSTEM_STATE_FILE_H

#include <jansson.h>

#define STATE_FILE_VERSION 1

/* Returns the object, or NULL when the file is missing, broken, or of another version. */
json_t *state_file_read(const char *path);

/* Returns the version of a file, or 0 when the file is missing or broken. */
int state_file_version(const char *path);

/*
 * Writes an object (whose reference it takes) with "version" added: into a new file beside it, then
 * renamed. Returns 0 or -errno; the old file then still stands.
 */
int state_file_write(const char *path, json_t *object);

#endif
