#include "tests/sim/networks.h"

#include <string.h>

#define BEGINNING                   \
	"tunplan: 1\n"              \
	"me: you\n"                 \
	"vlans: [v1, v2, v3, v4]\n" \
	"hosts:\n"                  \
	"  you: [v1]\n"             \
	"  h1: [v1, v2]\n"          \
	"  h2: {vlans: [v2, v3], ssh: {}, services: {web: 7001}}\n"

/* Who ends a tunnel on h3 differs: where its ssh is stated, and where it is not. */
#define A_HOSTS                                            \
	"  h3: {vlans: [v3, v4], services: {web: 7001}}\n" \
	"  h4: {vlans: [v4], services: {web: 7001}}\n"     \
	"tunnels:\n"
#define B_HOSTS                                                                           \
	"  h3: {vlans: {v3: 10.3.0.3, v4: 10.4.0.3}, ssh: {user: ops}, services: {web: "  \
	"7001},\n"                                                                        \
	"       sshd: {GatewayPorts: clientspecified}}\n"                                 \
	"  h4: {vlans: [v4], services: {web: 7001}}\n"                                    \
	"  r1: {vlans: [v1, v2], ssh: {}, sshd: {AllowTcpForwarding: no}, relay: [nc]}\n" \
	"tunnels:\n"
/* Two ways to h2. */
#define C_HOSTS                                                                     \
	"  h3: {vlans: [v3, v4], ssh: {interactive: yes}, services: {web: 7001}}\n" \
	"  r1: [v1, v2]\n"                                                          \
	"tunnels:\n"

/* By h1 from one place, by r1 from the other; and by h4 from both. */
#define D_HOSTS                                                                               \
	"tunplan: 1\n"                                                                        \
	"me: you\n"                                                                           \
	"vlans: [v1, v2, v3, v5]\n"                                                           \
	"hosts:\n"                                                                            \
	"  you: {ssh: none}\n"                                                                \
	"  h1: [v1, v2]\n"                                                                    \
	"  r1: [v5, v2]\n"                                                                    \
	"  h2: {vlans: [v2, v3], ssh: {}, services: {web: 7001}}\n"                           \
	"  h3: {vlans: [v3], services: {web: 7001}}\n"                                        \
	"  h4: {vlans: [v1, v5], ssh: {interactive: yes}, jump: no, services: {web: 7001}}\n" \
	"places:\n"                                                                           \
	"  odd: {when: {addr: [10.0.0.1/32, 10.0.0.3/32, 10.0.0.5/32]}, vlans: [v1]}\n"       \
	"  even: {vlans: [v5]}\n"                                                             \
	"tunnels:\n"

const struct network networks[NETWORK_COUNT] = {
	{"/a.yaml",
	 "a.yaml",
	 BEGINNING A_HOSTS "  one: 7101 -> h2/web\n"
			   "  two: {ingress: 7102, egress: h3/web, exit: h2}\n"
			   "  deep: 7103 -> h4/web\n"
			   "  rem: h1:9090 -> me:9091\n"
			   "  dyn: 1080 -> socks@h2\n"
			   "  both: [8080 -> h2/web, 8081 -> h3:81]\n"
			   "  some: auto -> h3/web\n"
			   "  path: /tmp/s.sock -> h2/web\n"
			   "  joined: h1:7000 -> h3/web\n"
			   "  sock: 7105 -> h2:/run/app.sock\n"
			   "  quiet: {ingress: 7106, egress: h3/web, probe: no}\n"
			   /* Where that of b.yaml listens whose port is `auto`. */
			   "  there: h2:23440 -> me:9091\n",
	 {"one", "two", "deep", "rem", "dyn", "both", "some", "path", "joined", "sock", "quiet",
	  "there"}},
	{"/a.yaml",
	 "a.yaml, changed",
	 BEGINNING A_HOSTS "  one: 7111 -> h2/web\n"
			   "  two: {ingress: 7102, egress: h3/web, exit: h2, probe: no}\n"
			   "  rem: h1:9090 -> me:9092\n"
			   "  both: [8081 -> h3:81, 8080 -> h2/web]\n"
			   "  some: auto -> h2/web\n",
	 {"one", "two", "rem", "both", "some", "gone"}},
	{"/c.yaml",
	 "c.yaml",
	 BEGINNING C_HOSTS "  one: 7101 -> h2/web\n"
			   "  two: {ingress: 7102, egress: h2/web, failover: no}\n"
			   "  deep: 7103 -> h3/web\n"
			   "  rem: h2:9090 -> me:9091\n"
			   /* The same place, by r1. */
			   "  rival: {ingress: \"h2:9090\", egress: \"me:9091\", via: r1}\n"
			   "  some: auto -> h2/web\n",
	 {"one", "two", "deep", "rem", "rival", "some"}},
	{"/b.yaml",
	 "b.yaml",
	 BEGINNING B_HOSTS "  one: 7101 -> h3/web\n"
			   "  own: 7201 -> h2/web\n"
			   "  rem: h1:9090 -> me:9091\n"
			   "  far: h3:9093 -> me:9091\n"
			   "  path: /tmp/s.sock -> h3/web\n"
			   "  some: auto -> h2/web\n"
			   "  rsock: h1:/run/r.sock -> me:9091\n"
			   "  rsocks: h1:1081 -> socks@you\n"
			   "  wide: h3:0.0.0.0:9094 -> me:9091\n"
			   "  relayed: {ingress: 7202, egress: h2/web, via: r1, exit: h2}\n"
			   "  split: h1:7003 -> h4/web\n"
			   "  stitched: {ingress: 7301, egress: h2/web, exit: h2, method: "
			   "stitched, stitch: 2999}\n"
			   "  back: {ingress: \"h2:9095\", egress: \"me:9091\", method: stitched, "
			   "stitch: 8085}\n"
			   "  anywhere: {ingress: \"h2:auto\", egress: \"me:9091\", method: "
			   "stitched, stitch: 8086}\n",
	 {"one", "own", "rem", "far", "path", "some", "rsock", "rsocks", "wide", "relayed", "split",
	  "stitched", "back", "anywhere"}},
	{"/d.yaml",
	 "d.yaml",
	 D_HOSTS "  one: 7101 -> h3/web\n"
		 "  rem: h2:9090 -> me:9091\n"
		 "  same: {ingress: 7103, egress: h4/web, exit: h4}\n"
		 "  fixed: {ingress: 7104, egress: h2/web, via: h1}\n"
		 "  some: auto -> h2/web\n",
	 {"one", "rem", "same", "fixed", "some"}},
	{"/a.yaml", "a.yaml, broken", BEGINNING "tunnels: [\n", {"one", "rem"}},
};

bool networks_has_places(const struct network *network)
{
	return strstr(network->text, "\nplaces:") != NULL;
}
