#include "topology/language/name.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "topology/base/utf8.h"
#include "topology/diag/codes.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter_or_digit(char byte)
{
	const char lower = (char)(byte | 0x20);

	return (lower >= 'a' && lower <= 'z') || is_digit(byte);
}

static bool is_one_of(char byte, const char *bytes)
{
	return byte && strchr(bytes, byte);
}

/* Finds the first character that is no letter, no digit and none of others. */
static bool find_other(const char *text, size_t length, const char *others, size_t *ret_offset)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_letter_or_digit(text[i]) && !is_one_of(text[i], others)) {
			*ret_offset = i;
			return true;
		}
	}
	return false;
}

/* A text of letters, digits and some other characters. */
struct alphabet {
	const char *what;   /* "a name" */
	const char *others; /* the other characters */
	const char *help;   /* which characters it may have */
};

static const struct alphabet name_alphabet = {"a name", "._-",
					      "a name has letters, digits, '.', '_' and '-'"};
static const struct alphabet socket_alphabet = {
	"a socket's path", "._/+=@~-", "it has letters, digits and any of . _ / + = @ ~ -"};
static const struct alphabet user_alphabet = {"a user", "._@+-",
					      "it has letters, digits and any of . _ @ + -"};
static const struct alphabet identity_alphabet = {
	"the path of a key", "._/@+=~-", "it has letters, digits and any of . _ / @ + = ~ -"};

static const struct alphabet option_alphabet = {
	"an option's value", " ._:/@+=*!?,^~-",
	"it has letters, digits, spaces and any of . _ : / @ + = * ! ? , ^ ~ -"};

/* What to do about the first character of a name that no name has. */
static void help_name(const char *text, struct fault *fault)
{
	static const struct {
		const char *begins; /* what the rest of the text begins with one byte of */
		const char *help;
	} rows[] = {
		{" ,", "several names are a list: [one, another]"},
		{"[]",
		 "a name stands for one thing: write each by itself, as node1, node2, node3; a "
		 "range, node[1-3], stands under 'hosts' and in a set"},
		{"{}*?",
		 "a name stands for one thing: write each by itself, as node1, node2, node3"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_one_of(text[fault->offset], rows[i].begins))
			fault->help = rows[i].help;
	}
	/* In a value it would have been expanded. */
	if (strncmp(text + fault->offset, "${", 2) == 0)
		fault->help = "a variable stands in values, and this is a key";
	if (text[fault->offset] == '/' && strspn(text, "0123456789.") == fault->offset)
		fault->help = "a range of addresses has a name, under 'vlans': {VLAN: 10.0.0.0/8}";
}

static bool only(const char *text, size_t length, const struct alphabet *alphabet,
		 struct arena *arena, struct fault *fault)
{
	uint32_t point;

	if (!find_other(text, length, alphabet->others, &fault->offset))
		return true;
	fault->length = utf8_decode(text + fault->offset, length - fault->offset, &point);
	fault->help = alphabet->help;
	if (alphabet == &name_alphabet)
		help_name(text, fault);
	if (text[fault->offset] == ' ')
		return fault_set(fault, arena, CODE_NAME, "%s cannot hold a space", alphabet->what);
	return fault_set(fault, arena, CODE_NAME, "%s cannot hold '%.*s'", alphabet->what,
			 (int)fault->length, text + fault->offset);
}

bool name_form(const char *text, size_t length, struct arena *arena, struct fault *ret_fault)
{
	*ret_fault = (struct fault){.length = length};
	if (length == 0)
		return fault_set(ret_fault, arena, CODE_NAME, "a name is missing");
	if (text[0] == '-') {
		ret_fault->length = 1;
		ret_fault->help = "in a list, a space stands between dash and name: - NAME";
		return fault_set(ret_fault, arena, CODE_NAME, "a name cannot begin with '-'");
	}
	if (!only(text, length, &name_alphabet, arena, ret_fault))
		return false;
	if (length > NAME_LENGTH_MAX)
		return fault_set(ret_fault, arena, CODE_NAME, "a name has at most %d characters",
				 NAME_LENGTH_MAX);
	if (is_letter_or_digit(text[0]) && is_letter_or_digit(text[length - 1]))
		return true;
	if (length > 1 && text[length - 1] == '.')
		ret_fault->help = arena_format(arena, "drop the dot at the end: %.*s",
					       (int)(length - 1), text);
	return fault_set(ret_fault, arena, CODE_NAME,
			 "the name '%.*s' must begin and end with a letter or a digit", (int)length,
			 text);
}

bool name_is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (**words == *text && strcmp(text, *words) == 0)
			return true;
	}
	return false;
}

/* Decimal digits, or "0x" and hexadecimal ones. */
static bool is_number(const char *text, size_t length)
{
	const bool hex = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	for (size_t i = hex ? 2 : 0; i < length; i++) {
		const char lower = (char)(text[i] | 0x20);

		if (!is_digit(text[i]) && !(hex && lower >= 'a' && lower <= 'f'))
			return false;
	}
	return true;
}

bool name_numeric(const char *text, size_t length)
{
	while (length) {
		const char *dot = memchr(text, '.', length);
		const size_t part = dot ? (size_t)(dot - text) : length;
		const size_t used = dot ? part + 1 : part;

		if (!is_number(text, part))
			return false;
		text += used;
		length -= used;
	}
	return true;
}

bool name_reserved(const char *text)
{
	static const char *const words[] = {"any",  "me",        "auto", "socks",
					    "none", "localhost", NULL};

	/* Resolvers take a name in any case. */
	return name_is_one_of(text, words) || strcasecmp(text, "localhost") == 0;
}

static bool only_of(const char *text, const char *bytes)
{
	return *text && text[strspn(text, bytes)] == '\0';
}

/* 685230, 0x0A, 0b10, 012: names cannot begin with a sign. */
static bool is_integer(const char *text)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return only_of(text + 2, "0123456789abcdefABCDEF_");
	if (text[0] == '0' && text[1] == 'b')
		return only_of(text + 2, "01_");
	return only_of(text, "0123456789_");
}

/* 1.5, 6.8523e+5 and also 1e3, which only some readers take for a number. */
static bool is_float(const char *text)
{
	const char *at = text + strspn(text, "0123456789_");

	if (at == text)
		return false;
	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789_");
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' ? 1 : 0;
		if (!only_of(at, "0123456789"))
			return false;
		return true;
	}
	return *at == '\0';
}

/* 2001-12-14, one or two digits for month and day. */
static bool is_date(const char *text)
{
	const char *at = text;
	static const struct {
		size_t least, most;
	} parts[] = {{4, 4}, {1, 2}, {1, 2}};

	for (size_t i = 0; i < 3; i++) {
		const size_t digits = strspn(at, "0123456789");

		if (digits < parts[i].least || digits > parts[i].most)
			return false;
		at += digits;
		if (*at != (i < 2 ? '-' : '\0'))
			return false;
		at++;
	}
	return true;
}

static bool is_boolean(const char *text)
{
	static const char *const words[] = {"y",    "Y",     "yes",   "Yes",   "YES",  "n",
					    "N",    "no",    "No",    "NO",    "true", "True",
					    "TRUE", "false", "False", "FALSE", "on",   "On",
					    "ON",   "off",   "Off",   "OFF",   NULL};

	return name_is_one_of(text, words);
}

static bool is_null(const char *text)
{
	static const char *const words[] = {"null", "Null", "NULL", NULL};

	return name_is_one_of(text, words);
}

/* What a YAML 1.1 reader takes a plain word for, in the order in which it would be asked. */
static const struct {
	bool (*matches)(const char *text);
	const char *what;
	bool number; /* begins with a digit, and a letter before it makes it a name; else a digit
			behind it does */
	size_t length_max;
} types[] = {
	{is_integer, "a number", true, NAME_LENGTH_MAX},
	{is_float, "a number", true, NAME_LENGTH_MAX},
	{is_date, "a date", true, sizeof("2001-12-14") - 1},
	{is_boolean, "a boolean", false, sizeof("false") - 1},
	{is_null, "null", false, sizeof("null") - 1},
};

static bool refuse_numeric(const char *text, struct arena *arena, struct fault *fault)
{
	struct in_addr address;

	/* No name has colons, so that it can only be an address of IPv4. */
	if (inet_pton(AF_INET, text, &address) == 1) {
		fault->help = "give it a name, and write the address behind a VLAN: "
			      "{vlans: {VLAN: ADDRESS}}";
		return fault_set(fault, arena, CODE_NAME, "the address '%s' cannot be a name",
				 text);
	}
	fault->help = arena_format(arena, "choose another, such as 'n%s'", text);
	return fault_set(fault, arena, CODE_NAME,
			 "'%s' cannot be a name: it has only numbers, as an address has", text);
}

bool name_check(const char *text, size_t length, struct arena *arena, struct fault *ret_fault)
{
	if (!name_form(text, length, arena, ret_fault))
		return false;
	if (name_reserved(text)) {
		ret_fault->help = "choose another name";
		return fault_set(ret_fault, arena, CODE_NAME_RESERVED,
				 "'%s' has a meaning of its own and cannot be a name", text);
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].number != is_digit(*text) || length > types[i].length_max ||
		    !types[i].matches(text))
			continue;
		ret_fault->help =
			arena_format(arena, "choose another, such as '%s%s%s'",
				     types[i].number ? "n" : "", text, types[i].number ? "" : "1");
		return fault_set(ret_fault, arena, CODE_NAME_TYPED,
				 "'%s' cannot be a name: YAML readers take it for %s", text,
				 types[i].what);
	}
	return !name_numeric(text, length) || refuse_numeric(text, arena, ret_fault);
}

bool name_socket(const char *text, size_t length, struct arena *arena, struct fault *ret_fault)
{
	*ret_fault = (struct fault){.length = length};
	if (length < 2 || text[0] != '/') {
		ret_fault->help = "write the whole path, beginning with '/'";
		return fault_set(ret_fault, arena, CODE_SOCKET_PATH,
				 "'%.*s' is not the absolute path of a socket", (int)length, text);
	}
	if (length > NAME_SOCKET_MAX) {
		ret_fault->help = "use a shorter directory";
		return fault_set(ret_fault, arena, CODE_SOCKET_PATH,
				 "a socket's path has at most %d bytes, and this has %zu",
				 NAME_SOCKET_MAX, length);
	}
	if (only(text, length, &socket_alphabet, arena, ret_fault))
		return true;
	ret_fault->code = CODE_SOCKET_PATH;
	return false;
}

/* A word of a login: not empty, does not begin with '-', and has only the characters given. */
static bool login_word(const char *text, const struct alphabet *alphabet, struct arena *arena,
		       struct fault *fault)
{
	*fault = (struct fault){.length = strlen(text)};
	if (text[0] == '\0' || text[0] == '-')
		return fault_set(fault, arena, CODE_LOGIN, "%s cannot %s", alphabet->what,
				 text[0] ? "begin with '-'" : "be empty");
	if (only(text, fault->length, alphabet, arena, fault))
		return true;
	fault->code = CODE_LOGIN;
	return false;
}

bool name_user(const char *text, struct arena *arena, struct fault *ret_fault)
{
	return login_word(text, &user_alphabet, arena, ret_fault);
}

bool name_whole_path(const char *text)
{
	return text[0] == '/' || text[0] == '~';
}

bool name_identity(const char *text, struct arena *arena, struct fault *ret_fault)
{
	if (!login_word(text, &identity_alphabet, arena, ret_fault))
		return false;
	if (name_whole_path(text))
		return true;
	ret_fault->help = NAME_WHOLE_PATH_HELP;
	return fault_set(ret_fault, arena, CODE_LOGIN, "'%s' is not the whole path of a key", text);
}

bool name_option(const char *text, struct arena *arena, struct fault *ret_fault)
{
	*ret_fault = (struct fault){.length = strlen(text)};
	return only(text, ret_fault->length, &option_alphabet, arena, ret_fault);
}

bool name_remark(const char *text, size_t length, size_t length_max, struct arena *arena,
		 struct fault *ret_fault)
{
	*ret_fault = (struct fault){.length = length};
	if (length > length_max)
		return fault_set(ret_fault, arena, CODE_REMARK,
				 "this is too long: at most %zu bytes, and it has %zu", length_max,
				 length);
	for (size_t i = 0; i < length; i += ret_fault->length) {
		uint32_t point;

		ret_fault->offset = i;
		ret_fault->length = utf8_decode(text + i, length - i, &point);
		ret_fault->help = "write it on one line, in printable characters";
		if (utf8_line_break(point))
			return fault_set(ret_fault, arena, CODE_REMARK,
					 "a line break stands in it");
		if (!utf8_printable(point))
			return fault_set(ret_fault, arena, CODE_REMARK,
					 "a character stands in it that cannot be shown (U+%04X)",
					 point);
	}
	return true;
}
