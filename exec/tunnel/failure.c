#include "exec/tunnel/failure.h"

#include <stdlib.h>

#include "topology/base/memory.h"

void failure_finish(struct failure *failure)
{
	free(failure->host);
	free(failure->text);
	free(failure->advice);
	*failure = (struct failure){0};
}

void failure_set(struct failure *failure, const char *code, const char *host, const char *text,
		 const char *advice)
{
	/* Copied before the old ones are freed: the new texts may come from the old ones. */
	struct failure next = {code, memory_string(host), memory_string(text),
			       memory_string(advice)};

	failure_finish(failure);
	*failure = next;
}

void failure_copy(struct failure *failure, const struct failure *from)
{
	failure_set(failure, from->code, from->host, from->text, from->advice);
}

bool failure_is_set(const struct failure *failure)
{
	return failure->code != NULL;
}

json_t *failure_json(const struct failure *failure)
{
	if (!failure_is_set(failure))
		return json_null();
	return json_pack("{s:s, s:s?, s:s?, s:s?}", "code", failure->code, "host", failure->host,
			 "text", failure->text, "advice", failure->advice);
}
