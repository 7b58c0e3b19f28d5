/*
 * Said: what the supervisor says of its tunnels (exec/supervisor/report.h), as JSON, so that the rules depend on
 * what clients can see and on little else.
 */
#ifndef TUNPLAN_TESTS_SIM_SAID_H
#define TUNPLAN_TESTS_SIM_SAID_H

#include <jansson.h>
#include <stdbool.h>

struct engine;

/* Returns what it would say of all tunnels: an array, and a new reference. */
json_t *said_all(const struct engine *engine);

/* Returns the text of a key, "" if it has none. */
const char *said_text(const json_t *object, const char *key);

/* Whether a word is in a list that ends with NULL. */
bool said_is_one_of(const char *word, const char *const *words);

/* Whether there is an ssh, a listener, or a way through, by the state of a hop, a forward or a tunnel. */
bool said_hop_lives(const json_t *hop);
bool said_hop_is_up(const json_t *hop);
bool said_forward_listens(const json_t *forward);
bool said_tunnel_carries(const json_t *tunnel);

/* Whether a forward of any of these tunnels wants a place, or did. */
bool said_claims_place(const json_t *all, const char *place);

#endif
