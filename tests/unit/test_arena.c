#include "topology/base/arena.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/expect_text.h"

Test(arena, gives_zeroed_and_aligned_memory)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t size = 0; size < 200; size++) {
		unsigned char *memory = arena_alloc(&arena, size);

		cr_assert((uintptr_t)memory % sizeof(uint64_t) == 0);
		for (size_t i = 0; i < size; i++)
			cr_assert(memory[i] == 0);
		memset(memory, 0xff, size);
	}
	arena_finish(&arena);
}

Test(arena, keeps_small_things_when_a_large_one_comes)
{
	const size_t large = 1000 * 1000;
	struct arena arena = {0};
	char *before = arena_string(&arena, "before");
	char *memory = arena_alloc(&arena, large);
	char *behind = arena_string(&arena, "behind");

	memset(memory, 'x', large);
	expect_text(before, "before");
	expect_text(behind, "behind");
	cr_expect(arena.used >= large);
	arena_finish(&arena);
	cr_expect(arena.used == 0 && arena.blocks == NULL);
}

/* The bytes are of a block that the arena has adopted, as those of a tree are. */
Test(arena, hands_out_what_it_was_lent)
{
	const size_t half = 50 * 1000;
	struct arena arena = {0};
	unsigned char *block = malloc(2 * half), *memory;
	size_t inside = 0;

	cr_assert(block);
	memset(block, 0xff, 2 * half);
	arena_adopt(&arena, block);
	arena_lend(&arena, block, half);
	arena_lend(&arena, block + half, half);
	for (size_t i = 0; i < 100; i++) {
		memory = arena_alloc(&arena, 1000);
		inside += memory >= block && memory < block + 2 * half;
		for (size_t j = 0; j < 1000; j++)
			cr_assert(memory[j] == 0);
	}
	cr_expect(inside > 90, "%zu of 100", inside);
	cr_expect(arena.spare == 0 && arena.lent == NULL);
	arena_finish(&arena);
}

Test(arena, copies_and_formats)
{
	struct arena arena = {0};

	expect_text(arena_copy(&arena, "vlan1, vlan2", 5), "vlan1");
	expect_text(arena_copy(&arena, "", 0), "");
	expect_text(arena_format(&arena, "%s:%d", "host", 22), "host:22");
	cr_expect_eq(strlen(arena_format(&arena, "%255d", 7)), 255);
	cr_expect_eq(strlen(arena_format(&arena, "%256d", 7)), 256);
	expect_text(arena_format(&arena, "%1000d", 7) + 998, " 7");
	cr_expect(arena_string(&arena, NULL) == NULL);
	arena_finish(&arena);
}

Test(arena, pushes_to_growing_arrays)
{
	struct arena arena = {0};
	size_t *numbers = NULL;
	size_t count = 0;

	for (size_t i = 0; i < 1000; i++) {
		size_t *number = arena_push(&arena, &numbers, &count, sizeof(*number));

		cr_assert(*number == 0 && count == i + 1);
		*number = i;
	}
	for (size_t i = 0; i < 1000; i++)
		cr_expect(numbers[i] == i);
	arena_finish(&arena);
}

Test(arena, extends_arrays_that_have_no_room)
{
	struct arena arena = {0};
	size_t *numbers = arena_array(&arena, 2, sizeof(*numbers)), *first = numbers;
	size_t room = 2;

	for (size_t i = 0; i < 1000; i++) {
		numbers = arena_extend(&arena, numbers, &room, i, sizeof(*numbers));
		cr_assert(i < room && (i >= 2 || numbers == first));
		numbers[i] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		cr_expect(numbers[i] == i);
	room = 0;
	cr_expect(arena_extend(&arena, NULL, &room, 0, sizeof(*numbers)) && room > 0);
	arena_finish(&arena);
}

/* As large as to be mapped (memory_map()), and larger than what was reserved. */
Test(arena, has_room_for_what_is_large)
{
	const size_t size = 5 * 1024 * 1024;
	struct arena arena = {0};
	unsigned char *blocks[3];

	arena_reserve(&arena, size + 4096);
	for (size_t i = 0; i < 3; i++) {
		blocks[i] = arena_alloc(&arena, size);
		for (size_t at = 0; at < size; at += 512)
			cr_assert(blocks[i][at] == 0);
		memset(blocks[i], 0xff, size);
		cr_expect(*(unsigned char *)arena_alloc(&arena, 1) == 0);
	}
	for (size_t i = 0; i < 3; i++)
		cr_expect(blocks[i][0] == 0xff && blocks[i][size - 1] == 0xff);
	arena_finish(&arena);
}

Test(arena, finishes_what_is_empty)
{
	struct arena arena = {0};

	arena_finish(&arena);
	arena_finish(&arena);
}
