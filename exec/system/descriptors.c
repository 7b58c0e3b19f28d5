#include "exec/system/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "topology/base/memory.h"

/* How many processes are looked into: an ssh, and what its ProxyCommand is made of. */
#define FAMILY_MAX 16

/*
 * Gives each descriptor of a process to `take`, with what /proc shows as its target, until `take` says that
 * this was enough. Returns 0 or -errno.
 */
static int each_descriptor(pid_t pid, bool (*take)(void *data, int number, const char *target),
			   void *data)
{
	char path[64], target[64];
	const struct dirent *entry;
	bool more = true;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	directory = memory_found(opendir(path));
	if (!directory)
		return errno == ENOENT ? -ESRCH : -errno;
	while (more && (entry = readdir(directory))) {
		ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

		/* "." and "..", and what was closed just now. */
		if (length < 0)
			continue;
		target[length] = '\0';
		more = take(data, (int)strtol(entry->d_name, NULL, 10), target);
	}
	closedir(directory);
	return 0;
}

/* Returns the inode of a descriptor's target that is of a kind, as "pipe:[12345]" is of "pipe:[", else 0. */
static uint32_t inode_of(const char *target, const char *kind)
{
	const size_t length = strlen(kind);

	return strncmp(target, kind, length) == 0 ? (uint32_t)strtoul(target + length, NULL, 10)
						  : 0;
}

static bool note(void *data, int number, const char *target)
{
	struct descriptors *descriptors = data;
	const uint32_t socket = inode_of(target, "socket:[");
	const uint32_t inode = socket ? socket : inode_of(target, "pipe:[");

	/* What the first process was started with is not its own. */
	if (inode == 0 || (descriptors->process == 0 && number <= STDERR_FILENO))
		return true;
	descriptors->items = memory_reserve(descriptors->items, &descriptors->room,
					    descriptors->count + 1, sizeof(*descriptors->items));
	descriptors->items[descriptors->count++] =
		(struct descriptor){inode, descriptors->process, number};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct descriptor *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* Appends the children of a process to its family, in the order of their birth. */
static void add_children(pid_t pid, pid_t family[FAMILY_MAX], size_t *count)
{
	char path[64];
	const struct dirent *entry;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	threads = memory_found(opendir(path));
	while (threads && (entry = readdir(threads))) {
		FILE *file;
		long child;

		snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/children", (long)pid,
			 entry->d_name);
		file = memory_found(fopen(path, "re"));
		while (file && *count < FAMILY_MAX && fscanf(file, "%ld", &child) == 1)
			family[(*count)++] = (pid_t)child;
		if (file)
			fclose(file);
	}
	if (threads)
		closedir(threads);
}

static void note_family(pid_t pid, struct descriptors *descriptors)
{
	pid_t family[FAMILY_MAX] = {pid};
	size_t count = 1;

	for (size_t i = 0; i < count; i++) {
		descriptors->process = i;
		/* A child may have ended meanwhile, or be another user's. */
		if (i > 0)
			each_descriptor(family[i], note, descriptors);
		add_children(family[i], family, &count);
	}
}

int descriptors_init(pid_t pid, bool family, struct descriptors *descriptors)
{
	int error;

	*descriptors = (struct descriptors){.count = 0};
	error = each_descriptor(pid, note, descriptors);
	if (error < 0)
		return error;
	if (family)
		note_family(pid, descriptors);
	if (descriptors->count)
		qsort(descriptors->items, descriptors->count, sizeof(*descriptors->items), compare);
	return 0;
}

void descriptors_finish(struct descriptors *descriptors)
{
	free(descriptors->items);
	*descriptors = (struct descriptors){.count = 0};
}

const struct descriptor *descriptors_find(const struct descriptors *descriptors, uint32_t inode)
{
	size_t low = 0, high = descriptors->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (descriptors->items[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < descriptors->count && descriptors->items[low].inode == inode
		       ? &descriptors->items[low]
		       : NULL;
}

bool descriptors_have_pipe_to_child(const struct descriptors *descriptors)
{
	for (size_t i = 0; i < descriptors->count; i++) {
		const struct descriptor *item = &descriptors->items[i];

		/* Of the first process, standard ones are not noted. */
		if (item->number <= STDOUT_FILENO &&
		    descriptors_find(descriptors, item->inode)->process == 0)
			return true;
	}
	return false;
}

/* The search for who has a socket. */
struct owner_search {
	uint32_t inode;
	bool found;
};

static bool is_searched(void *data, int number, const char *target)
{
	struct owner_search *search = data;

	(void)number;
	search->found = inode_of(target, "socket:[") == search->inode;
	return !search->found;
}

pid_t descriptors_find_owner(uint32_t inode)
{
	struct owner_search search = {.inode = inode};
	DIR *directory = memory_found(opendir("/proc"));
	const struct dirent *entry;
	pid_t pid = 0;

	while (directory && !search.found && (entry = readdir(directory))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0)
			each_descriptor(pid, is_searched, &search);
	}
	if (directory)
		closedir(directory);
	return search.found ? pid : 0;
}
