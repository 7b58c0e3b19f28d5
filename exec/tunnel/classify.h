/*
 * Classify: turns ssh's error messages into a class of failure and advice.
 *
 * ssh's exit status tells nothing (always 255), so its stderr decides. One table, the most specific
 * patterns first; the first row that matches any line wins. Pure.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_CLASSIFY_H
#define TUNPLAN_EXEC_TUNNEL_CLASSIFY_H

#include <stdint.h>

#include "topology/base/strbuf.h"

/* A class of trouble. */
struct ssh_fault {
	const char *pattern; /* part of the line that gives it away */
	const char *code;    /* stable token: "auth", "host_key", … */
	const char *advice;  /* with {host} {from} {address} {port} {place} {known} to fill in */
};

/* What the advice is about. NULL strings are filled in as "?". */
struct ssh_fault_subject {
	const char *host;    /* the host's name in the file */
	const char *address; /* what was dialled or bound: an address, a name, or a path */
	uint16_t port;       /* 0 with a path; {place} is both together */
	const char *from;    /* the host that dialled */
};

/*
 * Finds the class of what ssh wrote (any number of lines; its debug lines are skipped) and appends
 * the line that gave it away to words, without trimmings. Without any known line, the class is
 * "unknown" and the words are the last line. Never NULL.
 */
const struct ssh_fault *classify(const char *log, struct strbuf *words);

/* Returns the class with that code for trouble that ssh has no words for: "timeout", "silent"…  */
const struct ssh_fault *classify_code(const char *code);

/* Appends the advice of a class, filled in. */
void classify_advice(const struct ssh_fault *fault, const struct ssh_fault_subject *subject,
		     struct strbuf *text);

#endif
