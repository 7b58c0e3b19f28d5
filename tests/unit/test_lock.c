#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/system/lock.h"

/* A name that no file has. */
static void new_name(char path[64])
{
	snprintf(path, 64, "/tmp/tunplan-lock-XXXXXX");
	close(mkstemp(path));
	unlink(path);
}

/* Locks the file in a process of its own until the descriptor is closed; returns its pid. */
static pid_t lock_elsewhere(const char *path, int *ret_end)
{
	int locked[2], hold[2];
	char byte;
	pid_t pid;

	cr_assert(eq(int, pipe(locked) | pipe(hold), 0));
	pid = fork();
	if (pid == 0) {
		pid_t holder;

		close(hold[1]);
		if (lock_take(path, &holder) < 0 || write(locked[1], "", 1) != 1)
			_exit(1);
		_exit(read(hold[0], &byte, 1) != 0);
	}
	close(locked[1]);
	close(hold[0]);
	cr_assert(eq(int, (int)read(locked[0], &byte, 1), 1));
	close(locked[0]);
	*ret_end = hold[1];
	return pid;
}

Test(lock, is_had_by_one_process_and_it_is_known_which)
{
	char path[64];
	pid_t pid, holder = 0;
	int end, lock;

	new_name(path);
	cr_expect(eq(int, lock_is_taken(path, &holder), false));
	pid = lock_elsewhere(path, &end);
	cr_expect(eq(int, lock_take(path, &holder), -EWOULDBLOCK));
	cr_expect(eq(int, holder, pid));
	holder = 0;
	cr_expect(eq(int, lock_is_taken(path, &holder), true));
	cr_expect(eq(int, holder, pid));
	close(end);
	waitpid(pid, NULL, 0);
	cr_expect(eq(int, lock_is_taken(path, &holder), false));
	lock = lock_take(path, &holder);
	cr_expect(ge(int, lock, 0));
	close(lock);
	unlink(path);
}

Test(lock, notes_a_directory_which_is_believed_if_it_is_ours_alone)
{
	char path[64], ours[] = "/tmp/tunplan-lock-dir-XXXXXX", *dir;
	pid_t holder;
	int lock;

	new_name(path);
	cr_expect(eq(ptr, lock_noted_dir_at(path), NULL));
	cr_assert(ne(ptr, mkdtemp(ours), NULL));
	lock = lock_take(path, &holder);
	cr_expect(eq(ptr, lock_noted_dir(lock), NULL));
	/* The longer text first: nothing may be left of it. */
	cr_assert(eq(int, lock_note(lock, "/a/much/longer/name/of/what/is/nowhere"), 0));
	cr_expect(eq(ptr, lock_noted_dir(lock), NULL));
	cr_assert(eq(int, lock_note(lock, ours), 0));
	dir = lock_noted_dir(lock);
	cr_expect(eq(str, dir, ours));
	free(dir);
	chmod(ours, 0755);
	cr_expect(eq(ptr, lock_noted_dir(lock), NULL));
	close(lock);
	unlink(path);
	rmdir(ours);
}
