#include <sys/stat.h>

#include "exec/ssh/link_parts.h"
#include "exec/ssh/link_way.h"
#include "tests/unit/linked.h"

Test(link_listen, local_listeners_are_asked_for_on_the_held_connection, .timeout = 20)
{
	struct told opened_it = {0}, refused = {0}, closed_it = {0};
	struct mux_forward other = local;
	struct tested tested;
	uint32_t id;

	begin_open(&tested);
	other.bind_port = 7002;
	link_listen(tested.link, &local, LONG_MS, note, &opened_it);
	link_listen(tested.link, &other, LONG_MS, note, &refused);
	id = fake_request(&tested.fake, tested.held, MUX_OPEN_FORWARD, NULL);
	fake_fail(tested.held, fake_request(&tested.fake, tested.held, MUX_OPEN_FORWARD, NULL),
		  "Port forwarding failed");
	expect_told(&tested, &refused, LINK_REFUSED, "Port forwarding failed");
	fake_ok(tested.held, id);
	expect_told(&tested, &opened_it, LINK_OK, "");
	link_unlisten(tested.link, &local, LONG_MS, note, &closed_it);
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL));
	expect_told(&tested, &closed_it, LINK_OK, "");
	end(&tested);
}

Test(link_listen, a_thousand_requests_wait_for_a_master_that_does_not_read, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;

	begin_open(&tested);
	for (uint16_t i = 0; i < 1000; i++) {
		struct mux_forward forward = local;

		forward.bind_port = (uint16_t)(7000 + i);
		link_listen(tested.link, &forward, LONG_MS, note, &told);
	}
	for (int i = 0; i < 20; i++)
		uv_run(&tested.fake.loop, UV_RUN_NOWAIT);
	for (size_t i = 0; i < 1000; i++) {
		fake_ok(tested.held,
			fake_request(&tested.fake, tested.held, MUX_OPEN_FORWARD, NULL));
		uv_run(&tested.fake.loop, UV_RUN_NOWAIT);
	}
	while (told.times < 1000)
		uv_run(&tested.fake.loop, UV_RUN_ONCE);
	end(&tested);
}

Test(link_listen, a_late_local_listener_is_closed_before_its_place_is_asked_for_again,
     .timeout = 20)
{
	struct told late = {0}, again = {0};
	struct tested tested;
	uint32_t open, close_id;

	begin_open(&tested);
	link_listen(tested.link, &local, LONG_MS, note, &late);
	open = fake_request(&tested.fake, tested.held, MUX_OPEN_FORWARD, NULL);
	time_passes(&tested);
	expect_told(&tested, &late, LINK_LATE, "");
	link_listen(tested.link, &local, LONG_MS, note, &again);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	fake_ok(tested.held, open);
	fake_ok(tested.held, close_id);
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_OPEN_FORWARD, NULL));
	expect_told(&tested, &again, LINK_OK, "");
	end(&tested);
}

/* A connection on which a remote listener is asked for. */
static int fake_remote(struct tested *tested, uint32_t *ret_id)
{
	int fd = fake_greet(&tested->fake);

	*ret_id = fake_request(&tested->fake, fd, MUX_OPEN_FORWARD, NULL);
	return fd;
}

Test(link_listen, sixteen_remote_listeners_are_asked_for_at_once, .timeout = 20)
{
	struct told told[20] = {{0}};
	struct tested tested;
	uint32_t ids[20];
	int fds[20];

	begin_open(&tested);
	for (size_t i = 0; i < 20; i++) {
		struct mux_forward forward = remote;

		forward.bind_port = (uint16_t)(9000 + i);
		link_listen(tested.link, &forward, LONG_MS, note, &told[i]);
	}
	for (size_t i = 0; i < 16; i++)
		fds[i] = fake_remote(&tested, &ids[i]);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
	/* In any order. */
	for (size_t i = 16; i < 20; i++) {
		fake_ok(fds[i - 5], ids[i - 5]);
		expect_told(&tested, &told[i - 5], LINK_OK, "");
		fake_ends(&tested.fake, fds[i - 5]);
		fds[i] = fake_remote(&tested, &ids[i]);
	}
	fake_fail(fds[19], ids[19], "remote port forwarding failed for listen port 9019");
	expect_told(&tested, &told[19], LINK_REFUSED,
		    "remote port forwarding failed for listen port 9019");
	/* The others are not answered any more. */
	close(tested.held);
	tested.held = -1;
	until_closed(&tested);
	cr_expect(eq(int, told[0].answer, LINK_GONE));
	end(&tested);
}

Test(link_listen, of_one_place_only_one_request_is_under_way, .timeout = 20)
{
	struct told first = {0}, second = {0}, third = {0}, elsewhere = {0};
	struct mux_forward other = remote;
	struct tested tested;
	uint32_t id, other_id;
	int fd, other_fd;

	begin_open(&tested);
	other.bind = "127.0.0.2";
	link_listen(tested.link, &remote, LONG_MS, note, &first);
	link_unlisten(tested.link, &remote, LONG_MS, note, &second);
	link_listen(tested.link, &remote, LONG_MS, note, &third);
	link_listen(tested.link, &other, LONG_MS, note, &elsewhere);
	fd = fake_remote(&tested, &id);
	other_fd = fake_remote(&tested, &other_id);
	fake_ok(other_fd, other_id);
	expect_told(&tested, &elsewhere, LINK_OK, "");
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	fake_ok(fd, id);
	expect_told(&tested, &first, LINK_OK, "");
	fake_ends(&tested.fake, fd);
	id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
	fake_ok(tested.held, id);
	expect_told(&tested, &second, LINK_OK, "");
	fd = fake_remote(&tested, &id);
	fake_ok(fd, id);
	expect_told(&tested, &third, LINK_OK, "");
	fake_ends(&tested.fake, fd);
	fake_ends(&tested.fake, other_fd);
	end(&tested);
}

Test(link_listen, a_remote_listener_nobody_wants_is_closed_at_once, .timeout = 20)
{
	for (int dropped = 0; dropped < 2; dropped++) {
		struct told told = {0}, again = {0};
		struct link_request *request;
		struct tested tested;
		uint32_t open, close_id;
		int fd, next;

		begin_open(&tested);
		request = link_listen(tested.link, &remote, LONG_MS, note, &told);
		fd = fake_remote(&tested, &open);
		if (dropped)
			link_drop(request);
		else
			time_passes(&tested);
		if (!dropped)
			expect_told(&tested, &told, LINK_LATE, "");
		close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
		link_listen(tested.link, &remote, LONG_MS, note, &again);
		cr_expect(fake_is_quiet(&tested.fake, fd));
		cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
		/* The first request is answered when the sshd answers, whenever that is. */
		fake_ok(tested.held, close_id);
		next = fake_remote(&tested, &open);
		fake_ends(&tested.fake, fd);
		fake_ok(next, open);
		expect_told(&tested, &again, LINK_OK, "");
		fake_ends(&tested.fake, next);
		cr_expect(fake_is_quiet(&tested.fake, tested.held));
		cr_expect(eq(u32, told.times, !dropped));
		end(&tested);
	}
}

/* A master that was deaf, in a key exchange perhaps, may read the close first. */
Test(link_listen, a_close_that_came_too_early_is_asked_for_again, .timeout = 20)
{
	struct told again = {0};
	struct tested tested;
	uint32_t open, close_id;
	int fd;

	begin_open(&tested);
	link_drop(link_listen(tested.link, &remote, LONG_MS, note, NULL));
	cr_expect(fake_is_quiet(&tested.fake, tested.held), "nothing of it was sent");
	fd = fake_accept(&tested.fake);
	fake_ends(&tested.fake, fd);

	struct link_request *request = link_listen(tested.link, &remote, LONG_MS, note, NULL);

	fd = fake_remote(&tested, &open);
	link_drop(request);
	link_listen(tested.link, &remote, LONG_MS, note, &again);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	fake_fail(tested.held, close_id, "port not forwarded");
	cr_expect(fake_is_quiet(&tested.fake, fd));
	fake_ok(fd, open);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	fake_ends(&tested.fake, fd);
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
	/* Whatever it says now, there is nothing left to do. */
	fake_fail(tested.held, close_id, "port not forwarded");
	fd = fake_remote(&tested, &open);
	fake_ok(fd, open);
	expect_told(&tested, &again, LINK_OK, "");
	fake_ends(&tested.fake, fd);
	end(&tested);
}

Test(link_listen, a_listener_that_was_refused_needs_no_second_close, .timeout = 20)
{
	struct told again = {0};
	struct link_request *request;
	struct tested tested;
	uint32_t open, close_id;
	int fd;

	begin_open(&tested);
	request = link_listen(tested.link, &remote, LONG_MS, note, NULL);
	fd = fake_remote(&tested, &open);
	link_drop(request);
	link_listen(tested.link, &remote, LONG_MS, note, &again);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	fake_fail(fd, open, "unknown forwarding id 0");
	fake_ends(&tested.fake, fd);
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0, "its close is still under way");
	fake_ok(tested.held, close_id);
	fd = fake_remote(&tested, &open);
	fake_ok(fd, open);
	expect_told(&tested, &again, LINK_OK, "");
	fake_ends(&tested.fake, fd);
	end(&tested);
}

Test(link_listen, port_0_tells_its_port_and_is_closed_only_when_it_is_known, .timeout = 20)
{
	struct strbuf body = {0};
	struct told told = {0}, late = {0};
	const uint32_t port = 38393;
	struct tested tested;
	uint32_t open, close_id;
	int fd;

	begin_open(&tested);
	link_listen(tested.link, &any_port, LONG_MS, note, &told);
	fd = fake_remote(&tested, &open);
	fake_say(fd, MUX_REMOTE_PORT, open, &port, NULL);
	expect_told(&tested, &told, LINK_OK, "");
	cr_expect(eq(u16, told.port, 38393));
	fake_ends(&tested.fake, fd);

	link_listen(tested.link, &any_port, LONG_MS, note, &late);
	fd = fake_remote(&tested, &open);
	time_passes(&tested);
	expect_told(&tested, &late, LINK_LATE, "");
	cr_expect(fake_is_quiet(&tested.fake, tested.held) && fake_is_quiet(&tested.fake, fd));
	fake_say(fd, MUX_REMOTE_PORT, open, &port, NULL);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, &body);
	/* Type, length and address, then the port: 0, as it was asked for. */
	cr_expect(memcmp(body.text + 4 + 4 + 9, "\0\0\0\0", 4) == 0);
	fake_ok(tested.held, close_id);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	fake_ends(&tested.fake, fd);
	strbuf_finish(&body);
	end(&tested);
}

Test(link_listen, listeners_of_port_0_are_told_apart_by_where_they_lead, .timeout = 20)
{
	struct mux_forward other = any_port;
	struct told told[2] = {{0}};
	struct tested tested;
	uint32_t ids[2];
	int fds[2];

	begin_open(&tested);
	other.target_port = 81;
	link_listen(tested.link, &any_port, LONG_MS, note, &told[0]);
	link_listen(tested.link, &other, LONG_MS, note, &told[1]);
	fds[0] = fake_remote(&tested, &ids[0]);
	fds[1] = fake_remote(&tested, &ids[1]);
	close(tested.held);
	tested.held = -1;
	until_closed(&tested);
	close(fds[0]);
	close(fds[1]);
	end(&tested);
}

Test(link_listen, a_destroyed_link_stays_until_its_listeners_are_taken_back, .timeout = 20)
{
	struct told told = {0};
	const uint32_t port = 38393;
	struct tested tested;
	uint32_t open, open_any, close_id;
	int fd, any;

	begin_open(&tested);
	link_listen(tested.link, &remote, LONG_MS, note, &told);
	link_listen(tested.link, &any_port, LONG_MS, note, &told);
	link_unlisten(tested.link, &any_port, LONG_MS, note, &told);
	fd = fake_remote(&tested, &open);
	any = fake_remote(&tested, &open_any);
	link_destroy(tested.link);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	fake_ok(tested.held, close_id);
	fake_ends(&tested.fake, fd);
	cr_expect(fake_is_quiet(&tested.fake, tested.held) && fake_is_quiet(&tested.fake, any));
	fake_say(any, MUX_REMOTE_PORT, open_any, &port, NULL);
	close_id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	fake_ends(&tested.fake, any);
	fake_ok(tested.held, close_id);
	fake_ends(&tested.fake, tested.held);
	fake_master_finish(&tested.fake);
	cr_expect(not(told.times + tested.closed));
}

Test(link_listen, a_destroyed_link_keeps_no_loop_running, .timeout = 20)
{
	struct tested tested;
	uint32_t open;
	int fd;

	begin_open(&tested);
	link_listen(tested.link, &any_port, LONG_MS, note, NULL);
	fd = fake_remote(&tested, &open);
	link_destroy(tested.link);
	uv_unref((uv_handle_t *)&tested.fake.tick);
	uv_run(&tested.fake.loop, UV_RUN_DEFAULT);
	uv_ref((uv_handle_t *)&tested.fake.tick);
	cr_expect(fake_is_quiet(&tested.fake, fd));
	close(tested.held);
	fake_ends(&tested.fake, fd);
	fake_master_finish(&tested.fake);
}

Test(link_listen, a_destroyed_link_ends_with_its_master, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;
	uint32_t open;
	int fd;

	begin_open(&tested);
	link_listen(tested.link, &any_port, LONG_MS, note, &told);
	fd = fake_remote(&tested, &open);
	link_destroy(tested.link);
	close(tested.held);
	fake_ends(&tested.fake, fd);
	fake_master_finish(&tested.fake);
	cr_expect(not(told.times + tested.closed));
}

Test(link_listen, a_late_unlisten_keeps_its_place_until_it_is_answered, .timeout = 20)
{
	struct told late = {0}, again = {0};
	struct tested tested;
	uint32_t id;
	int fd;

	begin_open(&tested);
	link_unlisten(tested.link, &remote, LONG_MS, note, &late);
	id = fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL);
	time_passes(&tested);
	expect_told(&tested, &late, LINK_LATE, "");
	link_listen(tested.link, &remote, LONG_MS, note, &again);
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	cr_expect(accept(tested.fake.listener, NULL, NULL) < 0);
	fake_ok(tested.held, id);
	fd = fake_remote(&tested, &id);
	fake_ok(fd, id);
	expect_told(&tested, &again, LINK_OK, "");
	fake_ends(&tested.fake, fd);
	end(&tested);
}

Test(link_listen, what_waits_for_its_place_can_be_late_or_dropped, .timeout = 20)
{
	struct told first = {0}, late = {0}, dropped = {0}, last = {0};
	struct tested tested;
	uint32_t id;
	int fd;

	begin_open(&tested);
	link_listen(tested.link, &remote, LONG_MS, note, &first);
	link_unlisten(tested.link, &remote, 1, note, &late);
	link_drop(link_listen(tested.link, &remote, LONG_MS, note, &dropped));
	link_unlisten(tested.link, &remote, LONG_MS, note, &last);
	fd = fake_remote(&tested, &id);
	expect_told(&tested, &late, LINK_LATE, "");
	fake_ok(fd, id);
	expect_told(&tested, &first, LINK_OK, "");
	fake_ok(tested.held, fake_request(&tested.fake, tested.held, MUX_CLOSE_FORWARD, NULL));
	expect_told(&tested, &last, LINK_OK, "");
	cr_expect(not(dropped.times));
	fake_ends(&tested.fake, fd);
	end(&tested);
}

/* --- ways */

Test(link_way, is_found_by_its_name)
{
	char *fault;

	cr_expect(eq(ptr, (void *)link_way_find(NULL), (void *)&link_native));
	cr_expect(eq(ptr, (void *)link_way_find(""), (void *)&link_native));
	cr_expect(eq(ptr, (void *)link_way_find("native"), (void *)&link_native));
	cr_expect(eq(ptr, (void *)link_way_find("ssh"), (void *)&link_ssh));
	cr_expect(eq(ptr, (void *)link_way_find("telnet"), NULL));
	setenv("TUNPLAN_MUX", "ssh", 1);
	cr_expect(eq(ptr, link_way_fault(), NULL));
	setenv("TUNPLAN_MUX", "pigeon", 1);
	fault = link_way_fault();
	cr_expect(eq(str, fault, "TUNPLAN_MUX is 'pigeon'; this version has: native, ssh"));
	free(fault);
}

/* An ssh that does what a test says, found before the real one. */
static void put_ssh(const struct tested *tested, const char *script)
{
	char *file = NULL, *path = NULL;
	FILE *out;

	cr_assert(asprintf(&file, "%s/ssh", tested->fake.dir) > 0);
	cr_assert(asprintf(&path, "%s:%s", tested->fake.dir, getenv("PATH")) > 0);
	out = fopen(file, "w");
	cr_assert(out != NULL);
	fprintf(out, "#!/bin/sh\n%s\n", script);
	fclose(out);
	chmod(file, 0700);
	setenv("PATH", path, 1);
	free(file);
	free(path);
}

static void remove_ssh(const struct tested *tested)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/ssh", tested->fake.dir);
	unlink(file);
}

Test(link_ssh, asks_by_an_ssh_of_its_own, .timeout = 20)
{
	struct told told = {0};
	struct tested tested;

	setenv("TUNPLAN_MUX", "ssh", 1);
	begin_open(&tested);
	put_ssh(&tested, "echo \"$*\"");
	link_listen(tested.link, &local, LONG_MS, note, &told);
	until_told(&tested, &told);
	cr_expect(eq(int, told.answer, LINK_OK));
	cr_expect(strstr(told.words, "-F none -o BatchMode=yes") == told.words);
	/* What cancel says is a failure, whatever its status. */
	put_ssh(&tested, "echo \"port not forwarded\" >&2");
	told = (struct told){0};
	link_unlisten(tested.link, &local, LONG_MS, note, &told);
	expect_told(&tested, &told, LINK_REFUSED, "port not forwarded\n");
	put_ssh(&tested, "echo 38393");
	told = (struct told){0};
	link_listen(tested.link, &any_port, LONG_MS, note, &told);
	until_told(&tested, &told);
	cr_expect(eq(u16, told.port, 38393));
	cr_expect(fake_is_quiet(&tested.fake, tested.held));
	put_ssh(&tested, "echo no; exit 255");
	told = (struct told){0};
	link_listen(tested.link, &remote, LONG_MS, note, &told);
	expect_told(&tested, &told, LINK_REFUSED, "no\n");
	remove_ssh(&tested);
	setenv("PATH", "/nonexistent", 1);
	told = (struct told){0};
	link_listen(tested.link, &remote, LONG_MS, note, &told);
	until_told(&tested, &told);
	cr_expect(eq(int, told.answer, LINK_GONE));
	end(&tested);
}

Test(link_ssh, takes_back_what_nobody_wants, .timeout = 20)
{
	struct strbuf script = {0};
	struct told late = {0}, again = {0};
	struct tested tested;

	setenv("TUNPLAN_MUX", "ssh", 1);
	begin_open(&tested);
	/* The first one hangs until it is ended; the others write down what they were asked. */
	strbuf_printf(&script,
		      "cd %s; case $* in *forward*) test -e seen || { : >seen; exec sleep 1000; };;"
		      " *) echo closed >>seen;; esac",
		      tested.fake.dir);
	put_ssh(&tested, strbuf_text(&script));
	link_listen(tested.link, &remote, LONG_MS, note, &late);
	time_passes(&tested);
	expect_told(&tested, &late, LINK_LATE, "");
	link_listen(tested.link, &remote, LONG_MS, note, &again);
	expect_told(&tested, &again, LINK_OK, "");
	remove_ssh(&tested);
	strbuf_clear(&script);
	strbuf_printf(&script, "%s/seen", tested.fake.dir);
	cr_expect(unlink(script.text) == 0);
	strbuf_finish(&script);
	end(&tested);
}
