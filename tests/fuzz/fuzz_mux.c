/*
 * fuzz_mux: any bytes are read as what a master says on its control socket. A message never reaches
 * behind its own bytes, and is not there before the last of them.
 *
 * libFuzzer's entry point, as in fuzz_topology.c.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/mux_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Not assert(): it must hold whatever NDEBUG says. */
static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_mux: %s\n", what);
	abort();
}

/* Looks at a message in a copy that has nothing behind it, so that ASan sees reading there. */
static void look(const uint8_t *bytes, size_t used)
{
	char *copy = malloc(used);
	struct mux_message message;
	size_t again = 0;

	require(copy != NULL, "there is no memory");
	memcpy(copy, bytes, used);
	require(mux_take(copy, used - 1, &message, &again) == -EAGAIN, "it is there too early");
	require(mux_take(copy, used, &message, &again) == 0 && again == used, "it needs more");
	require(message.words_length == 0 || (message.words > copy &&
					      message.words + message.words_length <= copy + used),
		"its words are not its own");
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct mux_message message;
	size_t used = 0;

	for (; mux_take(bytes, size, &message, &used) == 0; bytes += used, size -= used) {
		require(used <= size, "it takes more than there is");
		look(bytes, used);
	}
	return 0;
}
