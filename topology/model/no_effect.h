/*
 * No effect: the keys of a tunnel that this version reads and keeps, and does nothing with. `check`, `plan` and `up` say so.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_NO_EFFECT_H
#define TUNPLAN_TOPOLOGY_MODEL_NO_EFFECT_H

#include "topology/model/topology.h"

struct no_effect {
	const char *key;
	bool (*is_stated)(const struct tunnel_options *options);
	const char *instead; /* what is so all the same */
};

#define NO_EFFECT_KEYS 2
extern const struct no_effect no_effects[NO_EFFECT_KEYS];

/* What is said of one, given its key and `instead`. */
#define NO_EFFECT_SENTENCE "`%s` has no effect in this version: %s"

#endif
