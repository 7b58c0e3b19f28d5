#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

Test(memory, gives_zeroed_memory_also_of_no_size)
{
	char *block = memory_alloc(100), *array = memory_array(10, 10), *none = memory_array(0, 8);

	for (size_t i = 0; i < 100; i++)
		cr_expect(block[i] == 0 && array[i] == 0);
	cr_expect(none != NULL);
	free(block);
	free(array);
	free(none);
}

Test(memory, a_growing_block_keeps_what_is_in_it)
{
	size_t room = 0;
	uint32_t *numbers = NULL;

	for (uint32_t i = 0; i < 1000; i++) {
		numbers = memory_reserve(numbers, &room, i + 1, sizeof(*numbers));
		numbers[i] = i;
	}
	cr_expect(ge(sz, room, 1000));
	for (uint32_t i = 0; i < 1000; i++)
		cr_expect(eq(u32, numbers[i], i));
	cr_expect(eq(ptr, memory_reserve(numbers, &room, 10, sizeof(*numbers)), numbers));
	free(numbers);
}

Test(memory, a_large_block_keeps_what_is_in_it)
{
	const size_t large = 9 * 1024 * 1024 + 1;
	char *block = memory_resize(NULL, large);

	block[0] = 'a';
	block[large - 1] = 'z';
	block = memory_resize(block, 3 * large);
	block[3 * large - 1] = '!';
	cr_expect(block[0] == 'a' && block[large - 1] == 'z');
	free(block);
}

Test(memory, maps_what_is_large)
{
	size_t size = 5 * 1024 * 1024, small = 100;
	char *block = memory_map(&size);

	cr_expect(memory_map(&small) == NULL && small == 100);
	cr_expect(size >= 5 * 1024 * 1024);
	for (size_t i = 0; block && i < size; i += 4096)
		cr_assert(block[i] == 0);
	if (block)
		memory_unmap(block, size);
}

Test(memory, copies_strings)
{
	const char *const words[] = {"one", "two", NULL};
	char **copy = memory_copy_strings(words);
	char *text = memory_format("%s-%d", "x", 7);

	cr_expect(eq(str, copy[0], "one"));
	cr_expect(eq(str, copy[1], "two"));
	cr_expect(eq(ptr, copy[2], NULL));
	cr_expect(eq(str, text, "x-7"));
	memory_replace(&text, copy[1]);
	cr_expect(eq(str, text, "two"));
	memory_replace(&text, NULL);
	cr_expect(eq(ptr, text, NULL));
	cr_expect(eq(ptr, memory_string(NULL), NULL));
	memory_free_strings(copy);
	memory_free_strings(NULL);
}

static void exhaust_by_array(void)
{
	memory_array(SIZE_MAX, 2);
}

static void exhaust_by_reserve(void)
{
	size_t room = 0;

	memory_reserve(NULL, &room, SIZE_MAX / 2, 8);
}

static void exhaust_by_strbuf(void)
{
	struct strbuf text = {0};

	strbuf_puts(&text, "x");
	strbuf_fill(&text, 'x', SIZE_MAX - 1);
}

static void exhaust_by_found(void)
{
	errno = ENOMEM;
	memory_found(NULL);
}

/* What is too large to be asked for is exhaustion, too, whatever malloc would have said. */
Test(memory, its_end_is_one_line_and_status_1_and_nothing_more_is_written)
{
	static void (*const ways[])(void) = {exhaust_by_array, exhaust_by_reserve,
					     exhaust_by_strbuf, exhaust_by_found};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char said[100] = "";
		int ends[2], status;
		pid_t pid;

		cr_assert(eq(int, pipe(ends), 0));
		pid = fork();
		if (pid == 0) {
			dup2(ends[1], STDOUT_FILENO);
			dup2(ends[1], STDERR_FILENO);
			printf("half");
			ways[i]();
			_exit(0);
		}
		close(ends[1]);
		waitpid(pid, &status, 0);
		cr_expect(read(ends[0], said, sizeof(said) - 1) > 0);
		close(ends[0]);
		cr_expect(eq(str, said, "tunplan: out of memory\n"), "way %zu", i);
		cr_expect(eq(int, status, 0x100), "way %zu", i); /* exit status 1 */
	}
}

Test(memory, what_is_not_there_is_no_lack_of_memory)
{
	errno = ENOENT;
	cr_expect(eq(ptr, memory_found(NULL), NULL));
	errno = ENOMEM;
	cr_expect(eq(ptr, memory_found(&errno), &errno));
}
