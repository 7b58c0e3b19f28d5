#include "exec/lab/service/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "exec/lab/kernel/namespace.h"

/* How long a responder waits for its client to close, so that what it said is not lost. */
#define LINGER_S 5

static int responder_start(struct lab_service *service);

static const struct lab_service_kind kinds[] = {
	{LAB_RESPONDER, "responder", responder_start, NULL},
	{LAB_GIT, "git", lab_git_start, lab_git_ready},
	{LAB_HTTP, "http", lab_http_start, lab_http_ready},
	{LAB_HTTPS, "https", lab_https_start, lab_https_ready},
	{LAB_PROXY, "proxy", lab_proxy_start, lab_proxy_ready},
	{LAB_IMAP, "imap", lab_imap_start, NULL},
};

const struct lab_service_kind *lab_service_kind(enum service_lab lab)
{
	for (size_t k = 1; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (kinds[k].lab == lab)
			return &kinds[k];
	return &kinds[0];
}

/* Where a connection arrived, as "10.0.3.2:5432" or "/run/app.sock". */
static void local_address(int connection, char *ret_text, size_t size)
{
	struct lab_socket_address local = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t length = sizeof(local.path);
	char address[INET6_ADDRSTRLEN] = "";

	getsockname(connection, &local.any, &length);
	switch (local.any.sa_family) {
	case AF_UNIX:
		snprintf(ret_text, size, "%s", local.path.sun_path);
		return;
	case AF_INET6:
		inet_ntop(AF_INET6, &local.v6.sin6_addr, address, sizeof(address));
		snprintf(ret_text, size, "[%s]:%u", address, ntohs(local.v6.sin6_port));
		return;
	default:
		inet_ntop(AF_INET, &local.v4.sin_addr, address, sizeof(address));
		snprintf(ret_text, size, "%s:%u", address, ntohs(local.v4.sin_port));
	}
}

/* Says one line: which host and service this is, and where it was reached. */
static void respond(int connection, const void *context)
{
	const struct lab_service *service = context;
	const struct timeval linger = {.tv_sec = LINGER_S};
	char address[sizeof(struct sockaddr_un)], line[512], rest[512];
	int length;

	local_address(connection, address, sizeof(address));
	length = snprintf(line, sizeof(line), "%s/%s answers on %s\n", service->host->node->name,
			  service->service->name, address);
	if (send(connection, line, (size_t)length, MSG_NOSIGNAL) < 0)
		return;
	/* Closed with unread bytes, TCP resets the connection and the client may lose the line. */
	shutdown(connection, SHUT_WR);
	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &linger, sizeof(linger));
	while (recv(connection, rest, sizeof(rest), 0) > 0)
		;
}

static int responder_start(struct lab_service *service)
{
	return lab_inetd_listen(&service->host->inetd, &service->listen, respond, service,
				&service->host->problem);
}

/* Makes the directory of a unix socket, in which whoever serves it may make it. */
static int socket_directory_make(struct lab_service *service)
{
	const char *path = service->listen.socket;
	int length = path ? (int)(strrchr(path, '/') - path) : 0, error;
	const char *directory =
		arena_format(&service->host->arena, "%.*s", length, path ? path : "");

	if (!path)
		return 0;
	error = lab_directory_make(directory, 0755);
	if (error == 0 && chmod(directory, 01777) < 0)
		error = -errno;
	return error < 0 ? lab_problem_set(&service->host->problem, error, "cannot make %s: %s",
					   directory, strerror(-error))
			 : 0;
}

int lab_services_start(struct lab_host *host)
{
	size_t count = host->host->service_count;
	struct lab_service *services = arena_array(&host->arena, count, sizeof(*services));
	int error = 0;

	for (size_t s = 0; s < count && error == 0; s++) {
		const struct service *service = &host->host->services[s];

		services[s] = (struct lab_service){
			.host = host,
			.service = service,
			.listen = lab_listen_service(host->node, service, &host->arena),
		};
		error = socket_directory_make(&services[s]);
		if (error == 0)
			error = lab_service_kind(service->lab)->start(&services[s]);
	}
	for (size_t s = 0; s < count && error == 0; s++) {
		const struct lab_service_kind *kind = lab_service_kind(services[s].service->lab);

		error = kind->ready ? kind->ready(&services[s]) : 0;
	}
	return error;
}
