#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>

#include "exec/supervisor/protocol.h"

Test(protocol, what_was_built_is_read_again)
{
	const char *tunnels[] = {"a", "b"};
	const char *places[] = {"office", "vpn"};
	const char *without[] = {"gw"};
	const char *const env[] = {"HOME=/root", "PATH=/bin", NULL};
	const struct request sent = {.op = OP_UP,
				     .file = "/f.yaml",
				     .me = "you",
				     .places = places,
				     .place_count = 2,
				     .roams = true,
				     .text = "tunplan: 1\n",
				     .digest = "0123456789abcdef",
				     .tunnels = tunnels,
				     .tunnel_count = 2,
				     .without = without,
				     .without_count = 1,
				     .env = env,
				     .wait = true,
				     .persist = true};
	json_t *json = protocol_request(&sent);
	struct request got = {0};

	cr_assert(eq(int, protocol_parse(json, &got), 0));
	cr_expect(eq(int, got.op, OP_UP));
	cr_expect(eq(str, (char *)got.file, "/f.yaml"));
	cr_expect(eq(str, (char *)got.me, "you"));
	cr_expect(eq(str, (char *)got.text, "tunplan: 1\n"));
	cr_expect(eq(str, (char *)got.digest, "0123456789abcdef"));
	cr_assert(eq(sz, got.place_count, 2));
	cr_expect(eq(str, (char *)got.places[1], "vpn"));
	cr_expect(got.roams);
	cr_expect(eq(sz, got.tunnel_count, 2));
	cr_expect(eq(str, (char *)got.tunnels[1], "b"));
	cr_assert(eq(sz, got.without_count, 1));
	cr_expect(eq(str, (char *)got.without[0], "gw"));
	cr_expect(eq(str, (char *)got.env[1], "PATH=/bin"));
	cr_expect(eq(ptr, (void *)got.env[2], NULL));
	cr_expect(got.wait);
	cr_expect(got.persist);
	request_finish(&got);
	json_decref(json);
}

Test(protocol, tunnels_are_named_by_ids_which_may_be_none)
{
	char *id = protocol_id("/f.yaml", "web", "you");
	const char *ids[] = {id, NULL};
	const struct request one = {.op = OP_DOWN, .ids = ids, .id_count = 1};
	const struct request none = {.op = OP_STATUS, .ids = ids};
	struct request got = {0};
	json_t *json = protocol_request(&one);

	cr_expect(eq(str, id, "/f.yaml#web@you"));
	cr_assert(eq(int, protocol_parse(json, &got), 0));
	cr_assert(eq(sz, got.id_count, 1));
	cr_expect(eq(str, (char *)got.ids[0], id));
	request_finish(&got);
	json_decref(json);

	json = protocol_request(&none);
	cr_assert(eq(int, protocol_parse(json, &got), 0));
	cr_expect(ne(ptr, (void *)got.ids, NULL));
	cr_expect(eq(sz, got.id_count, 0));
	request_finish(&got);
	json_decref(json);
	free(id);
}

Test(protocol, bytes_that_are_no_text_are_left_out_of_the_environment)
{
	const char *const env[] = {"A=1", "B=\xff\xfe", "C=3", NULL};
	const char *tunnels[] = {"a"};
	const struct request sent = {.op = OP_UP,
				     .file = "/f",
				     .me = "you",
				     .text = "",
				     .tunnels = tunnels,
				     .tunnel_count = 1,
				     .env = env};
	json_t *json = protocol_request(&sent);
	struct request got = {0};

	cr_assert(eq(int, protocol_parse(json, &got), 0));
	cr_expect(eq(str, (char *)got.env[1], "C=3"));
	request_finish(&got);
	json_decref(json);
}

/* A client that knows of no places says nothing of them. */
Test(protocol, places_may_be_missing)
{
	static const char *const texts[] = {"{\"v\":7,\"op\":\"list\"}",
					    "{\"v\":7,\"op\":\"list\",\"places\":null}"};

	for (size_t i = 0; i < 2; i++) {
		json_t *json = json_loads(texts[i], 0, NULL);
		struct request got = {0};

		cr_assert(eq(int, protocol_parse(json, &got), 0), "%s", texts[i]);
		cr_expect(got.places == NULL && got.place_count == 0, "%s", texts[i]);
		request_finish(&got);
		json_decref(json);
	}
}

static const struct {
	const char *text;
	int error;
} refused[] = {
	{"null", -EINVAL},
	{"[]", -EINVAL},
	{"{}", -EPROTONOSUPPORT},
	{"{\"v\":2,\"op\":\"down\"}", -EPROTONOSUPPORT},
	{"{\"v\":8,\"op\":\"down\"}", -EPROTONOSUPPORT},
	{"{\"v\":7}", -EINVAL},
	{"{\"v\":7,\"op\":\"dance\"}", -EINVAL},
	{"{\"v\":7,\"op\":\"up\"}", -EINVAL},
	{"{\"v\":7,\"op\":\"up\",\"file\":\"/f\",\"me\":\"y\",\"text\":\"\",\"env\":[],"
	 "\"tunnels\":[1]}",
	 -EINVAL},
	{"{\"v\":7,\"op\":\"down\"}", -EINVAL},
	{"{\"v\":7,\"op\":\"status\",\"ids\":[1]}", -EINVAL},
	{"{\"v\":7,\"op\":\"hops\"}", -EINVAL},
	{"{\"v\":7,\"op\":\"list\",\"places\":[1]}", -EINVAL},
	{"{\"v\":7,\"op\":\"list\",\"places\":\"office\"}", -EINVAL},
};

Test(protocol, what_is_no_request_is_refused)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		json_t *json = json_loads(refused[i].text, JSON_DECODE_ANY, NULL);
		struct request got = {0};

		cr_expect(eq(int, protocol_parse(json, &got), refused[i].error), "%s",
			  refused[i].text);
		json_decref(json);
	}
	cr_expect(eq(int, protocol_parse(NULL, &(struct request){0}), -EINVAL));
}
