#include "exec/place/tcp_answers.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "exec/system/clock.h"
#include "exec/system/process.h"
#include "topology/base/memory.h"

/* Names that are looked up at once; those that wait for others may come too late. */
#define LOOKUPS_AT_ONCE "64"

/* After that the child ends even if its parent was killed and cannot end it. */
#define GRACE_S 2

/* --- the child: nothing of it is freed, it ends with its work */

/* One question on its way. */
struct lookup {
	uv_getaddrinfo_t request;
	const struct tcp_question *question;
	size_t index;
	int pipe; /* where the index goes when it is answered */
};

/* One address that is tried for it. */
struct attempt {
	uv_connect_t request;
	uv_tcp_t socket;
	const struct lookup *lookup;
};

static void after_connect(uv_connect_t *request, int status)
{
	struct attempt *attempt = request->data;

	/* That nobody reads it means that the time is up. */
	if (status == 0)
		(void)!write(attempt->lookup->pipe, &attempt->lookup->index,
			     sizeof(attempt->lookup->index));
	uv_close((uv_handle_t *)&attempt->socket, NULL);
}

static void try_address(const struct lookup *lookup, const struct sockaddr *address)
{
	struct attempt *attempt = memory_alloc(sizeof(*attempt));

	attempt->lookup = lookup;
	attempt->request.data = attempt;
	uv_tcp_init(uv_default_loop(), &attempt->socket);
	if (uv_tcp_connect(&attempt->request, &attempt->socket, address, after_connect) != 0)
		uv_close((uv_handle_t *)&attempt->socket, NULL);
}

static void after_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	if (status == UV_EAI_MEMORY)
		memory_exhausted();
	for (; status == 0 && found; found = found->ai_next)
		try_address(request->data, found->ai_addr);
}

static void look_up(struct lookup *lookup)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	char port[8];

	snprintf(port, sizeof(port), "%u", (unsigned)lookup->question->port);
	lookup->request.data = lookup;
	uv_getaddrinfo(uv_default_loop(), &lookup->request, after_lookup,
		       lookup->question->address->text, port, &hints);
}

static void ask(struct lookup *lookup)
{
	const struct address *address = lookup->question->address;
	const uint16_t port = htons(lookup->question->port);
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = port};

	memcpy(&four.sin_addr, address->bytes, 4);
	memcpy(&six.sin6_addr, address->bytes, 16);
	if (address->family == ADDRESS_NAME)
		look_up(lookup);
	else if (address->family == ADDRESS_IPV4)
		try_address(lookup, (const struct sockaddr *)&four);
	else
		try_address(lookup, (const struct sockaddr *)&six);
}

static _Noreturn void ask_all(const struct tcp_question *questions, size_t count, int deadline_ms,
			      int pipe)
{
	struct lookup *lookups = memory_array(count, sizeof(*lookups));

	signal(SIGALRM, SIG_DFL);
	alarm((unsigned)(deadline_ms / 1000 + GRACE_S));
	if (setenv("UV_THREADPOOL_SIZE", LOOKUPS_AT_ONCE, 1))
		memory_exhausted();
	for (size_t i = 0; i < count; i++) {
		lookups[i] = (struct lookup){.question = &questions[i], .index = i, .pipe = pipe};
		ask(&lookups[i]);
	}
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	_exit(0);
}

/* --- the parent */

/* Takes what the child says until it has said all, or the time is up. */
static void listen_to(int pipe, struct tcp_question *questions, size_t count, int deadline_ms)
{
	const uint64_t end_ms = clock_ms() + (uint64_t)deadline_ms;

	for (;;) {
		struct pollfd told = {.fd = pipe, .events = POLLIN};
		const uint64_t now_ms = clock_ms();
		size_t index;
		int ready = now_ms < end_ms ? poll(&told, 1, (int)(end_ms - now_ms)) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || read(pipe, &index, sizeof(index)) != (ssize_t)sizeof(index))
			return;
		if (index < count)
			questions[index].answers = true;
	}
}

int tcp_answers(struct tcp_question *questions, size_t count, int deadline_ms)
{
	int ends[2], status = 0, error = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	for (size_t i = 0; i < count; i++)
		questions[i].answers = false;
	pid = fork();
	if (pid < 0)
		error = -errno;
	if (pid == 0) {
		close(ends[0]);
		ask_all(questions, count, deadline_ms, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		listen_to(ends[0], questions, count, deadline_ms);
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		process_child_ended(status);
	}
	close(ends[0]);
	return error;
}
