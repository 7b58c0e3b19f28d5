#include "exec/ssh/master_left.h"

#include <errno.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/ssh/ssh_argv.h"
#include "exec/system/kernel.h"
#include "exec/system/process.h"
#include "topology/base/strbuf.h"

void master_found_release(struct master_found *found)
{
	if (found->handle >= 0)
		close(found->handle);
	found->handle = -1;
}

/* The word of its command line that no other process has. */
static void put_word(const struct master_left *left, struct strbuf *word)
{
	if (left->session)
		strbuf_puts(word, left->socket);
	else
		ssh_argv_control(left->socket, word);
}

/* One that drains has another command line ("[stopped mux]"): then it is its number and its start that no other has. */
static bool is_it(const struct master_left *left, pid_t pid, const char *word)
{
	struct kernel_process process;

	if (!left->drains || !left->start)
		return process_has_argument(pid, word);
	return kernel_process_read(pid, &process) == 0 && process.start_ticks == left->start;
}

/* Holds a process, if it is the one. A number may have been given to somebody else meanwhile. */
static bool take(const struct master_left *left, pid_t pid, const char *word,
		 struct master_found *found)
{
	if (pid <= 1)
		return false;
	found->pid = pid;
	found->handle = kernel_process_open(pid);
	if (is_it(left, pid, word))
		return true;
	master_found_release(found);
	return false;
}

static bool find(const struct master_left *left, const char *word, struct master_found *found)
{
	pid_t pid = 0;
	int error = unix_listener(left->socket, &pid);

	if (left->drains) {
		/* It was to be told, and perhaps was not. */
		found->listens = !error && pid == left->pid;
		return take(left, left->pid, word, found);
	}
	found->listens = true;
	if (!error && take(left, pid, word, found))
		return true;
	/* It is there, and has no time; or the kernel does not tell who it is. */
	found->listens = error == -EAGAIN || error == -ENOSYS;
	return take(left, process_find(word), word, found);
}

int master_left_find(const struct master_left *left, struct master_found *ret_found)
{
	struct strbuf word = {0};
	bool found;

	*ret_found = (struct master_found){.handle = -1};
	put_word(left, &word);
	found = find(left, strbuf_text(&word), ret_found);
	strbuf_finish(&word);
	return found ? 0 : -ESRCH;
}
