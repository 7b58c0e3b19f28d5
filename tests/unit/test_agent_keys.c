#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "exec/ssh/agent_keys.h"

/* An agent that answers what the test says. */
struct agent {
	char path[64];
	int listener;
};

static void begin(struct agent *agent)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(agent->path, sizeof(agent->path), "/tmp/agent_keys.%d", (int)getpid());
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", agent->path);
	unlink(agent->path);
	agent->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert(bind(agent->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	cr_assert(listen(agent->listener, 5) == 0);
}

static void finish(struct agent *agent)
{
	close(agent->listener);
	unlink(agent->path);
}

/* Reads the next question, and answers with a list of one key. */
static void answer(struct agent *agent, unsigned char type, char key)
{
	const unsigned char message[] = {0, 0, 0, 6, type, 0, 0, 0, 1, (unsigned char)key};
	unsigned char got[16];
	int peer = accept(agent->listener, NULL, NULL);

	cr_expect(eq(int, (int)recv(peer, got, sizeof(got), 0), 5));
	cr_expect(memcmp(got, "\0\0\0\1\13", 5) == 0);
	cr_assert(eq(int, (int)send(peer, message, sizeof(message), 0), (int)sizeof(message)));
	close(peer);
}

/* Whether anybody asks. */
static bool is_asked(const struct agent *agent)
{
	int peer = accept4(agent->listener, NULL, NULL, SOCK_NONBLOCK);
	unsigned char got[16];
	bool asked = peer >= 0 && recv(peer, got, sizeof(got), 0) == 5;

	if (peer >= 0)
		close(peer);
	return asked;
}

Test(agent_keys, have_changed_when_the_agent_says_so)
{
	struct agent agent;
	struct agent_keys keys = {0};

	begin(&agent);
	agent_keys_begin(&keys, agent.path);
	answer(&agent, 12, 'a');
	cr_expect(not(agent_keys_changed(&keys)));
	answer(&agent, 12, 'a');
	cr_expect(not(agent_keys_changed(&keys)));
	answer(&agent, 12, 'b');
	cr_expect(agent_keys_changed(&keys));
	answer(&agent, 12, 'b');
	cr_expect(not(agent_keys_changed(&keys)));
	agent_keys_end(&keys);
	finish(&agent);
}

/* It may be asking its user: once is enough. */
Test(agent_keys, are_not_asked_for_again_where_the_answer_is_late_or_none)
{
	struct agent agent;
	struct agent_keys keys = {0};

	begin(&agent);
	fcntl(agent.listener, F_SETFL, O_NONBLOCK);
	agent_keys_begin(&keys, agent.path);
	cr_expect(not(agent_keys_changed(&keys)));
	cr_expect(is_asked(&agent));
	cr_expect(not(agent_keys_changed(&keys)));
	cr_expect(not(is_asked(&agent)));
	/* SSH_AGENT_FAILURE. */
	agent_keys_begin(&keys, agent.path);
	answer(&agent, 5, 'a');
	cr_expect(not(agent_keys_changed(&keys)));
	cr_expect(not(is_asked(&agent)));
	agent_keys_end(&keys);
	finish(&agent);
}

Test(agent_keys, where_there_is_no_agent_there_are_none)
{
	struct agent_keys keys = {0};

	agent_keys_begin(&keys, NULL);
	cr_expect(not(agent_keys_changed(&keys)));
	agent_keys_begin(&keys, "/nowhere/agent");
	cr_expect(not(agent_keys_changed(&keys)));
	agent_keys_end(&keys);
	agent_keys_end(&keys);
}
