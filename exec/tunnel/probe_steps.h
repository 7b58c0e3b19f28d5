/*
 * Probe steps: the dials that a probe is made of. Used only by probe*.c.
 *
 * A step starts one dial and returns; when the dial has ended, the step calls probe_go_on(), or
 * probe_fail(), after which the probe is gone.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_PROBE_STEPS_H
#define TUNPLAN_EXEC_TUNNEL_PROBE_STEPS_H

#include "exec/ssh/dial.h"
#include "exec/ssh/log_reader.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/path_proof.h"
#include "exec/tunnel/probe.h"

/* For each dial of a probe. */
#define PROBE_DIAL_MS 5000
/* When the exit is asked for something else, which it must know: by its answer it has had the dial. */
#define PROBE_SIGN_MS 2500
/* How often it is seen whether the link is only busy, once a dial is late. */
#define PROBE_BUSY_MS 1000
/* For an exit that did not tell in time what became of a dial, to answer for itself. */
#define PROBE_DOUBT_MS 3000

typedef void (*probe_step)(struct probe *probe);

struct probe {
	struct probe_target target;
	const probe_step *next;      /* the steps still to take, NULL-terminated */
	uint64_t started_ms;         /* monotonic */
	struct ssh_log_use used;     /* the connections to its listener before the present step */
	struct exit_wait *exit_wait; /* what is under way: one of these six */
	struct link_request *question;
	struct dial *dial;
	struct log_wait *wait;
	struct listener_proof *proof;
	struct path_proof *path_proof;
	struct delay *halfway;  /* until its exit is asked for a sign; NULL: it is not waited for */
	struct exit_wait *sign; /* that, under way */
	bool has_sign;          /* it came while the dial was under way */
	struct delay *soon;     /* or nothing is, and that is about to be told */
	struct delay *patience; /* until a link that is busy is the answer */
	bool proves_listener;   /* it is its own listener that the exit has dialled */
	bool doubts; /* the closed port was not answered for, and it waits for what is asked in its place (candour.h) */
	bool came_back; /* through its listener, and its ssh has dialled the egress */
	char *said;     /* its words, which leave open why it did not; or NULL */
	struct ssh_fault_subject dialled; /* what the exit was to dial, once it did not answer */
	struct probe_result result;       /* so far */
	probe_done done;
	void *data;
};

/* Takes the next step; after the last one the egress was reached. */
void probe_go_on(struct probe *probe);

/* Ends the probe with a class, its advice and some words. */
void probe_fail(struct probe *probe, enum probe_outcome outcome, const struct ssh_fault *fault,
		const struct ssh_fault_subject *subject, const char *words);

/* Ends the probe, which could not be carried out: with a class of the exit's hop, and words. */
void probe_unlearned(struct probe *probe, const char *code, const char *words);

/* The exit said something else of a dial than yes or no: ends the probe, once it is clear why. */
void probe_judge_exit(struct probe *probe, enum link_answer answer);

/* The exit has not said in time what became of a dial: ends the probe once it is clear whether it could. */
void probe_exit_is_late(struct probe *probe, const struct ssh_fault_subject *dialled);

/*
 * The exit did not dial that, in these words: ends the probe; where the words leave open why, once the exit has answered for a
 * closed port of its own.
 */
void probe_refused(struct probe *probe, const struct ssh_fault_subject *dialled, const char *words);

/* The exit says that a connection stands: goes on, unless that proves nothing (candour.h). */
void probe_opened(struct probe *probe);

/* Returns the egress as what trouble is about, dialled by the exit or (by_me) from here. Texts are the target's. */
struct ssh_fault_subject probe_egress(const struct probe *probe, bool by_me);

/* Returns the name for what is behind the egress: the host's, or else its address. */
const char *probe_egress_name(const struct probe *probe);

/* Dials by the exit, through its master (probe_exit.c). */
void probe_exit_dials_egress(struct probe *probe);
void probe_exit_dials_closed_port(struct probe *probe);

/* Ends the probe: what is to be known cannot be asked for where the ssh runs. */
void probe_cannot_ask(struct probe *probe);

/* The listener on the exit, and what is behind it (probe_remote.c). */
void probe_listener(struct probe *probe);
void probe_egress_behind(struct probe *probe);

/* Dials from here (probe_here.c). */
void probe_dial_listener(struct probe *probe);
void probe_dial_egress(struct probe *probe);

/*
 * Dials the listener, whose egress is a unix socket on the exit, and reads in the exit's log what
 * became of it: ssh before 9.4 cannot be asked for such a dial otherwise.
 */
void probe_dial_through(struct probe *probe);

/* Reads in the log what became of a connection that came to the listener: whether the egress was reached. */
void probe_read_outcome(struct probe *probe);

#endif
