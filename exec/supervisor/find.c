#include "exec/supervisor/find.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "exec/supervisor/adopt.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/supervisor.h"
#include "exec/system/clock.h"
#include "exec/system/kernel.h"
#include "exec/system/lock.h"
#include "exec/system/logfile.h"
#include "exec/system/runtime.h"
#include "exec/system/spawn_self.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* A lock, and a socket that is to be made, have no event: how soon to look again. */
#define LOOK_AGAIN_MS 20

/* One client's way to the supervisor. */
struct search {
	const struct patience *patience;
	struct find_news *news;
	struct runtime runtime;
	char *start_lock; /* paths */
	char *lock;
	char *control;
};

/* What the supervisor dies of it writes into its log, whose last line this tells. */
char *find_last_words(const struct runtime *runtime, int error)
{
	char *path = runtime_state_path(runtime, "supervisor.log"), *sentence;
	struct strbuf log = {0};
	const char *text;
	size_t first, end;

	logfile_read(path, &log);
	text = strbuf_text(&log);
	end = log.length;
	while (end && text[end - 1] == '\n')
		end--;
	first = end;
	while (first && text[first - 1] != '\n')
		first--;
	sentence = memory_format("the supervisor ended before it answered (%s); its log, "
				 "supervisor.log in the state directory, ends with: %.*s",
				 strerror(-error), (int)(end - first), text + first);
	strbuf_finish(&log);
	free(path);
	return sentence;
}

/* Ends a wait that patience ends: says for what it was. */
static int give_up(struct search *search, int error, const char *who, pid_t pid)
{
	if (!search->news->why)
		search->news->why = wait_awaited(who, pid);
	return error;
}

/* Reads what the new supervisor says about its start, to the end; once it has a log it dies there. */
static int hear_start(struct search *search, int fd)
{
	static const char who[] = "the supervisor, which is starting";
	struct wait wait = wait_begin(search->patience);
	struct strbuf text = {0};
	char buffer[512];
	ssize_t got = 1;
	int ready = 0;
	bool ok;

	while (got > 0 && ready >= 0) {
		ready = wait_for(&wait, fd, POLLIN, -1);
		wait_tell(&wait, who, 0);
		if (ready <= 0)
			continue;
		got = read(fd, buffer, sizeof(buffer));
		if (got > 0)
			strbuf_add(&text, buffer, (size_t)got);
	}
	ok = strcmp(strbuf_text(&text), "ok") == 0;
	if (ready < 0)
		give_up(search, ready, who, 0);
	else if (!text.length)
		search->news->why = find_last_words(&search->runtime, -EPIPE);
	else if (!ok)
		search->news->why = memory_format("the supervisor did not start: %.*s",
						  (int)strcspn(text.text, "\n"), text.text);
	strbuf_finish(&text);
	if (ready < 0)
		return ready;
	return ok ? 0 : -ECHILD;
}

static int start_supervisor(struct search *search)
{
	uv_file ends[2];
	int error = uv_pipe(ends, 0, 0);

	if (error)
		return error;
	error = spawn_self("--supervisor", ends[1], SUPERVISOR_READY_FD);
	close(ends[1]);
	if (error)
		search->news->why =
			memory_format("cannot start the supervisor: %s", strerror(-error));
	else
		error = hear_start(search, ends[0]);
	close(ends[0]);
	search->news->started = !error;
	/* Asked only of a new one: the answer may have to come from a server. */
	search->news->ends_at_logout = !error && runtime_ends_at_logout(&search->runtime);
	return error;
}

static bool is_nobody(int fd)
{
	return fd == -ENOENT || fd == -ECONNREFUSED;
}

/* Reads the record of a directory. Returns 0, or -EPROTONOSUPPORT with the reason in the news. */
static int read_leftovers(struct find_news *news, const struct runtime *runtime)
{
	news->why = record_refused(runtime);
	if (news->why)
		return -EPROTONOSUPPORT;
	news->killed |= adopt_look(runtime, &news->left, news->failed);
	return 0;
}

/* Looks what a supervisor left that was killed, and what failed under it or any before. */
static int look_for_leftovers(struct search *search)
{
	struct runtime former = {.dir = lock_noted_dir_at(search->lock)};
	int error = 0;

	search->news->failed = json_array();
	if (former.dir && strcmp(former.dir, search->runtime.dir) != 0)
		error = read_leftovers(search->news, &former);
	if (!error)
		error = read_leftovers(search->news, &search->runtime);
	runtime_finish(&former);
	return error;
}

/* Whether there is anything to clear away. */
static bool has_leftovers(const struct find_news *news)
{
	return news->killed || json_array_size(news->failed);
}

/* There is no supervisor: starts one, if that is wanted. */
static int begin(struct search *search, enum find_start start)
{
	int error = look_for_leftovers(search), fd;

	if (error)
		return error;
	if (start == FIND_LOOK || (start == FIND_CLEAR && !has_leftovers(search->news)))
		return -ESRCH;
	runtime_finish(&search->runtime);
	error = runtime_open(RUNTIME_MAKE, &search->runtime, &search->news->why);
	if (!error)
		error = start_supervisor(search);
	if (error)
		return error;
	fd = unix_connect(search->control, SOCK_NONBLOCK);
	if (is_nobody(fd))
		search->news->why = find_last_words(&search->runtime, fd);
	return fd;
}

/* Connects where the supervisor noted that it listens. */
static int connect_elsewhere(const struct search *search)
{
	struct runtime noted = {.dir = lock_noted_dir_at(search->lock)};
	char *path;
	int fd = -ENOENT;

	if (!noted.dir)
		return fd;
	path = runtime_path(&noted, "control");
	fd = unix_connect(path, SOCK_NONBLOCK);
	free(path);
	runtime_finish(&noted);
	return fd;
}

/* Signals the process that has the lock, if that is still the one of the pid. Returns whether it is. */
static bool signal_holder(const char *lock, pid_t pid, int signal)
{
	/* Before the lock is asked: what is signalled is the process that has it. */
	const int process = kernel_process_open(pid);
	pid_t holder = 0;
	const bool is_holder = lock_is_taken(lock, &holder) && holder == pid;

	if (is_holder && process >= 0)
		kernel_process_signal(process, signal);
	else if (is_holder && process == -ENOSYS)
		kill(pid, signal);
	if (process >= 0)
		close(process);
	return is_holder;
}

/* Makes a supervisor look whether its socket is still there. */
static void wake(const struct search *search, pid_t pid)
{
	signal_holder(search->lock, pid, SIGUSR1);
}

static int unseen(struct search *search)
{
	search->news->why = memory_format(
		"a supervisor that has the lock %s cannot be seen from here: it runs in another "
		"container, which needs an XDG_STATE_HOME of its own",
		search->lock);
	return -EBUSY;
}

/* Under start.lock. Returns the descriptor or -errno. */
static int find(struct search *search, enum find_start start)
{
	struct wait wait = wait_begin(search->patience);
	pid_t pid = 0, woken = 0;

	for (;;) {
		int fd = unix_connect(search->control, SOCK_NONBLOCK), ready;
		bool locked;

		if (fd >= 0 || (!is_nobody(fd) && fd != -EAGAIN))
			return fd;
		/* Where too many wait already, it is there. */
		locked = lock_is_taken(search->lock, &pid);
		if (is_nobody(fd)) {
			if (!locked)
				return begin(search, start);
			fd = connect_elsewhere(search);
			if (fd >= 0)
				return fd;
			if (!pid)
				return unseen(search);
			if (pid > 0 && pid != woken)
				wake(search, pid);
			woken = pid;
		}
		wait_tell(&wait, "the supervisor", pid);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
		if (ready < 0)
			return give_up(search, ready, "the supervisor", pid);
	}
}

/* Returns the lock's descriptor, -1 when it cannot be made here, or what ended the wait. */
static int take_start_lock(struct search *search)
{
	static const char who[] = "another tunplan, which looks for the supervisor or starts it";
	struct wait wait = wait_begin(search->patience);
	pid_t holder = 0;

	for (;;) {
		int lock = lock_take(search->start_lock, &holder), ready;

		if (lock != -EWOULDBLOCK)
			return lock < 0 ? -1 : lock;
		wait_tell(&wait, who, holder);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
		if (ready < 0)
			return give_up(search, ready, who, holder);
	}
}

static int search_and_find(struct search *search, enum find_start start)
{
	int lock = take_start_lock(search);
	int fd = lock < -1 ? lock : find(search, start);

	if (lock >= 0)
		close(lock);
	if (fd < 0 && fd != -ESRCH && !search->news->why)
		search->news->why = memory_format("cannot reach the supervisor on %s: %s",
						  search->control, strerror(-fd));
	return fd;
}

int find_supervisor(enum find_start start, const struct patience *patience,
		    struct find_news *ret_news)
{
	struct search search = {.patience = patience, .news = ret_news};
	int fd;

	*ret_news = (struct find_news){0};
	fd = runtime_open(start == FIND_START ? RUNTIME_MAKE : RUNTIME_LOOK, &search.runtime,
			  &ret_news->why);
	if (fd)
		return fd;
	ret_news->passed_over = memory_string(search.runtime.passed_over);
	ret_news->unwritable = memory_string(search.runtime.unwritable);
	search.start_lock = runtime_state_path(&search.runtime, "start.lock");
	search.lock = runtime_state_path(&search.runtime, "supervisor.lock");
	search.control = runtime_path(&search.runtime, "control");
	fd = search_and_find(&search, start);
	free(search.start_lock);
	free(search.lock);
	free(search.control);
	runtime_finish(&search.runtime);
	return fd;
}

void find_news_finish(struct find_news *news)
{
	free(news->why);
	free(news->passed_over);
	free(news->unwritable);
	json_decref(news->failed);
	*news = (struct find_news){0};
}

/* How long it may take to hear the signal: one that stays cannot write down what it has. */
#define LET_GO_MS 3000

/* Waits until it has gone. */
static int wait_let_go(const char *lock, pid_t pid, const struct patience *patience, char **ret_why)
{
	const uint64_t until_ms = clock_ms() + LET_GO_MS;
	struct wait wait = wait_begin(patience);
	pid_t holder = 0;

	while (lock_is_taken(lock, &holder) && holder == pid) {
		int ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);

		if (ready < 0)
			return ready;
		if (clock_ms() < until_ms)
			continue;
		*ret_why = memory_format(
			"the supervisor (pid %d) stays: it is stopped, or cannot write down what "
			"it has, which `tunplan status` tells",
			(int)pid);
		return -EBUSY;
	}
	return 0;
}

int find_and_let_go(const struct patience *patience, char **ret_why)
{
	struct runtime runtime = {0}, noted = {0};
	pid_t holder = 0;
	char *lock;
	int error = runtime_open(RUNTIME_LOOK, &runtime, ret_why);

	if (error)
		return error;
	lock = runtime_state_path(&runtime, "supervisor.lock");
	if (!lock_is_taken(lock, &holder) || holder <= 0)
		error = -ESRCH;
	noted.dir = error ? NULL : lock_noted_dir_at(lock);
	/* One of another version need not know the signal, nor we what it has written. */
	if (!error)
		*ret_why = record_refused(noted.dir ? &noted : &runtime);
	if (*ret_why)
		error = -EPROTONOSUPPORT;
	if (!error && !signal_holder(lock, holder, SUPERVISOR_LETS_GO))
		error = -ESRCH;
	if (!error)
		error = wait_let_go(lock, holder, patience, ret_why);
	free(lock);
	runtime_finish(&noted);
	runtime_finish(&runtime);
	return error;
}

int find_wait_gone(pid_t pid, const struct patience *patience)
{
	struct wait wait = wait_begin(patience);
	struct runtime runtime = {0};
	char *path, *why = NULL;
	pid_t holder = 0;
	int ready = runtime_open(RUNTIME_LOOK, &runtime, &why);

	free(why);
	if (ready < 0)
		return ready;
	path = runtime_state_path(&runtime, "supervisor.lock");
	while (ready >= 0 && lock_is_taken(path, &holder) && holder == pid) {
		wait_tell(&wait, "the supervisor that was told to go to end", holder);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
	}
	free(path);
	runtime_finish(&runtime);
	return ready < 0 ? ready : 0;
}
