/*
 * Ssh: the ssh processes of the simulated world: how they log in, what they write into their logs and
 * how they end. They outlive the supervisor that started them; what it asks of them is in errand.h.
 */
#ifndef TUNPLAN_TESTS_SIM_SSH_H
#define TUNPLAN_TESTS_SIM_SSH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/ssh/ssh_argv.h"
#include "tests/sim/world.h"

enum ssh_state { SSH_CONNECTING, SSH_LOGGING_IN, SSH_UP, SSH_ENDED };

/* What the process that started it is told: never from inside a call. */
struct ssh_watch {
	void (*quiet)(
		void *data); /* its stdout is closed: it is logged in; of a session, it has said "up" */
	void (*ended)(void *data);
};

struct ssh {
	pid_t pid;
	struct machine *host; /* on which its session ends */
	char *carrier_path;   /* control socket through which it dials, or NULL */
	struct ssh *carrier;  /* the ssh behind that, once it dialled */
	unsigned channel;     /* of the carrier, 0: none yet */
	char *socket;
	char *log;
	enum ssh_state state;
	bool stopped;         /* by SIGSTOP */
	unsigned own_address; /* of this machine, when it dialled by itself */
	int signal;           /* that ended it, or 0 */
	int status;
	uint64_t ended_ms;
	const char *failed; /* why its host did not let it in: a class of classify.h, or NULL */
	uint64_t channels;  /* bits: those that are open */
	unsigned drawn;     /* numbers for how long things take */
	const struct ssh_watch *watch; /* NULL: nobody watches any more */
	void *data;
	bool quiet_untold, end_told;
	unsigned untold;   /* connections at whose other end it is not known yet that it ended */
	bool session;      /* it runs on another host, and has no control socket (session.h) */
	char *program;     /* and is told all by that; NULL: not read yet */
	bool listens;      /* on its control socket */
	uint64_t heard_ms; /* when something came from its sshd; keepalives come on top */
	uint64_t still_ms; /* when it began to hear nothing; 0: it hears */
	unsigned alive_s;  /* its ServerAliveInterval */
	uint64_t read_ms;  /* when it reads the last of what it was asked, and when it takes that */
	uint64_t taken_ms;
	uint64_t moved_ms; /* when something but that went through it */
	uint64_t used_ms;  /* when it had a channel last, or was up */
	struct due *telling;
	struct due *next; /* of its login, or its end */
	bool blocked;     /* its login waits for a link or a process */
	bool far_end_closed;
	bool in_order;   /* it ends because it was told to */
	bool late;       /* it gives up to connect when it runs again */
	bool terminated; /* it gets TERM when it runs again */
};

/* Forgets all of them. */
void ssh_reset(void);

/* From now on no process can be started, or can; and whether that is so. */
void ssh_forbid(bool forbidden);
bool ssh_is_forbidden(void);

/* Starts one with the argv of a master. Returns NULL when none can be started. */
struct ssh *ssh_start(const char *const *argv, const char *log, const struct ssh_watch *watch,
		      void *data);

/* Somebody who did not start it is told of its end, also if that was before. */
void ssh_watch(struct ssh *ssh, const struct ssh_watch *watch, void *data);

/* Returns the pid of a process that the product holds by a descriptor (kernel.c). */
pid_t kernel_opened(int fd);

/* Nobody is told any more. */
void ssh_unwatch(struct ssh *ssh);
void ssh_supervisor_died(void);

/* Sends it a signal: TERM, KILL, STOP or CONT. */
void ssh_signal(struct ssh *ssh, int signal);

/* It is told to end on its control socket; it has got TERM, and ends now. */
void ssh_terminate(struct ssh *ssh);
void ssh_end_now(struct ssh *ssh);

/* It is told to listen no longer: then it ends when nothing runs through it and nobody is connected. */
void ssh_stop_listening(struct ssh *ssh);
void ssh_drains(struct ssh *ssh);

/* Its far end is lost: it ends with these words, which are of that class (classify.h). */
void ssh_lose(struct ssh *ssh, const char *code, const char *words);

/* Returns the one of a pid that runs, or NULL, or that ever ran; of a control socket; the index-th ever started. */
struct ssh *ssh_of_pid(pid_t pid);
struct ssh *ssh_ever(pid_t pid);
struct ssh *ssh_of_socket(const char *socket);
struct ssh *ssh_at(unsigned index);

/* Whether a host's server says that a connection stands before it has made it; and whether it is OpenSSH's. */
bool ssh_opens_all(const struct machine *host);
bool ssh_is_openssh(const struct machine *host);

/* Whether it keeps a listener until the connection ends, and says that it does not. */
bool ssh_keeps_listeners(const struct machine *host);

/* Goes on with logins that waited: errand_move_on() calls it. */
void ssh_move_on(void);

/* The link to a host stands still for so many ms from now on; 0: it moves again. */
void ssh_stall(struct machine *host, unsigned ms);

/* The sshd of a host ends what is idle from now on, in one of so many ways; 0: nothing. */
#define SSH_IDLE_COUNT 5
void ssh_idle(struct machine *host, unsigned how);

/* Returns after how many ms something is done that would be so soon alone, but only after what came earlier: *last_ms. */
unsigned ssh_in_order(uint64_t *last_ms, unsigned after_ms);

/* Something goes through an ssh, and all that carry it. */
void ssh_moves(struct ssh *ssh);

/* The link to a host carries much for so many ms: what is sent over it waits behind that. */
void ssh_load(struct machine *host, unsigned ms);

/* Whether no link and no process stood still for a long time, and this one is logged in. */
bool ssh_is_well(const struct ssh *ssh);

/* Whether something sent over its whole chain arrives, and after how many ms it is answered. */
bool ssh_link_moves(const struct ssh *ssh);
unsigned ssh_rtt(const struct ssh *ssh);

/* For how long nothing of its chain has moved, at least; 0: it moves. */
uint64_t ssh_stands_ms(const struct ssh *ssh);

/* Something came from its far end now; when something last did; and how many bytes so far. */
void ssh_hears(struct ssh *ssh);
uint64_t ssh_heard_ms(const struct ssh *ssh);
uint64_t ssh_bytes(const struct ssh *ssh);

/* It writes into its log, whole lines. */
void ssh_says(const struct ssh *ssh, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* It opens a channel, and says so as its LogVerbose makes it. Returns the channel's number. */
unsigned ssh_opens_channel(struct ssh *ssh, const char *kind);
void ssh_closes_channel(struct ssh *ssh, unsigned channel);

#endif
