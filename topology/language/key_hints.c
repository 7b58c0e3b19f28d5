#include "topology/language/key_hints.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define IN_SSH(key) "it stands under 'ssh': ssh: {" key "}"
#define OWN_KEY     "write a comment, or a key of your own, which begins with x-"
#define NO_PATHS                                                                            \
	"paths are found by tunplan: name the host's VLANs, and what may reach what under " \
	"'reachability'; a tunnel names hosts to pass with 'via'"

/* In lower case, without dashes and underscores; several words are separated by spaces. */
static const struct hint {
	const char *table; /* one or several; NULL: each */
	const char *words;
	const char *help;
} hints[] = {
	{"host", "user username login account", IN_SSH("user: NAME")},
	{"host", "port sshport", IN_SSH("port: 2222")},
	{"host", "identity identityfile keyfile privatekey sshkey", IN_SSH("identity: ~/.ssh/KEY")},
	{"host", "config alias sshconfig", IN_SSH("config: ALIAS")},
	{"host", "options sshoptions", IN_SSH("options: {OPTION: VALUE}")},
	{"host", "interactive password mfa totp", IN_SSH("interactive: yes")},
	{"host", "ip ipv4 ipv6 address addresses addr hostname host fqdn dns dnsname",
	 "an address or a DNS name stands behind the VLAN where it counts: vlans: {VLAN: ADDRESS}"},
	{"host", "network networks net nets subnet subnets interface interfaces nic nics",
	 "name the VLANs that the host is on: vlans: [VLAN, VLAN]"},
	{"host", "nat portforward portforwards publicip externalip public external",
	 "where others reach its sshd: at: {VLAN: \"198.51.100.7:2022\"}; that nobody does is a "
	 "rule: "
	 "deny: any -> HOST"},
	{"host", "gateway via proxy proxyjump jumphost bastion through route routes", NO_PATHS},
	{"host", "ports listen", "what listens on the host is a service: services: {NAME: PORT}"},
	{"host", "name id", "the name of a host is the key that its mapping stands behind"},
	{"host", "groups tags roles role tag group",
	 "several hosts have a name under 'sets', at the top of the file: sets: {NAME: [HOST, "
	 "HOST]}"},
	{"ssh", "hostname host address ip addr",
	 "an address stands under 'vlans' of the host: vlans: {VLAN: ADDRESS}"},
	{"ssh", "key keyfile identityfile privatekey sshkey", "write identity: ~/.ssh/KEY"},
	{"ssh", "login account", "write user: NAME"},
	{"ssh", "password mfa totp",
	 "no password stands in the file: interactive: yes says that a person is asked for it"},
	{"ssh", "proxyjump jump via proxy proxycommand gateway", NO_PATHS},
	{"vlan", "subnet subnets range ranges network net prefix address addresses ip",
	 "write cidr: 10.10.0.0/16"},
	{"vlan", "tag vlan vlanid number vid", "write id: 20"},
	{"vlan", "hosts members machines",
	 "each host names its VLANs: hosts: {HOST: [VLAN, VLAN]}"},
	{"vlan", "nat gateway router routes firewall",
	 "what may pass between VLANs stands under 'reachability', at the top of the file"},
	{"service", "host address addr bind interface",
	 "write listen: loopback, or listen: [VLAN]"},
	{"service", "path unix file", "write socket: /run/app.sock"},
	{"service", "protocol proto tcp udp", "every service is TCP: ssh carries nothing else"},
	{"service", "tls ssl https", "write encrypted: tls"},
	{"service", "nat public external", "write at: {VLAN: \"198.51.100.7:8080\"}"},
	{"rule", "from to source destination src dst dest port ports",
	 "a rule is one text: allow: FROM -> TO PORT PORT"},
	{"rule", "protocol proto tcp udp icmp",
	 "every rule is about TCP: ssh carries nothing else"},
	{"rule", "reject drop", "write deny: FROM -> TO, and action: reject or drop"},
	{"rule", "accept permit", "write allow: FROM -> TO PORT"},
	{"rule", "block forbid refuse", "write deny: FROM -> TO PORT"},
	{"rule", "name rule", "write id: WORD"},
	{"rule", "comment description note notes why because remark", "write reason: …"},
	{"tunnel forward", "from local listen bind localport source src", "write ingress: PORT"},
	{"tunnel forward", "to remote target destination dest dst remotehost host",
	 "write egress: HOST/SERVICE, or egress: HOST:PORT"},
	{"tunnel", "jump jumps hops path route through gateway proxyjump bastion",
	 "write via: [HOST, HOST]"},
	{"tunnel", "forward ports", "write forwards: [7999 -> HOST/SERVICE]"},
	{"tunnel forward", "user username login identity ssh options",
	 "how to log in to a host stands under 'ssh' of that host"},
	{"tunnel forward", "dynamic socks", "write egress: socks@HOST"},
	{"tunnel forward", "port", "a port stands at its end: ingress: 8080, egress: HOST:PORT"},
	{"forward",
	 "via exit avoid method stitch maxhops mintrust probe failover ondemand idletimeout jump "
	 "jumps hops path route through gateway proxyjump bastion",
	 "it holds for all of the tunnel: write NAME: {forwards: [7999 -> HOST/SERVICE], via: "
	 "HOST}"},
	{"options", "user username login account", "it stands beside them: ssh: {user: NAME}"},
	{"options", "port", "it stands beside them: ssh: {port: 2222}"},
	{"options", "identity key keyfile privatekey sshkey",
	 "it stands beside them: ssh: {identity: ~/.ssh/KEY}"},
	{"options", "timeout", "write ConnectTimeout: 10"},
	{"options", "keepalive alive", "write ServerAliveInterval: 15"},
	{"options", "ipv4 ipv6 family", "write AddressFamily: inet, or inet6"},
	{"topology", "rules rule firewall acl acls policy policies",
	 "rules stand under 'reachability'"},
	{"topology", "allow deny", "rules are a list: reachability: [allow: FROM -> TO PORT]"},
	{"topology", "networks network nets net subnets subnet",
	 "networks are called 'vlans' here"},
	{"topology", "machines servers nodes nodes computers", "machines are called 'hosts' here"},
	{"topology", "forwards connections", "write tunnels: {NAME: 7999 -> HOST/SERVICE}"},
	{"topology", "version", "the version of the language is the line 'tunplan: 1'"},
	{"topology", "variables variable env environment",
	 "variables stand under 'vars': vars: {NAME: VALUE}"},
	{"topology", "ssh user username identity options port",
	 "what holds for every host stands under 'defaults': defaults: {ssh: {user: NAME}}"},
	{"topology", "via", "each tunnel names the hosts that it passes: via: [HOST, HOST]"},
	{"topology", "tunnel method avoid probe failover",
	 "what holds for every tunnel stands under 'defaults': defaults: {tunnel: {max_hops: 4}}"},
	{"topology", "services service", "services stand in their host: services: {NAME: PORT}"},
	{"topology", "nat at",
	 "where others reach a host through NAT stands under 'at' of the host"},
	{"topology", "includes import imports", "write include: [FILE, FILE]"},
	{"defaults", "user username identity port options interactive",
	 "write defaults: {ssh: {user: NAME}}"},
	{"defaults", "via", "each tunnel names the hosts that it passes: via: [HOST, HOST]"},
	{"defaults", "method avoid probe failover maxhops mintrust ondemand idletimeout",
	 "write defaults: {tunnel: {max_hops: 4}}"},
	{NULL, "comment comments description desc note notes remark", OWN_KEY},
};

static char folded(char byte)
{
	return (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

/* Whether a key is a word, of some length. */
static bool is_word(const char *key, const char *word, size_t length)
{
	for (; *key; key++) {
		if (*key == '-' || *key == '_')
			continue;
		if (length == 0 || folded(*key) != *word)
			return false;
		word++;
		length--;
	}
	return length == 0;
}

static bool is_one_of(const char *key, const char *words)
{
	while (*words) {
		const size_t length = strcspn(words, " ");

		if (is_word(key, words, length))
			return true;
		words += length;
		words += strspn(words, " ");
	}
	return false;
}

const char *key_hint(const char *table, const char *key)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		const struct hint *hint = &hints[i];

		if ((!hint->table || is_one_of(table, hint->table)) && is_one_of(key, hint->words))
			return hint->help;
	}
	return NULL;
}
