#include "topology/validate/validate_parts.h"

#include <stdlib.h>
#include <string.h>

static int compare_owners(const void *left, const void *right)
{
	const struct address_owner *a = left, *b = right;

	return strcmp(a->address->text, b->address->text);
}

/* Sorts all addresses of hosts: once, and only if some tunnel leads to an address. */
static void find_owners(struct validator *validator)
{
	const struct topology *topology = validator->topology;
	size_t count = 1;

	for (size_t h = 0; h < topology->host_count; h++)
		for (size_t i = 0; i < topology->hosts[h].interface_count; i++)
			count += topology->hosts[h].interfaces[i].address_count;
	validator->owners = arena_array(validator->scratch, count, sizeof(*validator->owners));
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++)
			for (size_t a = 0; a < host->interfaces[i].address_count; a++)
				validator->owners[validator->owner_count++] =
					(struct address_owner){&host->interfaces[i].addresses[a], h,
							       host->interfaces[i].vlan};
	}
	qsort(validator->owners, validator->owner_count, sizeof(*validator->owners),
	      compare_owners);
}

size_t validate_owner(struct validator *validator, const struct address *address, size_t *ret_vlan)
{
	const struct address_owner wanted = {.address = address};
	const struct address_owner *found, *owners;

	if (!validator->owners)
		find_owners(validator);
	owners = validator->owners;
	found = bsearch(&wanted, owners, validator->owner_count, sizeof(*found), compare_owners);
	if (!found || (found > owners && compare_owners(found - 1, found) == 0) ||
	    (found + 1 < owners + validator->owner_count && compare_owners(found, found + 1) == 0))
		return TOPOLOGY_NONE;
	*ret_vlan = found->vlan;
	return found->host;
}
