/*
 * Logfile: the supervisor's log and the masters' stderr. Both are appended to (O_APPEND, 0600) and
 * capped, so that a process that runs for a year fills no disk. Only the supervisor's log is
 * written here.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_LOGFILE_H
#define TUNPLAN_EXEC_SYSTEM_LOGFILE_H

#include <sys/types.h>

#include "topology/base/strbuf.h"

/* A file is emptied when it is larger than this. */
#define LOGFILE_MAX_BYTES ((off_t)1024 * 1024)

/* Opens (and makes) a file to append to; close-on-exec. Returns the descriptor or -errno. */
int logfile_open(const char *path);

/* The same; where the file cannot be made, what is written goes nowhere. */
int logfile_open_any(const char *path);

/* Empties the file if it has outgrown LOGFILE_MAX_BYTES; its writers go on at its new end. */
void logfile_cap(int fd);

/* Appends the last 64 KiB of the file to text. What cannot be read adds nothing. */
void logfile_read(const char *path, struct strbuf *text);

/*
 * Appends the next part of the file, from an offset on, to text: at most 64 KiB. An offset beyond the end (the file
 * was capped meanwhile) begins anew. Returns the offset of what follows. What cannot be read adds nothing.
 */
off_t logfile_next(const char *path, off_t from, struct strbuf *text);

/* Appends one line with the time of day to the log. Returns 0 or -errno: there is no room for it, for example. */
int logfile_write(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
