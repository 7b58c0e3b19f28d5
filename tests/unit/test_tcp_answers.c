#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/place/tcp_answers.h"
#include "exec/system/clock.h"
#include "topology/language/address.h"

/* Long enough for the answers of a slow machine: what is open has to be seen within it. */
#define DEADLINE_MS 1000
/* One after the other, so many silent ports would take ten times as long as at once. */
#define SILENT 10

/* Returns a socket bound to a free port of 127.0.0.1; a backlog of -1: it does not listen. */
static int bind_port(int backlog, uint16_t *ret_port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	cr_assert(backlog < 0 || listen(fd, backlog) == 0);
	cr_assert(getsockname(fd, (struct sockaddr *)&here, &size) == 0);
	*ret_port = ntohs(here.sin_port);
	return fd;
}

/* A port that drops what comes: its queue is full. Returns the one connection that fills it. */
static int fill(uint16_t port)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0);
	return fd;
}

/* All of them are asked at once; those that are silent cost one deadline together, and no more. */
Test(tcp_answers, tell_accepting_from_refusing_silent_and_unknown)
{
	const struct address name = {.text = "localhost", .family = ADDRESS_NAME};
	const struct address unknown = {.text = "no-such-host.invalid", .family = ADDRESS_NAME};
	struct arena arena = {0};
	struct address here;
	uint16_t open_port, closed_port, silent_port;
	const int listening = bind_port(5, &open_port), closed = bind_port(-1, &closed_port),
		  silent = bind_port(0, &silent_port), filling = fill(silent_port);
	uint64_t began_ms;

	cr_assert(address_numeric("127.0.0.1", 9, &arena, &here));
	struct tcp_question questions[5 + SILENT] = {
		{.address = &here, .port = closed_port},
		{.address = &unknown, .port = open_port},
		{.address = &name, .port = closed_port},
	};
	for (size_t i = 3; i < 3 + SILENT; i++)
		questions[i] = (struct tcp_question){.address = &here, .port = silent_port};
	questions[3 + SILENT] = (struct tcp_question){.address = &here, .port = open_port};
	questions[4 + SILENT] = (struct tcp_question){.address = &name, .port = open_port};
	began_ms = clock_ms();
	cr_assert(eq(int, tcp_answers(questions, 5 + SILENT, DEADLINE_MS), 0));
	began_ms = clock_ms() - began_ms;
	cr_expect(began_ms >= DEADLINE_MS && began_ms < SILENT / 2 * DEADLINE_MS, "it took %u ms",
		  (unsigned)began_ms);
	cr_expect(not(questions[0].answers), "closed");
	cr_expect(not(questions[1].answers), "an unknown name");
	cr_expect(not(questions[2].answers), "closed, by name");
	for (size_t i = 3; i < 3 + SILENT; i++)
		cr_expect(not(questions[i].answers), "silent");
	/* Asked last and answered: so all before had been asked, and their answers were not just late. */
	cr_expect(questions[3 + SILENT].answers, "open");
	cr_expect(questions[4 + SILENT].answers, "open, by name");
	close(listening);
	close(closed);
	close(filling);
	close(silent);
	arena_finish(&arena);
}

/* Who knows all answers does not wait. */
Test(tcp_answers, are_given_as_soon_as_all_are_there)
{
	struct arena arena = {0};
	struct address here;
	uint16_t port;
	const int listening = bind_port(5, &port);
	struct tcp_question question = {.address = &here, .port = port};
	const uint64_t began_ms = clock_ms();

	cr_assert(address_numeric("127.0.0.1", 9, &arena, &here));
	cr_assert(eq(int, tcp_answers(&question, 1, 60000), 0));
	cr_expect(question.answers);
	cr_expect(lt(u64, clock_ms() - began_ms, 30000));
	close(listening);
	arena_finish(&arena);
}
