#include "exec/ssh/mux_ops.h"

#include <string.h>

static const struct mux_ops *const ways[] = {&mux_ssh};

const struct mux_ops *mux_ops_find(const char *name)
{
	if (!name || !*name)
		return ways[0];
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i]->name, name) == 0)
			return ways[i];
	return NULL;
}

/* A colon and a backslash have a meaning of their own in -L and -R. */
static void put_path(const char *path, struct strbuf *text)
{
	for (; *path; path++) {
		if (*path == ':' || *path == '\\')
			strbuf_puts(text, "\\");
		strbuf_add(text, path, 1);
	}
}

static void put_end(const char *address, uint16_t port, const char *path, struct strbuf *text)
{
	if (path)
		put_path(path, text);
	else if (strchr(address, ':'))
		strbuf_printf(text, "[%s]:%u", address, port);
	else
		strbuf_printf(text, "%s:%u", address, port);
}

const char *mux_forward_option(const struct mux_forward *forward, struct strbuf *argument)
{
	static const char *const option[] = {
		[PLAN_LOCAL] = "-L",
		[PLAN_REMOTE] = "-R",
		[PLAN_DYNAMIC] = "-D",
	};

	put_end(forward->bind, forward->bind_port, forward->bind_path, argument);
	if (forward->target || forward->target_path) {
		strbuf_puts(argument, ":");
		put_end(forward->target, forward->target_port, forward->target_path, argument);
	}
	return option[forward->type];
}
