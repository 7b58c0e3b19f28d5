#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/place/resolvers.h"
#include "tests/unit/expect_text.h"

static const struct {
	const char *text;
	const char *resolvers;
	const char *domains;
} rows[] = {
	{"", "", ""},
	{"\n\n", "", ""},
	{"nameserver 192.0.2.53\n", "192.0.2.53", ""},
	{"nameserver 192.0.2.53", "192.0.2.53", ""},
	{"nameserver\t192.0.2.53  \nnameserver 2001:DB8:0::53\n", "192.0.2.53 2001:db8::53", ""},
	{"nameserver fe80::1%eth0\n", "fe80::1", ""},
	{"nameserver 192.0.2.53 # the office's\r\n", "192.0.2.53", ""},
	{"search plant.example example.org.\n", "", "plant.example example.org"},
	{"domain plant.example\n", "", "plant.example"},
	/* Of several the last counts. */
	{"domain plant.example\nsearch example.org\n", "", "example.org"},
	{"search a.example b.example\nsearch example.org\nnameserver 192.0.2.53\n", "192.0.2.53",
	 "example.org"},
	{"search example.org\nsearch\n", "", ""},
	{"search . example.org\n", "", "example.org"},
	/* What says nothing. */
	{"# nameserver 192.0.2.53\n; search example.org\n", "", ""},
	{" nameserver 192.0.2.53\n", "", ""},
	{"nameserver\nnameserver ns.example.org\nnameserver 192.0.2.300\n", "", ""},
	{"nameservers 192.0.2.53\noptions edns0 trust-ad\nsearching example.org\n", "", ""},
};

static const char *addresses_text(const struct place_facts *facts, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < facts->resolver_count; i++)
		text = arena_format(arena, "%s%s%s", text, i ? " " : "", facts->resolvers[i].text);
	return text;
}

static const char *domains_text(const struct place_facts *facts, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < facts->domain_count; i++)
		text = arena_format(arena, "%s%s%s", text, i ? " " : "", facts->domains[i]);
	return text;
}

Test(resolvers, are_read_as_the_resolver_reads_them)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place_facts facts = {0};
		struct arena arena = {0};

		resolvers_parse(rows[i].text, &arena, &facts);
		cr_log_info("row %zu", i);
		expect_text(addresses_text(&facts, &arena), rows[i].resolvers);
		expect_text(domains_text(&facts, &arena), rows[i].domains);
		arena_finish(&arena);
	}
}

/* The second file of a machine is read after the first. */
Test(resolvers, add_to_what_is_known)
{
	struct place_facts facts = {0};
	struct arena arena = {0};

	resolvers_parse("nameserver 127.0.0.53\nsearch a.example\n", &arena, &facts);
	resolvers_parse("nameserver 192.0.2.53\nsearch b.example\n", &arena, &facts);
	expect_text(addresses_text(&facts, &arena), "127.0.0.53 192.0.2.53");
	expect_text(domains_text(&facts, &arena), "a.example b.example");
	arena_finish(&arena);
}
