#include "exec/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (!memory) {
		fputs("tunplan: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *memory_alloc(size_t size)
{
	return need(calloc(1, size ? size : 1));
}

char *memory_string(const char *text)
{
	return text ? need(strdup(text)) : NULL;
}

char *memory_format(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return need(length < 0 ? NULL : text);
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
	copy = memory_alloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = memory_string(strings[i]);
	return copy;
}
