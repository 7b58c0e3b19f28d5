#include "exec/ssh/agent_keys.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

/* SSH_AGENTC_REQUEST_IDENTITIES with its length; and what answers that (draft-ietf-sshm-ssh-agent). */
static const unsigned char question[] = {0, 0, 0, 1, 11};
#define ANSWER 12

/* An agent says no more than this in one answer. */
#define ANSWER_MAX (256 * 1024)

static void hang_up(struct agent_keys *keys)
{
	if (keys->socket >= 0)
		close(keys->socket);
	keys->socket = -1;
}

/* An agent that is not there, or has no room for the question, answers nothing. */
static void ask(struct agent_keys *keys)
{
	hang_up(keys);
	keys->socket = unix_connect(keys->path, SOCK_NONBLOCK);
	if (keys->socket >= 0 && mux_send(keys->socket, question, sizeof(question)))
		hang_up(keys);
}

void agent_keys_begin(struct agent_keys *keys, const char *path)
{
	agent_keys_end(keys);
	if (!path)
		return;
	keys->path = memory_string(path);
	keys->socket = -1;
	ask(keys);
}

/* Returns how many bytes of an answer a message has, with its length, or 0: it is none, or not whole. */
static size_t whole(const unsigned char *bytes, size_t size)
{
	const size_t length = size < 5 ? 0
				       : ((size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 |
					  (size_t)bytes[2] << 8 | bytes[3]) +
						 4;

	return length && length <= size && bytes[4] == ANSWER ? length : 0;
}

/* Reads what has come. Returns whether that is an answer. */
static bool take_answer(struct agent_keys *keys, uint64_t *ret_list)
{
	unsigned char *bytes = memory_alloc(ANSWER_MAX);
	size_t size = 0, length;
	ssize_t got;

	while (size < ANSWER_MAX &&
	       (got = recv(keys->socket, bytes + size, ANSWER_MAX - size, 0)) > 0)
		size += (size_t)got;
	length = whole(bytes, size);
	if (length)
		*ret_list = text_hash_long((const char *)bytes, length);
	free(bytes);
	return length != 0;
}

bool agent_keys_changed(struct agent_keys *keys)
{
	const bool was_known = keys->known;
	const uint64_t before = keys->list;

	if (!keys->path)
		return false;
	if (keys->socket >= 0) {
		if (!take_answer(keys, &keys->list)) {
			agent_keys_end(keys);
			return false;
		}
		keys->known = true;
	}
	ask(keys);
	return was_known && keys->list != before;
}

void agent_keys_end(struct agent_keys *keys)
{
	if (keys->path)
		hang_up(keys);
	free(keys->path);
	*keys = (struct agent_keys){0};
}
