/*
 * Schema: the language as a JSON Schema (draft-07), for editors and other programs.
 *
 * Generated from the tables of keys by which the parser reads a file (parse.h), so that the two
 * cannot differ about a key; the forms of strings come from patterns.h. The schema accepts every
 * file that the parser accepts. It cannot know whether a name exists, or is defined twice.
 *
 * Values have the types that a YAML 1.2 reader gives them, as in editors: 7999 is a number, none a
 * string.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H

#include "topology/base/strbuf.h"

/* Appends the schema, one line for each key and each word, and a line break. */
void schema_text(struct strbuf *ret_text);

#endif
