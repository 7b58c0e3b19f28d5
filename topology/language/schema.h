/*
 * Schema: the language as a JSON Schema (draft-07), for editors and other programs.
 *
 * Made from the tables of keys by which the parser reads a file (parse.h), so that the two cannot
 * say different things about a key; what the strings look like comes from patterns.h. It takes
 * every file that the parser takes. What it cannot know is whether a name exists, or is there
 * twice.
 *
 * Values are what a YAML 1.2 reader makes of them, as editors do: 7999 is a number, none a string.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_SCHEMA_H

#include "topology/base/strbuf.h"

/* Appends the schema, one line for each key and each word, and a line break. */
void schema_text(struct strbuf *ret_text);

#endif
