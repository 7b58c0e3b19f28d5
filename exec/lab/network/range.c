#include "exec/lab/network/range.h"

#include <arpa/inet.h>
#include <string.h>

/* Where ranges are taken from for VLANs that have none: equal blocks within a private range. */
struct source_range {
	const char *base; /* the first block */
	enum address_family family;
	uint8_t prefix;       /* bits of one block */
	unsigned block_count; /* blocks from base on */
};

static const struct source_range sources[LAB_POOL_COUNT] = {
	{"10.101.1.0", ADDRESS_IPV4, 24, (254 - 101) * 256},
	{"172.16.0.0", ADDRESS_IPV4, 24, 16 * 256},
	{"198.18.0.0", ADDRESS_IPV4, 24, 2 * 256}, /* RFC 2544, for tests */
	{"fd00:101:0:1::", ADDRESS_IPV6, 64, 65535},
};

unsigned lab_family_bits(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 32 : 128;
}

/* Adds a number to an address in network order, from bit `shift` (a multiple of 8) upwards. */
static void bytes_add(uint8_t *bytes, unsigned size, uint64_t number, unsigned shift)
{
	for (unsigned i = size - shift / 8; i > 0 && number > 0; i--) {
		number += bytes[i - 1];
		bytes[i - 1] = (uint8_t)number;
		number >>= 8;
	}
}

static void address_write(struct address *address, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(address->family == ADDRESS_IPV4 ? AF_INET : AF_INET6, address->bytes, text,
		  sizeof(text));
	address->text = arena_string(arena, text);
}

struct address lab_range_address(const struct lab_range *range, uint64_t number,
				 struct arena *arena)
{
	struct address address = {.family = range->cidr.family};

	memcpy(address.bytes, range->cidr.bytes, sizeof(address.bytes));
	bytes_add(address.bytes, lab_family_bits(address.family) / 8, number, 0);
	address_write(&address, arena);
	return address;
}

void lab_range_numbers(const struct lab_range *range, uint64_t *ret_first, uint64_t *ret_last)
{
	unsigned host_bits = lab_family_bits(range->cidr.family) - range->cidr.prefix;
	uint64_t last = host_bits >= 63 ? UINT64_MAX >> 1 : (UINT64_C(1) << host_bits) - 1;
	bool spare_ends = host_bits >= 2;

	*ret_first = spare_ends ? 1 : 0;
	*ret_last = spare_ends && range->cidr.family == ADDRESS_IPV4 ? last - 1 : last;
}

bool lab_address_within(const struct address *address, const struct address *network,
			uint8_t prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (address->family != network->family || address->family == ADDRESS_NAME)
		return false;
	if (memcmp(address->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 || ((address->bytes[whole] ^ network->bytes[whole]) & mask) == 0;
}

static bool cidrs_overlap(const struct cidr *a, const struct cidr *b)
{
	struct address one = {.family = a->family}, other = {.family = b->family};

	memcpy(one.bytes, a->bytes, sizeof(one.bytes));
	memcpy(other.bytes, b->bytes, sizeof(other.bytes));
	return lab_address_within(&one, &other, a->prefix < b->prefix ? a->prefix : b->prefix);
}

/* Whether a block collides with a range or a stated address anywhere in the topology. */
static bool block_collides(const struct topology *topology, const struct cidr *block)
{
	for (size_t v = 0; v < topology->vlan_count; v++)
		for (size_t c = 0; c < topology->vlans[v].cidr_count; c++)
			if (cidrs_overlap(block, &topology->vlans[v].cidrs[c]))
				return true;
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++)
			for (size_t a = 0; a < host->interfaces[i].address_count; a++)
				if (cidr_contains(block, &host->interfaces[i].addresses[a]))
					return true;
	}
	return false;
}

bool lab_pool_take(struct lab_pool *pool, const struct topology *topology,
		   enum address_family family, struct cidr *ret_block)
{
	for (size_t p = 0; p < LAB_POOL_COUNT; p++) {
		const struct source_range *source = &sources[p];
		unsigned size = lab_family_bits(family) / 8;

		while (source->family == family && pool->taken[p] < source->block_count) {
			struct cidr block = {.family = family, .prefix = source->prefix};

			inet_pton(family == ADDRESS_IPV4 ? AF_INET : AF_INET6, source->base,
				  block.bytes);
			bytes_add(block.bytes, size, pool->taken[p]++, size * 8 - source->prefix);
			if (block_collides(topology, &block))
				continue;
			*ret_block = block;
			return true;
		}
	}
	return false;
}
