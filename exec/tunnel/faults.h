/*
 * Faults: the classes of trouble, as rows: what ssh or a server says of what -> the class, who is to blame, what to do.
 *
 * Two kinds of words. A line of ssh's own is known by a part of it. A channel that a server did not open
 * ("open failed: REASON: WORDS") is known by its reason, which is one of four names of the protocol (RFC 4254, 5.1).
 * The words behind the reason are the server's own, in any language, and decide only where the server is not known to be
 * another one than OpenSSH's. The first row that fits counts. Constant tables, and nothing else: classify.h reads them.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FAULTS_H
#define TUNPLAN_EXEC_TUNNEL_FAULTS_H

#include <stddef.h>

/* What trouble is about. Its name is what --json calls it. */
enum fault_about {
	FAULT_HOP,            /* a login on a tunnel host, and the way there */
	FAULT_LOCAL_INGRESS,  /* a listener on this machine */
	FAULT_REMOTE_INGRESS, /* a listener on a tunnel host */
	FAULT_EGRESS,         /* what is behind the exit */
	FAULT_OWN_SIDE,       /* this machine: its ssh, its keys and agent, its links */
	FAULT_ABOUT_COUNT,
};

/* What is known of the case besides the words; flags. */
enum fault_case {
	FAULT_RELAYED = 1 << 0,   /* a hop that a program on the host before relays */
	FAULT_CARRIED = 1 << 1,   /* a hop through another one that lives */
	FAULT_WAS_UP = 1 << 2,    /* a hop that was up */
	FAULT_FROM_HERE = 1 << 3, /* it is this machine that dialled */
	FAULT_OPENSSH = 1 << 4,   /* the ssh server that it depends on is OpenSSH's */
	FAULT_OTHER = 1 << 5,     /* it is another one; neither flag: not known */
	FAULT_PATH = 1 << 6,      /* a unix socket, no port */
	FAULT_DIALS =
		1 << 7, /* the same server says of a closed port of its own that it is refused */
	FAULT_EXHAUSTED = 1 << 8,  /* it says the same of that as of this */
	FAULT_NEIGHBOURS = 1 << 9, /* others that log in at the same place are up */
	FAULT_VIA_OTHER = 1 << 10, /* a hop that is dialled by another ssh server than OpenSSH's */
	FAULT_STITCHED = 1 << 11,  /* a hop whose ssh runs on {from}, and not here */
	FAULT_SPOKE = 1 << 12,     /* what answers there has said something else than a banner */
	FAULT_GREETED = 1 << 13,   /* its banner came: an ssh server is there, and let us begin */
};

/* Who is to blame: what it is about, the host that dialled, or this machine. */
enum fault_blames { FAULT_BLAMES_SUBJECT, FAULT_BLAMES_FROM, FAULT_BLAMES_US };

/* A class of trouble. */
struct ssh_fault {
	const char *
		reason; /* name of the reason why a channel was not opened, or NULL: a line of ssh's */
	const char *words; /* part of the line, or of what stands behind the reason; NULL: any */
	unsigned about;    /* of what it is said: bits by enum fault_about */
	unsigned when;     /* flags that must be there */
	unsigned unless;   /* flags that must not */
	enum fault_blames blames; /* who */
	const char *code;         /* stable token: "auth", "host_key", … */
	/* With {host} {from} {address} {port} {place} {known} {login} to fill in. */
	const char *advice;
	const char *
		other_advice; /* where another server than OpenSSH's is concerned; NULL: the same */
};

#define FAULT_BIT(about) (1u << (about))

/* The rows by words, and those of trouble that only we see, which are found by their code. */
extern const struct ssh_fault faults_by_words[], faults_by_code[];
extern const size_t faults_by_words_count, faults_by_code_count;

#endif
