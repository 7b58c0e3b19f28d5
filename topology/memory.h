/*
 * Memory: malloc and friends for those who cannot go on without: running out of memory ends the
 * program with one line, and nothing that was not written yet is written any more. What comes from
 * here is given back with free().
 */
#ifndef TUNPLAN_TOPOLOGY_MEMORY_H
#define TUNPLAN_TOPOLOGY_MEMORY_H

#include <stddef.h>

/* Says "tunplan: out of memory" and ends the program with status 1. */
_Noreturn void memory_exhausted(void);

/* Returns the block unless it is NULL: then memory is exhausted. */
void *memory_need(void *block);

/* Returns size zeroed bytes. */
void *memory_alloc(size_t size);

/* Returns the block with another size, its new bytes not zeroed. NULL is an empty block. */
void *memory_resize(void *block, size_t size);

/*
 * Makes room for at least count elements of size bytes in a growing block, of which *room are there
 * already, and returns the block: at least twice as large if it has to grow.
 */
void *memory_reserve(void *block, size_t *room, size_t count, size_t size);

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
