#include "topology/lint/port_set.h"

#include <string.h>

#define WORD_BITS 64u

static const struct port_range every_port = {1, UINT16_MAX};

static size_t range_count(const struct rule *rule)
{
	return rule->port_count ? rule->port_count : 1;
}

static struct port_range range_at(const struct rule *rule, size_t index)
{
	return rule->port_count ? rule->ports[index] : every_port;
}

/* The bits of a range that are in one word. */
static uint64_t mask_of(struct port_range range, unsigned word)
{
	uint64_t mask = UINT64_MAX;

	if (word == range.first / WORD_BITS)
		mask &= UINT64_MAX << (range.first % WORD_BITS);
	if (word == range.last / WORD_BITS)
		mask &= UINT64_MAX >> (WORD_BITS - 1 - range.last % WORD_BITS);
	return mask;
}

/* The number of bits, by sums of 2, 4 and 8 of them. */
static size_t bits_in(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555u;
	word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (size_t)(word * 0x0101010101010101u >> 56);
}

static uint16_t lowest_bit(uint64_t word, unsigned index)
{
	unsigned bit = 0;

	while (!(word >> bit & 1))
		bit++;
	return (uint16_t)(index * WORD_BITS + bit);
}

void port_set_init(struct port_set *set, const struct rule *rule)
{
	memset(set, 0, sizeof(*set));
	for (size_t i = 0; i < range_count(rule); i++) {
		const struct port_range range = range_at(rule, i);

		for (unsigned w = range.first / WORD_BITS; w <= range.last / WORD_BITS; w++) {
			const uint64_t added = mask_of(range, w) & ~set->words[w];

			set->words[w] |= added;
			set->count += bits_in(added);
		}
	}
}

bool port_set_take(struct port_set *set, const struct rule *rule, struct budget *budget)
{
	const size_t before = set->count;

	for (size_t i = 0; i < range_count(rule); i++) {
		const struct port_range range = range_at(rule, i);

		for (unsigned w = range.first / WORD_BITS; w <= range.last / WORD_BITS; w++) {
			const uint64_t taken = mask_of(range, w) & set->words[w];

			set->words[w] &= ~taken;
			set->count -= bits_in(taken);
			budget_spend(budget, 1);
		}
	}
	return set->count < before;
}

bool port_set_meet(const struct port_set *set, const struct rule *rule, struct budget *budget,
		   uint16_t *ret_port)
{
	bool meets = false;

	for (size_t i = 0; i < range_count(rule); i++) {
		const struct port_range range = range_at(rule, i);

		for (unsigned w = range.first / WORD_BITS; w <= range.last / WORD_BITS; w++) {
			const uint64_t common = mask_of(range, w) & set->words[w];

			budget_spend(budget, 1);
			if (!common || (meets && lowest_bit(common, w) >= *ret_port))
				continue;
			*ret_port = lowest_bit(common, w);
			meets = true;
		}
	}
	return meets;
}

uint16_t port_set_first(const struct port_set *set)
{
	unsigned word = 0;

	while (!set->words[word])
		word++;
	return lowest_bit(set->words[word], word);
}

bool port_set_is_all(const struct rule *rule, struct budget *budget)
{
	struct port_set set;
	size_t ports = 0;

	/* Few rules have ranges that are long enough. */
	for (size_t i = 0; i < rule->port_count; i++)
		ports += (size_t)rule->ports[i].last - rule->ports[i].first + 1;
	budget_spend(budget, rule->port_count + 1);
	if (rule->port_count == 0 || ports < UINT16_MAX)
		return rule->port_count == 0;
	port_set_init(&set, rule);
	budget_spend(budget, ports / WORD_BITS);
	return set.count == UINT16_MAX;
}
