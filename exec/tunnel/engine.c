#include "exec/tunnel/engine.h"

#include <stdarg.h>
#include <stdio.h>

#include "exec/system/logfile.h"

void engine_due(void *data)
{
	struct engine *engine = data;

	engine->steps++;
	engine->step(engine);
}

void engine_settle(struct engine *engine)
{
	if (!delay_runs(engine->due))
		return;
	delay_stop(engine->due);
	engine_due(engine);
}

void engine_schedule_look(struct engine *engine)
{
	if (!delay_runs(engine->due))
		delay_start(engine->due, 0);
}

void engine_schedule(struct engine *engine)
{
	engine->changed = true;
	engine_schedule_look(engine);
}

void engine_wake(void *data)
{
	engine_schedule(data);
}

void engine_log(struct engine *engine, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (engine->log_fd >= 0)
		engine->log_error = logfile_write(engine->log_fd, "%s", text);
}
