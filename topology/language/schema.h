/*
 * Schema: the language as a JSON Schema (draft-07), for editors and other programs.
 *
 * Generated from the tables of keys by which the parser reads a file (parse.h), so that the two
 * cannot differ about a key. The schema accepts every file that the parser accepts. It knows roughly
 * what a string looks like, and not whether a name exists, or is defined twice.
 *
 * Values have the types that a YAML 1.2 reader gives them, as in editors: 7999 is a number, none a
 * string.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H

#include <jansson.h>

/* Returns the schema, to be freed by the caller; its keys are in the order in which they are read. */
json_t *schema_json(void);

#endif
