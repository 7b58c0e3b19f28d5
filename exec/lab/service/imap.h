/*
 * Imap: just enough of a mail server for a mail program to log in, unencrypted, and read one
 * message.
 *
 * Pure: a state machine from lines to text, in the words of RFC 3501. The password of every user is
 * IMAP_PASSWORD, so that a wrong password can be seen to fail.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_IMAP_H
#define TUNPLAN_EXEC_LAB_SERVICE_IMAP_H

#include <stdbool.h>

#include "topology/base/strbuf.h"

#define IMAP_PASSWORD "secret"

struct imap {
	const char *host; /* whose mail server it is */
	bool logged_in;
	bool selected; /* the mailbox is open */
	bool done;     /* the client has said goodbye: close */
};

/* Starts a connection and appends the greeting. */
void imap_init(struct imap *imap, const char *host, struct strbuf *answer);

/* Takes one line of the client, without its line break, and appends the answer. */
void imap_line(struct imap *imap, const char *line, struct strbuf *answer);

#endif
