/*
 * World: the truth of the simulated network: which hosts let in, which services answer, who listens
 * where, and which connections were made. Masters change and ask it; the rules compare it with what
 * the supervisor says.
 *
 * A place is a text: "127.0.0.1:7101" or a path on this machine, "h1:127.0.0.1:9090" on a host.
 * A target is "h2:7001": the host on which the service is and its port or path.
 */
#ifndef TUNPLAN_TESTS_SIM_WORLD_H
#define TUNPLAN_TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/system/list.h"

/* What a host's sshd does to who comes. */
enum login {
	LOGIN_WORKS,
	LOGIN_REFUSED,  /* nothing listens on its port */
	LOGIN_MUTE,     /* nothing comes back */
	LOGIN_CLOSED,   /* before its banner */
	LOGIN_SHUT_OUT, /* the same, and its sshd says that it lets nobody in for now */
	LOGIN_HANGS,    /* after its banner */
	LOGIN_DENIED,   /* the key is not accepted */
	LOGIN_UNKNOWN,  /* its own key is not known here */
	LOGIN_COUNT
};

/* Its GatewayPorts: listeners are where they were asked for, on all addresses, or on loopback alone. */
enum gateway { GATEWAY_AS_ASKED, GATEWAY_YES, GATEWAY_NO, GATEWAY_COUNT };

struct machine {
	const char *name;
	const char *address; /* by which others dial it, if not by its name */
	enum login login;
	bool stalled; /* the link to it: what is sent arrives when it is over */
	enum gateway gateway;
	bool denies;        /* remote listeners, and sessions */
	bool denied;        /* it did so since its rules for what is idle are what they are */
	uint64_t mended_ms; /* when what its login needs on this machine was last mended, or 0 */
	uint64_t files_ms, agent_ms; /* by a file, or by a key of its agent */
	uint64_t loaded_ms;          /* until when its link carries much; 0: it never did */
	uint64_t carried;            /* bytes, by transfers that have ended or go on */
	struct due *moves;           /* when the link does again */
	unsigned unused_ms;          /* its UnusedConnectionTimeout, or 0 */
	unsigned channel_ms;         /* its ChannelTimeout, or 0 */
	unsigned idle_ends;          /* how often they have ended something */
	struct due *idling;          /* when it looks for more */
	const char *codes[8];        /* why ssh to it ended so far: classes of classify.h */
};

/* What a service does. */
enum serving { SERVICE_ANSWERS, SERVICE_REFUSES, SERVICE_MUTE, SERVICE_FORBIDDEN, SERVICE_COUNT };

struct ssh;

/* Who listens at a place. */
struct listener {
	char *place;
	struct ssh *owner;    /* NULL: another program, or a session of a dead ssh on its host */
	struct machine *host; /* NULL: this machine */
	char *target;         /* where it leads, or NULL: SOCKS, or another program's */
	char *called;         /* as its ssh says it when somebody comes to it, or NULL */
	bool wide;            /* on every address, though asked for one */
	bool narrow;          /* on loopback alone, though asked for all */
	bool kept;            /* by its server, though its ssh has taken it back */
	bool foreign;         /* another program's */
	/* Of a session of a dead ssh: the address that this machine had then; and when its host notices that it is gone. */
	unsigned own_address;
	uint64_t noticed_ms;
	bool unawares; /* its ssh was told to end when nobody could know that the link stood still */
};

/* One connection that was tried: by the ssh with a pid, or by this machine (0). */
struct tried {
	int pid;
	char *target;
	uint64_t asked_ms;
	uint64_t ended_ms; /* UINT64_MAX: it is under way */
	bool reached;
};

/* Makes it as it is at the beginning: all works, nobody listens. */
void world_reset(void);

/* Returns how often anything changed that the supervisor's words could be wrong about. */
unsigned world_changes(void);
void world_change(void);

/* Returns the host of a name or address, or NULL; and the index-th one. */
struct machine *world_host(const char *name);
struct machine *world_host_at(unsigned index);
unsigned world_host_count(void);

/* From now on its sshd does that to who comes; a login that was refused may have been mended on this machine. */
void world_set_login(struct machine *host, enum login login);

/* Notes that an ssh to a host ended for a reason; whether one did. */
void world_blame(struct machine *host, const char *code);
bool world_is_to_blame(const struct machine *host, const char *code);

/* What the service at a target does; those that were never set refuse, but for the ones of the files. */
enum serving world_service(const char *target);
void world_set_service(const char *target, enum serving service);

/* Returns the target that somebody on a host (NULL: this machine) means; free() it. */
char *world_target(const struct machine *from, const char *address, unsigned port,
		   const char *path);

/* Returns the place of a forward's listener; free() it. host: where a remote one is. */
char *world_place(const struct mux_forward *forward, const struct machine *host);

/* Returns the listener at a place, or NULL. */
struct listener *world_listener(const char *place);
const struct listener *world_listener_at(unsigned index);

/* Notes that somebody was told that a place is left behind; whether somebody was. */
void world_name_left(const char *place);
bool world_was_named(const char *place);

/* Returns who listens where a host dials on itself, or NULL. */
struct listener *world_accepting(const struct machine *host, const char *address, unsigned port);

/* Whether the session of a dead ssh that has it hears nothing, because this machine has another address now. */
bool world_is_deaf(const struct listener *listener);

/* Adds one, or takes it away. */
struct listener *world_listen(const char *place, struct ssh *owner, struct machine *host);
void world_unlisten(struct listener *listener);

/* Notes that a connection is tried; and how it ended. */
struct tried *world_try(int pid, const char *target);
void world_tried(struct tried *tried, bool reached);

/* Whether a connection to a target was made since a time; and whether one failed, or did not answer. By an ssh, or this machine (0). */
bool world_was_reached(int pid, const char *target, uint64_t since_ms);
bool world_was_missed(int pid, const char *target);

#endif
