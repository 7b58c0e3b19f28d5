#include <sys/socket.h>

#include "exec/ssh/hold.h"
#include "tests/unit/fake_master.h"

static void told(void *data)
{
	++*(unsigned *)data;
}

Test(hold, a_session_reads_no_end_until_it_is_let_go, .timeout = 20)
{
	const uint32_t session = 3;
	struct strbuf body = {0};
	struct fake_master fake;
	struct hold *hold;
	unsigned count = 0;
	int fd, in;
	char byte;

	fake_master_init(&fake, 64);
	hold = hold_create(&fake.loop, fake.path, told, &count);
	fd = fake_greet(&fake);
	fake_say(fd, MUX_SESSION_OPENED, fake_request(&fake, fd, MUX_NEW_SESSION, &body), &session,
		 NULL);
	cr_expect(body.length > 3 && memcmp(body.text + body.length - 3, "cat", 3) == 0);
	in = fake_take(&fake, fd);
	close(fake_take(&fake, fd));
	close(fake_take(&fake, fd));
	cr_expect(recv(in, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	hold_destroy(hold);
	fake_ends(&fake, fd);
	cr_expect(recv(in, &byte, 1, 0) == 0);
	cr_expect(eq(u32, count, 0));
	close(in);
	strbuf_finish(&body);
	fake_master_finish(&fake);
}

Test(hold, tells_that_there_is_none_to_be_had_and_that_it_has_ended, .timeout = 20)
{
	for (int refused = 0; refused < 2; refused++) {
		struct fake_master fake;
		struct hold *hold;
		unsigned count = 0;
		uint32_t id;
		int fd;

		fake_master_init(&fake, 64);
		hold = hold_create(&fake.loop, fake.path, told, &count);
		fd = fake_greet(&fake);
		id = fake_request(&fake, fd, MUX_NEW_SESSION, NULL);
		if (refused)
			fake_fail(fd, id, "Session open refused by peer");
		else
			close(fd);
		while (!count)
			uv_run(&fake.loop, UV_RUN_ONCE);
		hold_destroy(hold);
		if (refused)
			fake_ends(&fake, fd);
		cr_expect(eq(u32, count, 1));
		fake_master_finish(&fake);
	}
}
