#include "topology/base/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

void strbuf_init(struct strbuf *buffer)
{
	*buffer = (struct strbuf){0};
}

void strbuf_finish(struct strbuf *buffer)
{
	free(buffer->text);
	strbuf_init(buffer);
}

void strbuf_clear(struct strbuf *buffer)
{
	buffer->length = 0;
	if (buffer->text)
		buffer->text[0] = '\0';
}

/* Makes room for length more bytes and the NUL. */
static void reserve(struct strbuf *buffer, size_t length)
{
	if (length >= PTRDIFF_MAX - buffer->length)
		memory_exhausted();
	buffer->text =
		memory_reserve(buffer->text, &buffer->capacity, buffer->length + length + 1, 1);
}

void strbuf_cut(struct strbuf *buffer, size_t length)
{
	if (length == buffer->length)
		return;
	buffer->length = length;
	buffer->text[length] = '\0';
}

void strbuf_add(struct strbuf *buffer, const char *text, size_t length)
{
	reserve(buffer, length);
	if (length)
		memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void strbuf_puts(struct strbuf *buffer, const char *text)
{
	strbuf_add(buffer, text, strlen(text));
}

void strbuf_fill(struct strbuf *buffer, char byte, size_t count)
{
	reserve(buffer, count);
	memset(buffer->text + buffer->length, byte, count);
	buffer->length += count;
	buffer->text[buffer->length] = '\0';
}

void strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
	va_list arguments, again;
	size_t room;
	int length;

	/* Most of what comes fits into the room that is there. */
	reserve(buffer, 0);
	room = buffer->capacity - buffer->length;
	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(buffer->text + buffer->length, room, format, arguments);
	va_end(arguments);
	if (length < 0)
		memory_exhausted();
	if ((size_t)length >= room) {
		reserve(buffer, (size_t)length);
		vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
	}
	va_end(again);
	buffer->length += (size_t)length;
}

void strbuf_number(struct strbuf *buffer, uint64_t number, unsigned base, unsigned digits)
{
	char text[20];
	size_t at = sizeof(text);

	for (; number || sizeof(text) - at < digits; number /= base)
		text[--at] = "0123456789abcdef"[number % base];
	strbuf_add(buffer, text + at, sizeof(text) - at);
}

const char *strbuf_text(const struct strbuf *buffer)
{
	return buffer->text ? buffer->text : "";
}
