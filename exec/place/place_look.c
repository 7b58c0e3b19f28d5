#include "exec/place/place_look.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/place/place_facts.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"
#include "topology/load.h"

/* All facts are gathered long before, or something hangs. */
#define LOOK_S 10

struct place_look {
	uv_process_t process;
	uv_pipe_t in;
	uv_pipe_t out;
	uv_write_t writing;
	unsigned handles; /* of the three above, not closed yet; freed at 0 */
	char *text;
	struct strbuf said; /* on its stdout, so far */
	char buffer[4096];
	place_looked *looked; /* NULL: cancelled */
	void *data;
	bool silent;    /* its stdout has ended */
	bool ended;     /* and so has the process */
	bool succeeded; /* with status 0 */
};

/* --- the one who asks */

static void closed(uv_handle_t *handle)
{
	struct place_look *look = handle->data;

	if (--look->handles)
		return;
	strbuf_finish(&look->said);
	free(look->text);
	free(look);
}

static void close_once(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, closed);
}

static void close_all(struct place_look *look)
{
	look->looked = NULL;
	close_once((uv_handle_t *)&look->in);
	close_once((uv_handle_t *)&look->out);
	close_once((uv_handle_t *)&look->process);
}

/* Splits what it said into lines; the names are in the text. */
static const char **read_names(struct strbuf *said)
{
	const char **names;
	size_t count = 0;
	char *at = said->text;

	for (size_t i = 0; i < said->length; i++)
		count += at[i] == '\n';
	names = memory_array(count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++) {
		char *end = strchr(at, '\n');

		*end = '\0';
		names[i] = at;
		at = end + 1;
	}
	return names;
}

static void finish_if_known(struct place_look *look)
{
	place_looked *looked = look->looked;
	const char **names;

	if (!looked || !look->silent || !look->ended)
		return;
	names = look->succeeded ? read_names(&look->said) : NULL;
	look->looked = NULL;
	looked(look->data, names);
	free(names);
	close_all(look);
}

static void ended(uv_process_t *process, int64_t status, int signal)
{
	struct place_look *look = process->data;

	look->ended = true;
	look->succeeded = status == 0 && signal == 0;
	finish_if_known(look);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct place_look *look = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(look->buffer, sizeof(look->buffer));
}

static void heard(uv_stream_t *out, ssize_t size, const uv_buf_t *buffer)
{
	struct place_look *look = out->data;

	if (size > 0)
		strbuf_add(&look->said, buffer->base, (size_t)size);
	if (size >= 0)
		return;
	look->silent = true;
	uv_read_stop(out);
	finish_if_known(look);
}

/* The end of its stdin is the end of the text. */
static void written(uv_write_t *writing, int status)
{
	struct place_look *look = writing->data;

	(void)status;
	close_once((uv_handle_t *)&look->in);
}

static void send_text(struct place_look *look)
{
	uv_buf_t text = uv_buf_init(look->text, (unsigned)strlen(look->text));

	look->writing.data = look;
	if (uv_write(&look->writing, (uv_stream_t *)&look->in, &text, 1, written))
		close_once((uv_handle_t *)&look->in);
}

static int start(struct place_look *look, uv_loop_t *loop, char *program)
{
	char role[] = "--places";
	char *argv[] = {program, role, NULL};
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		 .data.stream = (uv_stream_t *)&look->in},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&look->out},
		{.flags = UV_IGNORE},
	};
	const uv_process_options_t options = {
		.file = program,
		.args = argv,
		.exit_cb = ended,
		.stdio = stdio,
		.stdio_count = 3,
	};

	uv_pipe_init(loop, &look->in, 0);
	uv_pipe_init(loop, &look->out, 0);
	look->in.data = look->out.data = look->process.data = look;
	look->handles = 3;
	return uv_spawn(loop, &look->process, &options);
}

struct place_look *place_look_start(struct uv_loop_s *loop, const char *program, const char *text,
				    place_looked *looked, void *data)
{
	struct place_look *look = memory_alloc(sizeof(*look));
	char *name = memory_string(program);
	int error;

	look->text = memory_string(text);
	look->looked = looked;
	look->data = data;
	error = start(look, loop, name);
	free(name);
	if (error) {
		close_all(look);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&look->out, give_room, heard);
	send_text(look);
	return look;
}

void place_look_cancel(struct place_look *look)
{
	if (!look)
		return;
	if (!look->ended)
		uv_process_kill(&look->process, SIGKILL);
	close_all(look);
}

/* --- the process */

static bool read_text(struct strbuf *text)
{
	char block[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, block, sizeof(block))) > 0)
		strbuf_add(text, block, (size_t)got);
	return got == 0;
}

static bool load(const struct strbuf *text, struct sources *sources, struct arena *arena,
		 const struct topology **ret_topology)
{
	const struct load_file file = {.name = "stdin",
				       .identity = "stdin",
				       .text = strbuf_text(text),
				       .size = text->length};
	struct diag_list diags;

	diag_list_init(&diags, arena);
	return topology_load(&file, NULL, sources, arena, &diags, ret_topology);
}

int place_look_main(int argc, char **argv)
{
	struct strbuf text = {0};
	struct sources sources = {0};
	struct arena arena = {0};
	struct place_facts facts = {0};
	const struct topology *topology;
	struct whereabouts where;
	bool known;

	(void)argc;
	(void)argv;
	signal(SIGALRM, SIG_DFL);
	alarm(LOOK_S);
	known = read_text(&text) && load(&text, &sources, &arena, &topology);
	if (known) {
		place_facts_gather(topology, &arena, &facts);
		where = places_recognise(topology, &facts, &arena);
		for (size_t i = 0; i < where.count; i++)
			puts(topology->places[where.places[i]].name);
	}
	known = fflush(stdout) == 0 && known;
	arena_finish(&arena);
	strbuf_finish(&text);
	return known ? 0 : 2;
}
