/* Whose the listeners are. */
#include "exec/tunnel/owner.h"

#include <stdlib.h>

#include "exec/tunnel/engine.h"
#include "tests/unit/actors.h"

TestSuite(owner, .init = ordinary_begin, .timeout = 60);

static int listen_of(const struct actor *actor, const char *address)
{
	return order_with(actor->self, PORT, order_at(actor->self, LISTEN, address, 0));
}

static void expect_owner(struct engine *engine, pid_t ssh, const char *address, int port,
			 enum owner expected, const char *words)
{
	struct strbuf said = {0};

	cr_expect(eq(int, owner_find(engine, ssh, address, (uint16_t)port, NULL, &said), expected));
	cr_expect(eq(str, (char *)strbuf_text(&said), (char *)words));
	strbuf_finish(&said);
}

Test(owner, is_the_ssh_or_nobody_or_another_who_is_named)
{
	struct engine engine = {0};
	struct actor ssh = start(), other = start();
	int ours = listen_at("127.0.0.1", 0, false), port = listen_of(&ssh, "127.0.0.1");
	int bound = bind_at("127.0.0.1", 0, false), all = listen_of(&ssh, "0.0.0.0");
	char words[128];

	expect_owner(&engine, ssh.pid, "127.0.0.1", port, OWNER_SSH, "");
	expect_owner(&engine, ssh.pid, "0.0.0.0", all, OWNER_SSH, "");
	/* What listens on one address alone, does not where all were asked for. */
	expect_owner(&engine, ssh.pid, "0.0.0.0", port, OWNER_NOBODY, "nothing listens there");
	expect_owner(&engine, ssh.pid, "127.0.0.1", port_of(bound), OWNER_NOBODY,
		     "nothing listens there");
	snprintf(words, sizeof(words),
		 "process %d (test_owner) listens there, and this tunnel's ssh does not",
		 (int)getpid());
	expect_owner(&engine, ssh.pid, "127.0.0.1", port_of(ours), OWNER_OTHER, words);
	snprintf(words, sizeof(words),
		 "process %d (test_owner) listens there, and this tunnel's ssh does not",
		 (int)ssh.pid);
	expect_owner(&engine, other.pid, "127.0.0.1", port, OWNER_OTHER, words);
	/* One that has ended, is not who listens. */
	cr_expect(eq(int, owner_find(&engine, 0, "127.0.0.1", (uint16_t)port, NULL, NULL),
		     OWNER_OTHER));
	cr_expect(eq(int, owner_find(&engine, 0, "127.0.0.1", (uint16_t)port_of(bound), NULL, NULL),
		     OWNER_NOBODY));
	owner_forget(&engine);
	finish(&ssh);
	finish(&other);
}

Test(owner, is_unknown_where_the_kernel_does_not_tell)
{
	struct engine engine = {0};
	struct actor ssh = start();
	int port = listen_of(&ssh, "127.0.0.1");

	expect_owner(&engine, ssh.pid, "localhost", port, OWNER_UNKNOWN, "");
	expect_owner(&engine, ssh.pid, "*", port, OWNER_UNKNOWN, "");
	/* Another user's, and one that has ended. */
	expect_owner(&engine, 1, "127.0.0.1", port, OWNER_UNKNOWN, "");
	finish(&ssh);
	owner_forget(&engine);
	expect_owner(&engine, ssh.pid, "127.0.0.1", port, OWNER_UNKNOWN, "");
	owner_forget(&engine);
}

Test(owner, is_asked_for_once_for_all_until_the_answer_is_forgotten)
{
	struct engine engine = {0};
	struct actor ssh = start();
	int first = listen_of(&ssh, "127.0.0.1"), second;

	expect_owner(&engine, ssh.pid, "127.0.0.1", first, OWNER_SSH, "");
	second = listen_of(&ssh, "127.0.0.1");
	expect_owner(&engine, ssh.pid, "127.0.0.1", second, OWNER_NOBODY, "nothing listens there");
	owner_forget(&engine);
	owner_forget(&engine);
	expect_owner(&engine, ssh.pid, "127.0.0.1", second, OWNER_SSH, "");
	owner_forget(&engine);
	finish(&ssh);
}

Test(owner, of_a_socket_that_was_seen_is_the_ssh_until_another_listens_there)
{
	struct engine engine = {0};
	struct actor ssh = start(), other = start();
	int port = listen_of(&ssh, "127.0.0.1");
	uint32_t inode = 0;

	cr_expect(eq(int, owner_find(&engine, ssh.pid, "127.0.0.1", (uint16_t)port, &inode, NULL),
		     OWNER_SSH));
	cr_expect(ne(u32, inode, 0));
	owner_forget(&engine);
	cr_expect(eq(int, owner_find(&engine, ssh.pid, "127.0.0.1", (uint16_t)port, &inode, NULL),
		     OWNER_SSH));
	owner_forget(&engine);
	finish(&ssh);
	cr_expect(eq(int,
		     order_with(other.self, PORT, order_at(other.self, LISTEN, "127.0.0.1", port)),
		     port));
	cr_expect(eq(int, owner_find(&engine, other.pid, "127.0.0.1", (uint16_t)port, &inode, NULL),
		     OWNER_SSH));
	inode = inode ? inode + 1 : 0;
	cr_expect(eq(int, owner_find(&engine, getpid(), "127.0.0.1", (uint16_t)port, &inode, NULL),
		     OWNER_OTHER));
	cr_expect(eq(u32, inode, 0));
	owner_forget(&engine);
	finish(&other);
}
