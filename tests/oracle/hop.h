/*
 * Oracle: is one more hop possible, may a path end here, and at what cost? Rules 9 to 25 of
 * tunplan(7), for networks of up to eight hosts.
 */
#ifndef TUNPLAN_TESTS_ORACLE_HOP_H
#define TUNPLAN_TESTS_ORACLE_HOP_H

#include "planner/model/plan.h"
#include "tests/oracle/net.h"

/* What a way leads to. */
enum oracle_kind { ORACLE_EGRESS, ORACLE_INGRESS, ORACLE_LOGIN };

#define ORACLE_HOSTS 8

struct oracle_way {
	uint8_t count;
	uint8_t hosts[ORACLE_HOSTS];
	uint8_t methods[ORACLE_HOSTS]; /* enum plan_method */
	uint8_t client;                /* where the ssh client of the last hop runs */
	uint8_t pieces;                /* stitched hops */
	struct cost cost;
};

/* What a way is looked for by. */
struct oracle_goal {
	const struct topology *topology;
	const struct tunnel *tunnel;
	size_t me;
	size_t number; /* of the forward */
	enum oracle_kind kind;
	bool unattended;             /* nobody is there to be asked */
	size_t without;              /* a host that is taken to be gone; TOPOLOGY_NONE */
	bool held;                   /* `via` and `exit` are about it */
	size_t end;                  /* the host on which it has to end; TOPOLOGY_NONE */
	size_t ingress, egress;      /* hosts; TOPOLOGY_NONE: an address outside the file */
	struct oracle_target target; /* the egress, if it is a port */
	const char *socket;          /* or a socket, */
	bool socks;                  /* or what a dynamic tunnel's users ask for */
	bool clear;                  /* the service encrypts nothing */
	const char *bind, *bind_socket;
	uint16_t bind_port;

	/* By host: how it dials the sshd of each, and what an end on it is. */
	struct oracle_dial by_process[ORACLE_HOSTS][ORACLE_HOSTS];
	struct oracle_dial by_sshd[ORACLE_HOSTS][ORACLE_HOSTS];
	bool can_end[ORACLE_HOSTS];
	struct oracle_dial dials[ORACLE_HOSTS];
	struct cost end_cost[ORACLE_HOSTS];

	struct oracle_way *ways; /* each list of hosts once, by its best methods */
	size_t count, room;
};

/* Returns a host of the goal's topology. */
const struct host *oracle_host(const struct oracle_goal *goal, size_t host);

/* Rule 9: whether a host may be a hop at all. */
bool oracle_is_hop(const struct oracle_goal *goal, size_t host);

/* Rules 10 to 14: whether a way can go on to a host by a method. */
bool oracle_can_hop(const struct oracle_goal *goal, const struct oracle_way *way, size_t to,
		    enum plan_method method);

/* Bytes lie in the clear inside a host; not inside the ends. */
void oracle_open_inside(const struct oracle_goal *goal, size_t host, struct cost *cost);

/* What opening the egress from a host leaves in the clear. */
struct cost oracle_opening(const struct oracle_goal *goal, size_t host);

/* Adds what one more hop costs. */
void oracle_pay(const struct oracle_goal *goal, struct oracle_way *way, size_t to,
		enum plan_method method);

/* Whether a host is one of those that `via` or `exit` asks for. */
bool oracle_asks_for(const struct stop *stop, size_t host);

/* Fills in whether a way can end on a host, how the egress is dialled there, and what it costs. */
void oracle_look_at_end(struct oracle_goal *goal, size_t host);

#endif
