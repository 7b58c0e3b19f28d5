/*
 * History file: lines that are kept on disk, the newest of them, in two files of at most HISTORY_FILE_BYTES each. The
 * newer one is appended to; when it is full, it becomes the older one (".old"), in the place of that, and a newer one is
 * begun. So what is kept is never more than both, and never less than one of them once there was so much.
 *
 * Nothing is held open: whoever removes the files, or their directory, has removed them. What a full disk or a power cut
 * has left of a line is ended with it, and costs no other line.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_HISTORY_FILE_H
#define TUNPLAN_EXEC_SYSTEM_HISTORY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/base/strbuf.h"

#define HISTORY_FILE_BYTES ((size_t)512 * 1024)

/*
 * Appends whole lines, all of them or none; of more than fit, the last ones. path is that of the newer file. Returns 0,
 * with *ret_begun whether a newer file was begun with them; or -errno.
 */
int history_file_append(const char *path, const struct strbuf *lines, bool *ret_begun);

/* Notes that whoever writes there is alive, and returns when (ms since 1970) that was noted last, or a line written; 0: never. */
void history_file_touch(const char *path);
int64_t history_file_touched_ms(const char *path);

/* Appends all that is kept to a text, oldest first. What cannot be read adds nothing. */
void history_file_read(const char *path, struct strbuf *text);

#endif
