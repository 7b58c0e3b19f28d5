/* Event: one thing of a schedule: what somebody does to the supervisor, or to the world around it. */
#ifndef TUNPLAN_TESTS_SIM_EVENT_H
#define TUNPLAN_TESTS_SIM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/people.h"
#include "topology/base/strbuf.h"

/* What `which` and `how` mean is behind each; on: how = 1. */
enum event_kind {
	EVENT_COME,      /* a client, with a wish; its number is that of the event */
	EVENT_ABANDON,   /* the client of event `which` abandons its `up` */
	EVENT_LEAVE,     /* it goes */
	EVENT_DEAF,      /* it stops to read */
	EVENT_LISTEN,    /* it reads again */
	EVENT_NONSENSE,  /* it says what is no request */
	EVENT_LOGIN,     /* host `which` treats logins in way `how` */
	EVENT_LOSE,      /* the ssh of host `which` lose their far ends, with words `how` */
	EVENT_SIGNAL,    /* they get signal `how`, from elsewhere */
	EVENT_STALL,     /* the link to host `which` stands still for time `how` */
	EVENT_TRANSFER,  /* it carries much for time `how` */
	EVENT_USE,       /* somebody connects to place `which`, and stays for time `how` */
	EVENT_SERVICE,   /* target `which` behaves in way `how` */
	EVENT_TAKE,      /* another program listens at place `which`, or no more */
	EVENT_GATEWAY,   /* host `which` has GatewayPorts `how` */
	EVENT_DENY,      /* host `which` lets nobody listen there, or does */
	EVENT_DISK,      /* the disk is full, or has room */
	EVENT_VANISH,    /* the runtime directory is emptied, as at the user's last logout */
	EVENT_SPAWN,     /* no process can be started, or can */
	EVENT_TERMINATE, /* the supervisor is told to go */
	EVENT_KILL,      /* it is killed, when it asks for its how-manieth thing; 0: now */
	EVENT_NETWORK,   /* the network of this machine changes in way `how` */
	EVENT_WAKE,      /* the machine wakes */
	EVENT_IDLE,      /* the sshd of host `which` ends what is idle in way `how` */
	EVENT_COUNT
};

struct event {
	uint64_t at_ms;
	enum event_kind kind;
	unsigned which;
	unsigned how;
	struct wish wish;
	bool dropped; /* it does not happen */
};

/* Returns how many values `which` and `how` of a kind have; 1: none to choose. */
unsigned event_which_count(enum event_kind kind);
unsigned event_how_count(enum event_kind kind);

/* Appends it in words. */
void event_print(const struct event *event, struct strbuf *text);

/* Makes it happen; number: its own in the schedule. */
void event_play(const struct event *event, unsigned number);

/* All is well again. */
void event_mend_all(void);

#endif
