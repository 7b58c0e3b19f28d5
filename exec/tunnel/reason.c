#include "exec/tunnel/reason.h"

#include <string.h>

bool reason_is(const char *words, const char *reason)
{
	static const char mark[] = "open failed: ";

	return words && strncmp(words, mark, strlen(mark)) == 0 &&
	       strncmp(words + strlen(mark), reason, strlen(reason)) == 0;
}
