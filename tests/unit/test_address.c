#include "topology/language/address.h"

#include "tests/unit/expect_text.h"
#include "topology/diag/codes.h"

struct row {
	const char *text;
	const char *expected; /* canonical text, or the code of the fault */
};

Test(address, reads_numbers_and_names)
{
	static const struct row rows[] = {
		{"10.0.0.5", "10.0.0.5"},
		{"255.255.255.255", "255.255.255.255"},
		{"2001:DB8:0:0::5", "2001:db8::5"},
		{"::", "::"},
		{"::ffff:10.0.0.5", "::ffff:10.0.0.5"},
		{"web.example.org", "web.example.org"},
		{"10.0.0.256", "T029"},
		{"10.0.0", "T029"},
		{"10.0.0.05", "T029"},
		{"1234", "T029"},
		{"10.1.5", "T029"},
		{"0x7f.1", "T029"},
		{"0x7f000001", "T029"},
		{"0x7g.1", "0x7g.1"},
		{"2001:db8::5::1", "T029"},
		{"[2001:db8::5]", "T029"},
		{"fe80::1%eth0", "T029"},
		{"web:80", "T029"},
		{"we b", "T020"},
		{"", "T029"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = {0};
		struct address address;
		struct fault fault;
		const bool good =
			address_read(rows[i].text, strlen(rows[i].text), &arena, &address, &fault);

		cr_log_info("'%s'", rows[i].text);
		expect_text(good ? address.text : fault.code, rows[i].expected);
		arena_finish(&arena);
	}
}

Test(address, reads_ranges)
{
	static const struct row rows[] = {
		{"10.0.0.0/8", "10.0.0.0/8"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"10.0.0.5/32", "10.0.0.5/32"},
		{"10.128.0.0/9", "10.128.0.0/9"},
		{"2001:DB8::/32", "2001:db8::/32"},
		{"::/0", "::/0"},
		{"2001:db8::1/128", "2001:db8::1/128"},
		{"10.0.0.5/8", "T030"}, /* bits behind the prefix */
		{"10.64.0.0/9", "T030"},
		{"10.0.0.0/33", "T030"},
		{"10.0.0.0/08", "T030"},
		{"10.0.0.0/", "T030"},
		{"10.0.0.0/-1", "T030"},
		{"10.0.0.0", "T030"},
		{"2001:db8::/129", "T030"},
		{"web/8", "T030"},
		{"", "T030"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = {0};
		struct cidr cidr;
		struct fault fault;
		const bool good = address_cidr(rows[i].text, &arena, &cidr, &fault);

		cr_log_info("'%s'", rows[i].text);
		expect_text(good ? cidr.text : fault.code, rows[i].expected);
		arena_finish(&arena);
	}
}

Test(address, helps_with_ranges)
{
	struct arena arena = {0};
	struct cidr cidr;
	struct fault fault;

	cr_assert(!address_cidr("10.1.2.3/16", &arena, &cidr, &fault));
	expect_text(fault.help, "write 10.1.0.0/16 for the range, 10.1.2.3/32 for the address");
	cr_assert(!address_cidr("10.0.0.0/33", &arena, &cidr, &fault));
	cr_expect(fault.offset == 9 && fault.length == 2);
	arena_finish(&arena);
}

Test(address, knows_what_a_range_contains)
{
	static const struct {
		const char *range;
		const char *address;
		bool contains;
	} rows[] = {
		{"10.1.0.0/16", "10.1.255.255", true},
		{"10.1.0.0/16", "10.2.0.0", false},
		{"10.128.0.0/9", "10.255.0.1", true},
		{"10.128.0.0/9", "10.127.0.1", false},
		{"0.0.0.0/0", "1.2.3.4", true},
		{"0.0.0.0/0", "::1", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"10.0.0.5/32", "10.0.0.5", true},
		{"10.0.0.5/32", "10.0.0.4", false},
		{"::/0", "web", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = {0};
		struct fault fault;
		struct cidr cidr;
		struct address address;

		cr_assert(address_cidr(rows[i].range, &arena, &cidr, &fault));
		cr_assert(address_read(rows[i].address, strlen(rows[i].address), &arena, &address,
				       &fault));
		cr_expect(cidr_contains(&cidr, &address) == rows[i].contains, "%s in %s",
			  rows[i].address, rows[i].range);
		arena_finish(&arena);
	}
}

Test(address, tells_loopback_and_the_wildcard)
{
	static const struct {
		const char *text;
		bool loopback, localhost, wildcard;
	} rows[] = {
		{"127.0.0.1", true, true, false},       {"127.0.0.9", true, true, false},
		{"127.255.255.254", true, true, false}, {"::1", true, true, false},
		{"localhost", false, true, false},      {"127.example.org", false, false, false},
		{"128.0.0.1", false, false, false},     {"::", false, false, true},
		{"::2", false, false, false},           {"0.0.0.0", false, false, true},
		{"10.0.0.5", false, false, false},      {"", false, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = rows[i].text;

		cr_log_info("'%s'", text);
		cr_expect(address_is_loopback(text) == rows[i].loopback);
		cr_expect(address_is_localhost(text) == rows[i].localhost);
		cr_expect(address_is_wildcard(text) == rows[i].wildcard);
	}
}

Test(address, reads_ports)
{
	static const struct {
		const char *text;
		uint16_t port; /* 0: refused */
	} rows[] = {{"1", 1},   {"22", 22},  {"65535", 65535}, {"65536", 0}, {"99999", 0},
		    {"0", 0},   {"022", 0},  {"", 0},          {"-1", 0},    {"+1", 0},
		    {"2 2", 0}, {"0x16", 0}, {"100000", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t port = 0;
		const bool good = address_port(rows[i].text, strlen(rows[i].text), &port);

		cr_expect(good == (rows[i].port != 0) && port == rows[i].port, "'%s'",
			  rows[i].text);
	}
}
