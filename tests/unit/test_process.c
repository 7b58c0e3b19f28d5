#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/system/logfile.h"
#include "exec/system/process.h"
#include "topology/base/memory.h"

Test(process, a_master_gets_our_environment_but_not_what_is_ours_alone)
{
	const char *const env[] = {
		"HOME=/root",      "NOTIFY_SOCKET=/run/n", "LISTEN_FDS=1",        "LISTEN_PID=7",
		"SHELL=/bin/fish", "SSH_AUTH_SOCK=/a",     "LISTENING_IS_NOT=it", NULL};
	char **copy = process_master_env(env);

	cr_expect(eq(str, copy[0], "HOME=/root"));
	cr_expect(eq(str, copy[1], "SSH_AUTH_SOCK=/a"));
	cr_expect(eq(str, copy[2], "LISTENING_IS_NOT=it"));
	cr_expect(eq(str, copy[3], "SHELL=/bin/sh"));
	cr_expect(eq(ptr, copy[4], NULL));
	memory_free_strings(copy);
}

Test(process, knows_a_process_by_its_arguments)
{
	/* Of this run alone: all processes of the machine are looked through. */
	char *name = memory_format("/run/m-12345678-%d", (int)getpid());
	char *argument = memory_format("-S %s", name);
	pid_t pid = fork();

	if (pid == 0) {
		execlp("sleep", argument, "60", (char *)NULL);
		_exit(127);
	}
	cr_assert(ge(int, pid, 1));
	/* Its command line is there once it is no copy of ours any more. */
	while (!process_has_argument(pid, name))
		cr_assert(eq(int, waitpid(pid, NULL, WNOHANG), 0));
	cr_expect(not(process_has_argument(pid, "m-87654321")));
	cr_expect(eq(int, process_find(name), pid));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	cr_expect(not(process_has_argument(pid, name)));
	cr_expect(eq(int, process_find(name), 0));
	free(argument);
	free(name);
}

/* A process that waits for its end; with words on its command line until they are there. */
static pid_t start_sleep(const char *words)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("sleep", words, "60", (char *)NULL);
		_exit(127);
	}
	cr_assert(gt(int, pid, 0));
	while (!process_has_argument(pid, words))
		cr_assert(eq(int, waitpid(pid, NULL, WNOHANG), 0));
	return pid;
}

Test(process, finds_a_word_at_the_end_of_a_long_command_line)
{
	char *words = memory_alloc(100 * 1024);
	pid_t pid;

	memset(words, 'x', 100 * 1024 - 6);
	strcpy(words + 100 * 1024 - 6, " end?");
	pid = start_sleep(words);
	cr_expect(process_has_argument(pid, " end?"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free(words);
}

Test(process, a_log_that_outgrew_its_size_is_emptied_and_goes_on)
{
	char path[] = "/tmp/tunplan-log-XXXXXX";
	int fd, error = 0;
	char block[4096] = {'x'};
	struct strbuf text = {0};

	close(mkstemp(path));
	fd = logfile_open(path);
	for (off_t written = 0; written <= LOGFILE_MAX_BYTES; written += (off_t)sizeof(block))
		error |= write(fd, block, sizeof(block)) < 0;
	cr_expect(eq(int, error, 0));
	logfile_cap(fd);
	cr_expect(eq(i64, logfile_next(path, 0, &text), 0));
	cr_expect(eq(i64, write(fd, "after", 5), 5));
	/* An offset from before the file was emptied reads all of it. */
	cr_expect(eq(i64, logfile_next(path, LOGFILE_MAX_BYTES, &text), 5));
	cr_expect(eq(str, text.text, "after"));
	cr_expect(eq(i64, logfile_next(path, 5, &text), 5));
	cr_expect(eq(i64, logfile_next("/nowhere", 7, &text), 7));
	cr_expect(eq(str, text.text, "after"));
	strbuf_clear(&text);
	logfile_read(path, &text);
	cr_expect(eq(str, text.text, "after"));
	strbuf_finish(&text);
	close(fd);
	unlink(path);
}
