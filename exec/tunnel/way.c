#include "exec/tunnel/way.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "topology/base/hash.h"

static const struct kernel_interface *find_interface(const struct kernel_network *network,
						     const char *name)
{
	for (size_t i = 0; i < network->interface_count; i++)
		if (strcmp(network->interfaces[i].name, name) == 0)
			return &network->interfaces[i];
	return NULL;
}

static bool is_up(const struct kernel_network *network, const char *name)
{
	const struct kernel_interface *interface = find_interface(network, name);

	return interface && interface->up;
}

static bool is_indirect(const struct kernel_network *network, const char *name)
{
	const struct kernel_interface *interface = find_interface(network, name);

	return !interface || interface->indirect;
}

static bool same_address(const struct kernel_end *a, const struct kernel_end *b)
{
	return a->family == b->family && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

struct way way_of(const struct kernel_network *network, int error, const struct kernel_route *route,
		  const struct way *before)
{
	struct way way = {.known = true, .exists = false, .route = before->route};

	if (error == 0) {
		way.route = *route;
		way.exists = is_up(network, route->interface);
	}
	return way;
}

static bool same_way(const struct way *a, const struct way *b)
{
	return strcmp(a->route.interface, b->route.interface) == 0 &&
	       same_address(&a->route.source, &b->route.source);
}

bool way_returned(const struct way *before, const struct way *now)
{
	return now->exists && !(before->known && before->exists && same_way(before, now));
}

/* Whether the address is of an interface that is not switched off. */
static bool is_ours(const struct kernel_network *network, const struct kernel_end *here)
{
	for (size_t i = 0; i < network->address_count; i++) {
		const struct kernel_address *address = &network->addresses[i];
		const struct kernel_interface *of = find_interface(network, address->interface);

		if (same_address(&address->at, here) && of && of->enabled)
			return true;
	}
	return false;
}

static void add_address(const struct kernel_end *end, struct strbuf *words)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(end->family, end->address, text, sizeof(text));
	strbuf_puts(words, text);
}

/* Says what is wrong with the interface by which something went, if anything is. */
static bool blame_interface(const struct kernel_network *network, const char *name,
			    struct strbuf *words)
{
	const struct kernel_interface *interface = find_interface(network, name);

	if (!*name || (interface && interface->up))
		return false;
	strbuf_printf(words, "the interface %s is %s", name, interface ? "down" : "gone");
	return true;
}

static void blame(const struct kernel_network *network, const struct kernel_tcp_key *key,
		  const char *name, bool ours, struct strbuf *words)
{
	if (blame_interface(network, name, words))
		return;
	if (ours) {
		strbuf_puts(words, "this machine has no route to ");
		add_address(&key->there, words);
		if (*name)
			strbuf_printf(words, " any more, by %s or another interface", name);
		return;
	}
	strbuf_printf(words, "%s no longer has the address ", *name ? name : "this machine");
	add_address(&key->here, words);
}

enum way_verdict way_judge(const struct kernel_network *network, const struct kernel_tcp_key *key,
			   const struct way *before, const struct way *now, struct strbuf *words)
{
	const bool ours = is_ours(network, &key->here);

	/* 1, 2 */
	if (!ours || !now->exists) {
		blame(network, key, (now->exists ? before : now)->route.interface, ours, words);
		return WAY_LOST;
	}
	/* 3, 4 */
	if (strcmp(now->route.interface, before->route.interface) != 0 ||
	    is_indirect(network, now->route.interface))
		return WAY_ASK;
	return WAY_STANDS;
}

uint64_t way_signature(const struct kernel_network *network)
{
	uint64_t sum = 0;

	/* In whatever order. */
	for (size_t i = 0; i < network->interface_count; i++) {
		const struct kernel_interface *item = &network->interfaces[i];

		sum += text_hash_long(item->name, strlen(item->name)) *
		       (1u + 2u * item->enabled + 4u * item->up);
	}
	for (size_t i = 0; i < network->address_count; i++) {
		const struct kernel_address *item = &network->addresses[i];

		sum += text_hash_long((const char *)item->at.address, sizeof(item->at.address)) ^
		       text_hash_long(item->interface, strlen(item->interface));
	}
	return sum;
}
