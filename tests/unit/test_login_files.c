#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/login_files.h"
#include "topology/base/memory.h"

static const struct plan_hop plain = {
	.through = TOPOLOGY_NONE, .depth = 1, .address = "10.1.0.2", .port = 22};

/* Returns the paths in one line. */
static const char *list(const struct plan_hop *hop, const char *const *env, const char *facts,
			struct arena *arena)
{
	const char *const *paths = login_files_list(hop, env, facts, arena);
	const char *line = "";

	for (; *paths; paths++)
		line = arena_format(arena, "%s%s%s", line, *line ? " " : "", *paths);
	return line;
}

Test(login_files, are_where_all_have_theirs_and_where_the_file_and_the_ssh_config_say)
{
	static const char *const options[] = {"ServerAliveInterval=5",
					      "UserKnownHostsFile=\"/k/hosts\" ~/more",
					      "IdentityAgent=none", NULL};
	const char *const env[] = {"HOME=/home/ann", "SSH_AUTH_SOCK=/tmp/agent", NULL};
	static const char facts[] = "ssh -G -N -o ProxyCommand=none -- 10.1.0.2\tfiles /a ~/b\n"
				    "ssh -G -N -o ProxyCommand=none -- other\tfiles /c\n";
	struct plan_hop stated = plain;
	struct arena arena = {0};

	cr_expect(eq(str, list(&plain, env + 2, NULL, &arena), "~/.ssh/ /etc/ssh/"));
	cr_expect(eq(str, list(&plain, env, facts, &arena),
		     "/home/ann/.ssh/ /etc/ssh/ /a /home/ann/b /tmp/agent"));
	stated.identity = "~/key";
	stated.options = options;
	cr_expect(eq(str, list(&stated, env, NULL, &arena),
		     "/home/ann/.ssh/ /etc/ssh/ /home/ann/key /k/hosts /home/ann/more "
		     "/tmp/agent"));
	arena_finish(&arena);
}

/* A home with a key in it, for one test. */
struct home {
	char path[32];
	char *variable, *ssh, *key, *elsewhere;
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert(ne(ptr, file, NULL));
	fputs(text, file);
	fclose(file);
}

static void make_home(struct home *home)
{
	*home = (struct home){.path = "/tmp/login_files.XXXXXX"};
	cr_assert(ne(ptr, mkdtemp(home->path), NULL));
	home->variable = memory_format("HOME=%s", home->path);
	home->ssh = memory_format("%s/.ssh", home->path);
	home->key = memory_format("%s/.ssh/id", home->path);
	home->elsewhere = memory_format("%s/key", home->path);
	mkdir(home->ssh, 0700);
	write_file(home->key, "key");
	write_file(home->elsewhere, "key");
	chmod(home->key, 0600);
}

static void remove_home(struct home *home)
{
	unlink(home->key);
	unlink(home->elsewhere);
	rmdir(home->ssh);
	rmdir(home->path);
	free(home->variable);
	free(home->ssh);
	free(home->key);
	free(home->elsewhere);
}

Test(login_files, have_another_signature_when_one_was_written_made_removed_or_given_other_rights)
{
	struct home home;
	uint64_t last, next;
	char *other;

	make_home(&home);
	const char *const env[] = {home.variable, NULL};
	struct plan_hop stated = plain;

	stated.identity = home.elsewhere;
	other = memory_format("%s/.ssh/known_hosts", home.path);
	last = login_files_signature(&plain, env, NULL);
	cr_expect(eq(u64, login_files_signature(&plain, env, NULL), last));

	write_file(home.key, "another");
	next = login_files_signature(&plain, env, NULL);
	cr_expect(ne(u64, next, last));
	last = next;
	chmod(home.key, 0640);
	next = login_files_signature(&plain, env, NULL);
	cr_expect(ne(u64, next, last));
	last = next;
	write_file(other, "");
	next = login_files_signature(&plain, env, NULL);
	cr_expect(ne(u64, next, last));
	unlink(other);
	cr_expect(eq(u64, login_files_signature(&plain, env, NULL), last));

	/* One that the hop does not have is none of its business. */
	next = login_files_signature(&stated, env, NULL);
	write_file(home.elsewhere, "another");
	cr_expect(eq(u64, login_files_signature(&plain, env, NULL), last));
	cr_expect(ne(u64, login_files_signature(&stated, env, NULL), next));
	free(other);
	remove_home(&home);
}
