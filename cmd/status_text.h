/*
 * Status text: the supervisor's tunnels as text for a person at night: what is up, since when, and
 * which hop broke first.
 *
 *     git-via-test-server  up for 2 h  127.0.0.1:7999 -> git-server:7999
 *       bastion-host  10.1.0.2:22  up
 *       test-server   10.2.0.3:22  up
 */
#ifndef TUNPLAN_CMD_STATUS_TEXT_H
#define TUNPLAN_CMD_STATUS_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "topology/base/strbuf.h"

/* Appends an egress of a forward, an object or its name: "git-server:7999", "socks@test1", "db1:/run/x.sock". */
void status_end_text(const json_t *end, struct strbuf *text);

/* Appends where a hop is dialled: "10.1.0.2:22", "[2001:db8::2]:22". */
void status_hop_address(const json_t *hop, struct strbuf *text);

/* Appends an error's words and class, and on the next line what to do. */
void status_error_text(const json_t *error, const char *indent, struct strbuf *text);

/* The lines of a tunnel's hops: many tunnels have the same. Zeroed: of none. */
struct status_hops {
	const json_t *of; /* the array; NULL: none, as it has to be when that is freed */
	bool past;
	struct strbuf text;
};

/*
 * Appends one tunnel of the supervisor's status event. color adds ANSI colours to states. hops: those of the tunnel before,
 * and then of this one.
 */
void status_text(const json_t *tunnel, bool with_file, bool color, struct status_hops *hops,
		 struct strbuf *text);

/* Returns how many of the forwards a program can enter. */
size_t status_entrances(const json_t *forwards);

/* Whether a hop that is on its way up waits for what a person may have to see to: an agent, an ssh that was stopped. */
bool status_is_wait(const json_t *hop);

/* Appends names, with commas. */
void status_names(const json_t *names, struct strbuf *text);

/* Whether nobody but tunplan enters there: two ways of a tunnel are joined on this machine. */
bool status_is_inner(const json_t *forward);

#endif
