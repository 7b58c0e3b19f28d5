/*
 * L004: empty VLANs; L006: addresses outside the ranges of their VLAN; L007: addresses used twice; L015:
 * addresses that do not lead to the host that has them.
 */
#include <stdlib.h>
#include <string.h>

#include "topology/language/address.h"
#include "topology/lint/lint_parts.h"

/* --- L004 */

/* Marks the VLANs that somebody is on, or where something is published. */
static void mark_used(const struct linter *linter, bool *used)
{
	const struct topology *topology = linter->topology;

	for (size_t v = 0; v < topology->vlan_count; v++)
		used[v] = linter->vlan_members.all.first[v] < linter->vlan_members.all.first[v + 1];
	for (size_t i = 0; i < linter->published_count; i++) {
		const struct publication *publication = linter->published[i].publication;

		if (publication->vlan != TOPOLOGY_NONE)
			used[publication->vlan] = true;
	}
}

static bool is_in(struct linter *linter, const struct vlan *vlan, const struct address *address)
{
	for (size_t i = 0; i < vlan->cidr_count; i++) {
		if (!budget_spend(&linter->budget, 1) || cidr_contains(&vlan->cidrs[i], address))
			return true;
	}
	return false;
}

/* Whether a tunnel leads to an address in the ranges of a VLAN: somebody is there, without a name. */
static bool is_led_to(struct linter *linter, const struct vlan *vlan)
{
	for (size_t i = 0; i < linter->forward_count && vlan->cidr_count; i++) {
		const struct egress *egress = &linter->forwards[i].forward->egress;

		if (!budget_spend(&linter->budget, 1))
			return true;
		if (egress->kind == EGRESS_ADDRESS && is_in(linter, vlan, &egress->address))
			return true;
	}
	return false;
}

void lint_empty_vlan(struct linter *linter)
{
	const struct topology *topology = linter->topology;
	bool *used = arena_array(linter->scratch, topology->vlan_count, sizeof(*used));

	mark_used(linter, used);
	for (size_t v = 0; v < topology->vlan_count; v++) {
		const struct vlan *vlan = &topology->vlans[v];

		if (used[v] || is_led_to(linter, vlan))
			continue;
		diag_lint(linter->diags, LINT_EMPTY_VLAN, vlan->at, "nobody is on VLAN '%s'",
			  vlan->name)
			->help = "put a host on it, or drop it";
	}
}

/* --- L006 */

static bool has_family(struct linter *linter, const struct vlan *vlan, uint8_t family)
{
	for (size_t i = 0; i < vlan->cidr_count && budget_spend(&linter->budget, 1); i++) {
		if (vlan->cidrs[i].family == family)
			return true;
	}
	return false;
}

void lint_outside_cidr(struct linter *linter)
{
	for (size_t i = 0; i < linter->address_count; i++) {
		const struct address *address = linter->addresses[i].address;
		const struct interface *interface = linter->addresses[i].member->interface;
		const struct vlan *vlan = &linter->topology->vlans[interface->vlan];
		struct diag *diag;

		if (!has_family(linter, vlan, address->family) || is_in(linter, vlan, address))
			continue;
		diag = diag_lint(linter->diags, LINT_OUTSIDE_CIDR, address->at,
				 "'%s' is in no range of VLAN '%s' (%s%s)", address->text,
				 vlan->name, vlan->cidrs[0].text, vlan->cidr_count > 1 ? "…" : "");
		diag->help = "correct the address, or add a range to the VLAN";
		diag->related = vlan->at;
	}
}

/* --- L007 */

static int compare_addresses(const struct owned_address *a, const struct owned_address *b)
{
	const size_t x = a->member->interface->vlan, y = b->member->interface->vlan;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->address->family != b->address->family)
		return a->address->family - b->address->family;
	return memcmp(a->address->bytes, b->address->bytes, sizeof(a->address->bytes));
}

static int compare_uses(const void *left, const void *right)
{
	const struct owned_address *a = left, *b = right;
	const int addresses = compare_addresses(a, b);

	if (addresses)
		return addresses;
	return (a->address->at.at > b->address->at.at) - (a->address->at.at < b->address->at.at);
}

/*
 * Whether two uses of one address are a clash: of one interface, or of two machines. Me may have its
 * address at a place and elsewhere, and whoever is at a place may be any host while nothing says which.
 */
static bool clash(const struct linter *linter, const struct owned_address *a,
		  const struct owned_address *b)
{
	if (a->member->interface == b->member->interface)
		return true;
	if (a->member->place != TOPOLOGY_NONE || b->member->place != TOPOLOGY_NONE)
		return linter->topology->me != TOPOLOGY_NONE && a->member->host != b->member->host;
	return true;
}

static void report_same(struct linter *linter, const struct owned_address *use,
			const struct owned_address *first)
{
	const struct topology *topology = linter->topology;
	const char *vlan = topology->vlans[use->member->interface->vlan].name;
	const bool same = use->member->interface == first->member->interface;
	struct diag *diag;

	if (same)
		diag = diag_lint(linter->diags, LINT_SAME_ADDRESS, use->address->at,
				 "'%s' stands here twice", use->address->text);
	else
		diag = diag_lint(linter->diags, LINT_SAME_ADDRESS, use->address->at,
				 "'%s' is the address of '%s' on VLAN '%s' already",
				 use->address->text, topology->hosts[first->member->host].name,
				 vlan);
	diag->related = first->address->at;
	diag->related_text = "first used here";
	diag->help = same ? "drop one of them" : "give one of the two another address";
}

void lint_same_address(struct linter *linter)
{
	struct owned_address *uses =
		arena_array(linter->scratch, linter->address_count, sizeof(*uses));
	size_t count = 0, first = 0;

	for (size_t i = 0; i < linter->address_count; i++) {
		if (linter->addresses[i].address->family != ADDRESS_NAME)
			uses[count++] = linter->addresses[i];
	}
	qsort(uses, count, sizeof(*uses), compare_uses);
	for (size_t i = 1; i < count; i++) {
		if (compare_addresses(&uses[first], &uses[i]) != 0)
			first = i;
		else if (clash(linter, &uses[first], &uses[i]))
			report_same(linter, &uses[i], &uses[first]);
	}
}

/* --- L015 */

/* Addresses that belong to no host alone. */
struct shared_range {
	struct cidr range;
	const char *why;
	const char *help;
	bool on_a_link; /* who says by which interface reaches it all the same */
};

#define ITSELF "whoever dials it reaches itself"
#define GROUP  "it is the address of a group"
#define LINK   "each link may have another machine with it"

#define REAL_HELP \
	"write the address that others dial, or leave it out: then the host's name is dialled"
#define AT_HELP                                                                                 \
	"write the address that others dial; what is behind a port of another host is written " \
	"at: "                                                                                  \
	"{HOST: \"localhost:PORT\"}"
/* BindInterface makes ssh bind an address of the interface, and only one of the link says which link. */
#define LINK6_HELP                                                                           \
	"write it with its zone into your ssh_config, HostName fe80::1%%eth1, and name its " \
	"alias, "                                                                            \
	"ssh: {config: ALIAS}; if the interface has no other IPv6 address, ssh: {options: "  \
	"{BindInterface: eth1}} will do"
#define LINK4_HELP                                                                             \
	"give it an address of its own; if whoever dials it has only one interface with such " \
	"addresses, write allow_lints: [L015]"

#define RANGE4(length, ...)                                                        \
	{                                                                          \
		.bytes = {__VA_ARGS__}, .family = ADDRESS_IPV4, .prefix = (length) \
	}
#define RANGE6(length, ...)                                                        \
	{                                                                          \
		.bytes = {__VA_ARGS__}, .family = ADDRESS_IPV6, .prefix = (length) \
	}

static const struct shared_range shared_ranges[] = {
	{RANGE4(8, 127), ITSELF, AT_HELP, false},
	{RANGE6(128, [15] = 1), ITSELF, AT_HELP, false},
	{RANGE4(32, 0), ITSELF, REAL_HELP, false},
	{RANGE6(128, 0), ITSELF, REAL_HELP, false},
	{RANGE4(16, 169, 254), LINK, LINK4_HELP, true},
	{RANGE6(10, 0xfe, 0x80), LINK, LINK6_HELP, true},
	{RANGE4(4, 224), GROUP, REAL_HELP, false},
	{RANGE6(8, 0xff), GROUP, REAL_HELP, false},
	{RANGE4(32, 255, 255, 255, 255), GROUP, REAL_HELP, false},
};

static const struct shared_range *find_shared(const struct address *address)
{
	if (address->family == ADDRESS_NAME)
		return address_is_localhost(address->text) ? &shared_ranges[0] : NULL;
	for (size_t i = 0; i < sizeof(shared_ranges) / sizeof(shared_ranges[0]); i++) {
		if (cidr_contains(&shared_ranges[i].range, address))
			return &shared_ranges[i];
	}
	return NULL;
}

/* Whether a login to a host goes by an interface that is stated. */
static bool states_interface(const struct host *host)
{
	for (size_t i = 0; i < host->ssh->option_count; i++) {
		if (strcmp(host->ssh->options[i].keyword, "BindInterface") == 0)
			return true;
	}
	return false;
}

/* Reports an address on a VLAN. host: whose it is, or TOPOLOGY_NONE. */
static void check_own(struct linter *linter, size_t host, size_t vlan,
		      const struct address *address, struct span at)
{
	const struct topology *topology = linter->topology;
	const struct shared_range *shared = find_shared(address);
	const struct host *there = host < topology->host_count ? &topology->hosts[host] : NULL;

	/* Nobody dials me, and an alias is dialled instead of an address. */
	if (!shared || (there && there->ssh->config) ||
	    (shared->on_a_link && (!there || host == topology->me || states_interface(there))))
		return;
	diag_lint(linter->diags, LINT_NOT_ONES_OWN, at,
		  "'%s' on VLAN '%s' is no address of %s%s%s alone: %s", address->text,
		  topology->vlans[vlan].name, there ? "'" : "", there ? there->name : "me",
		  there ? "'" : "", shared->why)
		->help = shared->help;
}

void lint_not_ones_own(struct linter *linter)
{
	for (size_t i = 0; i < linter->address_count; i++) {
		const struct address *address = linter->addresses[i].address;
		const struct member *member = linter->addresses[i].member;

		if (budget_spend(&linter->budget, 1))
			check_own(linter, member->host, member->interface->vlan, address,
				  address->at);
	}
	for (size_t i = 0; i < linter->published_count; i++) {
		const struct publication *publication = linter->published[i].publication;

		if (publication->vlan != TOPOLOGY_NONE && budget_spend(&linter->budget, 1))
			check_own(linter, linter->published[i].host, publication->vlan,
				  &publication->address, publication->at);
	}
}
