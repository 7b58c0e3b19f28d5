/*
 * Oracle: an independent planner, written from the rules of tunplan(7) and from nothing else. It
 * tries everything, slowly, and shares no code with the planner that it judges. This is its upper
 * part, with rules 15 to 18; below it are way.h, hop.h, net.h and sshd.h. Its answers and plans are
 * written as the same text, to be compared.
 */
#ifndef TUNPLAN_TESTS_ORACLE_ORACLE_H
#define TUNPLAN_TESTS_ORACLE_ORACLE_H

#include "planner/model/plan.h"
#include "tests/oracle/way.h"
#include "topology/base/strbuf.h"

/* As many ways beside the best one are compared. */
#define ORACLE_ALTERNATIVES 3

/* What a plan is asked for. */
struct oracle_question {
	const struct topology *topology;
	const struct tunnel *tunnel; /* without forwards: a login on its exit */
	bool unattended;
	size_t without; /* host, or TOPOLOGY_NONE */
};

/* Appends what a cost is made of. */
void oracle_tell_cost(const struct cost *cost, struct strbuf *text);

/* Appends a line about what is dialled, and over which VLANs. */
void oracle_tell_dial(const struct topology *topology, const char *address, uint16_t port,
		      size_t from_vlan, size_t vlan, struct strbuf *text);

/* Appends what the plan is to be. */
void oracle_tell(const struct oracle_question *question, struct strbuf *text);

#endif
