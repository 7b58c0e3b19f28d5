/*
 * Endpoint: an address and a port as they are written together.
 */
#ifndef TUNPLAN_PLANNER_MODEL_ENDPOINT_H
#define TUNPLAN_PLANNER_MODEL_ENDPOINT_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/* Returns an address as it stands before a colon: IPv6 in brackets, all else as it is. */
const char *endpoint_host(const char *address, struct arena *arena);

/* Returns "address:port", with an IPv6 address in brackets. */
const char *endpoint_text(const char *address, uint16_t port, struct arena *arena);

/* Appends the same. */
void endpoint_add(const char *address, uint16_t port, struct strbuf *text);

/*
 * Returns one end of a forward as people name it: "git-server:7999", "db1:/run/x.sock",
 * "socks@test1", or the address where no host of the file is meant. An `auto` port is "auto".
 */
const char *endpoint_name(const struct plan *plan, const struct plan_end *end, struct arena *arena);

/* Appends the same. */
void endpoint_add_name(const struct plan *plan, const struct plan_end *end, struct strbuf *text);

/* Returns what is bound or dialled there: "127.0.0.1:7999", a unix path, or "socks". */
const char *endpoint_dialled(const struct plan_end *end, struct arena *arena);

#endif
