#include "exec/lab/kernel/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int lab_problem_set(struct lab_problem *problem, int error, const char *format, ...)
{
	va_list arguments;
	size_t length;

	if (problem->text[0])
		return error;
	va_start(arguments, format);
	vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	va_end(arguments);
	length = strlen(problem->text);
	while (length > 0 && strchr("\n .", problem->text[length - 1]))
		problem->text[--length] = '\0';
	for (char *at = problem->text; (at = strchr(at, '\n'));)
		*at = ' ';
	return error;
}
