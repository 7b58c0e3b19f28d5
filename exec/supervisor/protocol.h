/*
 * Protocol: what clients and the supervisor say to each other on the control socket.
 *
 * One JSON object a line. A client sends requests, each after the answer to the one before, and perhaps
 * an `abandon`; the supervisor answers with events.
 *
 *     {"op":"list","v":7}           what is up, or has failed: answered with one event, at any time
 *     {"op":"hops","v":7,"ids":[…]}    which of these hops are up (hop_pool_identity()): the same
 *     {"op":"up","v":7,"file","me","places":[…],"roams":true,"digest","text","tunnels":[…],"without":[…],"env":[…],
 *                                   "wait":true,"persist":false,"renew":false}    text: the topology, or null as
 *                                   long as it is not asked for; digest: its snapshot_digest(); places null: me is where its own VLANs are;
 *                                   roams: nobody said so, they were recognised, and are looked at again;
 *                                   without: hosts that no path may pass, null: as the last `up` of it said;
 *                                   persist: a failure of the first attempt does not end it; renew: what is up gets
 *                                   new masters
 *     {"op":"down","v":7,"ids":[…]}                     ids as `list` gives them
 *     {"op":"status","v":7,"ids":[…],"file","me","digest","text","probe":false,"brief":true}
 *                                   ids null: all, of that file and me where they are not null; digest: that of what
 *                                   the file says now (snapshot_digest()), or null; text: what it says, or null as
 *                                   long as it is not asked for;
 *                                   brief: only what a table shows (report.h), without whose it is if it is asked for
 *                                   all of a file
 *     {"op":"abandon","v":7,"text"} an `up` is not waited for any more: take down what was not up; text: in which time it
 *                                   was to be up, so it has failed (one that persists goes on); null: its user has
 *                                   interrupted it
 *
 *     {"event":"list","tunnels":[{"id","name","file","me","state","remembered"}]}    remembered: it has
 *                                   failed, and nothing runs for it; no `done` follows
 *     {"event":"hops","up":[…]}     for each of them true or false; no `done` follows
 *     {"event":"hop","tunnel","was_up","tries_again","hop":{…}}   something about it changed (report.h)
 *     {"event":"forward","tunnel","tries_again","forward":{…}}
 *     {"event":"another","tunnel","host","by":[…]}   a host does not answer: it goes by those instead
 *     {"event":"result","tunnel","state","error","status":{…},"goes_on","lacks","left":[…]}   one per tunnel; a `down` of
 *                                   one that had failed, and is not remembered any more, says "failed"; goes_on: it did
 *                                   not get up, and what it was to replace, or to renew, goes on;
 *                                   lacks: "ssh" of the latter
 *     {"event":"status","tunnels":[…],"more":true}    some of them; the last one has
 *     {"event":"status","tunnels":[…],"trouble","history_trouble"}    sentences about the supervisor
 *                                   that is in trouble, or about the history that is not written; with digest,
 *                                   what `up` would make by it of each tunnel of the file:
 *                                   "file_change":null|"replanned"|"removed"|"refused"
 *     {"event":"text"}                the text is not known: the `up` is to be asked for again with it; or the status,
 *                                   for what it makes of the tunnels, and then "done" follows
 *     {"event":"refused","code","text"}               the request as a whole; nothing was done
 *     {"event":"done","history_trouble"}    the sentence: after an `up`
 *
 * A request is refused with the code "leaving" by a supervisor that was told to go: another one can be
 * started once it has gone. It says the same, unasked, to those whom it leaves without an answer.
 *
 * Both sides are the same program, but not always of the same age: a supervisor that speaks another
 * version refuses, and the client says what to do.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_PROTOCOL_H
#define TUNPLAN_EXEC_SUPERVISOR_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PROTOCOL_VERSION 7

/* Longest line: a topology of the largest size, every byte of it escaped, and some more. */
#define PROTOCOL_LINE_MAX ((size_t)100 * 1024 * 1024)

enum protocol_op { OP_LIST, OP_HOPS, OP_UP, OP_DOWN, OP_STATUS, OP_ABANDON };

/* A request. The texts are borrowed from `json` (parsed) or from the caller (built). */
struct request {
	enum protocol_op op;
	const char *file;    /* up, status: real path of the file; NULL: none */
	const char *me;      /* up; status without ids: NULL: any */
	const char **places; /* up: the names of those where me is; NULL: none */
	size_t place_count;
	bool roams; /* up: they were recognised, and are to be looked at again */
	/* up: the topology's, or NULL; status: the file's as it is now, or NULL; abandon: why, or NULL */
	const char *text;
	const char *digest;   /* up, status: that of the text (snapshot_digest()), or NULL */
	const char **tunnels; /* up: names */
	size_t tunnel_count;
	const char **without; /* up: the names of hosts that no path may pass; NULL: as before */
	size_t without_count;
	/* down, status: of tunnels (protocol_id()); status: NULL: all of `file` and `me` */
	const char **ids;
	size_t id_count;
	const char *const *env; /* up: NULL-terminated */
	bool wait;              /* up */
	bool persist;           /* up */
	bool renew;             /* up */
	bool probe;             /* status */
	bool brief;             /* status: report_brief() */
};

/* Returns what identifies a tunnel that is up: its file, its name and what this machine is; free() it. */
char *protocol_id(const char *file, const char *name, const char *me);

/* Returns the request as a JSON object. A new reference. */
json_t *protocol_request(const struct request *request);

/*
 * Reads a request. Returns 0 and fills *ret_request, whose texts belong to json and whose arrays
 * request_finish() frees; -EPROTONOSUPPORT for another version; -EINVAL for what is no request.
 */
int protocol_parse(const json_t *json, struct request *ret_request);

/* Frees the arrays of a parsed request. Accepts a zeroed one. */
void request_finish(struct request *request);

/* Returns an event with that name and nothing else yet. A new reference. */
json_t *protocol_event(const char *name);

#endif
