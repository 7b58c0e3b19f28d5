/*
 * Plan script: a plan as a POSIX shell script that brings the tunnel up without tunplan.
 *
 * A pure view, built from the same logins and forwards as the commands of plan_view.h.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_PLAN_SCRIPT_H
#define TUNPLAN_PLANNER_VIEWS_PLAN_SCRIPT_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/*
 * The programs of this folder, before which the data of a tunnel stand: what brings a tunnel up and takes it down, and an ssh on
 * another host. The Makefile makes NAME_sh of NAME.sh, without what stands above the first empty line there.
 */
extern const char tunnel_sh[];
extern const char session_sh[];

/*
 * Appends a script for the plan's me. It brings the tunnel up, one ssh master for each hop, and stays
 * in the foreground until a signal, or the end of one of its ssh processes, takes all of it down. For a
 * plan without forwards it is the login.
 *
 * An `auto` port is the one by the tunnel's name (auto_port.h): if that is taken, the script fails. A
 * master keeps its control socket, and two forwards their joint, in a directory of the script's own.
 */
void plan_script(const struct plan *plan, struct strbuf *text);

/*
 * Appends the command with which a person logs in to a hop of a plan by hand, as it dials it, and which ends at once: to
 * see, and accept, its key.
 */
void plan_login(const struct plan *plan, size_t hop, struct strbuf *text);

/*
 * Appends the two parts of that script that bring up one stitched piece (plan_is_stitched()), the one that ends
 * with a hop that has forwards: the command of the session that the hop of me that carries the piece is asked
 * for, and the program that the session reads. It reads a line every 15 s after that (session.sh). verbose is
 * the value of LogVerbose for the ssh that runs there, if that one knows it. Each `auto` port is so many after the one
 * by the tunnel's name.
 */
void plan_session(const struct plan *plan, size_t hop, const char *verbose, size_t ports_after,
		  struct strbuf *command, struct strbuf *program);

#endif
