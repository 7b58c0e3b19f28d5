/*
 * The lab's mail server, line by line.
 */
#include "exec/lab/service/imap.h"

#include <stdlib.h>

#include "tests/unit/expect_text.h"

/* Says lines to a fresh server and returns all of its answers. */
static const char *answers(struct strbuf *text, const char *const *lines)
{
	struct imap imap;

	strbuf_clear(text);
	imap_init(&imap, "mail", text);
	for (; *lines; lines++)
		imap_line(&imap, *lines, text);
	return strbuf_text(text);
}

static const struct {
	const char *what;
	const char *lines[8];
	const char *ends; /* what the answers end with */
} rows[] = {
	{"greeting", {NULL}, "* OK mail IMAP4rev1 of the lab is ready\r\n"},
	{"capability", {"a CAPABILITY"}, "* CAPABILITY IMAP4rev1\r\na OK CAPABILITY completed\r\n"},
	{"login", {"a LOGIN ann secret"}, "a OK LOGIN completed, in clear\r\n"},
	{"login in quotes",
	 {"a login \"a n\\\"n\" \"secret\""},
	 "a OK LOGIN completed, in clear\r\n"},
	{"wrong password", {"a LOGIN ann guess"}, "a NO LOGIN failed: wrong password\r\n"},
	{"a failed login ends an earlier one",
	 {"a LOGIN ann secret", "b LOGIN ann guess", "c LIST \"\" *"},
	 "c NO log in first\r\n"},
	{"order: login", {"a SELECT INBOX"}, "a NO log in first\r\n"},
	{"order: mailbox",
	 {"a LOGIN ann secret", "b FETCH 1 BODY[]"},
	 "b NO select a mailbox first\r\n"},
	{"no other mailbox",
	 {"a LOGIN ann secret", "b SELECT Trash", "c FETCH 1 FLAGS"},
	 "c NO select a mailbox first\r\n"},
	{"list",
	 {"a LOGIN ann secret", "b LIST \"\" *"},
	 "* LIST (\\HasNoChildren) \"/\" INBOX\r\nb OK LIST completed\r\n"},
	{"header",
	 {"a LOGIN ann secret", "b SELECT INBOX", "c UID FETCH 1 BODY.PEEK[HEADER]"},
	 "* 1 FETCH (UID 1 BODY[HEADER] {75}\r\n"
	 "From: Postmaster <postmaster@mail>\r\nTo: you\r\nSubject: Your mail on mail\r\n\r\n)\r\n"
	 "c OK FETCH completed\r\n"},
	{"flags",
	 {"a LOGIN ann secret", "b SELECT INBOX", "c FETCH 1 FLAGS"},
	 "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\nc OK FETCH completed\r\n"},
	{"no second message",
	 {"a LOGIN ann secret", "b SELECT INBOX", "c FETCH 2 BODY[]"},
	 "b OK [READ-ONLY] SELECT completed\r\nc OK FETCH completed, there is only message 1\r\n"},
	{"closed",
	 {"a LOGIN ann secret", "b SELECT INBOX", "c CLOSE", "d SEARCH ALL"},
	 "d NO select a mailbox first\r\n"},
	{"unknown", {"a STARTTLS"}, "a BAD the lab's mail server does not know that\r\n"},
	{"not a command", {"a"}, "* BAD a tag and a command, please\r\n"},
	{"nothing", {""}, "* BAD a tag and a command, please\r\n"},
};

Test(lab_imap, answers)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *all = answers(&text, rows[i].lines);
		size_t length = strlen(rows[i].ends);

		cr_expect(text.length >= length &&
				  strcmp(all + text.length - length, rows[i].ends) == 0,
			  "%s: %s", rows[i].what, all);
	}
	strbuf_finish(&text);
}

Test(lab_imap, the_whole_message_is_as_long_as_it_says)
{
	const char *const lines[] = {"a LOGIN ann secret", "b SELECT INBOX", "c FETCH 1 BODY[]",
				     NULL};
	struct strbuf text = {0};
	const char *brace = strchr(answers(&text, lines), '{'), *start;
	unsigned long size;
	char *end;

	cr_assert(brace != NULL);
	size = strtoul(brace + 1, &end, 10);
	start = end + strlen("}\r\n");
	cr_assert(size < strlen(start));
	cr_expect(strncmp(start + size, ")\r\nc OK", 7) == 0, "%s", strbuf_text(&text));
	strbuf_finish(&text);
}

Test(lab_imap, logout_ends_it)
{
	struct strbuf text = {0};
	struct imap imap;

	imap_init(&imap, "mail", &text);
	imap_line(&imap, "a NOOP", &text);
	cr_expect(!imap.done);
	imap_line(&imap, "b LOGOUT", &text);
	cr_expect(imap.done);
	strbuf_finish(&text);
}

Test(lab_imap, a_very_long_line_is_harmless)
{
	struct strbuf text = {0}, line = {0};
	struct imap imap;

	imap_init(&imap, "mail", &text);
	strbuf_puts(&line, "a LOGIN ");
	strbuf_fill(&line, 'x', 100000);
	strbuf_puts(&line, " secret");
	imap_line(&imap, strbuf_text(&line), &text);
	cr_expect(imap.logged_in);
	strbuf_finish(&line);
	strbuf_finish(&text);
}
