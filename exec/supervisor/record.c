#include "exec/supervisor/record.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/ssh/ssh_argv.h"
#include "exec/supervisor/failed.h"
#include "exec/system/kernel.h"
#include "exec/system/logfile.h"
#include "exec/system/process.h"
#include "exec/system/state_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/tunnel.h"
#include "topology/base/memory.h"

/* After TERM, before KILL; and after KILL. */
#define END_MS 2000

static void add_masters(const struct live_hop *hop, json_t *array)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		/* One that has ended leaves its files until it is cleared away. */
		if (!incarnation->ended || incarnation->master)
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

/* The files of unix-socket listeners here, which ssh leaves: also those that are yet to be made. */
static json_t *sockets_json(const struct live_tunnel *tunnel, json_t *array)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->state == FORWARD_CLOSED || !forward->mux.bind_path)
			continue;
		json_array_append_new(array, json_string(forward->mux.type == PLAN_REMOTE
								 ? forward->names.private
								 : forward->mux.bind_path));
	}
	return array;
}

static void add_tunnel(json_t *tunnels, const char *file, const char *me, const char *name,
		       const char *state)
{
	json_array_append_new(tunnels, json_pack("{s:s, s:s, s:s, s:s}", "file", file, "me", me,
						 "name", name, "state", state));
}

static json_t *describe(const struct engine *engine, const struct request *wanted, json_t *failed)
{
	json_t *tunnels = json_array(), *sockets = json_array();

	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		add_tunnel(tunnels, tunnel->file, tunnel->me, tunnel->name,
			   tunnel_state_name(tunnel->state));
		sockets_json(tunnel, sockets);
	}
	for (size_t i = 0; wanted && i < wanted->tunnel_count; i++)
		add_tunnel(tunnels, wanted->file, wanted->me, wanted->tunnels[i], "wanted");
	/* The entries are shared: they are compared at every step of the engine. */
	return json_pack("{s:o, s:o, s:o, s:o}", "masters", masters_json(engine), "sockets",
			 sockets, "tunnels", tunnels, "failed", json_copy(failed));
}

char *record_path(const struct runtime *runtime)
{
	return runtime_path(runtime, "record.json");
}

int record_write(const struct engine *engine, const struct request *wanted, json_t *failed,
		 json_t **last)
{
	json_t *record = describe(engine, wanted, failed);
	char *path;
	int error;

	if (*last && json_equal(*last, record)) {
		json_decref(record);
		return 0;
	}
	path = record_path(&engine->runtime);
	error = state_file_write(path, json_copy(record));
	free(path);
	json_decref(*last);
	*last = error ? NULL : record;
	if (error)
		json_decref(record);
	return error;
}

void record_remove(const struct runtime *runtime)
{
	char *path = record_path(runtime);

	unlink(path);
	free(path);
}

void record_leave(const struct runtime *runtime, const json_t *failed)
{
	char *path;

	if (!json_array_size(failed)) {
		record_remove(runtime);
		return;
	}
	path = record_path(runtime);
	/* Where there is no room for it, the record of before is read: what it names is found to have ended. */
	state_file_write(path, json_pack("{s:O}", "failed", failed));
	free(path);
}

char *record_refused(const struct runtime *runtime)
{
	char *path = record_path(runtime), *why = NULL;
	int version = state_file_version(path);

	if (version && version != STATE_FILE_VERSION)
		why = memory_format(
			"%s, where it is written what a supervisor has started, is of "
			"version %d, and this program reads version %d: take everything "
			"down with the program that wrote it",
			path, version, STATE_FILE_VERSION);
	free(path);
	return why;
}

static json_t *read_record(const struct runtime *runtime)
{
	char *path = record_path(runtime);
	json_t *record = state_file_read(path);

	free(path);
	return record;
}

void record_read_failed(const struct runtime *runtime, json_t *failed)
{
	json_t *record = read_record(runtime);

	failed_restore(failed, json_object_get(record, "failed"));
	json_decref(record);
}

/* A recorded master that still runs. */
struct running {
	pid_t pid;
	int fd; /* holds the process, or -ENOSYS where there is nothing of the kind */
};

/* A holder is who listens on its socket. Returns whether there is one. */
static bool find_holder(const char *socket, struct running *ret_running)
{
	pid_t pid;

	if (unix_listener(socket, &pid) || pid <= 1)
		return false;
	*ret_running = (struct running){pid, kernel_process_open(pid)};
	return true;
}

/* Finds the process of a recorded master. Returns whether it runs; release() it then. */
static bool find_running(const json_t *master, struct running *ret_running)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(master, "pid"));
	const char *socket = json_string_value(json_object_get(master, "socket"));
	struct strbuf word = {0};
	bool found = false;

	if (!socket)
		return false;
	if (strncmp(strrchr(socket, '/'), "/s-", 3) == 0)
		return find_holder(socket, ret_running);
	ssh_argv_control(socket, &word);
	if (pid <= 1)
		pid = process_find(strbuf_text(&word));
	if (pid > 1) {
		*ret_running = (struct running){pid, kernel_process_open(pid)};
		/* A pid may have been given to somebody else meanwhile; the control path is ours alone. */
		found = process_has_argument(pid, strbuf_text(&word));
		if (!found && ret_running->fd >= 0)
			close(ret_running->fd);
	}
	strbuf_finish(&word);
	return found;
}

static void release(const struct running *running)
{
	if (running->fd >= 0)
		close(running->fd);
}

bool record_is_of_killed(const struct runtime *runtime, size_t *running)
{
	json_t *record = read_record(runtime);
	const json_t *masters = json_object_get(record, "masters");
	const bool killed = masters != NULL;

	for (size_t i = 0; i < json_array_size(masters); i++) {
		struct running master;

		if (!find_running(json_array_get(masters, i), &master))
			continue;
		++*running;
		release(&master);
	}
	json_decref(record);
	return killed;
}

static void remove_file(const json_t *path)
{
	if (json_is_string(path))
		unlink(json_string_value(path));
}

/* Removes the file of a listener if it is a socket on which nobody listens any more. */
static void remove_socket(const json_t *path)
{
	const char *name = json_string_value(path);
	struct stat info;

	if (name && lstat(name, &info) == 0 && S_ISSOCK(info.st_mode) &&
	    unix_listens(name) == -ECONNREFUSED)
		unlink(name);
}

/* Ends a process that is not our child, and waits for its end where that can be told. */
static void end_process(const struct running *running)
{
	struct pollfd end = {.fd = running->fd, .events = POLLIN};

	if (end.fd < 0) {
		kill(running->pid, SIGTERM);
		kill(running->pid, SIGKILL);
		return;
	}
	kernel_process_signal(end.fd, SIGTERM);
	if (poll(&end, 1, END_MS) == 0) {
		kernel_process_signal(end.fd, SIGKILL);
		poll(&end, 1, END_MS);
	}
}

static void end_master(const json_t *master, int log_fd)
{
	struct running running;

	if (find_running(master, &running)) {
		logfile_write(log_fd, "left by a killed supervisor: ssh %d of %s: ended",
			      (int)running.pid, json_string_value(json_object_get(master, "host")));
		end_process(&running);
		release(&running);
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
		remove_socket(json_array_get(sockets, i));
	record_leave(runtime, json_object_get(record, "failed"));
	json_decref(record);
}
