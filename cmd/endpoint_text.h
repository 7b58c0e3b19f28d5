/* Endpoint text: the ends of a forward, written as in the topology. */
#ifndef TUNPLAN_CMD_ENDPOINT_TEXT_H
#define TUNPLAN_CMD_ENDPOINT_TEXT_H

#include "topology/base/strbuf.h"
#include "topology/model/topology.h"

/* Appends an ingress: "7999", "beta-server:9999", "auto". */
void ingress_text(const struct topology *topology, const struct ingress *ingress,
		  struct strbuf *text);

/* Appends an egress: "git-server/git", "app2:80", "socks@test1". */
void egress_text(const struct topology *topology, const struct egress *egress, struct strbuf *text);

#endif
