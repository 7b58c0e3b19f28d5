/* `lab: imap`: unencrypted mail, from a process per connection. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exec/lab/service/imap.h"
#include "exec/lab/service/service.h"

/* Longest line of a client; longer ones are cut. */
#define LINE_SIZE 1024

static bool answer_send(FILE *stream, struct strbuf *answer)
{
	bool sent = fwrite(strbuf_text(answer), 1, answer->length, stream) == answer->length &&
		    fflush(stream) == 0;

	strbuf_clear(answer);
	return sent;
}

static void serve(int connection, const void *context)
{
	const struct lab_service *service = context;
	FILE *in = fdopen(connection, "r"), *out = fdopen(dup(connection), "w");
	struct strbuf answer;
	struct imap imap;
	char line[LINE_SIZE];

	if (!in || !out)
		return;
	strbuf_init(&answer);
	imap_init(&imap, service->host->node->name, &answer);
	while (answer_send(out, &answer) && !imap.done && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		imap_line(&imap, line, &answer);
	}
	strbuf_finish(&answer);
}

int lab_imap_start(struct lab_service *service)
{
	return lab_inetd_listen(&service->host->inetd, &service->listen, serve, service,
				&service->host->problem);
}
