/*
 * network: prints a small random network as a topology; the same seed gives the same network.
 *
 *     network SEED [v4|v6|both]
 *
 * It has everything that can affect reachability: VLANs with and without ranges, of one family or
 * both, with names that no device can have; hosts on several of them, with stated addresses,
 * without addresses, or dialled by name; services that listen on some of their host's addresses;
 * rules with every kind of end; publications. A range that a rule can name contains either all of a
 * VLAN's range or none of the addresses that the lab chooses from it, because the file cannot know
 * these.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VLANS_MAX  4
#define HOSTS_MAX  6
#define RULES_MAX  9
#define LINK_HOSTS 2

/* Which families a network is made of; bits. */
enum families { V4 = 1, V6 = 2, BOTH = 3 };

struct vlan {
	const char *name;
	unsigned families; /* 0: no range */
	bool second;       /* a second range of IPv4 */
	bool link;         /* room for two hosts, and stated for none */
	unsigned members;  /* bits, by host */
};

static struct network {
	uint64_t dice;
	unsigned families;
	struct vlan vlans[VLANS_MAX];
	unsigned vlan_count;
	unsigned host_count;
	unsigned set_vlan;                 /* of the set whose hosts are all on one VLAN */
	bool stated[HOSTS_MAX][VLANS_MAX]; /* an IPv4 address that a rule can name */
} net;

/* Some are nothing that a device, or a word of nft, can be called. */
static const char *const vlan_names[] = {"lan", "lo",  "dmz.1", "a-vlan-of-many-letters",
					 "all", "tcp", "z",     "Office_2"};
static const char *const host_names[HOSTS_MAX] = {"ada", "bob.x", "cy", "accept", "eve", "fay"};
static const char *const port_lists[] = {
	"",
	"",
	"",
	" 22",
	" 80",
	" 5432",
	" 22 80",
	" 80-443",
	" 8000-8005 8003-8010",
	" 1-79 81-65535",
	" 22 22",
	" 5432-5433 80",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Returns a number below sides. */
static unsigned lists(unsigned sides)
{
	net.dice = net.dice * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(net.dice >> 33) % sides;
}

/* --- VLANs */

static void make_vlan(unsigned v, unsigned first_name)
{
	struct vlan *vlan = &net.vlans[v];

	*vlan = (struct vlan){.name = vlan_names[(first_name + v) % COUNT(vlan_names)]};
	if (lists(4) == 0 && net.families & V4)
		return; /* without a range the lab takes IPv4 */
	vlan->families = net.families == BOTH ? 1 + lists(3) : net.families;
	if (!(vlan->families & V4))
		return;
	vlan->link = vlan->families == V4 && lists(6) == 0;
	vlan->second = !vlan->link && lists(4) == 0;
}

static void print_vlan(unsigned v)
{
	const struct vlan *vlan = &net.vlans[v];

	printf("  %s: {cidr: [", vlan->name);
	if (vlan->families & V4)
		printf("10.%u.0.0/%u, ", v + 1, vlan->link ? 30 : 24);
	if (vlan->second)
		printf("10.10%u.0.0/24, ", v + 1);
	if (vlan->families & V6)
		printf("\"2001:db8:%u::/64\", ", v + 1);
	puts("]}");
}

/* --- hosts */

static void print_v4(unsigned h, unsigned v)
{
	const struct vlan *vlan = &net.vlans[v];

	net.stated[h][v] = true;
	if (!vlan->families)
		printf("192.0.2.%u, ", 16 * (v + 1) + h);
	else
		printf("10.%u.0.%u, ", v + 1, 129 + h);
	if (vlan->second && lists(2))
		printf("10.10%u.0.%u, ", v + 1, 129 + h);
	if (lists(4) == 0 && vlan->families)
		printf("10.%u.0.%u, ", v + 1, 200 + h);
}

static void print_v6(unsigned h, unsigned v)
{
	printf("\"2001:db8:%u::80%u\", ", v + 1, h + 1);
	if (lists(3) == 0)
		printf("\"2001:db8:%u::8:%u\", ", v + 1, h + 1);
}

/* What the file says of a host's addresses on a VLAN: nothing, some of its families, a name, or more. */
static void print_interface(unsigned h, unsigned v)
{
	const struct vlan *vlan = &net.vlans[v];
	const unsigned families = vlan->families ? vlan->families : V4;
	const unsigned of = families == BOTH ? 1 + lists(3) : families;

	printf("%s: [", vlan->name);
	if (lists(8) == 0)
		printf("%s-%u.example.org, ", host_names[h], v);
	if (lists(3) && !vlan->link) {
		const bool last = lists(2);

		if (of & V4 && !last)
			print_v4(h, v);
		if (of & V6)
			print_v6(h, v);
		if (of & V4 && last)
			print_v4(h, v);
	}
	printf("], ");
}

static unsigned members(const struct vlan *vlan)
{
	unsigned count = 0;

	for (unsigned h = 0; h < HOSTS_MAX; h++)
		count += vlan->members >> h & 1;
	return count;
}

/* Puts a host on some VLANs, where there is room. Returns which, as bits. */
static unsigned join(unsigned h)
{
	unsigned on = 1 + lists((1u << net.vlan_count) - 1);

	if (lists(2))
		on &= 1 + lists((1u << net.vlan_count) - 1);
	if (!on && (h == 0 || lists(4)))
		on = 1u << lists(net.vlan_count);
	for (unsigned v = 0; v < net.vlan_count; v++) {
		if (!(on >> v & 1))
			continue;
		if (net.vlans[v].link && members(&net.vlans[v]) == LINK_HOSTS)
			on &= ~(1u << v);
		else
			net.vlans[v].members |= 1u << h;
	}
	return on;
}

static void print_listen(unsigned on)
{
	const unsigned which = lists(4);

	if (which == 0)
		printf(", listen: loopback");
	if (which > 1 || !on)
		return;
	if (which == 1) {
		printf(", listen: [");
		for (unsigned v = 0; v < net.vlan_count; v++)
			if (on >> v & 1 && (lists(2) || !(on >> (v + 1))))
				printf("%s, ", net.vlans[v].name);
		printf("]");
	}
}

/* Something of a host at an address of a VLAN, maybe of somebody else's, or on another host. */
static void print_at(unsigned h)
{
	static unsigned port = 3000;
	const unsigned v = lists(net.vlan_count), other = lists(net.host_count);
	const struct vlan *vlan = &net.vlans[v];
	const bool v6 = vlan->families == V6 || (vlan->families == BOTH && lists(2));

	port++;
	printf("at: {");
	if (lists(3) == 0 && other != h)
		printf("%s: \"localhost:%u\", ", host_names[other], port++);
	if (lists(5) == 0)
		printf("%s: \"nat-%u.example.org:%u\"}", vlan->name, port, port);
	else if (v6)
		printf("%s: \"[2001:db8:%u::%s]:%u\"}", vlan->name, v + 1, lists(3) ? "77" : "801",
		       port);
	else if (!vlan->families || vlan->link)
		printf("%s: \"198.51.100.%u:%u\"}", vlan->name, v + 1, port);
	else
		printf("%s: \"10.%u.0.%u:%u\"}", vlan->name, v + 1, lists(3) ? 77 : 130, port);
}

static void print_host(unsigned h)
{
	static const unsigned ports[] = {80, 81, 443, 8000, 8004, 8010};
	const unsigned on = join(h);
	const bool sshd = lists(5) == 0;

	printf("  %s:\n    vlans: {", host_names[h]);
	for (unsigned v = 0; v < net.vlan_count; v++)
		if (on >> v & 1)
			print_interface(h, v);
	printf("}\n    ssh: %s\n", sshd ? "{}" : "none");
	if (sshd && lists(2)) {
		printf("    ");
		print_at(h);
		puts("");
	}
	printf("    services: {db: {port: 5432");
	print_listen(on);
	if (lists(6) == 0) {
		printf(", ");
		print_at(h);
	}
	printf("}, web: {port: %u", ports[lists(COUNT(ports))]);
	print_listen(on);
	/* A process of the lab's own costs less than an sshd for each connection. */
	puts(sshd || lists(4) == 0 ? "}}" : "}, shell: 22}");
}

/* --- rules */

static void print_host_at(void)
{
	unsigned h = lists(net.host_count), v = lists(net.vlan_count);

	while (!(net.vlans[v].members >> h & 1)) {
		h = lists(net.host_count);
		v = lists(net.vlan_count);
	}
	printf("%s@%s", host_names[h], net.vlans[v].name);
}

static void print_range(void)
{
	const unsigned v = lists(net.vlan_count), h = lists(net.host_count);
	const unsigned families = net.vlans[v].families;
	const bool v6 = families == V6 || (families == BOTH && lists(2));

	switch (lists(5)) {
	case 0:
		printf(net.families & V4 ? "10.0.0.0/8" : "2001:db8::/32");
		return;
	case 1:
		printf(net.families & V6 && lists(2) ? "::/0" : "0.0.0.0/0");
		return;
	case 2:
		printf(v6 ? "2001:db8:%u::8:0/112" : "10.%u.0.128/25", v + 1);
		return;
	case 3:
		printf(v6 ? "2001:db8:%u::80%u/128" : "10.%u.0.12%u/32", v + 1, v6 ? h + 1 : 9);
		return;
	default:
		printf(v6 ? "2001:db8:%u::/64" : "10.%u.0.0/24", v + 1);
	}
}

static void print_member(void)
{
	switch (lists(4)) {
	case 0:
		printf("%s", host_names[lists(net.host_count)]);
		break;
	case 1:
		printf("%s", net.vlans[lists(net.vlan_count)].name);
		break;
	case 2:
		print_host_at();
		break;
	default:
		print_range();
	}
}

static void print_end(void)
{
	switch (lists(8)) {
	case 0:
		printf("any");
		break;
	case 7:
		printf("there@%s", net.vlans[net.set_vlan].name);
		break;
	case 1:
		printf(lists(2) ? "some" : "others");
		break;
	default:
		print_member();
	}
}

static void print_rule(void)
{
	const bool allow = lists(5) < 3;

	printf("  - {%s: [\"", allow ? "allow" : "deny");
	print_end();
	printf(" -> ");
	print_end();
	printf("%s\"]%s}\n", port_lists[lists(COUNT(port_lists))],
	       !allow && lists(2) ? ", action: reject" : "");
}

static void print_set(const char *name)
{
	printf("  %s: [", name);
	for (unsigned i = 1 + lists(3); i > 0; i--) {
		printf("\"");
		print_member();
		printf("\", ");
	}
	puts("]");
}

/* A set of hosts on one VLAN, for SET@VLAN. */
static void print_set_there(void)
{
	do {
		net.set_vlan = lists(net.vlan_count);
	} while (!net.vlans[net.set_vlan].members);
	printf("  there: [");
	for (unsigned h = 0; h < net.host_count; h++)
		if (net.vlans[net.set_vlan].members >> h & 1)
			printf("%s, ", host_names[h]);
	puts("]");
}

/* --- all of it */

static void print_network(void)
{
	const unsigned first_name = lists(COUNT(vlan_names));
	const unsigned rules = lists(RULES_MAX + 1);

	net.vlan_count = 2 + lists(VLANS_MAX - 1);
	net.host_count = 3 + lists(HOSTS_MAX - 2);
	puts("tunplan: 1\nvlans:");
	for (unsigned v = 0; v < net.vlan_count; v++) {
		make_vlan(v, first_name);
		print_vlan(v);
	}
	puts("hosts:");
	for (unsigned h = 0; h < net.host_count; h++)
		print_host(h);
	puts("sets:");
	print_set("some");
	print_set("others");
	print_set_there();
	if (rules)
		puts("reachability:");
	for (unsigned r = 0; r < rules; r++)
		print_rule();
}

int main(int argc, char **argv)
{
	static const char *const words[] = {[V4] = "v4", [V6] = "v6", [BOTH] = "both"};

	if (argc < 2 || argc > 3) {
		fputs("usage: network SEED [v4|v6|both]\n", stderr);
		return 2;
	}
	net.dice = strtoull(argv[1], NULL, 10) * 2654435761u + 1;
	net.families = BOTH;
	for (unsigned f = V4; argc == 3 && f <= BOTH; f++)
		if (strcmp(argv[2], words[f]) == 0)
			net.families = f;
	for (unsigned i = 0; i < 8; i++)
		lists(2);
	print_network();
	return 0;
}
