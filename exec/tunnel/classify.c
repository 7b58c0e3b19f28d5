#include "exec/tunnel/classify.h"

#include <stdbool.h>
#include <string.h>

#include "exec/ssh/ssh_log_line.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct ssh_fault *classify_code(const char *code)
{
	for (size_t i = 0; i < faults_by_code_count; i++)
		if (strcmp(faults_by_code[i].code, code) == 0)
			return &faults_by_code[i];
	return &faults_by_code[0];
}

/* Appends a line without the carriage return, blanks and the @ signs of ssh's big warnings. */
static void add_words(const char *line, size_t length, struct strbuf *words)
{
	static const char trimmings[] = " \t\r@";

	while (length && strchr(trimmings, line[0])) {
		line++;
		length--;
	}
	while (length && strchr(trimmings, line[length - 1]))
		length--;
	strbuf_add(words, line, length);
}

static bool has(const char *line, size_t length, const char *part)
{
	return !part || memmem(line, length, part, strlen(part)) != NULL;
}

static bool begins(const char *line, size_t length, const char *beginning)
{
	return length >= strlen(beginning) && memcmp(line, beginning, strlen(beginning)) == 0;
}

/* What begins the words of a channel that a server did not open. */
static const char channel[] = "open failed: ";

/* Whether a row fits such words, behind that beginning: "REASON: WORDS". */
static bool fits_reason(const struct ssh_fault *row, const char *said, size_t length)
{
	const size_t size = row->reason ? strlen(row->reason) : 0;

	return row->reason && begins(said, length, row->reason) &&
	       has(said + size, length - size, row->words);
}

static bool fits_line(const struct ssh_fault *row, const char *line, size_t length)
{
	const size_t size = strlen(channel);

	if (begins(line, length, channel))
		return fits_reason(row, line + size, length - size);
	return !row->reason && has(line, length, row->words);
}

static bool fits_subject(const struct ssh_fault *row, const struct ssh_fault_subject *subject)
{
	return (row->about & FAULT_BIT(subject->about)) &&
	       (row->when & subject->known) == row->when && !(row->unless & subject->known);
}

/* Finds the last line of ssh's own that a row fits (NULL: any). */
static bool find_line(const char *log, const struct ssh_fault *row, struct strbuf *words)
{
	const char *found = NULL;
	size_t found_length = 0;
	const char *line;
	size_t length;

	while (ssh_log_next(&log, &line, &length)) {
		if (ssh_log_is_aside(line, length) || length == 0)
			continue;
		if (row && !fits_line(row, line, length))
			continue;
		found = line;
		found_length = length;
	}
	if (found)
		add_words(found, found_length, words);
	return found != NULL;
}

const struct ssh_fault *classify(const struct ssh_fault_subject *subject, const char *log,
				 struct strbuf *words)
{
	for (size_t i = 0; i < faults_by_words_count; i++) {
		const struct ssh_fault *row = &faults_by_words[i];

		if (fits_subject(row, subject) && find_line(log, row, words))
			return row;
	}
	find_line(log, NULL, words);
	return classify_code("unknown");
}

static void add_place(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	const char *address = subject->address ? subject->address : "?";

	if (!subject->port)
		strbuf_puts(text, address);
	else
		strbuf_printf(text, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address,
			      subject->port);
}

/* As known_hosts names it. */
static void add_known(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	const char *address = subject->address ? subject->address : "?";

	if (subject->port == 22)
		strbuf_puts(text, address);
	else
		strbuf_printf(text, "[%s]:%u", address, subject->port);
}

static void add_text(const char *value, struct strbuf *text)
{
	strbuf_puts(text, value ? value : "?");
}

static void add_host(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->host, text);
}

static void add_address(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->address, text);
}

static void add_from(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->from, text);
}

static void add_port(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	strbuf_printf(text, "%u", subject->port);
}

static void add_login(const struct ssh_fault_subject *subject, struct strbuf *text)
{
	add_text(subject->login, text);
}

/* What an advice may name. */
static const struct {
	const char *name;
	void (*add)(const struct ssh_fault_subject *subject, struct strbuf *text);
} tokens[] = {
	{"{host}", add_host},   {"{address}", add_address}, {"{from}", add_from},
	{"{port}", add_port},   {"{place}", add_place},     {"{known}", add_known},
	{"{login}", add_login},
};

/* Appends what a {name} stands for; returns the length of "{name}", or 0 if it stands for nothing. */
static size_t fill_in(const char *at, const struct ssh_fault_subject *subject, struct strbuf *text)
{
	for (size_t i = 0; i < COUNT(tokens); i++) {
		size_t length = strlen(tokens[i].name);

		if (strncmp(at, tokens[i].name, length) == 0) {
			tokens[i].add(subject, text);
			return length;
		}
	}
	return 0;
}

void classify_advice(const struct ssh_fault *fault, const struct ssh_fault_subject *subject,
		     struct strbuf *text)
{
	const bool other = fault->other_advice && (subject->known & FAULT_OTHER);

	for (const char *at = other ? fault->other_advice : fault->advice; *at;) {
		size_t filled = *at == '{' ? fill_in(at, subject, text) : 0;

		if (!filled)
			strbuf_add(text, at, 1);
		at += filled ? filled : 1;
	}
}

const char *classify_about(const struct ssh_fault *fault, const struct ssh_fault_subject *subject)
{
	static const char *const names[FAULT_ABOUT_COUNT] = {
		[FAULT_HOP] = "hop",
		[FAULT_LOCAL_INGRESS] = "local_ingress",
		[FAULT_REMOTE_INGRESS] = "remote_ingress",
		[FAULT_EGRESS] = "egress",
		[FAULT_OWN_SIDE] = "own_side",
	};
	static const enum fault_about blamed[] = {
		[FAULT_BLAMES_FROM] = FAULT_HOP,
		[FAULT_BLAMES_US] = FAULT_OWN_SIDE,
	};

	return names[fault->blames == FAULT_BLAMES_SUBJECT ? subject->about
							   : blamed[fault->blames]];
}

const char *classify_host(const struct ssh_fault *fault, const struct ssh_fault_subject *subject)
{
	const char *const hosts[] = {
		[FAULT_BLAMES_SUBJECT] = subject->host,
		[FAULT_BLAMES_FROM] = subject->from,
		[FAULT_BLAMES_US] = subject->me,
	};

	return hosts[fault->blames];
}

bool classify_leaves_open(const struct ssh_fault *fault)
{
	static const char *const open[] = {"open failed", "Name or service not known"};

	for (size_t i = 0; i < COUNT(open); i++)
		if (fault->reason && fault->words && strcmp(fault->words, open[i]) == 0 &&
		    !(fault->when & FAULT_DIALS))
			return true;
	return false;
}

unsigned classify_closed_port(const char *words)
{
	return strstr(words, "connect failed: open failed") ? FAULT_EXHAUSTED : FAULT_DIALS;
}

bool classify_is_bare(const char *words)
{
	const char *said = words + strlen(channel), *colon;

	if (!begins(words, strlen(words), channel))
		return false;
	colon = strchr(said, ':');
	return !colon || colon[strspn(colon, ": ")] == '\0';
}
