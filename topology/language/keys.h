/*
 * Keys: reads mappings by tables of their keys.
 *
 * One table for each kind of mapping, one row for each key: adding a key is adding a row.
 * Everything that all mappings have in common is done here: unknown keys and suggestions for them,
 * `x-…` keys, null values, values of the wrong kind.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_KEYS_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_KEYS_H

#include "topology/diag/diag.h"
#include "topology/language/document.h"
#include "topology/yaml/yaml.h"

/* What every reader of a part of a tree needs. */
struct parser {
	struct arena *arena;   /* of the topology: what the document hands on */
	struct arena *scratch; /* of the document */
	struct diag_list *diags;
	struct document *document;
	const struct yaml_tree *tree; /* of the file that is read */
	const struct yaml_node
		*done;            /* up to there, the memory of its nodes was lent, if not NULL */
	struct host_range *range; /* of the hosts that are read, or NULL */
};

/* A value where a list may stand is a list of one; so a list's row has this. */
#define KEY_ONE_OR_MORE ((unsigned)YAML_SCALAR | (unsigned)YAML_LIST)

/* A word of the language and the number that stands for it. The last one of an array has no word. */
struct key_choice {
	const char *word;
	int value;
};

struct key_table;

/*
 * item, mapping, choices, form and filled say to schema.h what the reader takes; the names are those
 * of its definitions.
 */
struct key {
	const char *name;
	/* Reads the pair's value, which has one of the kinds and is not null, into what `into` says.
	   NULL: the value is a mapping of the table's keys; or, without a table, one of the
	   choices, whose number goes there, to a byte or a bool. */
	void (*read)(struct parser *parser, const struct yaml_pair *pair, void *into);
	const char *example; /* shown as help when the value is of another kind; NULL: any kind is
				right */
	const char *summary; /* one sentence: what the key is for, as tunplan(5) begins its entry */
	const char *item;    /* what a scalar is, and each entry of a list: "port" */
	const char *mapping; /* what a mapping is: "addresses" */
	const struct key_choice *choices; /* the words that a scalar may be, instead of item */
	const struct key_table *table;    /* the keys of a mapping, where no function reads it */
	size_t into;  /* where the value goes: an offset in the struct that keys_read() was given */
	size_t noted; /* where the place of the key goes: such an offset; 0: nowhere */
	unsigned kinds; /* bits of enum yaml_kind that the value may have */
	uint8_t form;   /* 0: the key may be absent. Else a mapping has every key of one form and
			   none of another: allow is of form 1, deny of form 2 */
	bool filled;    /* a list has at least one entry */
	bool shared;    /* `defaults` may say it for all */
};

struct key_table {
	const char *name; /* "host": where tunplan(5) has these keys */
	const char *what; /* "a host": what has these keys */
	const struct key *keys;
	size_t count;
	const char *advice; /* behind the list of keys when one is unknown: "; …", or NULL */
	bool shared;        /* only its shared keys: it stands under `defaults` */
};

/* The elements of .keys and .count, from an array of rows. */
#define KEY_ROWS(rows) .keys = (rows), .count = sizeof(rows) / sizeof((rows)[0])

/* Returns whether a row is one of the table's. */
bool keys_has(const struct key_table *table, const struct key *key);

/*
 * Reads a mapping by its table. Returns whether every key could be handed to its reader: if not,
 * something that the file says is missing from *into.
 */
bool keys_read(struct parser *parser, const struct yaml_node *mapping,
	       const struct key_table *table, void *into);

/* A reader that keeps the pair itself, a struct yaml_pair, for when all keys have been read. */
void keys_keep(struct parser *parser, const struct yaml_pair *pair, void *into);

#endif
