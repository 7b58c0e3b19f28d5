/*
 * `lab: imap`: unencrypted mail, from a process per connection. A table of replies, in the words of RFC 3501: as
 * much as a mail program needs to log in and to read one message. The password is "secret" for any user, so
 * that a wrong one is seen to fail.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "exec/lab/service/service.h"

/* Longest line of a client; longer ones are cut. */
#define LINE_SIZE 1024

/* A literal of IMAP begins with its size. */
#define MESSAGE                                                                       \
	"From: Postmaster\r\nTo: you\r\nSubject: Your mail\r\n\r\n"                   \
	"IMAP sent this message, and your password before it, in the clear: whoever " \
	"can read\r\na segment that no tunnel covers has read both.\r\n"
#define MESSAGE_SIZE  182
#define SIZE_TEXT_(n) #n
#define SIZE_TEXT(n)  SIZE_TEXT_(n)
#define FETCHED       "* 1 FETCH (UID 1 BODY[] {" SIZE_TEXT(MESSAGE_SIZE) "}\r\n" MESSAGE ")\r\n"
#define SELECTED      "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* 0 RECENT\r\n"
_Static_assert(sizeof(MESSAGE) == MESSAGE_SIZE + 1, "the size that is sent before the message");

enum need { NEED_NOTHING, NEED_PASSWORD, NEED_LOGIN };

static const struct {
	const char *name;
	const char *data;   /* before the result */
	const char *result; /* behind the tag of the command */
	enum need need;
} replies[] = {
	{"CAPABILITY", "* CAPABILITY IMAP4rev1\r\n", "OK done", NEED_NOTHING},
	{"NOOP", "", "OK done", NEED_NOTHING},
	{"LOGOUT", "* BYE until next time\r\n", "OK done", NEED_NOTHING},
	{"LOGIN", "", "OK logged in, in clear", NEED_PASSWORD},
	{"LIST", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n", "OK done", NEED_LOGIN},
	{"LSUB", "* LSUB () \"/\" INBOX\r\n", "OK done", NEED_LOGIN},
	{"STATUS", "* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n", "OK done", NEED_LOGIN},
	{"SELECT", SELECTED, "OK [READ-ONLY] done", NEED_LOGIN},
	{"EXAMINE", SELECTED, "OK [READ-ONLY] done", NEED_LOGIN},
	{"SEARCH", "* SEARCH 1\r\n", "OK done", NEED_LOGIN},
	{"FETCH", FETCHED, "OK done", NEED_LOGIN},
	{"UID", FETCHED, "OK done", NEED_LOGIN}, /* UID FETCH: the number is the same */
	{"", "", "BAD the lab's mail server does not know that", NEED_NOTHING},
};

/* Whether the arguments of a LOGIN, " USER PASSWORD", end with the password. */
static bool is_right(const char *arguments)
{
	const char *password = strrchr(arguments, ' ');

	return password > arguments &&
	       (strcmp(password, " secret") == 0 || strcmp(password, " \"secret\"") == 0);
}

/* Answers one line. Returns whether the client may go on. */
static bool answer(const char *line, bool *logged_in, FILE *out)
{
	char tag[LINE_SIZE] = "*", name[LINE_SIZE] = "";
	size_t reply = 0;
	int end = 0;

	sscanf(line, "%1023s %1023s%n", tag, name, &end);
	while (replies[reply].name[0] && strcasecmp(replies[reply].name, name) != 0)
		reply++;
	if (replies[reply].need == NEED_PASSWORD)
		*logged_in = is_right(line + end);
	if (replies[reply].need != NEED_NOTHING && !*logged_in)
		fprintf(out, "%s NO log in first, with the right password\r\n", tag);
	else
		fprintf(out, "%s%s %s\r\n", replies[reply].data, tag, replies[reply].result);
	return fflush(out) == 0 && strcasecmp(name, "LOGOUT") != 0;
}

static void serve(int connection, const void *context)
{
	const struct lab_service *service = context;
	FILE *in = fdopen(connection, "r"), *out = fdopen(dup(connection), "w");
	char line[LINE_SIZE];
	bool logged_in = false, goes_on;

	if (!in || !out)
		return;
	fprintf(out, "* OK %s is ready\r\n", service->host->node->name);
	goes_on = fflush(out) == 0;
	while (goes_on && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		goes_on = answer(line, &logged_in, out);
	}
}

int lab_imap_start(struct lab_service *service)
{
	return lab_inetd_listen(&service->host->inetd, &service->listen, serve, service,
				&service->host->problem);
}
