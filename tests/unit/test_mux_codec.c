#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exec/ssh/mux_codec.h"

/* Makes bytes readable: "00000008 00000001 …" without the blanks. */
static void to_hex(const struct strbuf *bytes, struct strbuf *hex)
{
	for (size_t i = 0; i < bytes->length; i++)
		strbuf_printf(hex, "%02x", (unsigned char)bytes->text[i]);
}

static void from_hex(const char *hex, struct strbuf *bytes)
{
	unsigned value;

	for (; sscanf(hex, "%2x", &value) == 1; hex += 2)
		strbuf_add(bytes, (const char[]){(char)value}, 1);
}

/* Compares what was written with readable bytes, in which blanks mean nothing. */
static void expect_bytes(struct strbuf *bytes, const char *expected, const char *what)
{
	struct strbuf hex = {0}, plain = {0};

	to_hex(bytes, &hex);
	for (; *expected; expected++)
		if (*expected != ' ')
			strbuf_add(&plain, expected, 1);
	cr_expect(eq(str, hex.text, plain.text), "%s", what);
	strbuf_finish(&plain);
	strbuf_finish(&hex);
	strbuf_finish(bytes);
}

Test(mux_codec, writes_what_a_master_understands)
{
	struct strbuf bytes = {0};

	mux_put_hello(&bytes);
	mux_put_plain(&bytes, MUX_ALIVE_CHECK, 7);
	mux_put_plain(&bytes, MUX_TERMINATE, 8);
	mux_put_plain(&bytes, MUX_STOP_LISTENING, 9);
	expect_bytes(&bytes,
		     "00000008 00000001 00000004"
		     "00000008 10000004 00000007"
		     "00000008 10000005 00000008"
		     "00000008 10000009 00000009",
		     "plain");
	mux_put_stdio_forward(&bytes, 1, "10.2.0.3", 22);
	expect_bytes(&bytes,
		     "0000001c 10000008 00000001 00000000"
		     "00000008 31302e322e302e33 00000016",
		     "dial");
	mux_put_session(&bytes, 2, "true");
	expect_bytes(&bytes,
		     "0000002c 10000002 00000002 00000000"
		     "00000000 00000000 00000000 00000000 ffffffff"
		     "00000000 00000004 74727565",
		     "session");
}

Test(mux_codec, writes_the_listeners_of_openssh)
{
	static const struct {
		const char *what;
		struct mux_forward forward;
		const char *body;
	} cases[] = {
		{"local",
		 {.type = PLAN_LOCAL,
		  .bind = "127.0.0.1",
		  .bind_port = 8080,
		  .target = "10.0.0.5",
		  .target_port = 80},
		 "00000001 00000009 3132372e302e302e31 00001f90 00000008 31302e302e302e35 "
		 "00000050"},
		{"remote, any port",
		 {.type = PLAN_REMOTE,
		  .bind = "127.0.0.1",
		  .target = "127.0.0.1",
		  .target_port = 22},
		 "00000002 00000009 3132372e302e302e31 00000000"
		 "00000009 3132372e302e302e31 00000016"},
		{"dynamic",
		 {.type = PLAN_DYNAMIC, .bind = "::1", .bind_port = 1080},
		 "00000003 00000003 3a3a31 00000438 00000005 736f636b73 00000000"},
		{"remote dynamic, whose port nobody cleared",
		 {.type = PLAN_REMOTE, .bind = "::1", .bind_port = 1080, .target_port = 9},
		 "00000002 00000003 3a3a31 00000438 00000005 736f636b73 00000000"},
		{"local, path to path",
		 {.type = PLAN_LOCAL, .bind_path = "/a:", .target_path = "/b", .target_port = 9},
		 "00000001 00000003 2f613a fffffffe 00000002 2f62 fffffffe"},
		{"remote, path to port",
		 {.type = PLAN_REMOTE, .bind_path = "/a", .target = "h", .target_port = 9},
		 "00000002 00000002 2f61 fffffffe 00000001 68 00000009"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf opened = {0}, closed = {0}, expected = {0};

		mux_put_forward(&opened, MUX_OPEN_FORWARD, 5, &cases[i].forward);
		mux_put_forward(&closed, MUX_CLOSE_FORWARD, 6, &cases[i].forward);
		strbuf_printf(&expected, "%08zx 10000006 00000005 %s", opened.length - 4,
			      cases[i].body);
		expect_bytes(&opened, strbuf_text(&expected), cases[i].what);
		strbuf_clear(&expected);
		strbuf_printf(&expected, "%08zx 10000007 00000006 %s", closed.length - 4,
			      cases[i].body);
		expect_bytes(&closed, strbuf_text(&expected), cases[i].what);
		strbuf_finish(&expected);
	}
}

Test(mux_codec, reads_what_a_master_says)
{
	static const struct {
		const char *hex;
		struct mux_message message;
	} cases[] = {
		{"000000080000000100000004", {MUX_HELLO, 4, 0, "", 0}},
		/* Since 10.3: "info", "0". */
		{"00000015000000010000000400000004696e666f0000000130", {MUX_HELLO, 4, 0, "", 0}},
		{"0000000c800000050000000100001234", {MUX_ALIVE, 1, 0x1234, "", 0}},
		{"0000000c800000060000000100000002", {MUX_SESSION_OPENED, 1, 2, "", 0}},
		{"0000000c8000000700000001000095f9", {MUX_REMOTE_PORT, 1, 38393, "", 0}},
		{"0000000c800000040000000200000003", {MUX_EXIT_MESSAGE, 2, 3, "", 0}},
		{"00000008800000010000000a", {MUX_OK, 10, 0, "", 0}},
		{"0000000f80000003000000010000000341414120", {MUX_FAILURE, 1, 0, "AAA", 3}},
		{"0000000c800000020000000100000000", {MUX_PERMISSION_DENIED, 1, 0, "", 0}},
		{"000000088000000f00000001", {0x8000000f, 1, 0, "", 0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mux_message *expected = &cases[i].message;
		struct strbuf bytes = {0};
		struct mux_message message = {0};
		size_t used = 0;

		from_hex(cases[i].hex, &bytes);
		cr_assert(eq(int, mux_take(bytes.text, bytes.length, &message, &used), 0), "%s",
			  cases[i].hex);
		cr_expect(eq(u32, message.type, expected->type), "%s", cases[i].hex);
		cr_expect(eq(u32, message.request, expected->request), "%s", cases[i].hex);
		cr_expect(eq(u32, message.value, expected->value), "%s", cases[i].hex);
		cr_assert(eq(sz, message.words_length, expected->words_length), "%s", cases[i].hex);
		cr_expect(memcmp(message.words, expected->words, message.words_length) == 0, "%s",
			  cases[i].hex);
		cr_expect(le(sz, used, bytes.length), "%s", cases[i].hex);
		strbuf_finish(&bytes);
	}
}

Test(mux_codec, waits_for_the_rest_of_a_message)
{
	struct strbuf bytes = {0};
	struct mux_message message = {0};
	size_t used = 99;

	from_hex("0000000c800000050000000100001234", &bytes);
	for (size_t size = 0; size < bytes.length; size++)
		cr_expect(eq(int, mux_take(bytes.text ? bytes.text : "", size, &message, &used),
			     -EAGAIN),
			  "%zu bytes", size);
	cr_expect(eq(sz, used, 99));
	strbuf_finish(&bytes);
}

Test(mux_codec, refuses_what_is_not_the_protocol)
{
	static const struct {
		const char *hex;
		int error;
	} cases[] = {
		{"ffffffff80000005", -EPROTO},                   /* longer than any message */
		{"0000000400000001", -EPROTO},                   /* shorter than any */
		{"000000088000000500000001", -EPROTO},           /* alive, without the pid */
		{"000000088000000300000001", -EPROTO},           /* failure, without its words */
		{"0000000d80000003000000010000000241", -EPROTO}, /* words beyond the end */
		{"0000000d8000000300000001ffffffff41", -EPROTO}, /* far beyond it */
		{"000000080000000100000005", -EPROTONOSUPPORT},  /* another version */
		{"0000000c000000010000000300000000", -EPROTONOSUPPORT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf bytes = {0};
		struct mux_message message = {0};
		size_t used = 0;

		from_hex(cases[i].hex, &bytes);
		cr_expect(eq(int, mux_take(bytes.text, bytes.length, &message, &used),
			     cases[i].error),
			  "%s", cases[i].hex);
		strbuf_finish(&bytes);
	}
}
