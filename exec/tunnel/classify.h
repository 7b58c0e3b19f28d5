/*
 * Classify: turns ssh's error messages into a class of failure and advice.
 *
 * ssh's exit status tells nothing (always 255), so its stderr decides, by the table in faults.h: the first row that fits
 * any line wins. Pure.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_CLASSIFY_H
#define TUNPLAN_EXEC_TUNNEL_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/tunnel/faults.h"
#include "topology/base/strbuf.h"

/* What the trouble is about, and the advice. NULL strings are filled in as "?". */
struct ssh_fault_subject {
	const char *host;       /* the host's name in the file */
	const char *address;    /* what was dialled or bound: an address, a name, or a path */
	uint16_t port;          /* 0 with a path; {place} is both together */
	const char *from;       /* the host that dialled */
	enum fault_about about; /* a hop, if nothing is said */
	unsigned known;         /* flags by enum fault_case */
	const char *me;         /* this machine's name */
	const char *login;      /* of a hop: the command that makes its login by hand */
};

/*
 * Finds the class of what ssh wrote (any number of lines; its debug lines are skipped) of that subject, and appends
 * the line that gave it away to words, without trimmings. Without any known line, the class is
 * "unknown" and the words are the last line. Never NULL.
 */
const struct ssh_fault *classify(const struct ssh_fault_subject *subject, const char *log,
				 struct strbuf *words);

/* Returns the class with that code for trouble that ssh has no words for: "timeout", "silent"…  */
const struct ssh_fault *classify_code(const char *code);

/* Appends the advice of a class, filled in. */
void classify_advice(const struct ssh_fault *fault, const struct ssh_fault_subject *subject,
		     struct strbuf *text);

/* Returns who is to blame: what it is about, as --json calls it, and the name of the host, or NULL. */
const char *classify_about(const struct ssh_fault *fault, const struct ssh_fault_subject *subject);
const char *classify_host(const struct ssh_fault *fault, const struct ssh_fault_subject *subject);

/*
 * Whether a server's words leave open whether there was no way, or no such name, or it has no descriptors left: a dial of a
 * closed port of its loopback tells. classify_closed_port() returns what its answer adds to what is known, a flag of enum fault_case.
 */
bool classify_leaves_open(const struct ssh_fault *fault);
unsigned classify_closed_port(const char *words);

/* Whether a server gave words as its reason for not opening a channel, of which nothing but the reason's name is there. */
bool classify_is_bare(const char *words);

#endif
