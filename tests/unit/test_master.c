#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/master.h"
#include "exec/system/process.h"
#include "topology/base/memory.h"

/*
 * A stand-in for ssh: makes its socket as ssh does, and answers on it. Its second argument is what it does
 * then, at each of: came (somebody), hello (before it answers), ready (once it has), stop, gone (the connection is closed).
 * Told to terminate, it ends as ssh does.
 */
static const char stand_in[] =
	"use IO::Socket::UNIX; my ($path, %at) = @ARGV;\n"
	"sub at { my $do = delete $at{$_[0]}; eval $do; die $@ if $@; }\n"
	"at('start');\n"
	"our $l = IO::Socket::UNIX->new(Local => \"$path.x\", Listen => 5) or die $!;\n"
	"link(\"$path.x\", $path) or die $!; unlink(\"$path.x\");\n"
	"our $c = $l->accept(); at('came');\n"
	"while (sysread($c, my $head, 12) == 12) {\n"
	"	my ($length, $type, $id) = unpack('NNN', $head);\n"
	"	if ($type == 1) { at('hello'); syswrite($c, pack('NNN', 8, 1, 4)); }\n"
	"	if ($type == 0x10000004) { syswrite($c, pack('NNNN', 12, 0x80000005, $id, $$)); "
	"at('ready'); }\n"
	"	if ($type == 0x10000005) { unlink($path); exit(255); }\n"
	"	if ($type == 0x10000009) { unlink($path); at('stop'); syswrite($c, pack('NNN', 8, "
	"0x80000001, $id)); }\n"
	"}\n"
	"at('gone'); exit(255);\n";

struct tested {
	uv_loop_t loop;
	uv_timer_t tick; /* so that uv_run() never waits for long */
	char dir[32];
	char socket[64];
	char log[64];
	char file[64]; /* for what a stand-in tells */
	struct master *master;
	unsigned ready, primed, ended;
};

static void authenticating(void *data)
{
	(void)data;
}

static void ready(void *data)
{
	struct tested *tested = data;

	tested->ready++;
	cr_expect(master_link(tested->master) != NULL);
}

static void primed(void *data)
{
	struct tested *tested = data;

	tested->primed++;
}

static void ended(void *data)
{
	struct tested *tested = data;

	tested->ended++;
	cr_expect(master_is_gone(tested->master));
	cr_expect(eq(ptr, (void *)master_link(tested->master), NULL));
}

static const struct master_events events = {authenticating, ready, primed, ended};

static void tick(uv_timer_t *timer)
{
	(void)timer;
}

static void begin(struct tested *tested, const char *const *argv)
{
	struct master_spec spec = {.argv = argv, .events = &events, .data = tested};
	const char *const env[] = {memory_format("PATH=%s", getenv("PATH")), NULL};

	*tested = (struct tested){.dir = "/tmp/tunplan-master-XXXXXX"};
	/* What a stand-in leaves behind becomes our child. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cr_assert(mkdtemp(tested->dir) != NULL);
	snprintf(tested->socket, sizeof(tested->socket), "%s/m", tested->dir);
	snprintf(tested->log, sizeof(tested->log), "%s/log", tested->dir);
	snprintf(tested->file, sizeof(tested->file), "%s/file", tested->dir);
	uv_loop_init(&tested->loop);
	uv_timer_init(&tested->loop, &tested->tick);
	uv_timer_start(&tested->tick, tick, 5, 5);
	spec.env = env;
	spec.socket = tested->socket;
	spec.log = tested->log;
	cr_assert(chdir(tested->dir) == 0);
	cr_assert(eq(int, master_create(&tested->loop, &spec, &tested->master), 0));
	free((void *)(uintptr_t)env[0]);
}

/* What the stand-in does, and when; or nothing. */
static void begin_stand_in(struct tested *tested, const char *when, const char *what)
{
	begin(tested, (const char *const[]){"perl", "-e", stand_in, "m", when, what, NULL});
}

/* The same, behind a script that does not become it. */
static void begin_wrapped(struct tested *tested, const char *when, const char *what)
{
	begin(tested, (const char *const[]){"sh", "-c", "perl -e \"$@\"; exit $?", "sh", stand_in,
					    "m", when, what, NULL});
}

static void until(struct tested *tested, const unsigned *told)
{
	while (!*told)
		uv_run(&tested->loop, UV_RUN_ONCE);
}

static void until_ready(struct tested *tested)
{
	while (!tested->ready && !tested->ended)
		uv_run(&tested->loop, UV_RUN_ONCE);
	cr_assert(not(tested->ended), "%s", ssh_log_words(master_log(tested->master)));
}

static void close_loop(struct tested *tested)
{
	uv_close((uv_handle_t *)&tested->tick, NULL);
	uv_run(&tested->loop, UV_RUN_DEFAULT);
	cr_assert(eq(int, uv_loop_close(&tested->loop), 0));
}

static void finish(struct tested *tested)
{
	master_destroy(tested->master);
	close_loop(tested);
	cr_expect(eq(u32, tested->ended, 1));
}

/* Waits for the end and takes everything away. */
static void end(struct tested *tested)
{
	until(tested, &tested->ended);
	finish(tested);
	cr_expect(access(tested->socket, F_OK) < 0);
	unlink(tested->file);
	cr_expect(rmdir(tested->dir) == 0);
}

/* The pid that a stand-in wrote down. */
static pid_t told_pid(const struct tested *tested)
{
	FILE *file = fopen(tested->file, "r");
	int pid = 0;

	cr_assert(file != NULL);
	cr_assert(fscanf(file, "%d", &pid) == 1);
	fclose(file);
	return pid;
}

static int how_it_ended(pid_t pid)
{
	int status = 0;

	cr_assert(eq(int, waitpid(pid, &status, 0), pid));
	return status;
}

Test(master, is_ready_when_its_socket_answers_and_ends_when_it_is_told, .timeout = 20)
{
	struct tested tested;

	/* By its link, not by a signal. */
	begin_stand_in(&tested, "ready", "$SIG{TERM} = 'IGNORE';");
	cr_expect(eq(ptr, (void *)master_link(tested.master), NULL));
	until_ready(&tested);
	cr_expect(eq(ptr, (void *)(uintptr_t)master_fault(tested.master), NULL));
	master_stop(tested.master);
	master_stop(tested.master);
	until(&tested, &tested.ended);
	cr_expect(eq(int, master_signal(tested.master), 0));
	cr_expect(not(master_was_ended(tested.master)));
	end(&tested);
}

Test(master, that_ends_before_it_is_ready_has_ended, .timeout = 20)
{
	static const char *const whens[] = {"start", "hello"};

	for (size_t i = 0; i < 2; i++) {
		struct tested tested;

		begin_stand_in(&tested, whens[i], "exit(0)");
		until(&tested, &tested.ended);
		cr_expect(not(tested.ready));
		cr_expect(master_was_ended(tested.master));
		end(&tested);
	}
}

Test(master, that_was_killed_names_the_signal, .timeout = 20)
{
	struct tested tested;

	begin_stand_in(&tested, "", "");
	until_ready(&tested);
	cr_expect(kill(master_pid(tested.master), SIGKILL) == 0);
	until(&tested, &tested.ended);
	cr_expect(eq(int, master_signal(tested.master), SIGKILL));
	/* The socket that it left is removed. */
	cr_expect(access(tested.socket, F_OK) == 0);
	end(&tested);
}

Test(master, behind_a_script_is_the_one_that_answers, .timeout = 20)
{
	struct tested tested;
	pid_t child;

	begin_wrapped(&tested, "", "");
	child = master_pid(tested.master);
	until_ready(&tested);
	cr_expect(ne(int, master_pid(tested.master), child));
	cr_expect(kill(master_pid(tested.master), SIGKILL) == 0);
	end(&tested);
}

Test(master, outlives_a_script_that_was_killed, .timeout = 20)
{
	struct tested tested;
	pid_t child, pid;

	begin_wrapped(&tested, "", "");
	child = master_pid(tested.master);
	until_ready(&tested);
	pid = master_pid(tested.master);
	cr_expect(kill(child, SIGKILL) == 0);
	while (kill(child, 0) == 0)
		uv_run(&tested.loop, UV_RUN_ONCE);
	cr_expect(not(tested.ended));
	cr_expect(master_link(tested.master) != NULL);
	master_stop(tested.master);
	end(&tested);
	cr_expect(eq(int, WEXITSTATUS(how_it_ended(pid)), 255));
}

Test(master, whose_script_was_killed_first_takes_along_what_was_left, .timeout = 20)
{
	struct tested tested;
	pid_t child, pid, left;

	begin_wrapped(&tested, "ready",
		      "my $p = fork(); if (!$p) { close($c); kill 'STOP', $$; exit(0); }"
		      "open(my $f, '>', 'f'); print $f $p; close($f); rename('f', 'file');");
	child = master_pid(tested.master);
	until_ready(&tested);
	while (access(tested.file, F_OK))
		uv_run(&tested.loop, UV_RUN_ONCE);
	pid = master_pid(tested.master);
	left = told_pid(&tested);
	kill(child, SIGKILL);
	while (kill(child, 0) == 0)
		uv_run(&tested.loop, UV_RUN_ONCE);
	cr_expect(kill(left, 0) == 0 && !tested.ended);
	kill(pid, SIGKILL);
	until(&tested, &tested.ended);
	how_it_ended(pid);
	cr_expect(eq(int, WTERMSIG(how_it_ended(left)), SIGKILL));
	end(&tested);
}

Test(master, takes_along_what_was_left_in_its_group, .timeout = 20)
{
	struct tested tested;
	pid_t left;

	begin_stand_in(&tested, "ready",
		       "my $p = fork(); if (!$p) { close($c); kill 'STOP', $$; exit(0); }"
		       "open(my $f, '>', 'file'); print $f $p; close($f); kill 'KILL', $$;");
	until(&tested, &tested.ended);
	left = told_pid(&tested);
	cr_expect(eq(int, WTERMSIG(how_it_ended(left)), SIGKILL));
	end(&tested);
}

Test(master, that_does_not_hear_is_killed, .timeout = 20)
{
	static const char *const whens[] = {"start", "hello", "ready"};

	for (size_t i = 0; i < 3; i++) {
		struct tested tested;
		pid_t pid;

		begin_wrapped(&tested, whens[i],
			      "$SIG{TERM} = 'IGNORE'; open(my $f, '>', 'f'); print $f $$; "
			      "close($f); rename('f', 'file');"
			      "kill 'STOP', $$;");
		while (access(tested.file, F_OK))
			uv_run(&tested.loop, UV_RUN_ONCE);
		pid = told_pid(&tested);
		if (i == 2)
			until_ready(&tested);
		else
			cr_expect(eq(ptr, (void *)master_link(tested.master), NULL));
		master_stop(tested.master);
		until(&tested, &tested.ended);
		cr_expect(kill(pid, 0) < 0 || WTERMSIG(how_it_ended(pid)) == SIGKILL);
		end(&tested);
	}
}

Test(master, whose_link_ended_is_waited_for_and_then_killed, .timeout = 20)
{
	struct tested tested;

	begin_stand_in(&tested, "ready", "close($c); sleep(1000);");
	until(&tested, &tested.ended);
	cr_expect(eq(int, master_signal(tested.master), SIGKILL));
	end(&tested);
}

Test(master, of_another_protocol_is_killed, .timeout = 20)
{
	struct tested tested;

	begin_stand_in(&tested, "hello", "syswrite($c, pack('NNN', 8, 1, 5)); sleep(1000);");
	until(&tested, &tested.ended);
	cr_expect(not(tested.ready));
	cr_expect(eq(int, master_signal(tested.master), SIGKILL));
	cr_expect(strstr(master_fault(tested.master), "version 5 ") != NULL);
	end(&tested);
}

Test(master, that_drains_ends_by_itself, .timeout = 20)
{
	struct tested tested;

	begin_stand_in(&tested, "gone", "exit(7);");
	until_ready(&tested);
	master_drain(tested.master);
	cr_expect(eq(ptr, (void *)master_link(tested.master), NULL));
	until(&tested, &tested.ended);
	cr_expect(eq(int, master_signal(tested.master), 0));
	/* It was told to listen no longer. */
	cr_expect(access(tested.socket, F_OK) < 0);
	end(&tested);
}

Test(master, that_drains_is_seen_to_end_though_its_script_is_gone, .timeout = 20)
{
	struct tested tested;
	pid_t child, pid;

	begin_wrapped(&tested, "gone", "kill 'STOP', $$;");
	child = master_pid(tested.master);
	until_ready(&tested);
	pid = master_pid(tested.master);
	kill(child, SIGKILL);
	while (kill(child, 0) == 0)
		uv_run(&tested.loop, UV_RUN_ONCE);
	master_drain(tested.master);
	for (int i = 0; i < 5; i++)
		uv_run(&tested.loop, UV_RUN_ONCE);
	cr_expect(not(tested.ended));
	kill(pid, SIGCONT);
	until(&tested, &tested.ended);
	how_it_ended(pid);
	end(&tested);
}

Test(master, that_drains_can_be_stopped, .timeout = 20)
{
	struct tested tested;

	begin_stand_in(&tested, "gone", "sleep(1000);");
	until_ready(&tested);
	master_drain(tested.master);
	master_stop(tested.master);
	until(&tested, &tested.ended);
	cr_expect(eq(int, master_signal(tested.master), SIGTERM));
	end(&tested);
}

Test(master, removes_no_file_but_the_socket_that_it_made, .timeout = 20)
{
	struct tested tested;
	int fd;

	begin_stand_in(&tested, "", "");
	until_ready(&tested);
	unlink(tested.socket);
	fd = open(tested.socket, O_CREAT | O_WRONLY, 0600);
	cr_assert(fd >= 0);
	close(fd);
	kill(master_pid(tested.master), SIGKILL);
	until(&tested, &tested.ended);
	finish(&tested);
	cr_expect(unlink(tested.socket) == 0);
	cr_expect(rmdir(tested.dir) == 0);
}

Test(master, that_cannot_be_started_says_so, .timeout = 20)
{
	const char *const argv[] = {"/nonexistent", NULL}, *const env[] = {NULL};
	struct master_spec spec = {
		argv, env, "/tmp/tunplan-master-none", "/tmp/tunplan-master-none.log", &events,
		NULL, NULL};
	struct master *master = NULL;
	uv_loop_t loop;

	uv_loop_init(&loop);
	cr_expect(eq(int, master_create(&loop, &spec, &master), -ENOENT));
	uv_run(&loop, UV_RUN_DEFAULT);
	cr_expect(eq(int, uv_loop_close(&loop), 0));
}

/* --- taking over: who started it is gone, and the stand-in no child of a master of ours */

struct other {
	struct tested tested;
	pid_t pid;
	struct master_left left;
};

/* Starts one as another supervisor would have. control: what its command line says of its socket. */
static void begin_other(struct other *other, const char *when, const char *what,
			const char *control)
{
	struct tested *tested = &other->tested;
	char word[96];

	*other = (struct other){.tested.dir = "/tmp/tunplan-master-XXXXXX"};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cr_assert(mkdtemp(tested->dir) != NULL);
	snprintf(tested->socket, sizeof(tested->socket), "%s/m-1", tested->dir);
	snprintf(tested->log, sizeof(tested->log), "%s/log", tested->dir);
	snprintf(word, sizeof(word), "ControlPath=\"%s\"", control ? control : tested->socket);
	uv_loop_init(&tested->loop);
	uv_timer_init(&tested->loop, &tested->tick);
	uv_timer_start(&tested->tick, tick, 5, 5);
	other->pid = fork();
	if (!other->pid) {
		/* A test that fails leaves none, not even one that is stopped. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		execlp("perl", "perl", "-e", stand_in, tested->socket, when, what, word, "", NULL);
		_exit(1);
	}
	other->left = (struct master_left){.socket = tested->socket, .log = tested->log};
}

static void until_it_listens(struct other *other)
{
	while (access(other->tested.socket, F_OK))
		uv_run(&other->tested.loop, UV_RUN_ONCE);
}

static void until_it_runs(struct other *other)
{
	while (!process_has_argument(other->pid, other->tested.socket))
		uv_run(&other->tested.loop, UV_RUN_ONCE);
}

static int adopt_other(struct other *other, enum master_use *ret_use)
{
	const struct master_spec spec = {.socket = other->tested.socket,
					 .log = other->tested.log,
					 .events = &events,
					 .data = &other->tested};

	return master_adopt(&other->tested.loop, &spec, &other->left, &other->tested.master,
			    ret_use);
}

static void end_other(struct other *other)
{
	end(&other->tested);
	how_it_ended(other->pid);
}

Test(master, that_another_supervisor_has_started_is_taken_over, .timeout = 20)
{
	struct other other;
	enum master_use use;

	/* It accepts twice: somebody looks who it is, and then comes. */
	begin_other(&other, "came", "$c = $l->accept()", NULL);
	other.left.was_up = true;
	until_it_listens(&other);
	cr_assert(eq(int, adopt_other(&other, &use), 0));
	cr_expect(eq(int, (int)use, MASTER_IS_UP));
	cr_expect(eq(int, master_pid(other.tested.master), other.pid));
	cr_expect(master_link(other.tested.master) != NULL);
	cr_expect(master_is_reachable(other.tested.master));
	kill(other.pid, SIGKILL);
	end_other(&other);
	cr_expect(eq(u32, other.tested.ready, 0), "that is not told");
}

Test(master, that_has_yet_to_log_in_is_taken_over_and_told_of, .timeout = 20)
{
	struct other other;
	enum master_use use;
	int status;

	/* It goes on to listen when it is told, however late that is. */
	begin_other(&other, "start", "kill STOP => $$", NULL);
	cr_assert(eq(int, waitpid(other.pid, &status, WUNTRACED), other.pid));
	cr_assert(eq(int, WIFSTOPPED(status), 1));
	cr_assert(eq(int, adopt_other(&other, &use), 0));
	cr_expect(eq(int, (int)use, MASTER_RISES));
	kill(other.pid, SIGCONT);
	until_ready(&other.tested);
	cr_expect(eq(int, master_pid(other.tested.master), other.pid));
	master_stop(other.tested.master);
	end_other(&other);
}

Test(master, that_drains_is_taken_over_until_its_end, .timeout = 20)
{
	struct other other;
	enum master_use use;

	begin_other(&other, "start", "sleep 1000", NULL);
	until_it_runs(&other);
	other.left.drains = true;
	other.left.pid = other.pid;
	cr_assert(eq(int, adopt_other(&other, &use), 0));
	cr_expect(eq(int, (int)use, MASTER_DRAINS));
	cr_expect(eq(ptr, (void *)master_link(other.tested.master), NULL));
	master_stop(other.tested.master);
	end_other(&other);
}

Test(master, is_not_taken_for_one_whose_socket_it_has, .timeout = 20)
{
	struct other other;
	enum master_use use;

	begin_other(&other, "start", "1", "/elsewhere/m-1");
	other.left.was_up = true;
	until_it_listens(&other);
	cr_expect(eq(int, adopt_other(&other, &use), -ESRCH));
	kill(other.pid, SIGKILL);
	how_it_ended(other.pid);
	close_loop(&other.tested);
	unlink(other.tested.socket);
	rmdir(other.tested.dir);
}
