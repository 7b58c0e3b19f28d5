/*
 * exhaust.so, for LD_PRELOAD: makes memory run out in the program that it is loaded into, so that a
 * test sees what the program does then, whoever asked for the memory: the program, a library, or
 * libc.
 *
 *     EXHAUST=each            runs the program once as it is, and then twice for each allocation
 *                             that it made: once that allocation and all later ones fail, once it
 *                             fails alone (only this under ASan, where a run is slow). Reports on
 *                             stderr every run that went wrong (see judge()), and counts on
 *                             stdout; status 1 if any did.
 *     EXHAUST_STEP=N          "each" is every Nth allocation; default 1
 *     EXHAUST=at:N            the Nth allocation and all later ones fail
 *     EXHAUST=fork:N          all allocations fail once the program has N child processes at a time
 *     EXHAUST_ROLE=ARGUMENT   only in processes whose first argument is this: child processes
 *                             inherit the variables
 *
 * Allocations count from the start of main(): what the loader needs is not ours. Allocations that
 * do not fail go to the next malloc, which may be ASan's; but an ASan that is linked into the
 * program itself, as by clang, comes first, and then none is counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than any result of the tests. */
#define TEXT_MAX ((size_t)256 * 1024)
/* A program that hangs is killed, and that is told. */
#define HANG_S 20
/* So many troubles are told in full. */
#define TOLD_MAX 5

static const char last_words[] = "tunplan: out of memory\n";

static struct {
	bool counting;
	bool once;          /* only that one fails */
	long at;            /* the allocation that fails, or 0 */
	long forks;         /* how many processes at a time there are when all fail, or 0 */
	atomic_long *count; /* shared with the processes that run_each() starts */
} exhaust;

/* --- allocating ------------------------------------------------------------------------------ */

/*
 * How many processes the program has started that it has not waited for. The kernel is asked,
 * because fork(), vfork(), clone() and posix_spawn() are not all functions that can be replaced, and
 * which of them libuv takes has changed.
 */
static long count_children(void)
{
	char path[64], text[4096];
	long count = 0;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		abort();
	size = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < size; i++)
		count += text[i] == ' ';
	return count;
}

/* Whether this allocation is to fail. */
static bool fails(void)
{
	long number;

	if (!exhaust.counting)
		return false;
	if (exhaust.forks && !exhaust.at && count_children() >= exhaust.forks)
		exhaust.at = 1;
	number = atomic_fetch_add(exhaust.count, 1) + 1;
	if (!exhaust.at || (exhaust.once ? number != exhaust.at : number < exhaust.at))
		return false;
	errno = ENOMEM;
	return true;
}

/* The function of that name that would have been called. */
#define NEXT(name)                     \
	static __typeof__(&name) next; \
	if (!next)                     \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *malloc(size_t size)
{
	NEXT(malloc);
	return fails() ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
	NEXT(calloc);
	return fails() ? NULL : next(count, size);
}

void *realloc(void *block, size_t size)
{
	NEXT(realloc);
	return fails() ? NULL : next(block, size);
}

void *reallocarray(void *block, size_t count, size_t size)
{
	NEXT(reallocarray);
	return fails() ? NULL : next(block, count, size);
}

void *memalign(size_t alignment, size_t size)
{
	NEXT(memalign);
	return fails() ? NULL : next(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	NEXT(aligned_alloc);
	return fails() ? NULL : next(alignment, size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
	NEXT(posix_memalign);
	return fails() ? ENOMEM : next(ret_block, alignment, size);
}

/* libc's would call malloc() above, but ASan's does not. */
char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

/*
 * Where glibc cannot have the memory for its first lookup of an account, it crashes (2.36:
 * nss_database.c). The program makes sure of that memory before (exec/system/passwd.c), so it is given.
 */
#define GIVING(name, result, type)                      \
	result *name(type id)                           \
	{                                               \
		const bool counting = exhaust.counting; \
		result *found;                          \
		NEXT(name);                             \
                                                        \
		exhaust.counting = false;               \
		found = next(id);                       \
		exhaust.counting = counting;            \
		return found;                           \
	}

GIVING(getpwuid, struct passwd, uid_t)
GIVING(getgrgid, struct group, gid_t)

/* Likewise: 2.36 frees twice what it has found, and cmd/pattern.c makes sure of the memory. */
int glob(const char *pattern, int flags, int (*report)(const char *, int), glob_t *ret_found)
{
	const bool counting = exhaust.counting;
	int result;
	NEXT(glob);

	exhaust.counting = false;
	result = next(pattern, flags, report, ret_found);
	exhaust.counting = counting;
	return result;
}

/* --- once for each allocation ---------------------------------------------------------------- */

/* How a run ended, and what it wrote. */
struct outcome {
	int status; /* as of waitpid() */
	size_t sizes[2];
	char texts[2][TEXT_MAX]; /* stdout, stderr */
};

static void read_back(int fd, char *text, size_t *ret_size)
{
	ssize_t got = pread(fd, text, TEXT_MAX, 0);

	*ret_size = got > 0 ? (size_t)got : 0;
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		abort();
}

/*
 * Runs the program in a child whose allocation of that number fails. Returns true in the child,
 * which goes on into main(), and false here, when it has ended.
 */
static bool run(long at, bool once, const int files[2], struct outcome *ret_outcome)
{
	pid_t pid;

	/* The children share it, and each reads it from the start, if it is a file. */
	lseek(STDIN_FILENO, 0, SEEK_SET);
	atomic_store(exhaust.count, 0);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		dup2(files[0], STDOUT_FILENO);
		dup2(files[1], STDERR_FILENO);
		alarm(HANG_S);
		exhaust.at = at;
		exhaust.once = once;
		exhaust.counting = true;
		return true;
	}
	while (waitpid(pid, &ret_outcome->status, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < 2; i++)
		read_back(files[i], ret_outcome->texts[i], &ret_outcome->sizes[i]);
	return false;
}

static bool same(const struct outcome *left, const struct outcome *right, size_t stream)
{
	return left->sizes[stream] == right->sizes[stream] &&
	       memcmp(left->texts[stream], right->texts[stream], left->sizes[stream]) == 0;
}

/* Whether stderr is the one line, alone or behind all that stands there without a failure. */
static bool ends_in_last_words(const struct outcome *outcome, const struct outcome *whole)
{
	const size_t size = sizeof(last_words) - 1;
	const size_t before = outcome->sizes[1] - size;

	if (outcome->sizes[1] < size || memcmp(outcome->texts[1] + before, last_words, size) != 0)
		return false;
	return before == 0 || (before == whole->sizes[1] &&
			       memcmp(outcome->texts[1], whole->texts[1], before) == 0);
}

/*
 * What may come of a failure: nothing, where the program could do without; or status 1, the one
 * line on stderr, and nothing on stdout.
 */
static bool judge(const struct outcome *outcome, const struct outcome *whole)
{
	if (outcome->status == whole->status && same(outcome, whole, 0) && same(outcome, whole, 1))
		return true;
	return WIFEXITED(outcome->status) && WEXITSTATUS(outcome->status) == 1 &&
	       outcome->sizes[0] == 0 && ends_in_last_words(outcome, whole);
}

static void tell(long at, bool once, const struct outcome *outcome)
{
	static const char *const names[] = {"stdout", "stderr"};
	const int status = outcome->status;

	fprintf(stderr, "allocation %ld%s failed, and then: %s %d\n", at,
		once ? " alone" : ", and all after it,",
		WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	for (size_t i = 0; i < 2; i++) {
		const size_t size = outcome->sizes[i] < 2000 ? outcome->sizes[i] : 2000;

		fprintf(stderr, "%s (%zu bytes): %.*s\n", names[i], outcome->sizes[i], (int)size,
			outcome->texts[i]);
	}
}

/* Returns only in the children. */
static void run_each(void)
{
	static struct outcome whole, outcome;
	const int files[2] = {memfd_create("stdout", MFD_CLOEXEC),
			      memfd_create("stderr", MFD_CLOEXEC)};
	const int ways = dlsym(RTLD_DEFAULT, "__asan_init") ? 1 : 2;
	const char *every = getenv("EXHAUST_STEP");
	const long step = every ? strtol(every, NULL, 10) : 1;
	long total, fatal = 0, bad = 0;

	if (run(0, false, files, &whole))
		return;
	total = atomic_load(exhaust.count);
	for (long i = 0; i / ways * step < total; i++) {
		const long at = i / ways * step + 1;
		const bool once = ways == 1 || i % 2;

		if (run(at, once, files, &outcome))
			return;
		fatal += !same(&outcome, &whole, 1);
		if (!judge(&outcome, &whole) && bad++ < TOLD_MAX)
			tell(at, once, &outcome);
	}
	printf("status %d, %zu bytes; %ld allocations, %ld runs that failed, %ld badly\n",
	       WIFEXITED(whole.status) ? WEXITSTATUS(whole.status) : 256, whole.sizes[0], total,
	       fatal, bad);
	fflush(stdout);
	_exit(bad || total == 0);
}

/* --- beginning ------------------------------------------------------------------------------- */

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	const char *mode = getenv("EXHAUST"), *role = getenv("EXHAUST_ROLE");

	if (!mode || (role && (argc < 2 || strcmp(argv[1], role) != 0)))
		return;
	exhaust.count = mmap(NULL, sizeof(*exhaust.count), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (exhaust.count == MAP_FAILED)
		abort();
	if (strcmp(mode, "each") == 0)
		run_each();
	else if (strncmp(mode, "at:", 3) == 0)
		exhaust.at = strtol(mode + 3, NULL, 10);
	else if (strncmp(mode, "fork:", 5) == 0)
		exhaust.forks = strtol(mode + 5, NULL, 10);
	exhaust.counting = true;
}
