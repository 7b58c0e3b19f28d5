#include "exec/system/library_memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "topology/base/memory.h"

/* Not zeroed: they do that where they want it. */
static void *allocate(size_t size)
{
	return memory_resize(NULL, size);
}

void library_memory_init(void)
{
	json_set_alloc_funcs(allocate, free);
	/* It refuses only functions that are NULL. */
	uv_replace_allocator(allocate, memory_resize, memory_array, free);
}
