#include "tests/sim/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uv.h>

#include "exec/supervisor/supervisor.h"
#include "exec/system/lock.h"
#include "exec/system/runtime.h"
#include "tests/sim/disk.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/uv.h"
#include "tests/sim/wire.h"
#include "topology/base/memory.h"

static struct {
	void (*stepped)(const struct engine *engine);
	bool wanted; /* somebody starts one */
	bool runs;
	bool told_to_go;
	uint64_t told_at_ms;
	uint64_t until_ms;
	unsigned deaths;
	unsigned kill_in;   /* calls of seam(); 0: none is planned */
	bool client_locks;  /* start.lock */
	int own_start_lock; /* the supervisor's, or -1 */
	int granted[64];    /* descriptors that a killed one leaves open */
	unsigned granted_count;
	int lock_file;  /* what locks are made of */
	int error_file; /* our standard error */
	jmp_buf over;
} loop = {.own_start_lock = -1};

void loop_init(void)
{
	loop.lock_file = fcntl(memfd_create("lock", MFD_CLOEXEC), F_DUPFD_CLOEXEC, 10);
	loop.error_file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
}

void loop_reset(void (*stepped)(const struct engine *engine))
{
	loop.stepped = stepped;
	loop.wanted = loop.runs = loop.told_to_go = loop.client_locks = false;
	loop.kill_in = loop.deaths = loop.granted_count = 0;
	loop.own_start_lock = -1;
}

void loop_stepped(struct engine *engine)
{
	loop.stepped(engine);
}

bool loop_supervisor_runs(void)
{
	return loop.runs || loop.wanted;
}

unsigned loop_deaths(void)
{
	return loop.deaths;
}

bool loop_was_told_to_go(uint64_t *ret_at_ms)
{
	*ret_at_ms = loop.told_at_ms;
	return loop.runs && loop.told_to_go;
}

void loop_start_supervisor(void)
{
	loop.wanted = true;
}

/* --- its end --------------------------------------------------------------------------------- */

/* What it had in its memory is gone then. */
static void die(void)
{
	rules_killed();
	longjmp(loop.over, 1);
}

void loop_kill(unsigned nth)
{
	if (!loop.runs)
		return;
	if (!nth)
		die();
	loop.kill_in = nth;
}

void loop_spare(void)
{
	loop.kill_in = 0;
}

void seam(void)
{
	if (loop.runs && loop.kill_in && --loop.kill_in == 0)
		die();
}

/* What the kernel does for a process that is no more. */
static void clear_away(void)
{
	queue_drop_supervisor();
	uv_forget();
	wire_supervisor_died();
	ssh_supervisor_died();
	own_network_forget();
	for (unsigned i = 0; i < loop.granted_count; i++)
		close(loop.granted[i]);
	close(SUPERVISOR_READY_FD);
}

static int grant(int file)
{
	int fd = fcntl(file, F_DUPFD_CLOEXEC, 10);

	if (loop.granted_count < sizeof(loop.granted) / sizeof(loop.granted[0]))
		loop.granted[loop.granted_count++] = fd;
	return fd;
}

int loop_grant(void)
{
	return grant(loop.lock_file);
}

int loop_grant_log(void)
{
	return grant(loop.error_file);
}

static void live(void)
{
	char *argv[] = {(char[]){"--supervisor"}, NULL};

	loop.wanted = false;
	loop.runs = true;
	loop.told_to_go = false;
	loop.granted_count = loop.kill_in = 0;
	uv_forget();
	loop.own_start_lock = -1;
	dup2(loop.lock_file, SUPERVISOR_READY_FD);
	trace("the supervisor starts");
	if (setjmp(loop.over)) {
		trace("the supervisor was killed");
		loop.deaths++;
		rules_reset();
		clear_away();
	} else {
		supervisor_main(1, argv);
		loop.deaths += loop.told_to_go;
		rules_kept_reset();
		rules_reset();
		trace("the supervisor left");
		clear_away();
	}
	loop.runs = false;
	loop.own_start_lock = -1;
	dup2(loop.error_file, STDERR_FILENO);
}

void loop_run(uint64_t until_ms)
{
	loop.until_ms = until_ms;
	do
		if (loop.wanted)
			live();
	while (queue_step(until_ms));
}

int uv_run(uv_loop_t *handle, uv_run_mode mode)
{
	(void)handle;
	(void)mode;
	uv_live(loop.until_ms);
	return 0;
}

void loop_terminate(void)
{
	if (!loop.runs)
		return;
	uv_raise(SIGTERM);
	rules_kept_reset();
	loop.told_to_go = true;
	loop.told_at_ms = queue_now();
	loop.deaths++;
}

/* --- its process ----------------------------------------------------------------------------- */

int runtime_open(enum runtime_use use, struct runtime *ret_runtime, char **ret_why)
{
	(void)use;
	(void)ret_why;
	*ret_runtime =
		(struct runtime){.dir = memory_string("/run"), .state = memory_string("/state")};
	return 0;
}

void runtime_finish(struct runtime *runtime)
{
	free(runtime->dir);
	free(runtime->state);
}

char *runtime_path(const struct runtime *runtime, const char *name)
{
	return memory_format("%s/%s", runtime->dir, name);
}

char *runtime_state_path(const struct runtime *runtime, const char *name)
{
	return memory_format("%s/%s", runtime->state, name);
}

char *runtime_new_name(const struct runtime *runtime, char kind, uint64_t hash,
		       unsigned *generation)
{
	for (;;) {
		char *name = memory_format("%c-%016llx-%u", kind, (unsigned long long)hash,
					   ++*generation);
		char *socket = runtime_path(runtime, name);
		char *log = memory_format("%s/%s.log", runtime->state, name);
		const bool used = disk_has(socket) || disk_has(log);

		free(socket);
		free(log);
		if (!used)
			return name;
		free(name);
	}
}

/* --- locks ----------------------------------------------------------------------------------- */

static bool supervisor_locks(void)
{
	return loop.own_start_lock >= 0 && fcntl(loop.own_start_lock, F_GETFD) >= 0;
}

bool loop_take_start_lock(void)
{
	if (loop.client_locks || supervisor_locks())
		return false;
	loop.client_locks = true;
	return true;
}

void loop_drop_start_lock(void)
{
	loop.client_locks = false;
}

int lock_note(int lock, const char *dir)
{
	(void)lock;
	(void)dir;
	return 0;
}

char *lock_noted_dir(int lock)
{
	(void)lock;
	return NULL;
}

int lock_take(const char *path, pid_t *ret_holder)
{
	*ret_holder = 0;
	seam();
	if (strcmp(path, "/state/start.lock") != 0)
		return grant(loop.lock_file);
	if (loop.client_locks)
		return -EWOULDBLOCK;
	return loop.own_start_lock = grant(loop.lock_file);
}
