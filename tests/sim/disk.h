/*
 * Disk: the files of the simulated world: sockets, logs and the state files. They outlive the supervisor.
 * What the product does with files, by logfile.h, history_file.h, state_file.h, unlink() and lstat(), it does here.
 */
#ifndef TUNPLAN_TESTS_SIM_DISK_H
#define TUNPLAN_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>

/* Empties it; there is room again. */
void disk_reset(void);

/* From now on nothing more can be written, or can. */
void disk_set_full(bool full);

bool disk_is_full(void);

/* Returns how many lines the supervisor ever logged: it logs whatever changes its state. */
unsigned disk_logged(void);

/* Whether a write ever failed since the reset, or files vanished. */
bool disk_ever_failed(void);

enum disk_kind { DISK_TEXT, DISK_SOCKET };

/* Makes a file, empty, in the place of one that is there. */
void disk_make(const char *path, enum disk_kind kind);

/* Whether there is one; removes it and returns whether there was one. */
bool disk_has(const char *path);
bool disk_remove(const char *path);

/* Removes all files in a directory, whose path ends with a slash. What is not found again counts as lost. */
void disk_vanish(const char *directory);

/* Appends a text to a file, if there is room. */
void disk_append(const char *path, const char *text);

/* Returns the name of a file that is there, the index-th, or NULL. */
const char *disk_name(size_t index);

/* Returns the state of a tunnel, by its number, as the newer file of the history tells it; "": it does not. NULL: it is not kept. */
const char *disk_history(unsigned long run);

/* Returns the path of the log that a descriptor is of. */
const char *disk_path_of(int fd);

#endif
