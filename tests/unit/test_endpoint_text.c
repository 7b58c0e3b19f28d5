#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "cmd/endpoint_text.h"

static struct vlan vlans[] = {{.name = "dmz"}};
static struct host hosts[] = {{.name = "you"}, {.name = "app2"}};
static const struct topology topology = {
	.vlans = vlans, .vlan_count = 1, .hosts = hosts, .host_count = 2};

Test(endpoint_text, ingress)
{
	static const struct {
		const char *expected;
		struct ingress ingress;
	} rows[] = {
		{"7999", {.host = TOPOLOGY_ME, .vlan = TOPOLOGY_NONE, .port = 7999}},
		{"auto", {.host = TOPOLOGY_ME, .vlan = TOPOLOGY_NONE, .any_port = true}},
		{"/run/x", {.host = TOPOLOGY_ME, .vlan = TOPOLOGY_NONE, .path = "/run/x"}},
		{"app2:9999", {.host = 1, .vlan = TOPOLOGY_NONE, .port = 9999}},
		{"app2@dmz:80", {.host = 1, .vlan = 0, .port = 80}},
		{"me@dmz:80", {.host = TOPOLOGY_ME, .vlan = 0, .port = 80}},
		{"10.0.0.1:80",
		 {.host = TOPOLOGY_ME,
		  .vlan = TOPOLOGY_NONE,
		  .bind = {.family = ADDRESS_IPV4, .text = "10.0.0.1"},
		  .port = 80}},
		{"app2:[::1]:80",
		 {.host = 1,
		  .vlan = TOPOLOGY_NONE,
		  .bind = {.family = ADDRESS_IPV6, .text = "::1"},
		  .port = 80}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};

		ingress_text(&topology, &rows[i].ingress, &text);
		cr_expect(eq(str, strbuf_text(&text), rows[i].expected));
		strbuf_finish(&text);
	}
}

Test(endpoint_text, egress)
{
	static const struct {
		const char *expected;
		struct egress egress;
	} rows[] = {
		{"app2/git",
		 {.kind = EGRESS_SERVICE, .host = 1, .vlan = TOPOLOGY_NONE, .service_name = "git"}},
		{"app2@dmz:80", {.kind = EGRESS_PORT, .host = 1, .vlan = 0, .port = 80}},
		{"me/cache",
		 {.kind = EGRESS_SERVICE,
		  .host = TOPOLOGY_ME,
		  .vlan = TOPOLOGY_NONE,
		  .service_name = "cache"}},
		{"app2:/run/x",
		 {.kind = EGRESS_PATH, .host = 1, .vlan = TOPOLOGY_NONE, .path = "/run/x"}},
		{"socks@app2", {.kind = EGRESS_SOCKS, .host = 1, .vlan = TOPOLOGY_NONE}},
		{"[2001:db8::1]:80",
		 {.kind = EGRESS_ADDRESS,
		  .host = TOPOLOGY_NONE,
		  .vlan = TOPOLOGY_NONE,
		  .port = 80,
		  .address = {.family = ADDRESS_IPV6, .text = "2001:db8::1"}}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};

		egress_text(&topology, &rows[i].egress, &text);
		cr_expect(eq(str, strbuf_text(&text), rows[i].expected));
		strbuf_finish(&text);
	}
}
