/* Questions in OpenSSH's own protocol: over the held connection, or over one of their own. */
#include <errno.h>
#include <string.h>

#include "exec/ssh/link_parts.h"

/* The connection ended or could not be made, or what came is not the protocol. */
static enum link_answer answer_for(int error)
{
	switch (error) {
	case -EPROTO:
	case -EPROTONOSUPPORT:
		return LINK_PROTOCOL;
	case -EMFILE:
	case -ENFILE:
	case -ENOBUFS:
	case -ENOMEM:
		return LINK_NO_ROOM;
	default:
		return LINK_GONE;
	}
}

/* Returns whether the message answers anything; its words are copied. */
static bool understand(const struct mux_message *message, struct strbuf *words,
		       struct link_result *ret_result)
{
	*ret_result = (struct link_result){.answer = LINK_OK, .words = ""};
	switch (message->type) {
	case MUX_REMOTE_PORT:
		ret_result->port = (uint16_t)message->value;
		return true;
	case MUX_OK:
	case MUX_ALIVE:
	case MUX_SESSION_OPENED:
		return true;
	case MUX_PERMISSION_DENIED:
	case MUX_FAILURE:
		strbuf_clear(words);
		strbuf_add(words, message->words, message->words_length);
		ret_result->answer = LINK_REFUSED;
		ret_result->words = strbuf_text(words);
		return true;
	default:
		return false;
	}
}

/* --- on the held connection */

/* Returns the question with that id, or NULL: nobody waits for its answer. */
static struct link_question *find(const struct link *link, uint32_t id)
{
	for (size_t i = 0; i < link->requests.count; i++) {
		struct link_request *request = link->requests.items[i];

		if (request->open.id == id && !request->open.wire)
			return &request->open;
		if (request->close.id == id)
			return &request->close;
	}
	return NULL;
}

static void held_said(void *data, const struct mux_message *message)
{
	struct link *link = data;
	struct link_question *question;
	struct link_result result;
	pid_t peer;

	if (!message->request || !understand(message, &link->words, &result))
		return;
	if (message->request == link->first) {
		link->first = 0;
		peer = mux_wire_peer(link->held);
		if (!link->destroyed)
			link->events->opened(link->data, peer ? peer : (pid_t)message->value);
		return;
	}
	question = find(link, message->request);
	if (question)
		link_answered(question, &result);
}

static void held_ended(void *data, int error)
{
	struct link *link = data;
	const unsigned version = mux_wire_other_version(link->held);

	strbuf_clear(&link->words);
	if (version)
		strbuf_printf(
			&link->words,
			"it speaks version %u of the protocol of control sockets, and tunplan %u",
			version, MUX_VERSION);
	else
		strbuf_puts(&link->words,
			    "what it says on its control socket is no protocol of ssh's");
	link_lost(link, answer_for(error));
}

static const struct mux_wire_events held_events = {held_said, held_ended, NULL};

void link_hold(struct link *link)
{
	struct strbuf bytes = {0};

	link->first = ++link->last_id;
	link->held = mux_wire_open(link->loop, link->path, &held_events, link);
	mux_put_plain(&bytes, MUX_ALIVE_CHECK, link->first);
	mux_wire_send(link->held, &bytes);
	strbuf_finish(&bytes);
}

/* --- on a connection of its own */

static void said(void *data, const struct mux_message *message)
{
	struct link_question *question = data;
	struct link_request *request = question->request;
	struct link_result result;

	if (message->request != question->id ||
	    !understand(message, &request->link->words, &result))
		return;
	if (request->hears && result.answer == LINK_OK)
		link_hears(request);
	else
		link_answered(question, &result);
}

static void ended(void *data, int error)
{
	struct link_question *question = data;
	const bool opened = question->request->opened;
	const struct link_result result = {
		.answer = opened ? LINK_OK : answer_for(error),
		.words = opened ? "" : strerror(-error),
	};

	link_answered(question, &result);
}

/* The end of a connection that never stood is told by the answer. */
static void heard(void *data, bool something)
{
	struct link_question *question = data;

	if (something || question->request->opened)
		link_answered(
			question,
			&(struct link_result){.answer = LINK_OK, .words = "", .heard = something});
}

static const struct mux_wire_events events = {said, ended, heard};

/* --- asking */

static void put(struct strbuf *bytes, const struct link_question *question, enum mux_type type)
{
	const struct mux_forward *forward = &question->request->forward;

	switch (type) {
	case MUX_OPEN_FORWARD:
	case MUX_CLOSE_FORWARD:
		mux_put_forward(bytes, type, question->id, forward);
		break;
	case MUX_NEW_STDIO_FORWARD:
		mux_put_stdio_forward(bytes, question->id, forward->target, forward->target_port);
		break;
	default:
		mux_put_plain(bytes, type, question->id);
	}
}

void link_ask_native(struct link_question *question, enum mux_type type)
{
	const struct link_request *request = question->request;
	struct link *link = request->link;
	const bool dial = type == MUX_NEW_STDIO_FORWARD;
	struct strbuf bytes = {0};

	question->state = LINK_PENDING;
	question->id = ++link->last_id;
	put(&bytes, question, type);
	/* ssh reads nothing more from a connection whose answer waits for the sshd. */
	if (dial || (type == MUX_OPEN_FORWARD && link_is_remote(request))) {
		question->wire = mux_wire_open(link->loop, link->path, &events, question);
		if (request->hears)
			mux_wire_send_ends(question->wire, &bytes, 2);
		else
			mux_wire_send_nulls(question->wire, &bytes, dial ? 2 : 0);
	} else {
		mux_wire_send(link->held, &bytes);
	}
	strbuf_finish(&bytes);
}

static void ask(struct link_question *question)
{
	link_ask_native(question, question == &question->request->open ? MUX_OPEN_FORWARD
								       : MUX_CLOSE_FORWARD);
}

const struct link_way link_native = {"native", false, ask};

void link_question_end(struct link_question *question)
{
	mux_wire_close(question->wire);
	link_run_end(question->run);
	question->wire = NULL;
	question->run = NULL;
	question->id = 0;
}
