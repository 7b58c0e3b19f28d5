/*
 * Service: the servers on a lab host, by kind (the key `lab`).
 *
 * Each kind is a row of a table. Starting has two steps, so that all services of a host get ready
 * side by side: start() begins, ready() waits until the server accepts connections.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_SERVICE_H
#define TUNPLAN_EXEC_LAB_SERVICE_SERVICE_H

#include "exec/lab/kernel/child.h"
#include "exec/lab/network/lab.h"
#include "exec/lab/service/inetd.h"
#include "topology/base/strbuf.h"

/* One host's process: what it runs. */
struct lab_host {
	const struct lab *lab;
	const struct lab_node *node;
	const struct host *host;
	struct arena arena; /* lives as long as the process */
	struct lab_inetd inetd;
	struct lab_problem problem; /* the first one */
};

/* A service in the making, and afterwards the context of its connections. */
struct lab_service {
	struct lab_host *host;
	const struct service *service;
	struct lab_listen listen; /* where it is to listen */
	struct lab_child child;   /* the program that prepares it, or the server itself */
};

struct lab_service_kind {
	enum service_lab lab;
	const char *name; /* as the language has it; "responder" for the default */
	/* Both return 0, or -errno with a sentence in service->host->problem. ready may be NULL. */
	int (*start)(struct lab_service *service);
	int (*ready)(struct lab_service *service);
};

/* Returns the row of a kind. */
const struct lab_service_kind *lab_service_kind(enum service_lab lab);

/* Starts all services of a host and waits until they are ready. Returns 0 or -errno. */
int lab_services_start(struct lab_host *host);

/* The kinds, one file each. */
int lab_git_start(struct lab_service *service);
int lab_git_ready(struct lab_service *service);
int lab_http_start(struct lab_service *service);
int lab_http_ready(struct lab_service *service);
int lab_https_start(struct lab_service *service);
int lab_https_ready(struct lab_service *service);
int lab_proxy_start(struct lab_service *service);
int lab_proxy_ready(struct lab_service *service);
int lab_imap_start(struct lab_service *service);

#endif
