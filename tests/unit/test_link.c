#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/linked.h"

Test(link, opens_with_the_pid_that_the_kernel_tells, .timeout = 20)
{
	struct tested tested;

	begin_open(&tested);
	cr_expect(eq(u32, tested.opened, 1));
	cr_expect(eq(int, tested.pid, getpid()));
	end(&tested);
}

Test(link, a_longer_hello_is_fine, .timeout = 20)
{
	static const char hello[] = "\0\0\0\x15\0\0\0\1\0\0\0\4\0\0\0\4info\0\0\0\1"
				    "0";
	const uint32_t pid = 77;
	struct tested tested;

	begin(&tested, 64);
	tested.held = fake_accept(&tested.fake);
	fake_request(&tested.fake, tested.held, MUX_HELLO, NULL);
	cr_assert(eq(int, mux_send(tested.held, hello, sizeof(hello) - 1), 0));
	fake_say(tested.held, MUX_ALIVE,
		 fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL), &pid, NULL);
	while (!tested.opened)
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	end(&tested);
}

Test(link, without_a_master_everything_is_gone, .timeout = 20)
{
	for (int stale = 0; stale < 2; stale++) {
		struct told told = {0}, later = {0};
		struct tested tested;

		begin(&tested, stale);
		if (stale) {
			close(tested.fake.listener);
			tested.fake.listener = -1;
		}
		tested.before = &told;
		link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &told);
		until_closed(&tested);
		cr_expect(eq(int, tested.why, LINK_GONE));
		cr_expect(eq(int, told.answer, LINK_GONE));
		/* And what is asked of it afterwards. */
		link_listen(tested.link, &remote, LONG_MS, note, &later);
		until_told(&tested, &later);
		cr_expect(eq(int, later.answer, LINK_GONE));
		cr_expect(eq(u32, tested.closed, 1));
		link_terminate(tested.link);
		link_stop_listening(tested.link);
		end(&tested);
	}
}

Test(link, a_busy_master_is_tried_until_it_accepts, .timeout = 20)
{
	struct tested tested = {.held = -1};
	int waiting[3], fd;
	size_t count = 0;

	fake_master_init(&tested.fake, 1);
	while ((fd = unix_connect(tested.fake.path, SOCK_NONBLOCK)) >= 0)
		waiting[count++] = fd;
	cr_assert(eq(int, fd, -EAGAIN));
	tested.link = link_create(&tested.fake.loop, tested.fake.path, &events, &tested);
	/* Its timer fires again and again. */
	for (int i = 0; i < 3; i++)
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	cr_expect(not(tested.closed));
	for (size_t i = 0; i < count; i++) {
		close(waiting[i]);
		close(fake_accept(&tested.fake));
	}
	tested.held = fake_hold(&tested.fake, 1);
	while (!tested.opened)
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	end(&tested);
}

Test(link, a_link_to_a_busy_master_can_be_destroyed, .timeout = 20)
{
	struct told told = {0};
	struct tested tested = {.held = -1};
	int waiting[3], fd;
	size_t count = 0;

	fake_master_init(&tested.fake, 1);
	while ((fd = unix_connect(tested.fake.path, SOCK_NONBLOCK)) >= 0)
		waiting[count++] = fd;
	tested.link = link_create(&tested.fake.loop, tested.fake.path, &events, &tested);
	link_listen(tested.link, &remote, LONG_MS, note, &told);
	link_listen(tested.link, &local, LONG_MS, note, &told);
	uv_run(&tested.fake.loop, UV_RUN_ONCE);
	link_destroy(tested.link);
	fake_master_finish(&tested.fake);
	cr_expect(not(told.times));
	while (count)
		close(waiting[--count]);
}

Test(link, the_end_of_the_connection_is_the_end_of_all_requests, .timeout = 20)
{
	struct told asked = {0}, dialled = {0}, listened = {0}, waits = {0};
	struct tested tested;
	int dial, listen;

	begin_open(&tested);
	tested.before = &waits;
	link_ask(tested.link, LONG_MS, note, &asked);
	link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &dialled);
	link_listen(tested.link, &remote, LONG_MS, note, &listened);
	link_unlisten(tested.link, &remote, LONG_MS, note, &waits);
	dial = fake_greet(&tested.fake);
	listen = fake_greet(&tested.fake);
	close(tested.held);
	tested.held = -1;
	until_closed(&tested);
	cr_expect(eq(int, tested.why, LINK_GONE));
	cr_expect(eq(int, asked.answer, LINK_GONE));
	cr_expect(eq(int, dialled.answer, LINK_GONE));
	cr_expect(eq(int, listened.answer, LINK_GONE));
	cr_expect(eq(int, waits.answer, LINK_GONE));
	cr_expect(eq(u32, asked.times + dialled.times + listened.times + waits.times, 4));
	fake_ends(&tested.fake, dial);
	fake_ends(&tested.fake, listen);
	end(&tested);
}

Test(link, another_version_is_no_protocol, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;

	begin(&tested, 64);
	link_ask(tested.link, LONG_MS, note, &told);
	tested.held = fake_accept(&tested.fake);
	fake_say(tested.held, MUX_HELLO, 5, NULL, NULL);
	until_closed(&tested);
	cr_expect(eq(int, tested.why, LINK_PROTOCOL));
	cr_expect(eq(int, told.answer, LINK_PROTOCOL));
	cr_expect(not(tested.opened));
	/* Both sides have to be told which. */
	cr_expect(strstr(tested.words, "version 5 ") && strstr(tested.words, "tunplan 4"), "%s",
		  tested.words);
	cr_expect(strncmp(told.words, tested.words, sizeof(told.words) - 1) == 0);
	end(&tested);
}

Test(link, what_makes_no_sense_has_no_version, .timeout = 20)
{
	struct tested tested;

	begin(&tested, 64);
	tested.held = fake_accept(&tested.fake);
	cr_assert(eq(int, mux_send(tested.held, "SSH-2.0-x\r\n", 11), 0));
	until_closed(&tested);
	cr_expect(eq(int, tested.why, LINK_PROTOCOL));
	cr_expect(strstr(tested.words, "no protocol") != NULL, "%s", tested.words);
	end(&tested);
}

Test(link, what_makes_no_sense_on_a_dial_ends_the_dial_alone, .timeout = 20)
{
	struct told told = {0}, asked = {0};
	struct tested tested;
	int dial;

	begin_open(&tested);
	link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &told);
	dial = fake_greet(&tested.fake);
	cr_assert(eq(int, mux_send(dial, "\xff\xff\xff\xff", 4), 0));
	until_told(&tested, &told);
	cr_expect(eq(int, told.answer, LINK_PROTOCOL));
	fake_ends(&tested.fake, dial);
	link_ask(tested.link, LONG_MS, note, &asked);
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL));
	expect_told(&tested, &asked, LINK_OK, "");
	end(&tested);
}

Test(link, answers_are_matched_by_their_ids_alone, .timeout = 20)
{
	struct told told[3] = {{0}};
	const uint32_t value = 1;
	struct tested tested;
	uint32_t ids[3];

	begin_open(&tested);
	for (size_t i = 0; i < 3; i++)
		link_ask(tested.link, LONG_MS, note, &told[i]);
	for (size_t i = 0; i < 3; i++)
		ids[i] = fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL);
	/* An id that nobody has, a session that ends under this number, and no id at all. */
	fake_ok(tested.held, 12345);
	fake_say(tested.held, MUX_EXIT_MESSAGE, ids[0], &value, NULL);
	fake_ok(tested.held, 0);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	cr_expect(not(told[0].times + told[1].times + told[2].times));
	/* The last first, and twice. */
	fake_fail(tested.held, ids[2], "no");
	fake_ok(tested.held, ids[2]);
	fake_ok(tested.held, ids[0]);
	until_told(&tested, &told[0]);
	cr_expect(eq(int, told[2].answer, LINK_REFUSED));
	cr_expect(eq(u32, told[2].times, 1));
	cr_expect(eq(int, told[0].answer, LINK_OK));
	cr_expect(not(told[1].times));
	fake_ok(tested.held, ids[1]);
	expect_told(&tested, &told[1], LINK_OK, "");
	end(&tested);
}

Test(link, no_answer_is_late_and_what_comes_then_is_forgotten, .timeout = 20)
{
	struct told never = {0}, next = {0};
	struct tested tested;
	uint32_t id;

	begin_open(&tested);
	link_ask(tested.link, LONG_MS, note, &never);
	id = fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL);
	time_passes(&tested);
	expect_told(&tested, &never, LINK_LATE, "");
	fake_ok(tested.held, id);
	link_ask(tested.link, LONG_MS, note, &next);
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL));
	expect_told(&tested, &next, LINK_OK, "");
	cr_expect(eq(u32, never.times, 1));
	end(&tested);
}

Test(link, deadlines_can_be_extended, .timeout = 20)
{
	struct told first = {0}, second = {0};
	struct tested tested;

	begin_open(&tested);
	link_ask(tested.link, 1, note, &first);
	link_extend(tested.link, LONG_MS, 1000, 2000);
	link_ask(tested.link, 2, note, &second);
	until_told(&tested, &second);
	cr_expect(eq(int, second.answer, LINK_LATE));
	cr_expect(not(first.times));
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL));
	expect_told(&tested, &first, LINK_OK, "");
	end(&tested);
}

Test(link, a_deadline_is_not_extended_for_more_bytes_than_can_stand_before_a_request, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;

	begin_open(&tested);
	link_ask(tested.link, 1, note, &told);
	cr_expect(link_is_busy(tested.link));
	link_extend(tested.link, 1, 1000, 2000);
	link_extend(tested.link, LONG_MS, 1000, 2000);
	until_told(&tested, &told);
	cr_expect(eq(int, told.answer, LINK_LATE));
	cr_expect(not(link_is_busy(tested.link)));
	end(&tested);
}

Test(link, what_was_dropped_is_not_told, .timeout = 20)
{
	struct told told = {0}, other = {0};
	struct link_request *request;
	struct tested tested;
	uint32_t id;

	begin_open(&tested);
	request = link_ask(tested.link, LONG_MS, note, &told);
	id = fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL);
	link_drop(request);
	link_drop(NULL);
	fake_ok(tested.held, id);
	link_ask(tested.link, LONG_MS, note, &other);
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL));
	expect_told(&tested, &other, LINK_OK, "");
	cr_expect(not(told.times));
	end(&tested);
}

Test(link, tells_nothing_from_inside_a_call, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;

	begin(&tested, 0);
	for (int lost = 0; lost < 2; lost++) {
		link_ask(tested.link, 0, note, &told);
		link_dial(tested.link, "10.0.0.5", 80, 0, note, &told);
		link_listen(tested.link, &remote, 0, note, &told);
		link_listen(tested.link, &local, 0, note, &told);
		link_unlisten(tested.link, &local, 0, note, &told);
		cr_expect(not(told.times));
		while (told.times < 5)
			uv_run(&tested.fake.loop, UV_RUN_ONCE);
		told.times = 0;
	}
	end(&tested);
}

Test(link, can_be_destroyed_in_an_answer, .timeout = 20)
{
	struct told first = {0}, second = {0};
	struct tested tested;
	uint32_t ids[2];

	begin_open(&tested);
	first.destroyed = tested.link;
	link_ask(tested.link, LONG_MS, note, &first);
	link_ask(tested.link, LONG_MS, note, &second);
	for (int i = 0; i < 2; i++)
		ids[i] = fake_request(&tested.fake, tested.held, MUX_ALIVE_CHECK, NULL);
	/* Both in one piece. */
	fake_ok(tested.held, ids[0]);
	fake_ok(tested.held, ids[1]);
	expect_told(&tested, &first, LINK_OK, "");
	fake_ends(&tested.fake, tested.held);
	fake_master_finish(&tested.fake);
	cr_expect(not(second.times));
	cr_expect(not(tested.closed));
}

Test(link, can_be_destroyed_in_a_late_answer_and_in_the_last_one, .timeout = 20)
{
	for (int late = 0; late < 2; late++) {
		struct told first = {0}, second = {0};
		struct tested tested;

		begin_open(&tested);
		first.destroyed = tested.link;
		link_ask(tested.link, LONG_MS, note, &first);
		link_ask(tested.link, LONG_MS, note, &second);
		if (late)
			time_passes(&tested);
		else
			close(tested.held);
		expect_told(&tested, &first, late ? LINK_LATE : LINK_GONE, "");
		if (late)
			fake_ends(&tested.fake, tested.held);
		fake_master_finish(&tested.fake);
		cr_expect(not(second.times));
		cr_expect(not(tested.closed));
	}
}

Test(link, stop_is_sent_before_the_connection_is_closed, .timeout = 20)
{
	struct tested tested;
	uint32_t id;

	begin_open(&tested);
	link_stop_listening(tested.link);
	link_destroy(tested.link);
	id = fake_request(&tested.fake, tested.held, MUX_STOP_LISTENING, NULL);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	fake_ok(tested.held, id);
	fake_ends(&tested.fake, tested.held);
	fake_master_finish(&tested.fake);
}

Test(link, terminate_is_followed_by_the_end, .timeout = 20)
{
	struct tested tested;

	begin_open(&tested);
	link_terminate(tested.link);
	fake_request(&tested.fake, tested.held, MUX_TERMINATE, NULL);
	close(tested.held);
	tested.held = -1;
	until_closed(&tested);
	cr_expect(eq(int, tested.why, LINK_GONE));
	end(&tested);
}

/* --- dials */

/* Receives one descriptor as a master does; returns whether it is /dev/null. */
static bool receives_null(struct tested *tested, int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct stat got, null;
	int fd;

	while (recvmsg(socket, &message, 0) < 0) {
		cr_assert(eq(int, errno, EAGAIN));
		uv_run(&tested->fake.loop, UV_RUN_NOWAIT);
	}
	cr_assert(message.msg_controllen >= sizeof(control));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	cr_assert(fstat(fd, &got) == 0 && stat("/dev/null", &null) == 0);
	close(fd);
	return got.st_rdev == null.st_rdev;
}

Test(link, a_dial_has_a_connection_of_its_own_and_closes_it_when_it_stands, .timeout = 20)
{
	struct strbuf body = {0};
	struct told told = {0};
	struct tested tested;
	const uint32_t session = 3;
	uint32_t id;
	int dial;

	begin_open(&tested);
	link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &told);
	dial = fake_greet(&tested.fake);
	id = fake_request(&tested.fake, dial, MUX_NEW_STDIO_FORWARD, &body);
	cr_expect(memcmp(body.text,
			 "\0\0\0\0\0\0\0\x08"
			 "10.0.0.5\0\0\0\x50",
			 20) == 0);
	cr_expect(receives_null(&tested, dial) && receives_null(&tested, dial));
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	/* Not this one's. */
	fake_say(dial, MUX_SESSION_OPENED, id + 1, &session, NULL);
	cr_expect(fake_is_quiet(&tested.fake, dial));
	cr_expect(not(told.times));
	fake_say(dial, MUX_SESSION_OPENED, id, &session, NULL);
	expect_told(&tested, &told, LINK_OK, "");
	fake_ends(&tested.fake, dial);
	strbuf_finish(&body);
	end(&tested);
}

Test(link, a_dial_is_refused_in_the_masters_words_or_late, .timeout = 20)
{
	struct told refused = {0}, late = {0};
	struct tested tested;
	int dial;

	begin_open(&tested);
	link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &refused);
	dial = fake_greet(&tested.fake);
	fake_fail(dial, fake_request(&tested.fake, dial, MUX_NEW_STDIO_FORWARD, NULL),
		  "Session open refused by peer");
	/* It closes at once, with two descriptors unread. */
	close(dial);
	expect_told(&tested, &refused, LINK_REFUSED, "Session open refused by peer");
	link_dial(tested.link, "10.0.0.5", 80, LONG_MS, note, &late);
	dial = fake_greet(&tested.fake);
	time_passes(&tested);
	expect_told(&tested, &late, LINK_LATE, "");
	fake_ends(&tested.fake, dial);
	end(&tested);
}
