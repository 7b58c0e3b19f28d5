#include "cmd/status_text.h"
#include "tests/unit/expect_text.h"

/* What status says of a tunnel that is written as JSON, without colours. */
static void expect_status(const char *json, const char *expected)
{
	json_t *tunnel = json_loads(json, 0, NULL);
	struct status_hops hops = {0};
	struct strbuf text = {0}, again = {0};

	cr_assert(tunnel != NULL);
	status_text(tunnel, false, false, &hops, &text);
	expect_text(strbuf_text(&text), expected);
	/* Another one on the same hops. */
	status_text(tunnel, false, false, &hops, &again);
	expect_text(strbuf_text(&again), expected);
	strbuf_finish(&text);
	strbuf_finish(&again);
	strbuf_finish(&hops.text);
	json_decref(tunnel);
}

Test(status_text, ipv6_places_have_brackets_and_columns_are_straight)
{
	expect_status(
		"{\"name\": \"web\", \"state\": \"up\", \"since_s\": 3,"
		" \"forwards\": [{\"state\": \"up\", \"listen\": \"[::1]:8080\", \"verified_s\": "
		"7200,"
		"   \"egress\": {\"host\": null, \"address\": \"2001:db8:3::21\", \"port\": 443}}],"
		" \"hops\": [{\"host\": \"gw\", \"address\": \"192.0.2.1\", \"port\": 2222,"
		"   \"state\": \"up\"},"
		"  {\"host\": \"bastion\", \"address\": \"2001:db8:5::9\", \"port\": 22,"
		"   \"state\": \"up\", \"pid\": 7}]}",
		"web  up for 3 s  [::1]:8080 -> [2001:db8:3::21]:443  answered 2 h ago\n"
		"  gw       192.0.2.1:2222      up\n"
		"  bastion  [2001:db8:5::9]:22  up  pid 7\n");
}

Test(status_text, silent_is_said_once_and_of_which_forward)
{
	expect_status("{\"name\": \"web\", \"state\": \"silent\", \"since_s\": 61, \"hops\": [],"
		      " \"forwards\": [{\"state\": \"silent\", \"listen\": \"127.0.0.1:8080\","
		      "   \"egress\": {\"host\": \"wiki\", \"port\": 80}}]}",
		      "web  silent for 1 min  127.0.0.1:8080 -> wiki:80\n");
	expect_status("{\"name\": \"web\", \"state\": \"silent\", \"since_s\": 61, \"hops\": [],"
		      " \"forwards\": [{\"state\": \"up\", \"listen\": \"127.0.0.1:8080\","
		      "   \"verified_s\": 0, \"egress\": \"wiki:80\"},"
		      "  {\"state\": \"silent\", \"listen\": \"127.0.0.1:8443\","
		      "   \"egress\": {\"host\": \"wiki\", \"port\": 443}}]}",
		      "web  silent for 1 min\n"
		      "  127.0.0.1:8080 -> wiki:80\n"
		      "  127.0.0.1:8443 -> wiki:443  silent\n");
}

Test(status_text, who_is_left_out_is_said_and_by_whom_it_goes)
{
	expect_status("{\"name\": \"web\", \"state\": \"up\", \"since_s\": 3, \"forwards\": [],"
		      " \"left_out\": [\"a\"], \"hops\": [{\"host\": \"b\", \"address\": \"b\","
		      "   \"port\": 22, \"state\": \"up\"}]}",
		      "web  up for 3 s\n"
		      "  b  b:22  up\n"
		      "    by b: a is left out, because it did not answer\n");
	expect_status(
		"{\"name\": \"web\", \"state\": \"up\", \"since_s\": 3, \"forwards\": [],"
		" \"left_out\": [\"a\", \"c\"], \"hops\": [{\"host\": \"b\", \"address\": \"b\","
		"   \"port\": 22, \"state\": \"up\"}]}",
		"web  up for 3 s\n"
		"  b  b:22  up\n"
		"    by b: a, c are left out, because they did not answer\n");
}

Test(status_text, whom_up_did_not_want_to_be_passed_is_said)
{
	expect_status("{\"name\": \"web\", \"state\": \"up\", \"since_s\": 3, \"forwards\": [],"
		      " \"without\": [\"a\"], \"left_out\": [], \"hops\": [{\"host\": \"b\","
		      "   \"address\": \"b\", \"port\": 22, \"state\": \"up\"}]}",
		      "web  up for 3 s\n"
		      "  b  b:22  up\n"
		      "    without a, as `up --without` asked\n");
}

Test(status_text, by_which_rule_a_hop_is_ended_is_said_though_it_is_up)
{
	expect_status("{\"name\": \"web\", \"state\": \"up\", \"since_s\": 3, \"forwards\": [],"
		      " \"hops\": [{\"host\": \"b\", \"address\": \"b\", \"port\": 22,"
		      "   \"state\": \"up\", \"rule\": {\"code\": \"unused_timeout\","
		      "   \"host\": \"b\", \"text\": \"it ended\", \"advice\": \"set it\"}}]}",
		      "web  up for 3 s\n"
		      "  b  b:22  up\n"
		      "      it ended (unused_timeout)\n"
		      "      what to do: set it\n");
}

Test(status_text, of_what_is_tried_again_it_is_told_how_often_and_when)
{
	expect_status(
		"{\"name\": \"web\", \"state\": \"reconnecting\", \"since_s\": 61,"
		" \"forwards\": [{\"state\": \"waiting\", \"listen\": \"127.0.0.1:8080\","
		"   \"egress\": {\"host\": \"wiki\", \"port\": 80}}],"
		" \"hops\": [{\"host\": \"gw\", \"address\": \"gw\", \"port\": 22,"
		"   \"state\": \"retry\", \"attempt\": 3, \"next_try_s\": 4},"
		"  {\"host\": \"new\", \"address\": \"new\", \"port\": 22,"
		"   \"state\": \"retry\", \"attempt\": 0, \"next_try_s\": 1},"
		"  {\"host\": \"db\", \"address\": \"db\", \"port\": 22, \"state\": \"waiting\","
		"   \"attempt\": null, \"next_try_s\": null}],"
		" \"error\": {\"code\": \"refused\", \"host\": \"gw\", \"text\": \"refused\"}}",
		"web  reconnecting for 1 min  127.0.0.1:8080 -> wiki:80\n"
		"  gw   gw:22   retry  tried 3 times, next in 4 s\n"
		"  new  new:22  retry  tried in 1 s\n"
		"  db   db:22   waiting\n"
		"    trouble with gw:\n"
		"      refused (refused)\n");
}

Test(status_text, what_is_over_is_not_told_as_if_it_were_so_now)
{
	expect_status(
		"{\"name\": \"web\", \"state\": \"failed\", \"since_s\": 61, \"remembered\": true,"
		" \"forwards\": [{\"state\": \"waiting\", \"listen\": \"127.0.0.1:8080\","
		"   \"egress\": {\"host\": \"wiki\", \"port\": 80}}],"
		" \"hops\": [{\"host\": \"gw\", \"address\": \"gw\", \"port\": 22,"
		"   \"state\": \"up\", \"pid\": null},"
		"  {\"host\": \"db\", \"address\": \"db\", \"port\": 22, \"state\": \"failed\"}],"
		" \"error\": {\"code\": \"refused\", \"host\": \"db\", \"text\": \"refused\"}}",
		"web  failed for 1 min  127.0.0.1:8080 -> wiki:80\n"
		"  gw  gw:22  was up\n"
		"  db  db:22  failed\n"
		"    trouble with db:\n"
		"      refused (refused)\n");
}

Test(status_text, what_is_not_known_of_an_ingress_is_said)
{
	expect_status("{\"name\": \"back\", \"state\": \"up\", \"since_s\": 3, \"hops\": [],"
		      " \"forwards\": [{\"state\": \"up\", \"listen\": \"gw:127.0.0.1:9090\","
		      "   \"verified_s\": 0, \"egress\": {\"host\": \"me\", \"port\": 80},"
		      "   \"error\": null, \"doubt\": {\"code\": \"no_address\", \"host\": \"gw\","
		      "     \"text\": \"not seen\", \"advice\": \"look\"}}]}",
		      "back  up for 3 s  gw:127.0.0.1:9090 -> me:80  ingress unproven\n"
		      "    gw:127.0.0.1:9090:\n"
		      "      not seen (no_address)\n"
		      "      what to do: look\n");
}
