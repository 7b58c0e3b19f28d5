#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "exec/ssh/ssh_facts.h"
#include "topology/base/memory.h"

static const struct plan_hop first = {
	.through = TOPOLOGY_NONE, .depth = 1, .address = "10.1.0.2", .port = 22};
static const struct plan_hop second = {
	.through = 0, .depth = 2, .address = "10.2.0.3", .port = 22, .user = "ops"};

/* Returns the words of a question in one line. */
static const char *question(const struct plan_hop *hop, bool by_hand, struct arena *arena)
{
	const char *const *words = ssh_facts_question(hop, by_hand, arena);
	const char *line = words[0];

	while (*++words)
		line = arena_format(arena, "%s %s", line, *words);
	return line;
}

Test(ssh_facts, asks_with_what_the_files_may_go_by)
{
	struct plan_hop alias = first, deep = second;
	struct arena arena = {0};

	alias.config = "plant";
	deep.config = "inner";
	deep.port = 2222;
	cr_expect(eq(str, question(&first, false, &arena),
		     "ssh -G -N -o ProxyCommand=none -- 10.1.0.2"));
	cr_expect(eq(str, question(&first, true, &arena), "ssh -G -N -- 10.1.0.2"));
	cr_expect(eq(str, question(&alias, false, &arena), "ssh -G -N -- plant"));
	cr_expect(eq(str, question(&second, false, &arena),
		     "ssh -G -N -o ProxyCommand=false -l ops -o HostName=10.2.0.3 -p 22 -- "
		     "10.2.0.3"));
	cr_expect(eq(str, question(&second, true, &arena),
		     "ssh -G -N -o ProxyCommand=false -l ops -- 10.2.0.3"));
	cr_expect(eq(str, question(&deep, true, &arena),
		     "ssh -G -N -o ProxyCommand=false -l ops -p 2222 -- inner"));
	arena_finish(&arena);
}

Test(ssh_facts, tells_of_each_hop_what_is_stated_of_it)
{
	static const char answer[] = "user ops\nhostname 10.2.0.3\nport 22\nconnecttimeout 60\n"
				     "ignoreunknown A,B\nserveraliveinterval 0\n";
	struct strbuf facts = {0};
	struct arena arena = {0};
	const char *lines;

	ssh_facts_add(&first, "serveraliveinterval 7\nhostname gw.example\n", &facts);
	ssh_facts_add(&second, answer, &facts);
	lines = strbuf_text(&facts);
	cr_expect(eq(str, lines,
		     "ssh -G -N -o ProxyCommand=none -- 10.1.0.2\tserveraliveinterval 7\n"
		     "ssh -G -N -o ProxyCommand=none -- 10.1.0.2\tasked yes\n"
		     "ssh -G -N -o ProxyCommand=false -l ops -o HostName=10.2.0.3 -p 22 -- "
		     "10.2.0.3\tignoreunknown A,B\n"
		     "ssh -G -N -o ProxyCommand=false -l ops -o HostName=10.2.0.3 -p 22 -- "
		     "10.2.0.3\tconnecttimeout 60\n"
		     "ssh -G -N -o ProxyCommand=false -l ops -o HostName=10.2.0.3 -p 22 -- "
		     "10.2.0.3\tasked yes\n"));
	cr_expect(eq(str, ssh_facts_find(lines, &first, "serveraliveinterval", &arena), "7"));
	cr_expect(eq(ptr, ssh_facts_find(lines, &second, "serveraliveinterval", &arena), NULL));
	cr_expect(eq(str, ssh_facts_find(lines, &second, "connecttimeout", &arena), "60"));
	cr_expect(eq(ptr, ssh_facts_find(lines, &first, "connecttimeout", &arena), NULL));
	cr_expect(eq(ptr, ssh_facts_find(NULL, &first, "connecttimeout", &arena), NULL));
	arena_finish(&arena);
	strbuf_finish(&facts);
}

/* Where all have theirs is looked at anyway. */
Test(ssh_facts, tells_of_files_that_a_login_depends_on_where_they_are_elsewhere)
{
	static const char answer[] =
		"identityfile ~/.ssh/id_rsa\nidentityfile ~/keys/plant\nidentityagent "
		"SSH_AUTH_SOCK\n"
		"userknownhostsfile /home/ann/.ssh/known_hosts /srv/hosts\n"
		"globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2\n"
		"identityfile /srv/key\n";
	struct strbuf facts = {0};
	struct arena arena = {0};

	ssh_facts_add(&first, answer, &facts);
	cr_expect(eq(str, ssh_facts_find(strbuf_text(&facts), &first, SSH_FACTS_FILES, &arena),
		     "~/keys/plant /srv/hosts /srv/key"));
	strbuf_clear(&facts);
	ssh_facts_add(&first, "identityfile ~/.ssh/id_rsa\n", &facts);
	cr_expect(eq(ptr, ssh_facts_find(strbuf_text(&facts), &first, SSH_FACTS_FILES, &arena),
		     NULL));
	arena_finish(&arena);
	strbuf_finish(&facts);
}

/* It would not come back as the one word that it has to be. */
Test(ssh_facts, what_has_to_be_quoted_is_no_keyword)
{
	struct strbuf facts = {0};

	ssh_facts_add(&first, "ignoreunknown A, B\n", &facts);
	cr_expect(eq(str, strbuf_text(&facts),
		     "ssh -G -N -o ProxyCommand=none -- 10.1.0.2\tasked yes\n"));
	strbuf_finish(&facts);
}

/* To state nothing is not the same as not to be asked. */
Test(ssh_facts, tell_whether_ssh_was_asked)
{
	struct strbuf facts = {0};

	cr_expect(not(ssh_facts_has(NULL, &first)));
	ssh_facts_add(&first, "hostname gw\n", &facts);
	cr_expect(ssh_facts_has(strbuf_text(&facts), &first));
	cr_expect(not(ssh_facts_has(strbuf_text(&facts), &second)));
	strbuf_finish(&facts);
}

/* A program is not started with a variable of 128 KiB. */
Test(ssh_facts, there_is_an_end_to_them)
{
	struct strbuf facts = {0};

	for (int i = 0; i < 3000; i++)
		ssh_facts_add(&second, "connecttimeout 60\n", &facts);
	cr_expect(lt(sz, facts.length, 128 * 1024));
	strbuf_finish(&facts);
}
