/*
 * Key hints: what to write instead of keys that the language does not have, but that people write.
 *
 * A key that is near to one of the language needs no row here: keys.c suggests it. A row is for a word
 * that means something which is said elsewhere, or in another way.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_KEY_HINTS_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_KEY_HINTS_H

/*
 * Returns what to write instead of an unknown key of a table of keys.h, by the table's name, or NULL.
 * Upper case, dashes and underscores in the key do not matter.
 */
const char *key_hint(const char *table, const char *key);

#endif
