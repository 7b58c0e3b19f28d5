#include "topology/base/memory.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes of a huge page on most machines. */
#define HUGE_PAGE ((uintptr_t)2 * 1024 * 1024)

void memory_exhausted(void)
{
	fputs("tunplan: out of memory\n", stderr);
	/* Not exit(): half of an answer on standard output is worse than none. */
	_exit(1);
}

static void *need(void *block)
{
	if (!block)
		memory_exhausted();
	return block;
}

/*
 * Asks for huge pages where a block can have some: a fault then brings 2 MiB, not 4 KiB. Nothing depends
 * on it; where there is no such advice, nothing is asked.
 */
static void *prefer_huge_pages(void *block, size_t size)
{
#ifdef MADV_HUGEPAGE
	const uintptr_t start = ((uintptr_t)block + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	const uintptr_t end = ((uintptr_t)block + size) & ~(HUGE_PAGE - 1);

	if (end > start)
		madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
	(void)size;
#endif
	return block;
}

/* Makes a block that begins with a huge page, where it is large enough to be worth that; or NULL. */
static void *whole_pages(size_t size)
{
	void *block;

	if (size < HUGE_PAGE / 2 || size > SIZE_MAX - HUGE_PAGE)
		return NULL;
	size = (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	block = need(aligned_alloc(HUGE_PAGE, size));
	/* What was got to align it is given back. */
	return prefer_huge_pages(need(realloc(block, size)), size);
}

void *memory_map(size_t *size)
{
	const size_t whole = (*size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	char *map, *block;
	size_t before;

	if (*size < HUGE_PAGE || *size > SIZE_MAX - 2 * HUGE_PAGE)
		return NULL;
	map = mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
	if (map == MAP_FAILED)
		memory_exhausted();
	before = -(uintptr_t)map & (HUGE_PAGE - 1);
	block = map + before;
	if (before)
		munmap(map, before);
	munmap(block + whole, HUGE_PAGE - before);
	*size = whole;
	return prefer_huge_pages(block, whole);
}

void memory_unmap(void *block, size_t size)
{
	munmap(block, size);
}

void *memory_found(void *found)
{
	if (!found && errno == ENOMEM)
		memory_exhausted();
	return found;
}

void *memory_alloc(size_t size)
{
	return memory_array(1, size);
}

void *memory_array(size_t count, size_t size)
{
	/* calloc() would say so, too, but ASan takes it for a bug. */
	if (size && count > SIZE_MAX / size)
		memory_exhausted();
	return prefer_huge_pages(need(calloc(count ? count : 1, size ? size : 1)), count * size);
}

void *memory_resize(void *block, size_t size)
{
	void *whole = block ? NULL : whole_pages(size);

	return whole ? whole : prefer_huge_pages(need(realloc(block, size ? size : 1)), size);
}

void *memory_reserve(void *block, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room : 64;

	if (count <= *room)
		return block;
	while (more < count) {
		if (more > SIZE_MAX / 2 / size)
			memory_exhausted();
		more *= 2;
	}
	*room = more;
	return memory_resize(block, more * size);
}

void memory_spare(size_t size)
{
	/* A compiler may leave out what is freed at once. */
	void *volatile block = memory_resize(NULL, size);

	free(block);
}

void memory_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

char *memory_string(const char *text)
{
	return text ? need(strdup(text)) : NULL;
}

char *memory_vformat(const char *format, va_list arguments)
{
	char *text = NULL;
	int length = vasprintf(&text, format, arguments);

	return need(length < 0 ? NULL : text);
}

char *memory_format(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = memory_vformat(format, arguments);
	va_end(arguments);
	return text;
}

void memory_replace(char **text, const char *value)
{
	char *copy = memory_string(value);

	free(*text);
	*text = copy;
}

void memory_free_strings(char **strings)
{
	if (!strings)
		return;
	for (size_t i = 0; strings[i]; i++)
		free(strings[i]);
	free(strings);
}

char **memory_copy_strings(const char *const *strings)
{
	size_t count = 0;
	char **copy;

	while (strings[count])
		count++;
	copy = memory_array(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = memory_string(strings[i]);
	return copy;
}
