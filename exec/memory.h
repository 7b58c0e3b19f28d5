/*
 * Memory for exec/: like malloc and friends, but zeroed, and out of memory ends the program with
 * one line. What comes from here is given back with free().
 */
#ifndef TUNPLAN_EXEC_MEMORY_H
#define TUNPLAN_EXEC_MEMORY_H

#include <stddef.h>

/* Returns size zeroed bytes. */
void *memory_alloc(size_t size);

/* Returns a copy of a string; NULL gives NULL. */
char *memory_string(const char *text);

/* Returns the formatted string (printf's rules). */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Frees *text and puts a copy of value (or NULL) in its place. */
void memory_replace(char **text, const char *value);

/* Frees a NULL-terminated array of strings and the strings. Accepts NULL. */
void memory_free_strings(char **strings);

/* Returns a copy of a NULL-terminated array of strings. */
char **memory_copy_strings(const char *const *strings);

#endif
