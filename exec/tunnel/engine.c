#include "exec/tunnel/engine.h"

#include <stdarg.h>
#include <stdio.h>

#include "exec/system/logfile.h"

static void due(uv_idle_t *idle)
{
	struct engine *engine = idle->data;

	/* First: the step itself may make another one due. */
	uv_idle_stop(idle);
	engine->step(engine);
}

void engine_schedule(struct engine *engine)
{
	engine->idle.data = engine;
	uv_idle_start(&engine->idle, due);
}

void engine_log(struct engine *engine, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	logfile_write(engine->log_fd, "%s", text);
}
