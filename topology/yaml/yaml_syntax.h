/*
 * YAML syntax: libyaml's errors in our own words, with hints for common mistakes. Used only by
 * yaml.c.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_YAML_SYNTAX_H
#define TUNPLAN_TOPOLOGY_YAML_YAML_SYNTAX_H

#include <yaml.h>

#include "topology/diag/diag.h"

/* Adds the error at which the parser, which reads the source, has stopped. */
void yaml_syntax_error(const yaml_parser_t *parser, const struct source *source,
		       struct diag_list *diags);

/* Adds an error and returns false when the text is not UTF-8 or holds control characters. */
bool yaml_syntax_text(const struct source *source, struct diag_list *diags);

#endif
