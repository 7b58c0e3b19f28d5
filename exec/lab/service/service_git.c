/* `lab: git`: a real repository, served over ssh by an sshd of its own on the service's port. */
#include <string.h>

#include "exec/lab/host/host_files.h"
#include "exec/lab/host/host_text.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/service/daemon.h"
#include "exec/lab/service/git_command.h"
#include "exec/lab/service/sshd.h"

#define REPOSITORY LAB_REPOS "/" LAB_REPOSITORY

/* When the commits were made: always the same, so that every lab has the same history. */
#define FIRST_COMMIT_S 1700000000L

/* The history of the repository, oldest first. %s: the host. */
static const struct {
	const char *message;
	const char *file;
	const char *text;
} commits[] = {
	{"Say what this is", "README.md",
	 "# some-repo\n\nA repository on %s, a host of this lab.\n"},
	{"Add a program", "hello.sh", "#!/bin/sh\necho \"hello from %s\"\n"},
	{"Tell how it is reached", "NETWORK.md",
	 "If you can read this, you have reached %s, over whatever tunnels it took.\n"},
};

/* The history in the words of git-fast-import(1). */
static void history_text(const char *host, struct strbuf *stream)
{
	struct strbuf text;

	strbuf_init(&text);
	for (size_t c = 0; c < sizeof(commits) / sizeof(commits[0]); c++) {
		const char *mark = strstr(commits[c].text, "%s");

		strbuf_clear(&text);
		strbuf_add(&text, commits[c].text, (size_t)(mark - commits[c].text));
		strbuf_puts(&text, host);
		strbuf_puts(&text, mark + 2);
		strbuf_printf(stream,
			      "commit refs/heads/master\ncommitter Lab <lab@%s> %ld +0000\n", host,
			      FIRST_COMMIT_S + (long)c * 3600);
		strbuf_printf(stream, "data %zu\n%s\n", strlen(commits[c].message),
			      commits[c].message);
		strbuf_printf(stream, "M 100644 inline %s\ndata %zu\n%s\n", commits[c].file,
			      text.length, strbuf_text(&text));
	}
	strbuf_finish(&text);
}

/* Makes the repository; for a second git service of a host git leaves it as it is. */
static int repository_init(struct lab_service *service)
{
	static const char *const argv[] = {"git", "init",   "--quiet",  "--bare", "--template=",
					   "-b",  "master", REPOSITORY, NULL};

	return lab_child_run(argv, NULL, &service->host->problem);
}

/* Returns the shell's spelling of a word. */
static const char *shell_quoted(const char *word, struct arena *arena)
{
	struct strbuf text;
	const char *copy;

	strbuf_init(&text);
	strbuf_puts(&text, "'");
	for (; *word; word++)
		strbuf_add(&text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	strbuf_puts(&text, "'");
	copy = arena_string(arena, strbuf_text(&text));
	strbuf_finish(&text);
	return copy;
}

static int configuration_write(struct lab_service *service, const char *name)
{
	struct lab_host *host = service->host;
	const char *command = arena_format(&host->arena, "%s --lab-git",
					   shell_quoted(host->lab->program, &host->arena));
	struct strbuf text;
	int error;

	strbuf_init(&text);
	lab_text_sshd_config(NULL, lab_host_environment(host->lab, host->node, &host->arena),
			     command, &text);
	error = lab_file_write(arena_format(&host->arena, LAB_SSHD "/%s", name), 0600,
			       strbuf_text(&text), text.length);
	strbuf_finish(&text);
	return error < 0 ? lab_problem_set(&host->problem, error,
					   "cannot write the configuration of %s: %s",
					   service->service->name, strerror(-error))
			 : 0;
}

int lab_git_start(struct lab_service *service)
{
	/* A pack as it comes: unpacking it would be one more process. */
	static const char *const argv[] = {
		"git",         "-C",      REPOSITORY, "-c", "fastimport.unpackLimit=0",
		"fast-import", "--quiet", "--force",  NULL};
	struct lab_host *host = service->host;
	const char *name = arena_format(&host->arena, "%s.git", service->service->name);
	struct strbuf stream;
	int error = repository_init(service);

	if (error < 0)
		return error;
	strbuf_init(&stream);
	history_text(host->node->name, &stream);
	error = lab_child_start(argv, strbuf_text(&stream), stream.length, &service->child,
				&host->problem);
	strbuf_finish(&stream);
	if (error == 0)
		error = configuration_write(service, name);
	return error < 0 ? error : lab_sshd_listen(host, &service->listen, name);
}

int lab_git_ready(struct lab_service *service)
{
	return lab_child_wait(&service->child, &service->host->problem);
}
