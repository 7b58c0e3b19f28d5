#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>

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

Test(mux_codec, writes_what_a_master_understands)
{
	struct strbuf bytes = {0}, hex = {0};

	mux_put_hello(&bytes);
	mux_put_alive_check(&bytes, 7);
	mux_put_stdio_forward(&bytes, 1, "10.2.0.3", 22);
	to_hex(&bytes, &hex);
	cr_expect(eq(str, hex.text,
		     "000000080000000100000004"
		     "000000081000000400000007"
		     "0000001c1000000800000001"
		     "00000000"
		     "0000000831302e322e302e33"
		     "00000016"));
	strbuf_finish(&bytes);
	strbuf_finish(&hex);
}

Test(mux_codec, reads_what_a_master_says)
{
	static const struct {
		const char *hex;
		struct mux_message message;
	} cases[] = {
		{"000000080000000100000004", {MUX_HELLO, 4, 0}},
		{"0000000c800000050000000100001234", {MUX_ALIVE, 1, 0x1234}},
		{"0000000c800000060000000100000002", {MUX_SESSION_OPENED, 1, 2}},
		{"00000008800000010000000a", {MUX_OK, 10, 0}},
		{"0000000f80000003000000010000000341414120", {MUX_FAILURE, 1, 0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf bytes = {0};
		struct mux_message message = {0};
		size_t used = 0;

		from_hex(cases[i].hex, &bytes);
		cr_expect(eq(int, mux_take(bytes.text, bytes.length, &message, &used), 0), "%s",
			  cases[i].hex);
		cr_expect(eq(u32, message.type, cases[i].message.type), "%s", cases[i].hex);
		cr_expect(eq(u32, message.request, cases[i].message.request), "%s", cases[i].hex);
		cr_expect(eq(u32, message.value, cases[i].message.value), "%s", cases[i].hex);
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
	static const char *const cases[] = {
		"ffffffff80000005",         /* longer than any message */
		"0000000400000001",         /* shorter than any */
		"000000088000000500000001", /* alive, without the pid */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf bytes = {0};
		struct mux_message message = {0};
		size_t used = 0;

		from_hex(cases[i], &bytes);
		cr_expect(eq(int, mux_take(bytes.text, bytes.length, &message, &used), -EPROTO),
			  "%s", cases[i]);
		strbuf_finish(&bytes);
	}
}
