/*
 * L014: two things published at one place, or something published where an sshd listens.
 *
 * A place is an address and a port on a VLAN, or those of a host's own. One machine answers there: ssh
 * would take it for each of the hosts in turn, and its key for theirs.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "topology/language/address.h"
#include "topology/lint/lint_parts.h"

#define SAME_HELP                                                                               \
	"only one of the two can be there: correct the address or the port; if they are there " \
	"by turns, write allow_lints: [L014]"

/* Returns the text of an address, one for all that mean the loopback of a host. */
static const char *address_text(const struct publication *publication)
{
	if (publication->host != TOPOLOGY_NONE && address_is_localhost(publication->address.text))
		return "localhost";
	return publication->address.text;
}

static int compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* Returns 0 for one place. */
static int compare_places(const struct publication *a, const struct publication *b)
{
	const int vlans = compare_sizes(a->vlan, b->vlan), hosts = compare_sizes(a->host, b->host);

	if (vlans || hosts)
		return vlans ? vlans : hosts;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return strcasecmp(address_text(a), address_text(b));
}

static int compare_published(const void *left, const void *right)
{
	const struct published *a = left, *b = right;
	const int places = compare_places(a->publication, b->publication);

	return places ? places : compare_sizes(a->publication->at.at, b->publication->at.at);
}

/* Whether two publications are about one listener: a service may be the sshd by another name. */
static bool is_same_thing(const struct topology *topology, const struct published *a,
			  const struct published *b)
{
	const uint16_t ssh = topology->hosts[a->host].ssh->port;
	const char *const a_socket = a->service ? a->service->socket : NULL;
	const char *const b_socket = b->service ? b->service->socket : NULL;

	if (a->host != b->host || !a_socket != !b_socket)
		return false;
	if (a_socket)
		return strcmp(a_socket, b_socket) == 0;
	return (a->service ? a->service->port : ssh) == (b->service ? b->service->port : ssh);
}

/* "host 'nas'", or "service 'web' of 'nas'" */
static const char *describe(const struct linter *linter, const struct published *published)
{
	const char *host = linter->topology->hosts[published->host].name;

	if (!published->service)
		return arena_format(linter->scratch, "host '%s'", host);
	return arena_format(linter->scratch, "service '%s' of '%s'", published->service->name,
			    host);
}

static void report_same(struct linter *linter, const struct published *published,
			const struct published *first)
{
	struct diag *diag = diag_lint(linter->diags, LINT_SAME_PUBLICATION,
				      published->publication->at, "%s is published where %s is",
				      describe(linter, published), describe(linter, first));

	diag->help = SAME_HELP;
	diag->related = first->publication->at;
	diag->related_text = "first published here";
}

/* Returns the host that has the address of a publication on a VLAN, or TOPOLOGY_NONE. */
static size_t find_owner(struct linter *linter, const struct publication *publication)
{
	size_t count;
	const struct member *members =
		vlan_members_on(&linter->vlan_members.all, publication->vlan, &count);

	for (size_t i = 0; i < count; i++) {
		const struct interface *interface = members[i].interface;

		for (size_t j = 0; j < interface->address_count; j++) {
			if (!budget_spend(&linter->budget, 1))
				return TOPOLOGY_NONE;
			if (strcasecmp(interface->addresses[j].text, publication->address.text) ==
			    0)
				return members[i].host;
		}
	}
	return TOPOLOGY_NONE;
}

/* Reports something that is published where the sshd of another host listens, as the file says. */
static void check_sshd(struct linter *linter, const struct published *published)
{
	const struct publication *publication = published->publication;
	const size_t owner = publication->vlan == TOPOLOGY_NONE ? publication->host
								: find_owner(linter, publication);
	const struct host *host;
	struct diag *diag;

	if (owner == TOPOLOGY_NONE || owner == published->host || budget_is_spent(&linter->budget))
		return;
	host = &linter->topology->hosts[owner];
	if (!host->ssh->stated || host->ssh->none || host->ssh->port != publication->port)
		return;
	diag = diag_lint(linter->diags, LINT_SAME_PUBLICATION, publication->at,
			 "%s is published where the sshd of '%s' listens",
			 describe(linter, published), host->name);
	diag->help = SAME_HELP;
	diag->related = host->ssh->at;
	diag->related_text = "its sshd is stated here";
}

void lint_same_publication(struct linter *linter)
{
	const size_t count = linter->published_count;
	struct published *items = linter->published;
	size_t first = 0;

	if (count)
		qsort(items, count, sizeof(*items), compare_published);
	for (size_t i = 0; i < count && !budget_is_spent(&linter->budget); i++) {
		if (compare_places(items[first].publication, items[i].publication) != 0)
			first = i;
		if (!is_same_thing(linter->topology, &items[first], &items[i]))
			report_same(linter, &items[i], &items[first]);
		else
			check_sshd(linter, &items[i]);
	}
}
