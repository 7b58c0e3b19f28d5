#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/lexer.h"
#include "topology/language/name.h"

#define AT_HELP "write it as \"198.51.100.7:2022\", \"[2001:db8::1]:22\" or \"localhost:2201\""

/* A numeric address, or a name that is looked up by whoever dials. */
static bool read_where(const struct lexer *lexer, struct token token, struct address *ret_address)
{
	struct word name;

	if (lexer_address(lexer, token, ret_address))
		return true;
	if (*lexer_at(lexer, token) == '[')
		return lexer_fault(lexer, token, CODE_ADDRESS, AT_HELP,
				   "'%.*s' is not an IPv6 address in brackets", (int)token.length,
				   lexer_at(lexer, token));
	if (name_numeric(lexer_at(lexer, token), token.length))
		return lexer_fault(lexer, token, CODE_ADDRESS, AT_HELP, "'%.*s' is not an address",
				   (int)token.length, lexer_at(lexer, token));
	if (!lexer_name(lexer, token, &name))
		return false;
	*ret_address = (struct address){.family = ADDRESS_NAME, .text = name.text};
	return true;
}

bool grammar_at(const char *text, struct arena *arena, struct address *ret_address,
		uint16_t *ret_port, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, NULL};
	const struct token all = {0, strlen(text)};
	const size_t head = lexer_head(&lexer, all);
	struct address address;

	if (!lexer_size(&lexer))
		return false;
	if (lexer_unbracketed(&lexer, all))
		return false;
	if (head == 0 || head == all.length)
		return lexer_fault(&lexer, all, CODE_AT_FORM, AT_HELP,
				   "'%s' is not an address and a port", text);
	if (!read_where(&lexer, (struct token){0, head}, &address) ||
	    !lexer_port(&lexer, token_behind(all, head + 1), ret_port))
		return false;
	*ret_address = address;
	return true;
}

/* --- PermitOpen and PermitListen */

#define OPEN_HELP   "write it as sshd_config has it: HOST:PORT, \"[2001:db8::1]:22\" or \"*:443\""
#define LISTEN_HELP "write it as sshd_config has it: PORT or HOST:PORT"

/* PORT or "*". */
static bool read_permit_port(const struct lexer *lexer, struct token token, uint16_t *ret_port)
{
	*ret_port = 0;
	return lexer_equal(lexer, token, "*") || lexer_port(lexer, token, ret_port);
}

/* Whether a token has only what host names and their patterns have. */
static bool is_pattern(const struct lexer *lexer, struct token token, bool patterns)
{
	const char *others = patterns ? "._-*?" : "._-";

	for (size_t i = 0; i < token.length; i++) {
		const char byte = lexer_at(lexer, token)[i];

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9') && !strchr(others, byte))
			return false;
	}
	return token.length > 0 && *lexer_at(lexer, token) != '-';
}

static bool read_permit_host(const struct lexer *lexer, struct token token, bool listen,
			     struct sshd_permit *permit)
{
	struct address address;

	if (lexer_address(lexer, token, &address)) {
		permit->host = address.text;
		return true;
	}
	if (!lexer_equal(lexer, token, "*") && !is_pattern(lexer, token, listen))
		return lexer_fault(lexer, token, CODE_PERMIT_FORM, listen ? LISTEN_HELP : OPEN_HELP,
				   "'%.*s' is neither a host nor an address", (int)token.length,
				   lexer_at(lexer, token));
	permit->host = lexer_word(lexer, token).text;
	return true;
}

bool grammar_permit(const char *text, bool listen, struct arena *arena,
		    struct sshd_permit *ret_permit, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, NULL};
	const struct token all = {0, strlen(text)};
	const size_t head = lexer_head(&lexer, all);
	struct sshd_permit permit = {.text = text};
	struct token port = all;

	if (!lexer_size(&lexer) || lexer_unbracketed(&lexer, all))
		return false;
	if (head == all.length && !listen)
		return lexer_fault(&lexer, all, CODE_PERMIT_FORM, OPEN_HELP,
				   "'%s' is not a host and a port", text);
	if (head < all.length) {
		if (!read_permit_host(&lexer, (struct token){0, head}, listen, &permit))
			return false;
		port = token_behind(all, head + 1);
	}
	if (!read_permit_port(&lexer, port, &permit.port))
		return false;
	*ret_permit = permit;
	return true;
}
