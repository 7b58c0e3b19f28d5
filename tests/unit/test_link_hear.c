#include "tests/unit/linked.h"

/* A dial that hears, as the master sees it: its connection, and the two ends that it was lent. */
struct heard {
	struct tested tested;
	struct told told;
	struct link_request *request;
	int fd;
	uint32_t id;
	int ends[2];
};

static void begin_dial(struct heard *heard, uint64_t hear_ms)
{
	*heard = (struct heard){.fd = -1};
	begin_open(&heard->tested);
	heard->request = link_dial_and_hear(heard->tested.link, "10.0.0.5", 25, LONG_MS, hear_ms,
					    note, &heard->told);
	heard->fd = fake_greet(&heard->tested.fake);
	heard->id = fake_request(&heard->tested.fake, heard->fd, MUX_NEW_STDIO_FORWARD, NULL);
	for (size_t i = 0; i < 2; i++)
		heard->ends[i] = fake_take(&heard->tested.fake, heard->fd);
}

static void open_it(const struct heard *heard)
{
	const uint32_t session = 1;

	fake_say(heard->fd, MUX_SESSION_OPENED, heard->id, &session, NULL);
}

static void close_ends(struct heard *heard)
{
	for (size_t i = 0; i < 2; i++)
		close(heard->ends[i]);
}

static void finish(struct heard *heard)
{
	fake_ends(&heard->tested.fake, heard->fd);
	end(&heard->tested);
}

/* For a while nothing is told. */
static void expect_untold(struct heard *heard)
{
	for (int i = 0; i < 5; i++)
		uv_run(&heard->tested.fake.loop, UV_RUN_NOWAIT);
	cr_expect(eq(u32, heard->told.times, 0));
}

Test(link_hear, what_comes_by_itself_is_heard_and_nothing_is_sent, .timeout = 20)
{
	struct heard heard;
	char byte;

	begin_dial(&heard, LONG_MS);
	cr_expect(not(link_stands(heard.request)));
	open_it(&heard);
	while (!link_stands(heard.request))
		uv_run(&heard.tested.fake.loop, UV_RUN_ONCE);
	expect_untold(&heard);
	cr_expect(recv(heard.ends[0], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	cr_expect(write(heard.ends[1], "220 hello", 9) == 9);
	expect_told(&heard.tested, &heard.told, LINK_OK, "");
	cr_expect(heard.told.heard);
	/* Then it is over. */
	cr_expect(recv(heard.ends[0], &byte, 1, 0) <= 0);
	close_ends(&heard);
	finish(&heard);
}

Test(link_hear, a_byte_may_come_before_the_answer, .timeout = 20)
{
	struct heard heard;

	begin_dial(&heard, LONG_MS);
	cr_expect(write(heard.ends[1], "2", 1) == 1);
	expect_told(&heard.tested, &heard.told, LINK_OK, "");
	cr_expect(heard.told.heard);
	close_ends(&heard);
	finish(&heard);
}

Test(link_hear, its_end_without_a_byte_is_no_word, .timeout = 20)
{
	for (int by_master = 0; by_master < 2; by_master++) {
		struct heard heard;

		begin_dial(&heard, LONG_MS);
		open_it(&heard);
		expect_untold(&heard);
		if (by_master)
			shutdown(heard.fd, SHUT_RDWR);
		else
			close_ends(&heard);
		expect_told(&heard.tested, &heard.told, LINK_OK, "");
		cr_expect(not(heard.told.heard));
		if (by_master)
			close_ends(&heard);
		finish(&heard);
	}
}

Test(link_hear, it_is_not_held_for_longer_than_was_asked, .timeout = 20)
{
	for (int enough = 0; enough < 3; enough++) {
		struct heard heard;

		begin_dial(&heard, enough ? LONG_MS : 1);
		if (enough == 1)
			link_heard_enough(heard.request);
		open_it(&heard);
		if (enough == 2) {
			expect_untold(&heard);
			link_heard_enough(heard.request);
			cr_expect(eq(u32, heard.told.times, 0), "told inside the call");
		}
		expect_told(&heard.tested, &heard.told, LINK_OK, "");
		cr_expect(not(heard.told.heard));
		close_ends(&heard);
		finish(&heard);
	}
}

Test(link_hear, a_refusal_is_a_refusal_though_its_ends_are_closed_before, .timeout = 20)
{
	struct heard heard;

	begin_dial(&heard, LONG_MS);
	close_ends(&heard);
	expect_untold(&heard);
	fake_fail(heard.fd, heard.id, "Session open refused by peer");
	expect_told(&heard.tested, &heard.told, LINK_REFUSED, "Session open refused by peer");
	finish(&heard);
}

Test(link_hear, a_master_that_ends_before_it_opened_is_gone, .timeout = 20)
{
	struct heard heard;

	begin_dial(&heard, LONG_MS);
	shutdown(heard.fd, SHUT_RDWR);
	until_told(&heard.tested, &heard.told);
	cr_expect(eq(int, heard.told.answer, LINK_GONE));
	close_ends(&heard);
	finish(&heard);
}

Test(link_hear, nobody_waits_any_more, .timeout = 20)
{
	struct heard heard;
	char byte;

	begin_dial(&heard, LONG_MS);
	open_it(&heard);
	expect_untold(&heard);
	link_drop(heard.request);
	cr_expect(recv(heard.ends[0], &byte, 1, 0) <= 0);
	cr_expect(eq(u32, heard.told.times, 0));
	close_ends(&heard);
	finish(&heard);
}
