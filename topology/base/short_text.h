/*
 * Short text: hashes texts eight bytes at a time.
 *
 * Names and keys are a word or two long, and a large file has millions of them: a loop over bytes,
 * or a call per text, would be noticeable.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_SHORT_TEXT_H
#define TUNPLAN_TOPOLOGY_BASE_SHORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes as a number. */
static inline uint64_t text_word(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

/* All of a text of less than eight bytes as a number; two of one size have the same if they are the same. */
static inline uint64_t text_rest(const char *text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t first, last;

	if (size == 0)
		return 0;
	if (size < 4)
		return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[size / 2] << 8 | bytes[size - 1];
	memcpy(&first, text, sizeof(first));
	memcpy(&last, text + size - sizeof(last), sizeof(last));
	return (uint64_t)first << 32 | last;
}

static inline uint64_t text_stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Returns the hash of a text. Its upper bits are as good as its lower ones. */
static inline uint32_t text_hash(const char *text, size_t size)
{
	uint64_t hash = size;

	for (size_t at = 0; at + 8 < size; at += 8)
		hash = text_stir(hash, text_word(text + at));
	hash = text_stir(hash, size < 8 ? text_rest(text, size) : text_word(text + size - 8));
	return (uint32_t)text_stir(hash, 0);
}

#endif
