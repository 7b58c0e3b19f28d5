#include "exec/supervisor/record.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/system/kernel.h"
#include "exec/system/logfile.h"
#include "exec/system/process.h"
#include "exec/system/state_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/tunnel.h"

#define FILE_NAME "record.json"

/* After TERM, before KILL; and after KILL. */
#define END_MS 2000

static void add_masters(const struct live_hop *hop, json_t *array)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (!incarnation->ended)
			json_array_append_new(
				array,
				json_pack("{s:s, s:i, s:s, s:s}", "host", hop->host, "pid",
					  incarnation->master ? (int)master_pid(incarnation->master)
							      : 0,
					  "socket", incarnation->socket, "log", incarnation->log));
	}
}

static json_t *masters_json(const struct engine *engine)
{
	json_t *array = json_array();

	for (size_t i = 0; i < engine->hops.count; i++)
		add_masters(engine->hops.items[i], array);
	return array;
}

/* The files of unix-socket listeners here: ssh leaves them. */
static json_t *sockets_json(const struct live_tunnel *tunnel, json_t *array)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->bound && forward->mux.bind_path && forward->mux.type != PLAN_REMOTE)
			json_array_append_new(array, json_string(forward->mux.bind_path));
	}
	return array;
}

static json_t *describe(const struct engine *engine)
{
	json_t *tunnels = json_array(), *sockets = json_array();

	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		json_array_append_new(tunnels,
				      json_pack("{s:s, s:s, s:s, s:s}", "file", tunnel->file, "me",
						tunnel->me, "name", tunnel->name, "state",
						tunnel_state_name(tunnel->state)));
		sockets_json(tunnel, sockets);
	}
	return json_pack("{s:o, s:o, s:o}", "masters", masters_json(engine), "sockets", sockets,
			 "tunnels", tunnels);
}

void record_write(const struct engine *engine, json_t **last)
{
	json_t *record = describe(engine);
	char *path;

	if (*last && json_equal(*last, record)) {
		json_decref(record);
		return;
	}
	json_decref(*last);
	*last = record;
	path = runtime_state_path(&engine->runtime, FILE_NAME);
	state_file_write(path, json_copy(record));
	free(path);
}

void record_remove(const struct runtime *runtime)
{
	char *path = runtime_state_path(runtime, FILE_NAME);

	unlink(path);
	free(path);
}

static json_t *read_record(const struct runtime *runtime)
{
	char *path = runtime_state_path(runtime, FILE_NAME);
	json_t *record = state_file_read(path);

	free(path);
	return record;
}

/* Returns the pid of a recorded master that still runs, or 0. */
static pid_t running(const json_t *master)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(master, "pid"));
	const char *socket = json_string_value(json_object_get(master, "socket"));
	struct strbuf word = {0};

	if (!socket)
		return 0;
	ssh_argv_control(socket, &word);
	/* A pid may have been given to somebody else meanwhile; the control path is ours alone. */
	if (pid <= 1)
		pid = process_find(strbuf_text(&word));
	else if (!process_has_argument(pid, strbuf_text(&word)))
		pid = 0;
	strbuf_finish(&word);
	return pid;
}

bool record_exists(const struct runtime *runtime, size_t *ret_running)
{
	json_t *record = read_record(runtime);
	const json_t *masters = json_object_get(record, "masters");
	bool exists = record != NULL;

	*ret_running = 0;
	for (size_t i = 0; i < json_array_size(masters); i++)
		*ret_running += running(json_array_get(masters, i)) != 0;
	json_decref(record);
	return exists;
}

/* Ends a process that is not our child, and waits for its end where that can be told. */
static void end_process(pid_t pid)
{
	struct pollfd exit = {.fd = kernel_process_open(pid), .events = POLLIN};

	if (exit.fd == -ESRCH)
		return;
	if (exit.fd < 0) {
		kill(pid, SIGTERM);
		kill(pid, SIGKILL);
		return;
	}
	kernel_process_signal(exit.fd, SIGTERM);
	if (poll(&exit, 1, END_MS) == 0) {
		kernel_process_signal(exit.fd, SIGKILL);
		poll(&exit, 1, END_MS);
	}
	close(exit.fd);
}

static void remove_file(const json_t *path)
{
	if (json_is_string(path))
		unlink(json_string_value(path));
}

static void end_master(const json_t *master, int log_fd)
{
	pid_t pid = running(master);

	if (pid) {
		logfile_write(log_fd, "left by a killed supervisor: ssh %d of %s: ended", (int)pid,
			      json_string_value(json_object_get(master, "host")));
		end_process(pid);
	}
	remove_file(json_object_get(master, "socket"));
	remove_file(json_object_get(master, "log"));
}

void record_end_leftovers(const struct runtime *runtime, int log_fd)
{
	json_t *record = read_record(runtime);
	const json_t *masters = json_object_get(record, "masters");
	const json_t *sockets = json_object_get(record, "sockets");

	for (size_t i = json_array_size(masters); i-- > 0;)
		end_master(json_array_get(masters, i), log_fd);
	for (size_t i = 0; i < json_array_size(sockets); i++)
		remove_file(json_array_get(sockets, i));
	json_decref(record);
	record_remove(runtime);
}
