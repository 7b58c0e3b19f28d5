/* Networks: the files that the clients send. All are about the hosts h1 to h4, one behind the other, and
 * r1, beside h1, by which there is another path. */
#ifndef TUNPLAN_TESTS_SIM_NETWORKS_H
#define TUNPLAN_TESTS_SIM_NETWORKS_H

#include <stdbool.h>

#define NETWORK_TUNNELS_MAX 16

struct network {
	const char *path;
	const char *what; /* for people */
	const char *text;
	const char *tunnels[NETWORK_TUNNELS_MAX]; /* NULL-terminated */
};

enum { NETWORK_COUNT = 6 };

extern const struct network networks[NETWORK_COUNT];

/* Whether it has places: odd and even, by this machine's address. */
bool networks_has_places(const struct network *network);

#endif
