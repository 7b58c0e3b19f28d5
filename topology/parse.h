/*
 * Parse: from the tree of yaml.h to the document of document.h.
 *
 * parse_document() is the way in. The other functions are what the parse_*.c files, one per part
 * of the language, have in common.
 */
#ifndef TUNPLAN_TOPOLOGY_PARSE_H
#define TUNPLAN_TOPOLOGY_PARSE_H

#include "topology/keys.h"

/*
 * Reads the tree. Errors go to diags; the document (in arena, pointing into the tree) holds all
 * that could be read. Returns false when reading on makes no sense: the root is no mapping, or the
 * file is for another version of the language.
 */
bool parse_document(const struct yaml_node *root, struct arena *arena, struct diag_list *diags,
		    struct document *ret_document);

/*
 * The keys of each kind of mapping, in the order of tunplan(5), each in the file that reads it.
 */
extern const struct key_table parse_topology_table;
extern const struct key_table parse_vlan_table;
extern const struct key_table parse_host_table;
extern const struct key_table parse_ssh_table;
extern const struct key_table parse_service_table;
extern const struct key_table parse_rule_table;
extern const struct key_table parse_tunnel_table;
extern const struct key_table parse_forward_table;

/* Returns table number index of those above, or NULL behind the last one. */
const struct key_table *parse_table(size_t index);

/* Readers of the top level's keys, each in the file of its name. into is not used. */
void parse_vlans(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_hosts(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_rules(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_tunnels(struct parser *parser, const struct yaml_pair *pair, void *into);
void parse_groups(struct parser *parser, const struct yaml_pair *pair, void *into);

/*
 * Whether the pair's value is of one of the kinds; if not, says so, with an example of what could
 * stand there as help.
 */
bool parse_kind(struct parser *parser, const struct yaml_pair *pair, unsigned kinds,
		const char *example);

/* A value and its items: a scalar or mapping is its own only item, null has none. */
size_t parse_item_count(const struct yaml_node *node);
const struct yaml_node *parse_item(const struct yaml_node *node, size_t index);

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

/* Reads a port. */
bool parse_port(struct parser *parser, const struct yaml_node *scalar, uint16_t *ret_port);

/* Called for each entry of a list or mapping of named things; value is NULL or not null. */
typedef void parse_entry(struct parser *parser, const struct yaml_node *name,
			 const struct yaml_node *value);

/* Calls entry for each name of a list, or each key of a mapping. Returns false if some were bad. */
bool parse_entries(struct parser *parser, const struct yaml_node *node, const char *what,
		   parse_entry *entry);

#endif
