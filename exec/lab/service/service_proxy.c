/*
 * `lab: proxy`: a real tinyproxy.
 */
#include "exec/lab/service/daemon.h"

/* Without these it listens on every address. */
static void addresses_add(const char *const *addresses, struct strbuf *text)
{
	for (; *addresses; addresses++)
		strbuf_printf(text, "Listen %s\n", *addresses);
}

int lab_proxy_start(struct lab_service *service)
{
	const char *argv[] = {"tinyproxy", "-d", "-c", NULL, NULL};
	struct strbuf text;
	int error;

	strbuf_init(&text);
	/* Anyone may use it and CONNECT to any port: that is what tinyproxy does without more
	 * words. */
	strbuf_printf(&text,
		      "Port %u\n"
		      "Timeout 600\n"
		      "MaxClients 100\n"
		      "LogLevel Connect\n",
		      (unsigned)service->listen.port);
	if (service->service->listen != LISTEN_ANY)
		addresses_add(service->listen.addresses, &text);
	error = lab_service_write(service, "tinyproxy.conf", 0644, &text);
	strbuf_finish(&text);
	if (error < 0)
		return error;
	argv[3] = lab_service_path(service, "tinyproxy.conf");
	return lab_daemon_start(service, argv);
}

int lab_proxy_ready(struct lab_service *service)
{
	return lab_daemon_ready(service);
}
