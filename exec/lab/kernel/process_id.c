#include "exec/lab/kernel/process_id.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "topology/base/memory.h"

struct lab_process_id lab_process_id_find(pid_t pid)
{
	struct lab_process_id process = {.pid = pid};
	char path[64], line[1024], state = 'X', *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = pid > 0 ? memory_found(fopen(path, "re")) : NULL;
	if (!file)
		return process;
	/*
	 * proc(5): the name in brackets may hold anything, so count from its end; 22 is the start.
	 */
	if (fgets(line, sizeof(line), file) && (after = strrchr(line, ')')))
		if (sscanf(after + 1,
			   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%*s %*s %lu",
			   &state, &process.start) != 2 ||
		    state == 'Z' || state == 'X')
			process.start = 0;
	fclose(file);
	return process;
}

bool lab_process_id_alive(const struct lab_process_id *process)
{
	return process->pid > 0 && process->start > 0 &&
	       lab_process_id_find(process->pid).start == process->start;
}

double lab_process_id_age_s(const struct lab_process_id *process)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 -
	       (double)process->start / (double)sysconf(_SC_CLK_TCK);
}
