/*
 * heap.so, for LD_PRELOAD: measures the peak heap of the program that it is loaded into, whoever
 * calls malloc() and the like. The program finds these by dlsym():
 *
 *     void heap_restart(void)   do not count what is allocated already
 *     size_t heap_peak(void)    the most bytes allocated at a time since then
 *
 * A block counts with its usable size, which is at least the requested size. A block that moves
 * while it grows counts once: large blocks, which matter, are not copied but remapped. Only for
 * programs with one thread.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

void heap_restart(void);
size_t heap_peak(void);

/* Less than nothing when what was there before is freed. */
static struct {
	ptrdiff_t now;
	ptrdiff_t peak;
} heap;

void heap_restart(void)
{
	heap.now = heap.peak = 0;
}

size_t heap_peak(void)
{
	return (size_t)heap.peak;
}

static ptrdiff_t size_of(void *block)
{
	return (ptrdiff_t)malloc_usable_size(block);
}

static void count(ptrdiff_t size)
{
	heap.now += size;
	if (heap.now > heap.peak)
		heap.peak = heap.now;
}

/* Counts a block that is new, or NULL. */
static void *add(void *block)
{
	count(size_of(block));
	return block;
}

/* The function of that name that would have been called. */
#define NEXT(name)                     \
	static __typeof__(&name) next; \
	if (!next)                     \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *malloc(size_t size)
{
	NEXT(malloc);
	return add(next(size));
}

void *calloc(size_t count, size_t size)
{
	NEXT(calloc);
	return add(next(count, size));
}

void *realloc(void *block, size_t size)
{
	const ptrdiff_t before = size_of(block);
	void *moved;

	NEXT(realloc);
	moved = next(block, size);
	if (moved || size == 0)
		heap.now -= before;
	return add(moved);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	NEXT(aligned_alloc);
	return add(next(alignment, size));
}

/* What is mapped without a file is memory, too: the C library's own mappings do not come here. */
void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
	void *map;

	NEXT(mmap);
	map = next(at, size, protection, flags, file, offset);
	if (map != MAP_FAILED && flags & MAP_ANONYMOUS)
		count((ptrdiff_t)size);
	return map;
}

int munmap(void *map, size_t size)
{
	NEXT(munmap);
	heap.now -= (ptrdiff_t)size;
	return next(map, size);
}

void free(void *block)
{
	NEXT(free);
	heap.now -= size_of(block);
	next(block);
}
