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
	struct failure next = {.code = code,
			       .host = memory_string(host),
			       .text = memory_string(text),
			       .advice = memory_string(advice)};

	failure_finish(failure);
	*failure = next;
}

void failure_blame(struct failure *failure, const struct ssh_fault *fault,
		   const struct ssh_fault_subject *subject, const char *words)
{
	const char *more = classify_is_bare(words) ? " (its server does not say why)" : "";
	char *text = memory_format("%s%s", words, more);
	struct strbuf advice = {0};

	classify_advice(fault, subject, &advice);
	failure_set(failure, fault->code, classify_host(fault, subject), text,
		    strbuf_text(&advice));
	failure->about = classify_about(fault, subject);
	strbuf_finish(&advice);
	free(text);
}

void failure_copy(struct failure *failure, const struct failure *from)
{
	const char *about = from->about;

	failure_set(failure, from->code, from->host, from->text, from->advice);
	failure->about = about;
}

bool failure_is_set(const struct failure *failure)
{
	return failure->code != NULL;
}

json_t *failure_json(const struct failure *failure)
{
	if (!failure_is_set(failure))
		return NULL;
	return json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "code", failure->code, "subject",
			 failure->about, "host", failure->host, "text", failure->text, "advice",
			 failure->advice);
}
