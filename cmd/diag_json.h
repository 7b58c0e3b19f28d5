/* Diagnostics as JSON: the same facts as the caret form, for editors and other programs. */
#ifndef TUNPLAN_CMD_DIAG_JSON_H
#define TUNPLAN_CMD_DIAG_JSON_H

#include <jansson.h>

#include "topology/diag/diag.h"

/*
 * Returns an array with one object per diagnostic, all of them, in the list's order:
 *
 *     {"level", "code", "at": PLACE, "message", "help"?, "related"?: PLACE + "text"}
 *     PLACE = {"file", "line", "column", "length"}     1-based, in code points; null: no place
 *
 * sources are those that the spans are in. The caller owns the reference.
 */
json_t *diag_json(const struct diag_list *list, const struct sources *sources);

#endif
