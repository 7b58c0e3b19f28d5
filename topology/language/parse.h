/*
 * Parse: turns the trees of yaml.h into the document of document.h.
 *
 * parse_document() is the entry point. The other functions (parse_values.c) are shared by the
 * parse_*.c files, one for each part of the language.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_PARSE_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_PARSE_H

#include "topology/language/grammar.h"
#include "topology/language/keys.h"
#include "topology/language/name.h"

/* A file that was read. */
struct parse_file {
	struct yaml_tree tree;
	bool good; /* parse_head() was content with it */
};

/*
 * Looks whether a file is worth reading: it is a mapping, and for this version of the language. Says
 * what is wrong if it is not. The first file of a topology must state the version.
 */
bool parse_head(const struct yaml_tree *tree, const struct source *source, bool first,
		struct diag_list *diags);

/*
 * Returns the value of a key at the top of a file, or NULL where it is absent or null. key_at, if
 * not NULL, is set to the place of the key.
 */
const struct yaml_node *parse_top(const struct yaml_tree *tree, const char *key,
				  struct span *ret_key_at);

/*
 * Reads the good ones of the files into one document, and empties their trees: the texts are the
 * arena's then, and so is the memory of the nodes. What the topology will take over goes to arena, the
 * rest to scratch, which is finished first. Errors go to diags; the document holds all that could be
 * read. incomplete: some file could not be read.
 */
void parse_document(struct parse_file *files, size_t file_count, bool incomplete,
		    struct arena *arena, struct arena *scratch, struct diag_list *diags,
		    struct document *ret_document);

/*
 * The keys of each kind of mapping, in the order of tunplan(5), each in the file that reads it.
 */
extern const struct key_table parse_topology_table;
extern const struct key_table parse_vlan_table;
extern const struct key_table parse_host_table;
extern const struct key_table parse_ssh_table;
extern const struct key_table parse_sshd_table;
extern const struct key_table parse_service_table;
extern const struct key_table parse_rule_table;
extern const struct key_table parse_tunnel_table;
extern const struct key_table parse_forward_table;
extern const struct key_table parse_place_table;
extern const struct key_table parse_when_table;
extern const struct key_table parse_defaults_table;
extern const struct key_table parse_default_ssh_table;
extern const struct key_table parse_default_tunnel_table;
extern const struct key_table parse_variable_table;

/* Returns table number index of those above, or NULL behind the last one. */
const struct key_table *parse_table(size_t index);

/* Readers of the top level's keys, each in the file of its name. into is not used. */
void parse_vlans(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_hosts(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_sets(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_rules(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_tunnels(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_groups(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_places(struct parser *parser, const struct yaml_pair *pair, void *into);

/* Readers of a host's keys that have files of their own. into is a struct doc_host. */
void parse_ssh(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_sshd(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_services(struct parser *parser, const struct yaml_pair *pair, void *into);

/* Returns what few hosts have, made if it is not there yet. */
struct doc_host_more *parse_more(struct parser *parser, struct doc_host *host);

/* Reads a text that is a whole tunnel, or its egress alone: then the ingress is `auto` on me. */
void parse_tunnel_text(struct parser *parser, const struct yaml_node *scalar,
		       struct doc_tunnel *tunnel);

/* Reads `at` of a host (service TOPOLOGY_NONE) or of its service number `service`. */
void parse_at(struct parser *parser, const struct yaml_pair *pair, struct doc_host *host,
	      size_t service);

/* Reads VLANs as a host has them: names, or a mapping of names to addresses; false: some were bad. */
bool parse_interfaces(struct parser *parser, const struct yaml_pair *pair,
		      struct doc_interfaces *ret_interfaces);

/* Returns a scalar's text. */
const char *parse_text(const struct parser *parser, const struct yaml_node *scalar);

/* Whether a value says nothing: it is null, or an error about it was reported. */
bool parse_nothing(const struct parser *parser, const struct yaml_node *node);

/*
 * Whether the pair's value is of one of the kinds; if not, says so, with an example of what could
 * stand there as help.
 */
bool parse_kind(struct parser *parser, const struct yaml_pair *pair, unsigned kinds,
		const char *example);

/* A walk over a value and its items: a scalar or mapping is its own only item, null has none. */
struct parse_items {
	struct yaml_walk walk;
	const struct yaml_node *single;
};

/* Begins a walk over a value; returns how many items it has in *ret_count, if not NULL. */
struct parse_items parse_items(const struct parser *parser, const struct yaml_node *node,
			       size_t *ret_count);

/* Returns the next item, or NULL. */
const struct yaml_node *parse_next(struct parse_items *items);

/*
 * Whether a list's item is a scalar with something in it. If not, says that what ("a VLAN")
 * belongs there.
 */
bool parse_scalar(struct parser *parser, const struct yaml_node *node, const char *what);

/*
 * Whether a list that has count entries may have one more. If not, says so at a place; these lists
 * are searched from end to end.
 */
bool parse_room(struct parser *parser, size_t count, struct span at);

/* Reports a fault at its place inside a scalar and returns false. */
bool parse_fault(struct parser *parser, const struct yaml_node *scalar, const struct fault *fault);

/*
 * Reads a scalar that gives something its name. The word is there even when the name is refused:
 * what refers to it is no error then.
 */
struct word parse_new_name(struct parser *parser, const struct yaml_node *scalar);

/* Reads a scalar that refers to something by name; false when it cannot be a name. */
bool parse_reference(struct parser *parser, const struct yaml_node *scalar, const char *what,
		     struct word *ret_word);

/* Reads a value whose items refer to things by name. Returns false if some were bad. */
bool parse_references(struct parser *parser, const struct yaml_node *node, const char *what,
		      struct word_list *ret_words);

/* Reads a port. */
bool parse_port(struct parser *parser, const struct yaml_node *scalar, uint16_t *ret_port);

/* Reads a decimal number from least to most; what says which: "a number of hops". */
bool parse_number(struct parser *parser, const struct yaml_node *scalar, const char *what,
		  uint32_t least, uint32_t most, uint32_t *ret_number);

/*
 * Reads a duration: 90, 90s, 5m, 2h or 1d; at least a second and at most a year. what says what could
 * stand there: "a duration".
 */
bool parse_duration(struct parser *parser, const struct yaml_node *scalar, const char *what,
		    unsigned *ret_seconds);

/* Reads one of a few words. */
bool parse_choice(struct parser *parser, const struct yaml_node *scalar,
		  const struct key_choice *choices, int *ret_value);

/* yes no true false; parse_refusals is for a bool that is true where the file says no. */
extern const struct key_choice parse_booleans[];
extern const struct key_choice parse_refusals[];

/* none low medium high, as enum trust */
extern const struct key_choice parse_trusts[];

/* Called for each entry of a list or mapping of named things; value is NULL or not null. */
typedef void parse_entry(struct parser *parser, const struct yaml_node *name,
			 const struct yaml_node *value);

/* Calls entry for each name of a list, or each key of a mapping. Returns false if some were bad. */
bool parse_entries(struct parser *parser, const struct yaml_node *node, const char *what,
		   parse_entry *entry);

#endif
