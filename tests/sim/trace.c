#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/queue.h"
#include "topology/base/hash.h"

static struct {
	int report;
	bool printing;
	volatile uint64_t *sum; /* of all that happened, or NULL */
} tracing;

void rules_report_to(int fd)
{
	tracing.report = fd;
}

void rules_break(const char *rule, const char *format, ...)
{
	char sentence[1024], text[1200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	snprintf(text, sizeof(text), "%s: %s", rule, sentence);
	trace("BROKEN %s", text);
	if (write(tracing.report, text, strlen(text)) < 0)
		perror("sim");
	_exit(RULES_BROKEN);
}

void trace(const char *format, ...)
{
	char text[4096];
	va_list arguments;

	if (!trace_is_on())
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (tracing.printing)
		printf("# %7llu ms  %.*s\n", (unsigned long long)queue_now(),
		       (int)strcspn(text, "\n"), text);
	if (tracing.sum)
		*tracing.sum = (*tracing.sum ^ queue_now()) * 0x100000001b3u ^
			       text_hash(text, strlen(text));
	fflush(stdout);
}

bool trace_is_on(void)
{
	return tracing.printing || tracing.sum;
}

void trace_print(void)
{
	tracing.printing = true;
}

void trace_sum(volatile uint64_t *sum)
{
	tracing.sum = sum;
}
