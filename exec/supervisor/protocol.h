/*
 * Protocol: what clients and the supervisor say to each other on the control socket.
 *
 * One JSON object a line. A client sends one request (and perhaps an `abandon`), the supervisor
 * answers with events until `done`.
 *
 *     {"op":"up","v":2,"file","me","places":[…],"text","tunnels":[…],"env":[…],"wait":true}
 *                                   places null: me is where its own VLANs are
 *     {"op":"down","v":2,"file","me","tunnels":[…]}     tunnels null: all of the file's
 *     {"op":"status","v":2,"file","me","text","tunnels":[…],"probe":false}
 *                                   down and status: file null: all files
 *     {"op":"abandon"}              an `up` is not waited for any more: take down what is not up
 *
 *     {"event":"hop","tunnel","hop":{…}}              something about it changed (report.h)
 *     {"event":"forward","tunnel","forward":{…}}
 *     {"event":"result","tunnel","state","error","status":{…},"left":[…]}   one per tunnel
 *     {"event":"status","tunnels":[…]}                with text: what `up` would make of each by it,
 *                                   "file_change":null|"replanned"|"removed"|"refused"
 *     {"event":"refused","code","text"}               the request as a whole; nothing was done
 *     {"event":"done"}
 *
 * Both sides are the same program, but not always of the same age: a supervisor that speaks another
 * version refuses, and the client says what to do.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_PROTOCOL_H
#define TUNPLAN_EXEC_SUPERVISOR_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PROTOCOL_VERSION 2

/* Longest line: a topology of the largest size, every byte of it escaped, and some more. */
#define PROTOCOL_LINE_MAX ((size_t)100 * 1024 * 1024)

enum protocol_op { OP_UP, OP_DOWN, OP_STATUS, OP_ABANDON };

/* A request. The texts are borrowed from `json` (parsed) or from the caller (built). */
struct request {
	enum protocol_op op;
	const char *file;    /* real path; NULL: all files */
	const char *me;      /* NULL with file */
	const char **places; /* up: the names of those where me is; NULL: none */
	size_t place_count;
	const char *text;     /* up: the topology's; status: the file's as it is now, or NULL */
	const char **tunnels; /* NULL: all */
	size_t tunnel_count;
	const char *const *env; /* up: NULL-terminated */
	bool wait;              /* up */
	bool probe;             /* status */
};

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
