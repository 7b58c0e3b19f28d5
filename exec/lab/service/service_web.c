/*
 * `lab: http` and `lab: https`: a real lighttpd with a few files that say which service they come
 * from; https has a self-signed certificate for the host's names and addresses.
 */
#include <unistd.h>

#include "exec/lab/kernel/namespace.h"
#include "exec/lab/service/daemon.h"

static const char *const files[] = {"index.html", "some-file.txt", "secure.txt"};

/* One line per file: enough to see which server answered. */
static int files_write(struct lab_service *service)
{
	const char *host = service->host->node->name, *name = service->service->name;
	struct strbuf text;
	int error = 0;

	strbuf_init(&text);
	/* That it cannot be made shows when the files are written. */
	(void)lab_directory_make(lab_service_path(service, "www"), 0755);
	for (size_t f = 0; f < sizeof(files) / sizeof(files[0]) && error == 0; f++) {
		const char *path = arena_format(&service->host->arena, "www/%s", files[f]);

		strbuf_clear(&text);
		strbuf_printf(&text, "This is %s, from the %s service of %s.\n", files[f], name,
			      host);
		error = lab_service_write(service, path, 0644, &text);
	}
	strbuf_finish(&text);
	return error;
}

/* The first address is the server's own; each further one is a socket with the same settings. */
static void sockets_add(const struct lab_listen *listen, bool tls, struct strbuf *text)
{
	const bool ipv6 = access("/proc/net/if_inet6", F_OK) == 0;

	if (listen->socket) {
		strbuf_printf(text, "server.bind = \"%s\"\n", listen->socket);
		return;
	}
	strbuf_printf(text, "server.port = %u\n", (unsigned)listen->port);
	for (size_t a = 0; listen->addresses[a]; a++) {
		const char *address = listen->addresses[a];
		const bool v6 = strchr(address, ':') != NULL;

		if (v6 && !ipv6)
			continue;
		if (a == 0)
			strbuf_printf(text,
				      v6 ? "server.bind = \"[%s]\"\n" : "server.bind = \"%s\"\n",
				      address);
		else
			strbuf_printf(text, "$SERVER[\"socket\"] == \"%s%s%s:%u\" { %s }\n",
				      v6 ? "[" : "", address, v6 ? "]" : "", (unsigned)listen->port,
				      tls ? "ssl.engine = \"enable\"" : "");
	}
}

static int configuration_write(struct lab_service *service, bool tls)
{
	struct strbuf text;
	int error;

	strbuf_init(&text);
	strbuf_printf(
		&text,
		"server.document-root = \"%s\"\n"
		"index-file.names = (\"index.html\")\n"
		"mimetype.assign = (\".html\" => \"text/html\", \".txt\" => \"text/plain\")\n",
		lab_service_path(service, "www"));
	if (tls)
		strbuf_printf(&text,
			      "server.modules = (\"mod_openssl\")\n"
			      "ssl.engine = \"enable\"\n"
			      "ssl.pemfile = \"%s\"\n"
			      "ssl.privkey = \"%s\"\n",
			      lab_service_path(service, "certificate.pem"),
			      lab_service_path(service, "key.pem"));
	sockets_add(&service->listen, tls, &text);
	error = lab_service_write(service, "lighttpd.conf", 0644, &text);
	strbuf_finish(&text);
	return error;
}

static int server_start(struct lab_service *service)
{
	const char *argv[] = {"lighttpd", "-D", "-f", lab_service_path(service, "lighttpd.conf"),
			      NULL};

	return lab_daemon_start(service, argv);
}

int lab_http_start(struct lab_service *service)
{
	int error = files_write(service);

	if (error == 0)
		error = configuration_write(service, false);
	return error < 0 ? error : server_start(service);
}

int lab_http_ready(struct lab_service *service)
{
	return lab_daemon_ready(service);
}

/* The names by which a client may know the server, in the words of openssl's x509v3_config(5). */
static const char *certificate_names(const struct lab_service *service)
{
	const struct lab_node *node = service->host->node;
	struct arena *arena = &service->host->arena;
	const char *names =
		arena_format(arena, "subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:%s", node->name);

	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++)
			names = arena_format(arena, "%s,IP:%s", names,
					     node->legs[l].addresses[a].address.text);
	return names;
}

int lab_https_start(struct lab_service *service)
{
	const char *subject =
		arena_format(&service->host->arena, "/CN=%.64s", service->host->node->name);
	const char *argv[] = {"openssl",
			      "req",
			      "-x509",
			      "-newkey",
			      "ec",
			      "-pkeyopt",
			      "ec_paramgen_curve:prime256v1",
			      "-nodes",
			      "-days",
			      "3650",
			      "-subj",
			      subject,
			      "-addext",
			      certificate_names(service),
			      "-keyout",
			      lab_service_path(service, "key.pem"),
			      "-out",
			      lab_service_path(service, "certificate.pem"),
			      NULL};
	int error = files_write(service);

	if (error == 0)
		error = configuration_write(service, true);
	return error < 0 ? error
			 : lab_child_start(argv, NULL, 0, &service->child, &service->host->problem);
}

int lab_https_ready(struct lab_service *service)
{
	int error = lab_child_wait(&service->child, &service->host->problem);

	if (error == 0)
		error = server_start(service);
	return error < 0 ? error : lab_daemon_ready(service);
}
