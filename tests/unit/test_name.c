#include "topology/language/name.h"

#include "tests/unit/expect_text.h"
#include "topology/diag/codes.h"

/* A text and the code with which it is refused, "" when it is taken. */
struct row {
	const char *text;
	const char *code;
};

typedef bool check(const char *text, struct arena *arena, struct fault *ret_fault);

static void expect_codes(check *checked, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena = {0};
		struct fault fault = {0};
		const bool good = checked(rows[i].text, &arena, &fault);

		cr_log_info("'%s'", rows[i].text);
		expect_text(good ? "" : fault.code, rows[i].code);
		cr_expect(good || fault.message != NULL);
		cr_expect(good || fault.offset + fault.length <= strlen(rows[i].text));
		arena_finish(&arena);
	}
}

static bool new_name(const char *text, struct arena *arena, struct fault *ret_fault)
{
	return name_check(text, strlen(text), arena, ret_fault);
}

#define EXPECT(check, ...)                                                    \
	do {                                                                  \
		static const struct row rows_[] = {__VA_ARGS__};              \
                                                                              \
		expect_codes(check, rows_, sizeof(rows_) / sizeof(rows_[0])); \
	} while (0)

Test(name, is_held_to_its_characters)
{
	EXPECT(new_name, {"a", ""}, {"web-server", ""}, {"Web.example_1.org", ""}, {"0a", ""},
	       {"", "T020"}, {"-a", "T020"}, {"a-", "T020"}, {".a", "T020"}, {"a b", "T020"},
	       {"a/b", "T020"}, {"a@b", "T020"}, {"a:b", "T020"}, {"a$b", "T020"}, {"a%b", "T020"},
	       {"\xc3\xa9", "T020"}, {"a\n", "T020"}, {"-oProxyCommand", "T020"});
}

Test(name, is_none_of_the_reserved_words)
{
	EXPECT(new_name, {"any", "T022"}, {"me", "T022"}, {"auto", "T022"}, {"socks", "T022"},
	       {"none", "T022"}, {"localhost", "T022"}, {"LocalHost", "T022"}, {"Any", ""},
	       {"anyone", ""}, {"me2", ""});
}

Test(name, is_nothing_that_yaml_takes_for_another_type)
{
	EXPECT(new_name, {"1234", "T023"}, {"007", "T023"}, {"0x1F", "T023"}, {"0b101", "T023"},
	       {"1_000", "T023"}, {"1e3", "T023"}, {"1.5", "T023"}, {"1.5e-3", "T023"},
	       {"2024-01-31", "T023"}, {"2024-1-3", "T023"}, {"no", "T023"}, {"Yes", "T023"},
	       {"ON", "T023"}, {"y", "T023"}, {"false", "T023"}, {"null", "T023"}, {"NULL", "T023"},
	       {"1e", ""}, {"e3", ""}, {"0xg", ""}, {"2024-01", ""}, {"2024-01-31-a", ""},
	       {"nope", ""}, {"1a2", ""}, {"0b2", ""});
}

Test(name, is_no_address)
{
	EXPECT(new_name, {"10.0.0.1", "T020"}, {"10.0.0.1.a", ""}, {"10.1.5", "T020"},
	       {"1.0.0", "T020"}, {"1.2.3.4.5", "T020"}, {"0x7f.1", "T020"}, {"127.0X1", "T020"},
	       {"010.1.1.1", "T020"}, {"10..5", "T020"}, {"0x7g.1", ""}, {"7f.1", ""}, {"0x.1", ""},
	       {"1.2.3a", ""}, {"v1.0.0", ""});
}

Test(name, is_numeric_as_resolvers_see_it)
{
	static const struct {
		const char *text;
		bool numeric;
	} rows[] = {
		{"1", true},       {"10.1.5", true}, {"0x7f.1", true}, {"0x7f000001", true},
		{"1.2.3.4", true}, {"1.", true},     {"a", false},     {"10.a", false},
		{"0x", false},     {"1-2", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(name_numeric(rows[i].text, strlen(rows[i].text)) == rows[i].numeric, "%s",
			  rows[i].text);
}

Test(name, has_an_end)
{
	char longest[NAME_LENGTH_MAX + 2];
	struct arena arena = {0};
	struct fault fault;

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_expect(!new_name(longest, &arena, &fault));
	cr_expect(new_name(longest + 1, &arena, &fault));
	arena_finish(&arena);
}

Test(name, points_at_the_wrong_character)
{
	struct arena arena = {0};
	struct fault fault;

	cr_assert(!name_form("ab\xc3\xa9"
			     "c",
			     5, &arena, &fault));
	cr_expect(fault.offset == 2 && fault.length == 2);
	expect_text(fault.message, "a name cannot hold '\xc3\xa9'");
	arena_finish(&arena);
}

static bool socket_of(const char *text, struct arena *arena, struct fault *ret_fault)
{
	return name_socket(text, strlen(text), arena, ret_fault);
}

Test(name, of_a_socket_is_an_absolute_path)
{
	EXPECT(socket_of, {"/run/a.sock", ""}, {"/a", ""}, {"/run/user/1000/a@b+c=~d-e_f", ""},
	       {"", "T044"}, {"/", "T044"}, {"run/a", "T044"}, {"~/a", "T044"}, {"/run/%h", "T044"},
	       {"/run/a b", "T044"}, {"/run/$HOME", "T044"}, {"/a:b", "T044"});
}

/* Nothing of a login may be taken for an option, a command or a token of ssh. */
Test(name, of_a_login_is_held_to_its_characters)
{
	EXPECT(name_user, {"root", ""}, {"svc_1", ""}, {"a.b@example.org", ""}, {"", "T049"},
	       {"-l", "T049"}, {"a b", "T049"}, {"a;b", "T049"}, {"%r", "T049"}, {"$USER", "T049"});
	EXPECT(name_identity, {"~/.ssh/id_ed25519", ""}, {"/etc/keys/a", ""}, {"", "T049"},
	       {"-i", "T049"}, {"%d/id", "T049"}, {"${HOME}/id", "T049"}, {"a b", "T049"},
	       {"a\"b", "T049"}, {"~", ""}, {"~ops/id", ""}, {"keys/id", "T049"}, {"./id", "T049"},
	       {"id", "T049"}, {"../id", "T049"});
}
