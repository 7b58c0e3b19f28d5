/*
 * Memory: malloc() and friends that never return NULL: running out of memory ends the program with
 * one line on standard error, and pending output is not written. Blocks are freed with free().
 *
 * All of the program's memory comes from here (tests/layers checks it), also that of jansson and
 * libuv (exec/system/library_memory.h), so nobody has to check for NULL. libyaml reports its own
 * lack of memory (yaml_syntax.h), and what libc allocates by itself goes through memory_found().
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_MEMORY_H
#define TUNPLAN_TOPOLOGY_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Says "tunplan: out of memory" and ends the program with status 1. */
_Noreturn void memory_exhausted(void);

/*
 * Returns what a function of libc found or made in memory of its own (realpath(), fopen(),
 * getpwuid(); errno must be its), which may be NULL: unless it is for lack of memory. "There is no
 * such user" and "I could not look" are two things.
 */
void *memory_found(void *found);

/* Returns size zeroed bytes. */
void *memory_alloc(size_t size);

/* Returns count elements of size zeroed bytes each. */
void *memory_array(size_t count, size_t size);

/*
 * Returns at least *size zeroed bytes of whole huge pages, of which each takes one fault, and says how many;
 * NULL where that is not worth it, or cannot be had. They are given back with memory_unmap().
 */
void *memory_map(size_t *size);
void memory_unmap(void *block, size_t size);

/* Returns the block with another size, its new bytes not zeroed. NULL is an empty block. */
void *memory_resize(void *block, size_t size);

/*
 * Makes room for at least count elements of size bytes in a growing block, of which *room are there
 * already, and returns the block: at least twice as large if it has to grow.
 */
void *memory_reserve(void *block, size_t *room, size_t count, size_t size);

/*
 * Makes sure that so many bytes can be had, and leaves them to the next who ask: for what libc does
 * that cannot bear to be refused.
 */
void memory_spare(size_t size);

/* Gives what was freed back to the system, where libc keeps it: after much was used for a short time. */
void memory_trim(void);

/* Returns a copy of a string; NULL gives NULL. */
char *memory_string(const char *text);

/* Returns the formatted string (printf's rules). */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *memory_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Frees *text and puts a copy of value (or NULL) in its place. */
void memory_replace(char **text, const char *value);

/* Frees a NULL-terminated array of strings and the strings. Accepts NULL. */
void memory_free_strings(char **strings);

/* Returns a copy of a NULL-terminated array of strings. */
char **memory_copy_strings(const char *const *strings);

#endif
