#include "exec/ssh/hold.h"

#include <stdlib.h>

#include "exec/ssh/mux_wire.h"
#include "topology/base/memory.h"

/* What is run: it ends when it reads the end. */
#define COMMAND "cat"
#define SESSION 1

struct hold {
	struct mux_wire *wire; /* of the session */
	void (*told)(void *data);
	void *data;
};

static void said(void *data, const struct mux_message *message)
{
	struct hold *hold = data;

	if (message->type == MUX_FAILURE || message->type == MUX_PERMISSION_DENIED)
		hold->told(hold->data);
}

static void ended(void *data, int error)
{
	struct hold *hold = data;

	(void)error;
	hold->told(hold->data);
}

/* A shell may greet whoever comes. */
static void heard(void *data, bool something)
{
	(void)data;
	(void)something;
}

static const struct mux_wire_events events = {said, ended, heard};

struct hold *hold_create(struct uv_loop_s *loop, const char *socket, void (*told)(void *data),
			 void *data)
{
	struct hold *hold = memory_alloc(sizeof(*hold));
	struct strbuf bytes = {0};

	hold->told = told;
	hold->data = data;
	hold->wire = mux_wire_open(loop, socket, &events, hold);
	mux_put_session(&bytes, SESSION, COMMAND);
	mux_wire_send_ends(hold->wire, &bytes, 3);
	strbuf_finish(&bytes);
	return hold;
}

void hold_destroy(struct hold *hold)
{
	if (!hold)
		return;
	mux_wire_close(hold->wire);
	free(hold);
}
