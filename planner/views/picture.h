/*
 * Picture: the path of a forward as one line of text.
 *
 *     you ===vlan1=== bastion-host ===vlan2=== test-server ---vlan3--- git-server
 *     7999 in         10.0.1.2                 10.0.2.3                10.0.3.2:7999 out
 *
 * A double line is inside ssh, a single line is not. The picture runs from ingress to egress, so a
 * remote tunnel is read from its far end to me. Forwards along the same path share one picture.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_PICTURE_H
#define TUNPLAN_PLANNER_VIEWS_PICTURE_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/* Appends the pictures of all forwards, each two lines after the given number of blanks. */
void picture_render(const struct plan *plan, size_t indent, struct strbuf *text);

#endif
