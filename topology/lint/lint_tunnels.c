/*
 * Lints about where tunnels listen: L009: two tunnels at one address and port; L010: something else
 * is published there; L011: a port that only root may use; L012: others can connect; L016: programs of
 * another machine can connect to whatever they want; where they lead: L017: nearly to a host; and what
 * their keys do: L018: nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "topology/lint/lint_parts.h"
#include "topology/lint/listener.h"
#include "topology/model/index.h"
#include "topology/model/no_effect.h"

/* Ports below are root's. */
#define PORT_UNPRIVILEGED 1024

/* A forward, and where it listens. */
struct entrance {
	struct listener listener;
	const struct tunnel *tunnel;
	const struct forward *forward;
};

/* Lists where all tunnels listen, but for `auto`: that is where nothing else is. */
static struct entrance *list_entrances(const struct linter *linter, size_t *ret_count)
{
	struct entrance *entrances =
		arena_array(linter->scratch, linter->forward_count, sizeof(*entrances));
	size_t count = 0;

	for (size_t i = 0; i < linter->forward_count; i++) {
		const struct tunnel *tunnel = linter->forwards[i].tunnel;
		const struct forward *forward = linter->forwards[i].forward;

		if (!forward->ingress.any_port)
			entrances[count++] = (struct entrance){
				listener_of_ingress(&linter->vlan_members, &forward->ingress),
				tunnel, forward};
	}
	*ret_count = count;
	return entrances;
}

/* Returns what to call the host of a listener. */
static const char *host_name(const struct topology *topology, size_t host)
{
	return host < topology->host_count ? topology->hosts[host].name : "me";
}

/* --- L009 */

static void report_same(struct linter *linter, const struct entrance *entrance,
			const struct entrance *first)
{
	const struct span at = entrance->listener.at;
	const char *name = entrance->tunnel->name;
	struct diag *diag;

	if (entrance->tunnel == first->tunnel) {
		diag = diag_lint(linter->diags, LINT_SAME_INGRESS, at,
				 "tunnel '%s' listens here twice", name);
		diag->help = "give each forward an ingress of its own";
	} else {
		diag = diag_lint(linter->diags, LINT_SAME_INGRESS, at,
				 "tunnel '%s' listens where tunnel '%s' does", name,
				 first->tunnel->name);
		diag->help = "give one of them another ingress: they cannot be up together";
	}
	diag->related = first->listener.at;
	diag->related_text = "first used here";
}

void lint_same_ingress(struct linter *linter)
{
	size_t count, first = 0;
	struct entrance *entrances = list_entrances(linter, &count);

	qsort(entrances, count, sizeof(*entrances), listener_order);
	for (size_t i = 1; i < count; i++) {
		size_t other;

		if (listener_compare(&entrances[first].listener, &entrances[i].listener) != 0)
			first = i;
		other = first;
		while (other < i &&
		       !listener_meets(&entrances[other].listener, &entrances[i].listener))
			other++;
		if (!budget_spend(&linter->budget, 1 + other - first))
			return;
		if (other < i)
			report_same(linter, &entrances[i], &entrances[other]);
	}
}

/* --- L010 */

/* What is said to be published on a host. */
struct occupied {
	struct listener listener;
	const struct published *published;
};

struct occupied_list {
	struct occupied *items;
	size_t count;
};

/* Lists what is published on hosts. */
static struct occupied_list list_occupied(const struct linter *linter)
{
	struct occupied_list list = {
		arena_array(linter->scratch, linter->published_count, sizeof(*list.items)), 0};

	for (size_t i = 0; i < linter->published_count; i++) {
		const struct published *published = &linter->published[i];

		if (published->publication->host != TOPOLOGY_NONE)
			list.items[list.count++] = (struct occupied){
				listener_of_publication(published->publication), published};
	}
	qsort(list.items, list.count, sizeof(*list.items), listener_order);
	return list;
}

/* Whether a tunnel leads to what is published: then it is what makes it so. */
static bool leads_there(const struct topology *topology, const struct egress *egress,
			const struct published *published)
{
	if (listener_host(topology, egress->host) != published->host)
		return false;
	return !published->service || (published->service->port == egress->port &&
				       !published->service->socket == !egress->path);
}

/* Returns the first of what is published on the host and port of a listener, or the count. */
static size_t find_occupied(const struct occupied_list *list, const struct listener *listener)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (listener_compare(&list->items[middle].listener, listener) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Returns what else is published where a tunnel listens, or NULL. */
static const struct published *find_taken(struct linter *linter, const struct occupied_list *list,
					  const struct entrance *entrance)
{
	const struct published *found = NULL;

	for (size_t i = find_occupied(list, &entrance->listener); i < list->count; i++) {
		const struct occupied *occupied = &list->items[i];

		if (listener_compare(&occupied->listener, &entrance->listener) != 0 ||
		    !budget_spend(&linter->budget, 1))
			break;
		if (!listener_meets(&occupied->listener, &entrance->listener))
			continue;
		if (leads_there(linter->topology, &entrance->forward->egress, occupied->published))
			return NULL;
		if (!found)
			found = occupied->published;
	}
	return found;
}

static void report_taken(struct linter *linter, const struct entrance *entrance,
			 const struct published *published)
{
	const char *host = linter->topology->hosts[published->host].name;
	const struct service *service = published->service;
	struct diag *diag;

	diag = diag_lint(linter->diags, LINT_TAKEN_PLACE, entrance->listener.at,
			 "tunnel '%s' listens where %s%s%s%s%s is published",
			 entrance->tunnel->name, service ? "service '" : "host '",
			 service ? service->name : host, service ? "' of '" : "",
			 service ? host : "", "'");
	diag->related = published->publication->at;
	diag->related_text = "published here";
	diag_help(linter->diags, diag,
		  "use another port, unless this tunnel is what publishes it: then lead it to '%s'",
		  host);
}

void lint_taken_place(struct linter *linter)
{
	const struct occupied_list list = list_occupied(linter);
	size_t count = 0;
	const struct entrance *entrances = list.count ? list_entrances(linter, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		const struct published *published = find_taken(linter, &list, &entrances[i]);

		if (budget_is_spent(&linter->budget))
			return;
		if (published)
			report_taken(linter, &entrances[i], published);
	}
}

/* --- L011 */

/* Whether root is who listens there: the last login is root's. */
static bool is_roots(const struct topology *topology, size_t host)
{
	const char *user;

	if (host >= topology->host_count || host == topology->me)
		return false;
	user = topology->hosts[host].ssh->user;
	return user && strcmp(user, "root") == 0;
}

void lint_privileged(struct linter *linter)
{
	size_t count;
	const struct entrance *entrances = list_entrances(linter, &count);

	for (size_t i = 0; i < count; i++) {
		const struct listener *listener = &entrances[i].listener;

		if (listener->path || listener->port >= PORT_UNPRIVILEGED ||
		    is_roots(linter->topology, listener->host))
			continue;
		diag_lint(linter->diags, LINT_PRIVILEGED, entrances[i].listener.at,
			  "only root may listen on port %u of '%s'", (unsigned)listener->port,
			  host_name(linter->topology, listener->host))
			->help =
			"use a port from 1024 on; if root is there, write allow_lints: [L011]";
	}
}

/* --- L012 */

static void check_exposed(struct linter *linter, const struct ingress *ingress)
{
	const struct listener listener = listener_of_ingress(&linter->vlan_members, ingress);
	const bool by_vlan = ingress->vlan != TOPOLOGY_NONE && !ingress->bind.text;
	const char *where = ingress->bind.text;

	if (listener_is_local(&listener))
		return;
	if (by_vlan)
		where = linter->topology->vlans[ingress->vlan].name;
	else if (listener_is_wildcard(&listener))
		where = listener.family == ADDRESS_IPV4 ? "every IPv4 address"
							: "every IPv6 address";
	diag_lint(linter->diags, LINT_EXPOSED, ingress->at,
		  "others can use this tunnel: it listens on %s%s%s", by_vlan ? "VLAN '" : "",
		  where, by_vlan ? "'" : "")
		->help = "leave out the address or VLAN, and only the host itself can; if others "
			 "are to, write allow_lints: [L012]";
}

void lint_exposed(struct linter *linter)
{
	for (size_t i = 0; i < linter->forward_count; i++)
		check_exposed(linter, &linter->forwards[i].forward->ingress);
}

/* --- L016 */

/*
 * A proxy has no password: whoever runs a program on the host where it listens chooses where it leads.
 * This machine's own programs are the user's, and a socket is for its owner alone.
 */
static void check_proxy(struct linter *linter, const struct forward *forward)
{
	const struct topology *topology = linter->topology;
	const size_t entered = listener_host(topology, forward->ingress.host);
	const size_t left = listener_host(topology, forward->egress.host);

	if (forward->egress.kind != EGRESS_SOCKS || forward->ingress.path || entered == left ||
	    entered == TOPOLOGY_ME || entered == topology->me)
		return;
	diag_lint(linter->diags, LINT_OPEN_PROXY, forward->egress.at,
		  "every program on '%s' can reach what '%s' can, its loopback included",
		  host_name(topology, entered), host_name(topology, left))
		->help = "lead the tunnel to the service that is needed, HOST/SERVICE or "
			 "HOST:PORT; if all of them are, write allow_lints: [L016]";
}

void lint_open_proxy(struct linter *linter)
{
	for (size_t i = 0; i < linter->forward_count; i++)
		check_proxy(linter, linter->forwards[i].forward);
}

/* --- L017 */

/* A name with a dot is mostly one of the DNS, and may well be like that of a host. */
static void check_near_host(struct linter *linter, const struct egress *egress)
{
	const struct topology *topology = linter->topology;
	struct suggest suggest;
	struct diag *diag;

	if (egress->kind != EGRESS_ADDRESS || egress->address.family != ADDRESS_NAME ||
	    strchr(egress->address.text, '.') ||
	    !budget_spend(&linter->budget, topology->host_count))
		return;
	suggest_init(&suggest, egress->address.text);
	index_offer(topology, INDEX_HOSTS, &suggest);
	if (!suggest.best)
		return;
	diag = diag_lint(linter->diags, LINT_NEAR_HOST, egress->at,
			 "no host is called '%s', so the exit looks the name up; '%s' is one",
			 egress->address.text, suggest.best);
	diag->help = "correct the name if the host is meant; if not, write allow_lints: [L017]";
	diag->related = topology->hosts[suggest.index].at;
}

void lint_near_host(struct linter *linter)
{
	for (size_t i = 0; i < linter->forward_count; i++)
		check_near_host(linter, &linter->forwards[i].forward->egress);
}

/* --- L018 */

static void report_no_effect(struct linter *linter, const struct no_effect *key, struct span at)
{
	diag_lint(linter->diags, LINT_NO_EFFECT, at, NO_EFFECT_SENTENCE, key->key, key->instead)
		->help = "remove the key; or write allow_lints: [L018] if the file is for later "
			 "versions, too";
}

/* What the defaults state is said of them, once. */
void lint_no_effect(struct linter *linter)
{
	const struct topology *topology = linter->topology;

	for (size_t i = 0; i < NO_EFFECT_KEYS; i++) {
		const struct no_effect *key = &no_effects[i];

		if (key->is_stated(&topology->defaults.tunnel)) {
			report_no_effect(linter, key, topology->defaults.at);
			continue;
		}
		for (size_t t = 0; t < topology->tunnel_count; t++)
			if (key->is_stated(&topology->tunnels[t].options))
				report_no_effect(linter, key, topology->tunnels[t].at);
	}
}
