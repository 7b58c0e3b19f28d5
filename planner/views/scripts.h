/*
 * Scripts: the shell programs of this folder as strings, for plan_script.h, which puts the tunnel before
 * them.
 *
 * The Makefile makes NAME_sh of NAME.sh, without what stands above the first empty line there.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_SCRIPTS_H
#define TUNPLAN_PLANNER_VIEWS_SCRIPTS_H

/* Brings up what the functions before it say, and takes it down. */
extern const char tunnel_sh[];

/* Runs on another host: an ssh from there. */
extern const char session_sh[];

#endif
