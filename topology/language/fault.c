#include "topology/language/fault.h"

#include <stdarg.h>

bool fault_set(struct fault *fault, struct arena *arena, const char *code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fault->message = arena_vformat(arena, format, arguments);
	va_end(arguments);
	fault->code = code;
	return false;
}
