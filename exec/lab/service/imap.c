#include "exec/lab/service/imap.h"

#include <string.h>
#include <strings.h>

/* Longest word of a command that we look at. */
#define WORD_SIZE 256

/* A command in the making: what is left of the line, and where its answer goes. */
struct command {
	struct imap *imap;
	const char *tag;
	const char *rest;
	struct strbuf *answer;
};

/* What a command needs to have happened before. */
enum need { NEED_NOTHING, NEED_LOGIN, NEED_MAILBOX };

void imap_init(struct imap *imap, const char *host, struct strbuf *answer)
{
	*imap = (struct imap){.host = host};
	strbuf_printf(answer, "* OK %s IMAP4rev1 of the lab is ready\r\n", host);
}

static void finish(struct command *command, const char *result)
{
	strbuf_printf(command->answer, "%s %s\r\n", command->tag, result);
}

/* Takes the next word, "quoted" or bare, from the rest; "" at its end. */
static void word_take(const char **rest, char *ret_word)
{
	const char *at = *rest + strspn(*rest, " ");
	bool quoted = *at == '"';
	size_t length = 0;

	at += quoted;
	while (*at && *at != (quoted ? '"' : ' ')) {
		if (quoted && *at == '\\' && at[1])
			at++;
		if (length < WORD_SIZE - 1)
			ret_word[length++] = *at;
		at++;
	}
	ret_word[length] = '\0';
	*rest = at + (quoted && *at == '"');
}

static void capability(struct command *command)
{
	strbuf_puts(command->answer, "* CAPABILITY IMAP4rev1\r\n");
	finish(command, "OK CAPABILITY completed");
}

static void noop(struct command *command)
{
	finish(command, "OK done");
}

static void logout(struct command *command)
{
	strbuf_puts(command->answer, "* BYE until next time\r\n");
	finish(command, "OK LOGOUT completed");
	command->imap->done = true;
}

static void login(struct command *command)
{
	char user[WORD_SIZE], password[WORD_SIZE];

	word_take(&command->rest, user);
	word_take(&command->rest, password);
	command->imap->logged_in = user[0] && strcmp(password, IMAP_PASSWORD) == 0;
	finish(command, command->imap->logged_in ? "OK LOGIN completed, in clear"
						 : "NO LOGIN failed: wrong password");
}

static void list(struct command *command)
{
	strbuf_puts(command->answer, "* LIST (\\HasNoChildren) \"/\" INBOX\r\n");
	finish(command, "OK LIST completed");
}

static void select_mailbox(struct command *command)
{
	char mailbox[WORD_SIZE];

	word_take(&command->rest, mailbox);
	command->imap->selected = strcasecmp(mailbox, "INBOX") == 0;
	if (!command->imap->selected) {
		finish(command, "NO there is only INBOX");
		return;
	}
	strbuf_puts(command->answer, "* FLAGS (\\Seen)\r\n"
				     "* 1 EXISTS\r\n"
				     "* 0 RECENT\r\n"
				     "* OK [UIDVALIDITY 1] valid\r\n"
				     "* OK [UIDNEXT 2] next\r\n");
	finish(command, "OK [READ-ONLY] SELECT completed");
}

static void status(struct command *command)
{
	strbuf_puts(command->answer, "* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n");
	finish(command, "OK STATUS completed");
}

static void search(struct command *command)
{
	strbuf_puts(command->answer, "* SEARCH 1\r\n");
	finish(command, "OK SEARCH completed");
}

/* Appends the parts of the one message that a section names: header, text, or both. */
static void message_add(const struct imap *imap, bool header, bool body, struct strbuf *text)
{
	if (header)
		strbuf_printf(text,
			      "From: Postmaster <postmaster@%s>\r\n"
			      "To: you\r\n"
			      "Subject: Your mail on %s\r\n"
			      "\r\n",
			      imap->host, imap->host);
	if (body)
		strbuf_printf(text,
			      "This message lies on %s. IMAP sent it, and your password before "
			      "it, in the clear:\r\n"
			      "whoever can read a segment that no tunnel covers has read both.\r\n",
			      imap->host);
}

static void fetch(struct command *command)
{
	char which[WORD_SIZE];
	const char *section;
	struct strbuf text;
	size_t length;

	word_take(&command->rest, which);
	section = strchr(command->rest, '[');
	length = section ? strcspn(section, "]") : 0;
	if (which[0] != '1' && which[0] != '*') {
		finish(command, "OK FETCH completed, there is only message 1");
		return;
	}
	if (!section) {
		strbuf_puts(command->answer, "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n");
		finish(command, "OK FETCH completed");
		return;
	}
	strbuf_init(&text);
	message_add(command->imap, strncasecmp(section, "[TEXT", 5) != 0,
		    strncasecmp(section, "[HEADER", 7) != 0, &text);
	strbuf_printf(command->answer, "* 1 FETCH (UID 1 BODY%.*s] {%zu}\r\n%s)\r\n", (int)length,
		      section, text.length, strbuf_text(&text));
	strbuf_finish(&text);
	finish(command, "OK FETCH completed");
}

static void close_mailbox(struct command *command)
{
	command->imap->selected = false;
	finish(command, "OK CLOSE completed");
}

static const struct {
	const char *name;
	enum need need;
	void (*run)(struct command *command);
} commands[] = {
	{"CAPABILITY", NEED_NOTHING, capability},
	{"NOOP", NEED_NOTHING, noop},
	{"LOGOUT", NEED_NOTHING, logout},
	{"LOGIN", NEED_NOTHING, login},
	{"LIST", NEED_LOGIN, list},
	{"LSUB", NEED_LOGIN, list},
	{"SELECT", NEED_LOGIN, select_mailbox},
	{"EXAMINE", NEED_LOGIN, select_mailbox},
	{"STATUS", NEED_LOGIN, status},
	{"SEARCH", NEED_MAILBOX, search},
	{"FETCH", NEED_MAILBOX, fetch},
	{"CLOSE", NEED_MAILBOX, close_mailbox},
};

static void command_run(struct command *command, const char *name)
{
	for (size_t c = 0; c < sizeof(commands) / sizeof(commands[0]); c++) {
		if (strcasecmp(commands[c].name, name) != 0)
			continue;
		if (commands[c].need >= NEED_LOGIN && !command->imap->logged_in)
			finish(command, "NO log in first");
		else if (commands[c].need == NEED_MAILBOX && !command->imap->selected)
			finish(command, "NO select a mailbox first");
		else
			commands[c].run(command);
		return;
	}
	finish(command, "BAD the lab's mail server does not know that");
}

void imap_line(struct imap *imap, const char *line, struct strbuf *answer)
{
	char tag[WORD_SIZE], name[WORD_SIZE];
	struct command command = {.imap = imap, .tag = tag, .rest = line, .answer = answer};

	word_take(&command.rest, tag);
	word_take(&command.rest, name);
	/* The one message has the same number either way. */
	if (strcasecmp(name, "UID") == 0)
		word_take(&command.rest, name);
	if (!tag[0] || !name[0])
		strbuf_puts(answer, "* BAD a tag and a command, please\r\n");
	else
		command_run(&command, name);
}
