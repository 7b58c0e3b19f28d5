/*
 * What the lab's git server lets its clients run.
 */
#include "exec/lab/service/git_command.h"
#include "tests/unit/expect_text.h"

static const struct {
	const char *command;
	const char *verb; /* NULL: refused */
	const char *name;
} rows[] = {
	{"git-upload-pack '/some-repo.git'", "upload-pack", "some-repo.git"},
	{"git-receive-pack '/some-repo.git'", "receive-pack", "some-repo.git"},
	{"git upload-pack 'some-repo'", "upload-pack", "some-repo.git"},
	{"git-upload-pack /a.b_c-1.git", "upload-pack", "a.b_c-1.git"},
	{"git-upload-pack '/../some-repo.git'", NULL, NULL},
	{"git-upload-pack '/a/some-repo.git'", NULL, NULL},
	{"git-upload-pack '.git'", NULL, NULL},
	{"git-upload-pack '/'", NULL, NULL},
	{"git-upload-pack ''", NULL, NULL},
	{"git-upload-pack '", NULL, NULL},
	{"git-upload-pack '--upload-pack=x'", NULL, NULL},
	{"git-upload-pack 'a'; reboot", NULL, NULL},
	{"git-upload-pack 'a b'", NULL, NULL},
	{"git-upload-pack", NULL, NULL},
	{"git-shell -c x", NULL, NULL},
	{"ls", NULL, NULL},
	{"", NULL, NULL},
};

Test(lab_git_command, only_git_and_only_its_repositories)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *verb = "";
		char name[64] = "";
		bool let = lab_git_parse(rows[i].command, &verb, name, sizeof(name));

		cr_expect(let == (rows[i].verb != NULL), "%s", rows[i].command);
		if (let && rows[i].verb) {
			expect_text(verb, rows[i].verb);
			expect_text(name, rows[i].name);
		}
	}
}

Test(lab_git_command, a_name_that_does_not_fit_is_refused)
{
	const char *verb;
	char name[8];

	cr_expect(lab_git_parse("git-upload-pack abc", &verb, name, sizeof(name)));
	expect_text(name, "abc.git");
	cr_expect(!lab_git_parse("git-upload-pack abcd", &verb, name, sizeof(name)));
}
