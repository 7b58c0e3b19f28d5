#include "planner/search/known.h"

#include <stdbool.h>
#include <stdlib.h>

#include "topology/base/memory.h"

/* So many slots at first; doubled when three of four are taken. */
#define ROOM_MIN 64

struct known_slot {
	struct known_key key;
	void *value;
	bool taken;
};

/* Finalizers of MurmurHash3: every bit of the key moves every bit of the hash. */
uint64_t known_hash(uint64_t value)
{
	value = (value ^ value >> 33) * 0xff51afd7ed558ccdu;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53u;
	return value ^ value >> 33;
}

static struct known_slot *find(const struct known *known, struct known_key key)
{
	size_t at = (size_t)known_hash(key.high ^ known_hash(key.low)) & (known->room - 1);

	while (known->slots[at].taken &&
	       (known->slots[at].key.high != key.high || known->slots[at].key.low != key.low))
		at = (at + 1) & (known->room - 1);
	return &known->slots[at];
}

static void grow(struct known *known)
{
	const struct known before = *known;

	known->room = before.room ? before.room * 2 : ROOM_MIN;
	known->slots = memory_array(known->room, sizeof(*known->slots));
	for (size_t i = 0; i < before.room; i++)
		if (before.slots[i].taken)
			*find(known, before.slots[i].key) = before.slots[i];
	free(before.slots);
}

void **known_at(struct known *known, struct known_key key)
{
	struct known_slot *slot;

	if (known->count * 4 >= known->room * 3)
		grow(known);
	slot = find(known, key);
	if (!slot->taken) {
		slot->taken = true;
		slot->key = key;
		known->count++;
	}
	return &slot->value;
}

void known_finish(struct known *known)
{
	free(known->slots);
	*known = (struct known){0};
}
