/* Random networks, second part (network_maker.h): rules, tunnels, and the whole file. */
#ifndef TUNPLAN_TESTS_RANDOM_TUNNEL_MAKER_H
#define TUNPLAN_TESTS_RANDOM_TUNNEL_MAKER_H

#include "tests/random/network_maker.h"

/* Appends the network of a seed, whose tunnels have so many forwards at most. */
void maker_make(uint64_t seed, unsigned forwards, struct strbuf *text);

#endif
