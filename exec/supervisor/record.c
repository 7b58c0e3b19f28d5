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

/*
 * A list of the record, and what an entry of it says: strings, a pid as a number, hosts as an array of their names. Of a
 * socket it is the path alone.
 *
 * The engine is read in one way only: to texts one after the other, for each entry the name of its list, then its
 * values. Comparing these is cheap enough for each step; the record is made of them.
 */
static const struct kind {
	const char *list;
	const char *keys[6];
} kinds[] = {
	{"masters", {"host", "pid", "socket", "log"}},
	{"sockets", {NULL}},
	{"tunnels", {"file", "me", "name", "without", "left_out"}},
};

static void add(struct strbuf *facts, const char *text)
{
	strbuf_add(facts, text, strlen(text) + 1);
}

static void add_masters(const struct live_hop *hop, struct strbuf *facts)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];
		const struct master *master = incarnation->master;

		/* One that has ended leaves its files until it is cleared away. */
		if (incarnation->ended && !master)
			continue;
		add(facts, "masters");
		add(facts, hop->host);
		strbuf_printf(facts, "%d%c", master ? (int)master_pid(master) : 0, '\0');
		add(facts, incarnation->socket);
		add(facts, incarnation->log);
	}
}

/* The files of unix-socket listeners here, which ssh leaves: also those that are yet to be made. */
static void add_sockets(const struct live_tunnel *tunnel, struct strbuf *facts)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->state == FORWARD_CLOSED || !forward->mux.bind_path)
			continue;
		add(facts, "sockets");
		add(facts, forward->mux.type == PLAN_REMOTE ? forward->names.private
							    : forward->mux.bind_path);
	}
}

/* In one text: a host's name has no blanks. */
static void add_hosts(const char *const *names, size_t count, struct strbuf *facts)
{
	for (size_t i = 0; i < count; i++)
		strbuf_printf(facts, "%s%s", i ? " " : "", names[i]);
	add(facts, "");
}

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

static void add_tunnel(const struct live_tunnel *tunnel, struct strbuf *facts)
{
	const char *const *without = tunnel_without(tunnel);
	const char *const *left_out = tunnel_left_out(tunnel);

	add(facts, "tunnels");
	add(facts, tunnel->file);
	add(facts, tunnel->me);
	add(facts, tunnel->name);
	add_hosts(without, count_names(without), facts);
	add_hosts(left_out, count_names(left_out), facts);
}

/* What is wanted is told as what is there: so it is not written again when it is. */
static void add_wanted(const struct engine *engine, const struct request *wanted,
		       struct strbuf *facts)
{
	for (size_t i = 0; i < wanted->tunnel_count; i++) {
		if (tunnel_find(engine, wanted->file, wanted->me, wanted->tunnels[i]))
			continue;
		add(facts, "tunnels");
		add(facts, wanted->file);
		add(facts, wanted->me);
		add(facts, wanted->tunnels[i]);
		add_hosts(wanted->without, wanted->without_count, facts);
		add_hosts(NULL, 0, facts);
	}
}

static void read_facts(const struct engine *engine, const struct request *wanted,
		       struct strbuf *facts)
{
	for (size_t i = 0; i < engine->hops.count; i++)
		add_masters(engine->hops.items[i], facts);
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		add_tunnel(tunnel, facts);
		add_sockets(tunnel, facts);
	}
	if (wanted)
		add_wanted(engine, wanted, facts);
}

/* Returns a text of the facts, and goes on to the next. */
static const char *next(const char **facts)
{
	const char *text = *facts;

	*facts += strlen(text) + 1;
	return text;
}

static const struct kind *next_kind(const char **facts)
{
	const char *list = next(facts);
	const struct kind *kind = kinds;

	while (strcmp(kind->list, list) != 0)
		kind++;
	return kind;
}

/* Returns the value of a key, or NULL: there are no such hosts. */
static json_t *value_of(const char *key, const char *text)
{
	json_t *names;

	if (strcmp(key, "pid") == 0)
		return json_integer((json_int_t)strtol(text, NULL, 10));
	if (strcmp(key, "without") != 0 && strcmp(key, "left_out") != 0)
		return json_string(text);
	names = *text ? json_array() : NULL;
	while (*text) {
		const size_t length = strcspn(text, " ");

		json_array_append_new(names, json_stringn(text, length));
		text += length + (text[length] == ' ');
	}
	return names;
}

static json_t *next_entry(const struct kind *kind, const char **facts)
{
	json_t *entry;

	if (!kind->keys[0])
		return json_string(next(facts));
	entry = json_object();
	for (const char *const *key = kind->keys; *key; key++) {
		json_t *value = value_of(*key, next(facts));

		if (value)
			json_object_set_new(entry, *key, value);
	}
	return entry;
}

static json_t *record_json(const struct strbuf *facts, json_t *failed)
{
	json_t *record = json_pack("{s:[], s:[], s:[], s:O}", kinds[0].list, kinds[1].list,
				   kinds[2].list, "failed", failed);
	const char *text = strbuf_text(facts), *end = text + facts->length;

	while (text < end) {
		const struct kind *kind = next_kind(&text);

		json_array_append_new(json_object_get(record, kind->list), next_entry(kind, &text));
	}
	return record;
}

char *record_path(const struct runtime *runtime)
{
	return runtime_path(runtime, "record.json");
}

static bool is_written(const struct record *last, const struct strbuf *facts, const json_t *failed)
{
	return last->failed && last->facts.length == facts->length &&
	       memcmp(strbuf_text(&last->facts), strbuf_text(facts), facts->length) == 0 &&
	       json_equal(last->failed, failed);
}

int record_write(const struct engine *engine, const struct request *wanted, json_t *failed,
		 struct record *last)
{
	struct strbuf facts = {0};
	char *path;
	int error;

	read_facts(engine, wanted, &facts);
	if (is_written(last, &facts, failed)) {
		strbuf_finish(&facts);
		return 0;
	}
	path = record_path(&engine->runtime);
	error = state_file_write(path, record_json(&facts, failed));
	free(path);
	record_forget(last);
	if (error)
		strbuf_finish(&facts);
	else
		/* The entries of what failed never change. */
		*last = (struct record){facts, json_copy(failed)};
	return error;
}

void record_forget(struct record *last)
{
	strbuf_finish(&last->facts);
	json_decref(last->failed);
	last->failed = NULL;
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
