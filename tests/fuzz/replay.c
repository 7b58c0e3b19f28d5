/*
 * replay: gives files, or standard input, to a fuzz target, each once.
 *
 *     replay [FILE...]
 *
 * For compilers without libFuzzer, for `make test`, and for AFL++. It ends with 0 unless a file
 * cannot be read (2) or the target aborts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/*
 * Reads to the end. What is returned is exactly *ret_size bytes, so that ASan sees reading behind
 * them; the caller frees it.
 */
static uint8_t *read_all(FILE *file, size_t *ret_size)
{
	uint8_t chunk[4096];
	uint8_t *bytes = NULL;
	size_t size = 0;
	size_t got;

	do {
		got = fread(chunk, 1, sizeof(chunk), file);
		bytes = realloc(bytes, size + got ? size + got : 1);
		if (!bytes)
			abort();
		memcpy(bytes + size, chunk, got);
		size += got;
	} while (got > 0);
	*ret_size = size;
	return bytes;
}

static int replay(const char *name, FILE *file)
{
	uint8_t *bytes;
	size_t size;

	if (!file) {
		perror(name);
		return 2;
	}
	bytes = read_all(file, &size);
	if (ferror(file)) {
		perror(name);
		return 2;
	}
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return replay("<stdin>", stdin);
	for (int i = 1; i < argc && status == 0; i++)
		status = replay(argv[i], fopen(argv[i], "rb"));
	return status;
}
