/*
 * Reason: why a channel was refused, by the four names that SSH's protocol has for it (RFC 4254, 5.1). What stands
 * behind the name are the server's own words, in any language: they are quoted, and nothing is decided by them.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_REASON_H
#define TUNPLAN_EXEC_TUNNEL_REASON_H

#include <stdbool.h>

#define REASON_PROHIBITED     "administratively prohibited"
#define REASON_CONNECT_FAILED "connect failed"
#define REASON_UNKNOWN_TYPE   "unknown channel type"

/* Whether ssh's words of a refusal ("open failed: connect failed: …") have that reason. Accepts NULL. */
bool reason_is(const char *words, const char *reason);

#endif
