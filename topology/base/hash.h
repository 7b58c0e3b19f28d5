/*
 * Hash: of texts, for tables and for names of files that stand for a text.
 *
 * Names and keys are a word or two long, and a large file has millions of them: a call per text would
 * be noticeable. (Ports of `auto` have a hash of their own, planner/model/auto_port.c: they are in people's scripts.)
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_SHORT_TEXT_H
#define TUNPLAN_TOPOLOGY_BASE_SHORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Returns the hash of a text, of which every byte counts. Its upper bits are the best. */
static inline uint64_t text_hash_long(const char *text, size_t size)
{
	uint64_t hash = size;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return hash;
}

/*
 * Returns the FNV-1a of a text, 64 bits: for what is written down, where another program, or another version of this one, has
 * to find the same.
 */
static inline uint64_t text_fnv1a(const char *text, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Returns half of text_hash_long(), whose upper bits are as good as its lower ones. */
static inline uint32_t text_hash(const char *text, size_t size)
{
	return (uint32_t)(text_hash_long(text, size) >> 32);
}

#endif
