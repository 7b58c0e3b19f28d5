#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/runtime.h"
#include "topology/base/memory.h"

/* A directory of its own for each test. */
struct place {
	char root[64];
	char *xdg;
	char *state;
	char *users;
	struct runtime_where where;
};

static void place_init(struct place *place)
{
	snprintf(place->root, sizeof(place->root), "/tmp/tunplan-test-XXXXXX");
	cr_assert(ne(ptr, mkdtemp(place->root), NULL));
	place->xdg = memory_format("%s/xdg", place->root);
	place->state = memory_format("%s/state", place->root);
	place->users = memory_format("%s/users", place->root);
	cr_assert(eq(int, mkdir(place->xdg, 0700), 0));
	place->where = (struct runtime_where){place->xdg,  place->state, NULL,       place->users,
					      place->root, getuid(),     "machine-a"};
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void place_finish(struct place *place)
{
	free(place->xdg);
	free(place->state);
	free(place->users);
	remove_tree(place->root);
}

/* Opens at the place and expects the runtime directory. */
static void expect_dir(const struct place *place, const char *expected)
{
	struct runtime runtime = {0};
	char *why = NULL;

	cr_assert(eq(int, runtime_init(&place->where, RUNTIME_MAKE, &runtime, &why), 0), "%s", why);
	cr_expect(eq(str, runtime.dir, (char *)expected));
	runtime_finish(&runtime);
}

Test(runtime, prefers_the_session_s_directory)
{
	struct place place;
	char *expected;

	place_init(&place);
	expected = memory_format("%s/tunplan", place.xdg);
	expect_dir(&place, expected);
	free(expected);
	place_finish(&place);
}

Test(runtime, finds_the_session_s_directory_without_the_variable)
{
	struct place place;
	char *user_dir, *expected;

	place_init(&place);
	place.where.xdg_runtime_dir = NULL;
	mkdir(place.users, 0700);
	user_dir = memory_format("%s/%u", place.users, (unsigned)getuid());
	mkdir(user_dir, 0700);
	expected = memory_format("%s/tunplan", user_dir);
	expect_dir(&place, expected);
	free(user_dir);
	free(expected);
	place_finish(&place);
}

Test(runtime, passes_over_a_directory_whose_control_paths_would_be_too_long)
{
	struct place place;
	char *expected;
	/* The directory, "/tunplan" and "/m-" with a hash and the longest generation are 90 bytes together; then 91. */
	char fits[90 - 8 - 30 + 1], too_long[sizeof(fits) + 1];

	place_init(&place);
	memset(fits, 'x', sizeof(fits));
	memcpy(fits, place.xdg, strlen(place.xdg));
	fits[strlen(place.xdg)] = '/';
	fits[sizeof(fits) - 1] = '\0';
	memcpy(too_long, fits, sizeof(fits));
	too_long[sizeof(fits) - 1] = 'x';
	too_long[sizeof(fits)] = '\0';
	mkdir(fits, 0700);
	mkdir(too_long, 0700);

	place.where.xdg_runtime_dir = fits;
	expected = memory_format("%s/tunplan", fits);
	expect_dir(&place, expected);
	free(expected);

	place.where.xdg_runtime_dir = too_long;
	expected = memory_format("%s/tunplan-%u", place.root, (unsigned)getuid());
	expect_dir(&place, expected);
	free(expected);
	place_finish(&place);
}

Test(runtime, refuses_a_directory_that_others_may_enter)
{
	struct place place;
	struct runtime runtime = {0};
	char *dir, *why = NULL;

	place_init(&place);
	dir = memory_format("%s/tunplan", place.xdg);
	mkdir(dir, 0700);
	chmod(dir, 0750);
	cr_expect(eq(int, runtime_init(&place.where, RUNTIME_MAKE, &runtime, &why), -EPERM));
	cr_expect(ne(ptr, strstr(why, "must belong to you alone"), NULL));
	cr_expect(eq(ptr, runtime.dir, NULL));
	free(why);
	free(dir);
	place_finish(&place);
}

Test(runtime, refuses_a_symbolic_link)
{
	struct place place;
	struct runtime runtime = {0};
	char *dir, *why = NULL;

	place_init(&place);
	dir = memory_format("%s/tunplan", place.xdg);
	cr_assert(eq(int, symlink("/tmp", dir), 0));
	cr_expect(eq(int, runtime_init(&place.where, RUNTIME_MAKE, &runtime, &why), -ENOTDIR));
	free(why);
	free(dir);
	place_finish(&place);
}

/* Expects that the directory of $XDG_RUNTIME_DIR is passed over for the last one, and why. */
static void expect_passed_over(const struct place *place, const char *why_not)
{
	struct runtime runtime = {0};
	char *last = memory_format("%s/tunplan-%u", place->root, (unsigned)place->where.uid);
	char *why = NULL;

	cr_assert(eq(int, runtime_init(&place->where, RUNTIME_LOOK, &runtime, &why), 0), "%s", why);
	cr_expect(eq(str, runtime.dir, last));
	cr_assert(ne(ptr, runtime.passed_over, NULL));
	cr_expect(ne(ptr, strstr(runtime.passed_over, why_not), NULL), "%s", runtime.passed_over);
	cr_expect(ne(ptr, strstr(runtime.passed_over, last), NULL), "%s", runtime.passed_over);
	runtime_finish(&runtime);
	free(last);
}

Test(runtime, passes_over_a_directory_that_is_not_there_or_not_ours)
{
	struct place place;
	char *missing, *file, *ours;

	place_init(&place);
	missing = memory_format("%s/missing", place.root);
	file = memory_format("%s/file", place.root);
	ours = memory_format("%s/tunplan", place.xdg);
	fclose(fopen(file, "w"));
	place.where.xdg_runtime_dir = missing;
	expect_passed_over(&place, "does not exist");
	place.where.xdg_runtime_dir = file;
	expect_passed_over(&place, "is no directory");
	/* As another user sees what is ours. */
	place.where.xdg_runtime_dir = place.xdg;
	place.where.uid++;
	expect_passed_over(&place, "is another user's");
	place.where.uid--;
	if (getuid() == 0) {
		mkdir(ours, 0700);
		cr_assert(eq(int, chown(ours, 1, 1), 0));
		expect_passed_over(&place, "has another user's directory");
	}
	free(missing);
	free(file);
	free(ours);
	place_finish(&place);
}

Test(runtime, who_looks_makes_no_directory)
{
	struct place place;
	struct runtime runtime = {0};
	char *why = NULL;

	place_init(&place);
	cr_assert(eq(int, runtime_init(&place.where, RUNTIME_LOOK, &runtime, &why), 0), "%s", why);
	cr_expect(eq(int, access(runtime.dir, F_OK), -1));
	cr_expect(eq(int, access(place.state, F_OK), -1));
	runtime_finish(&runtime);
	place_finish(&place);
}

Test(runtime, a_state_directory_to_which_nothing_can_be_written_is_replaced_with_a_word)
{
	struct runtime runtime = {0};
	char *why = NULL, *expected;
	struct place place;
	struct stat info;

	place_init(&place);
	/* No directory can be made there, by nobody. */
	place.where.xdg_state_home = "/proc/self/nowhere";
	expected = memory_format("%s/tunplan/state", place.xdg);
	cr_assert(eq(int, runtime_init(&place.where, RUNTIME_MAKE, &runtime, &why), 0), "%s", why);
	cr_expect(eq(str, runtime.state, expected));
	cr_expect(eq(int, stat(expected, &info), 0));
	cr_expect(eq(uint, info.st_mode & 0777u, 0700u));
	cr_assert(runtime.unwritable != NULL);
	cr_expect(strstr(runtime.unwritable, "/proc/self/nowhere/tunplan cannot be written") !=
			  NULL,
		  "%s", runtime.unwritable);
	runtime_finish(&runtime);
	free(expected);
	place_finish(&place);
}

Test(runtime, a_state_directory_that_is_not_ours_alone_is_refused_and_not_replaced)
{
	struct runtime runtime = {0};
	char *why = NULL, *dir;
	struct place place;

	place_init(&place);
	dir = memory_format("%s/tunplan", place.state);
	cr_assert(eq(int, mkdir(place.state, 0700), 0));
	cr_assert(eq(int, mkdir(dir, 0700), 0));
	cr_assert(eq(int, chmod(dir, 0777), 0));
	cr_expect(eq(int, runtime_init(&place.where, RUNTIME_MAKE, &runtime, &why), -EPERM));
	cr_expect(runtime.unwritable == NULL);
	free(why);
	free(dir);
	place_finish(&place);
}

/* Opens the place as a machine and expects its state directory, which begins with that of the place. */
static void expect_state(struct place *place, const char *machine, enum runtime_use use,
			 const char *part)
{
	struct runtime runtime = {0};
	char *expected = memory_format("%s/tunplan%s", place->state, part), *why = NULL;

	place->where.machine = machine;
	cr_assert(eq(int, runtime_init(&place->where, use, &runtime, &why), 0), "%s", why);
	cr_expect(eq(str, runtime.state, expected), "%s", machine);
	runtime_finish(&runtime);
	free(expected);
}

Test(runtime, the_first_machine_has_the_state_directory_and_each_other_one_in_it)
{
	struct place place;

	place_init(&place);
	expect_state(&place, "b", RUNTIME_LOOK, "");
	expect_state(&place, "a", RUNTIME_MAKE, "");
	expect_state(&place, "b", RUNTIME_LOOK, "/on-b");
	expect_state(&place, "b", RUNTIME_MAKE, "/on-b");
	expect_state(&place, "c", RUNTIME_MAKE, "/on-c");
	expect_state(&place, "a", RUNTIME_LOOK, "");
	place_finish(&place);
}

Test(runtime, the_next_name_is_the_next_of_which_there_is_neither_a_socket_nor_a_log)
{
	struct runtime runtime = {0};
	struct place place;
	unsigned generation = 6;
	char *why = NULL, *name, *path;

	place_init(&place);
	cr_assert(eq(int, runtime_init(&place.where, RUNTIME_MAKE, &runtime, &why), 0), "%s", why);
	path = runtime_path(&runtime, "m-0000000000000abc-7");
	cr_assert(eq(int, symlink(place.root, path), 0));
	free(path);
	path = runtime_state_path(&runtime, "m-0000000000000abc-8.log");
	cr_assert(eq(int, symlink(place.root, path), 0));
	free(path);
	name = runtime_new_name(&runtime, 'm', 0xabc, &generation);
	cr_expect(eq(str, name, "m-0000000000000abc-9"));
	cr_expect(eq(u32, generation, 9));
	free(name);
	name = runtime_new_name(&runtime, 's', 0xabc, &generation);
	cr_expect(eq(str, name, "s-0000000000000abc-10"));
	free(name);
	runtime_finish(&runtime);
	place_finish(&place);
}
