/*
 * Place look: finds out at which places of a topology this machine is, from the event loop and without holding it up: in a
 * process of its own, this program in its role `--places`, which gathers the facts (place_facts.h) and recognises the
 * places by them.
 *
 * The process reads the topology's text from stdin, prints the names of the places, a line for each, and exits 0.
 */
#ifndef TUNPLAN_EXEC_PLACE_PLACE_LOOK_H
#define TUNPLAN_EXEC_PLACE_PLACE_LOOK_H

struct place_look;
struct uv_loop_s;

/* Where me is: the names of the places, NULL-terminated, until it returns; or NULL: it could not be found out. */
typedef void place_looked(void *data, const char *const *names);

/*
 * Begins to look; program is this program, text is copied. Returns NULL if the process cannot be started; else calls
 * looked(data) once, later, after which there is no look any more.
 */
struct place_look *place_look_start(struct uv_loop_s *loop, const char *program, const char *text,
				    place_looked *looked, void *data);

/* Ends it; looked() is not called any more. Accepts NULL. */
void place_look_cancel(struct place_look *look);

/* The process: the role `--places`. Returns its exit status. */
int place_look_main(int argc, char **argv);

#endif
