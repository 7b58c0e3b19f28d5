#include "exec/tunnel/owner.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "exec/system/kernel.h"
#include "exec/tunnel/engine.h"
#include "exec/tunnel/hop.h"
#include "topology/base/memory.h"

/* What the kernel said. */
struct owner_answer {
	int error; /* it did not */
	struct kernel_listeners listeners;
	struct asked {
		pid_t pid;
		int error; /* it cannot be looked into */
	} * asked;         /* those whose listeners are marked as theirs */
	size_t asked_count;
	size_t asked_room;
};

static struct owner_answer *answer_of(struct engine *engine)
{
	if (!engine->owners) {
		engine->owners = memory_alloc(sizeof(*engine->owners));
		engine->owners->error = kernel_listeners_init(&engine->owners->listeners);
	}
	return engine->owners;
}

void owner_forget(struct engine *engine)
{
	struct owner_answer *answer = engine->owners;

	if (!answer)
		return;
	if (!answer->error)
		kernel_listeners_finish(&answer->listeners);
	free(answer->asked);
	free(answer);
	engine->owners = NULL;
}

/* Marks the listeners of a process, once. Returns 0 or -errno. */
static int mark(struct owner_answer *answer, pid_t pid)
{
	int error;

	for (size_t i = 0; i < answer->asked_count; i++)
		if (answer->asked[i].pid == pid)
			return answer->asked[i].error;
	error = kernel_listeners_own(&answer->listeners, pid);
	answer->asked = memory_reserve(answer->asked, &answer->asked_room, answer->asked_count + 1,
				       sizeof(*answer->asked));
	answer->asked[answer->asked_count++] = (struct asked){pid, error};
	return error;
}

static bool is_numeric(const char *address)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

void owner_name_process(pid_t pid, struct strbuf *words)
{
	struct kernel_process process;

	if (kernel_process_read(pid, &process))
		strbuf_printf(words, "process %d", (int)pid);
	else
		strbuf_printf(words, "process %d (%s)", (int)pid, process.name);
}

static void name_owner(const struct kernel_listener *listener, pid_t pid, struct strbuf *words)
{
	if (pid)
		owner_name_process(pid, words);
	else
		strbuf_printf(words, "a process of the user %u", (unsigned)listener->user);
	strbuf_puts(words, " listens there");
}

/* Whether the process is an ssh that we started and that has not ended. */
static bool is_ours(const struct engine *engine, pid_t pid)
{
	for (size_t i = 0; pid && i < engine->hops.count; i++) {
		const struct live_hop *hop = engine->hops.items[i];

		for (size_t j = 0; j < hop->incarnations.count; j++) {
			const struct incarnation *incarnation = hop->incarnations.items[j];

			if (incarnation->master && !incarnation->ended &&
			    master_pid(incarnation->master) == pid)
				return true;
		}
	}
	return false;
}

/* Returns whether one of ours, or another one, listens there, and names it. */
static bool is_whose(struct engine *engine, const char *address, uint16_t port, bool ours,
		     struct strbuf *words)
{
	struct owner_answer *answer = answer_of(engine);
	const struct kernel_listener *listener = NULL;
	pid_t pid;

	if (!answer->error && is_numeric(address))
		listener = kernel_listeners_at(&answer->listeners, address, port);
	if (!listener)
		return false;
	pid = kernel_listener_find_owner(listener);
	if (is_ours(engine, pid) != ours)
		return false;
	name_owner(listener, pid, words);
	return true;
}

bool owner_is_foreign(struct engine *engine, const char *address, uint16_t port,
		      struct strbuf *words)
{
	return is_whose(engine, address, port, false, words);
}

bool owner_is_ours(struct engine *engine, const char *address, uint16_t port, struct strbuf *words)
{
	return is_whose(engine, address, port, true, words);
}

/* Whether the listener is the ssh's, and notes which socket that is. */
static bool is_of(const struct kernel_listener *listener, pid_t ssh, uint32_t *inode)
{
	const bool is_its = listener && ssh && listener->owner == ssh;

	if (inode)
		*inode = is_its ? listener->inode : 0;
	return is_its;
}

enum owner owner_find(struct engine *engine, pid_t ssh, const char *address, uint16_t port,
		      uint32_t *inode, struct strbuf *words)
{
	struct owner_answer *answer = answer_of(engine);
	const struct kernel_listener *listener;

	if (answer->error || !is_numeric(address))
		return OWNER_UNKNOWN;
	listener = kernel_listeners_at(&answer->listeners, address, port);
	if (listener && inode && *inode && listener->inode == *inode)
		return OWNER_SSH;
	/* One that cannot be looked into may just have ended: that is told by itself. */
	if (ssh && mark(answer, ssh))
		return OWNER_UNKNOWN;
	if (is_of(listener, ssh, inode))
		return OWNER_SSH;
	if (words && listener) {
		name_owner(listener, kernel_listener_find_owner(listener), words);
		strbuf_puts(words, ", and this tunnel's ssh does not");
	} else if (words)
		strbuf_puts(words, "nothing listens there");
	return listener ? OWNER_OTHER : OWNER_NOBODY;
}
