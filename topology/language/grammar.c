#include "topology/language/grammar.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/lexer.h"
#include "topology/language/name.h"
#include "topology/language/port_help.h"

#define INGRESS_HELP "write PORT, HOST:PORT, ADDRESS:PORT, auto, or the path of a socket"
#define EGRESS_HELP  "write HOST/SERVICE, HOST:PORT or socks@HOST"
#define TUNNEL_HELP  "write it as 7999 -> git-server/git"

/* PORT | "auto" | PATH, behind an optional host. */
static bool read_listener(const struct lexer *lexer, struct token token,
			  struct doc_ingress *ingress)
{
	const char *start = lexer_at(lexer, token);

	if (lexer_equal(lexer, token, "auto")) {
		ingress->values.any_port = true;
		return true;
	}
	if (token.length && (*start == '/' || *start == '~' || *start == '.')) {
		if (!name_socket(start, token.length, lexer->arena, lexer->fault)) {
			lexer->fault->offset += token.offset;
			return false;
		}
		ingress->values.path = lexer_word(lexer, token).text;
		return true;
	}
	return lexer_port(lexer, token, &ingress->values.port);
}

/* ADDR ":" PORT; *ret_found tells whether the token begins with an address at all. */
static bool read_bind(const struct lexer *lexer, struct token token, struct doc_ingress *ingress,
		      bool *ret_found)
{
	const size_t head = lexer_head(lexer, token);
	const struct token address = {token.offset, head};

	*ret_found = lexer_address(lexer, address, &ingress->values.bind);
	if (!*ret_found)
		return true;
	if (head == token.length)
		return lexer_fault(lexer, token, CODE_INGRESS_FORM, INGRESS_HELP,
				   "a port is missing behind the address");
	return lexer_port(lexer, token_behind(token, head + 1), &ingress->values.port);
}

/* What is left when a word holds no host, no address and no port. */
static bool refuse_ingress(const struct lexer *lexer, struct token token)
{
	const char *start = lexer_at(lexer, token);

	if (*start == '*')
		return lexer_fault(lexer, token, CODE_INGRESS_FORM,
				   "to listen on every address, write 0.0.0.0:PORT; on every one "
				   "of IPv6, [::]:PORT",
				   "'*' is not an address");
	if (*start == '[')
		return lexer_fault(lexer, token, CODE_ADDRESS, "write [2001:db8::1]:8080",
				   "'%.*s' is not an IPv6 address in brackets", (int)token.length,
				   start);
	if (strspn(start, "0123456789") >= token.length ||
	    port_help_own(start, token.length, lexer->arena))
		return lexer_port(lexer, token, &(uint16_t){0});
	return lexer_fault(lexer, token, CODE_INGRESS_FORM, INGRESS_HELP,
			   "'%.*s' is not an ingress: it has no port", (int)token.length, start);
}

/* The rest of an ingress behind HOST ":". */
static bool read_behind_host(const struct lexer *lexer, struct token token,
			     struct doc_ingress *ingress)
{
	bool found;

	if (!read_bind(lexer, token, ingress, &found))
		return false;
	if (!found)
		return read_listener(lexer, token, ingress);
	if (ingress->vlan.text)
		return lexer_fault(lexer, token, CODE_INGRESS_FORM,
				   "write HOST@VLAN:PORT or HOST:ADDRESS:PORT",
				   "the VLAN and the address both say where to listen");
	return true;
}

static bool read_ingress(const struct lexer *lexer, struct token token,
			 struct doc_ingress *ret_ingress)
{
	struct doc_ingress ingress = {.values = {.at = lexer_place(lexer, token)}};
	const char *start = lexer_at(lexer, token);
	const size_t head = lexer_head(lexer, token);
	bool found, good;

	if (memchr(start, ' ', token.length))
		return lexer_fault(lexer, token, CODE_INGRESS_FORM, INGRESS_HELP,
				   "an ingress is one word without spaces");
	if (!read_bind(lexer, token, &ingress, &found) ||
	    (!found && lexer_unbracketed(lexer, token)))
		return false;
	if (found)
		good = true;
	else if (*start == '/' || *start == '~' || lexer_equal(lexer, token, "auto") ||
		 address_port(start, token.length, &ingress.values.port))
		good = read_listener(lexer, token, &ingress);
	else if (head == token.length || *start == '*' || *start == '[')
		good = refuse_ingress(lexer, token);
	else
		good = lexer_host(lexer, (struct token){token.offset, head}, &ingress.host,
				  &ingress.vlan) &&
		       read_behind_host(lexer, token_behind(token, head + 1), &ingress);
	if (good)
		*ret_ingress = ingress;
	return good;
}

static bool read_socks(const struct lexer *lexer, struct token token, struct doc_egress *egress)
{
	const size_t prefix = strlen("socks@");
	const struct token host = token_behind(token, prefix);

	egress->values.kind = EGRESS_SOCKS;
	if (host.length == 0 || memchr(lexer_at(lexer, host), '@', host.length) ||
	    memchr(lexer_at(lexer, host), ':', host.length))
		return lexer_fault(lexer, token, CODE_EGRESS_FORM, "write socks@HOST",
				   "behind 'socks@' stands the host where the traffic leaves, and "
				   "no more");
	return lexer_host(lexer, host, &egress->host, &egress->vlan);
}

/* Behind HOST ":" stands what may be a service, "db", or the rest of a URL, "//db:80". */
static bool refuse_target(const struct lexer *lexer, struct token host, struct token target)
{
	const char *start = lexer_at(lexer, target);

	if (target.length > 2 && start[0] == '/' && start[1] == '/')
		return lexer_fault(lexer, host, CODE_EGRESS_FORM, EGRESS_HELP ", without '//'",
				   "an egress is no URL");
	if (!lexer_name(lexer, target, &(struct word){0}) || (*start >= '0' && *start <= '9'))
		return lexer_port(lexer, target, &(uint16_t){0});
	return lexer_fault(
		lexer, target, CODE_PORT,
		arena_format(lexer->arena,
			     "a port is a number, and a service stands behind '/': %.*s/%.*s",
			     (int)host.length, lexer_at(lexer, host), (int)target.length, start),
		"'%.*s' is not a port", (int)target.length, start);
}

/* HOST ":" (PORT | PATH), or ADDR ":" PORT. */
static bool read_target(const struct lexer *lexer, struct token token, size_t head,
			struct doc_egress *egress)
{
	const struct token host = {token.offset, head};
	const struct token target = token_behind(token, head + 1);
	const char *start = lexer_at(lexer, target);

	if (lexer_address(lexer, host, &egress->values.address)) {
		egress->values.kind = EGRESS_ADDRESS;
		return lexer_port(lexer, target, &egress->values.port);
	}
	if (!lexer_host(lexer, host, &egress->host, &egress->vlan))
		return false;
	egress->values.kind = EGRESS_PORT;
	if (address_port(start, target.length, &egress->values.port))
		return true;
	if (target.length == 0 || *start != '/' || (target.length > 1 && start[1] == '/'))
		return refuse_target(lexer, host, target);
	egress->values.kind = EGRESS_PATH;
	egress->values.path = lexer_word(lexer, target).text;
	if (name_socket(egress->values.path, target.length, lexer->arena, lexer->fault))
		return true;
	lexer->fault->offset += target.offset;
	return false;
}

static bool read_service(const struct lexer *lexer, struct token token, size_t slash,
			 struct doc_egress *egress)
{
	egress->values.kind = EGRESS_SERVICE;
	return lexer_host(lexer, (struct token){token.offset, slash}, &egress->host,
			  &egress->vlan) &&
	       lexer_name(lexer, token_behind(token, slash + 1), &egress->service);
}

/* What is left when a word has neither "/" nor ":" where an egress has them. */
static bool refuse_egress(const struct lexer *lexer, struct token token)
{
	const char *start = lexer_at(lexer, token);

	if (*start == '/')
		return lexer_fault(lexer, token, CODE_EGRESS_FORM, "write HOST:/path/of/the/socket",
				   "the socket's host is missing");
	if (address_port(start, token.length, &(uint16_t){0}))
		return lexer_fault(lexer, token, CODE_EGRESS_FORM,
				   "write HOST:PORT; the ingress stands before '->'",
				   "a port alone does not say on which host");
	if (lexer_equal(lexer, token, "socks"))
		return lexer_fault(lexer, token, CODE_EGRESS_FORM, "write socks@HOST",
				   "'socks' does not say at which host the traffic leaves");
	return lexer_fault(lexer, token, CODE_EGRESS_FORM, EGRESS_HELP,
			   "'%.*s' names no service and no port", (int)token.length, start);
}

static bool read_egress(const struct lexer *lexer, struct token token,
			struct doc_egress *ret_egress)
{
	struct doc_egress egress = {.values = {.at = lexer_place(lexer, token)}};
	const char *start = lexer_at(lexer, token);
	const size_t head = lexer_head(lexer, token);
	size_t slash = token.length;
	bool good;

	if (memchr(start, ' ', token.length))
		return lexer_fault(lexer, token, CODE_EGRESS_FORM, EGRESS_HELP,
				   "an egress is one word without spaces");
	if (lexer_unbracketed(lexer, token))
		return false;
	lexer_find(lexer, token, '/', &slash);
	if (token.length > 6 && memcmp(start, "socks@", 6) == 0)
		good = read_socks(lexer, token, &egress);
	else if (head < token.length && head < slash)
		good = read_target(lexer, token, head, &egress);
	else if (slash > 0 && slash < token.length)
		good = read_service(lexer, token, slash, &egress);
	else
		good = refuse_egress(lexer, token);
	if (good)
		*ret_egress = egress;
	return good;
}

/* HOST {HOST} behind "via". */
static bool read_via(const struct lexer *lexer, struct token rest, struct token via,
		     struct word_list *hosts)
{
	struct token word;

	while (lexer_next(lexer, &rest, ",", &word)) {
		struct word vlan = {0};
		struct word *host = ARENA_PUSH(lexer->arena, hosts->items, hosts->count);

		if (!lexer_host(lexer, word, host, &vlan)) {
			/* A range has a help of its own. */
			if (!memchr(lexer_at(lexer, word), '[', word.length))
				lexer->fault->help = "name a host or a set of the file";
			return false;
		}
		if (vlan.text)
			return lexer_fault(lexer, word, CODE_TUNNEL_FORM,
					   "write the host's name alone",
					   "'via' takes hosts, without a VLAN");
	}
	if (hosts->count)
		return true;
	return lexer_fault(lexer, via, CODE_TUNNEL_FORM, "write via HOST, or drop it",
			   "no host stands behind 'via'");
}

/* egress ["via" HOST {HOST}] */
static bool read_right(const struct lexer *lexer, struct token right, struct doc_egress *egress,
		       struct word_list *via)
{
	struct token rest = right, first, next;

	lexer_next(lexer, &rest, "", &first);
	if (!read_egress(lexer, first, egress))
		return false;
	if (!lexer_next(lexer, &rest, "", &next))
		return true;
	if (lexer_equal(lexer, next, "via"))
		return read_via(lexer, rest, next, via);
	return lexer_fault(lexer, next, CODE_TUNNEL_FORM,
			   "only 'via HOST HOST' may stand behind the egress",
			   "'%.*s' is too much here", (int)next.length, lexer_at(lexer, next));
}

bool grammar_ingress(const struct yaml_node *scalar, const char *text, struct arena *arena,
		     struct doc_ingress *ret_ingress, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, scalar};
	const struct token all = {0, strlen(text)};

	if (all.length == 0)
		return lexer_fault(&lexer, all, CODE_INGRESS_FORM, INGRESS_HELP,
				   "the ingress is empty");
	return lexer_size(&lexer) && read_ingress(&lexer, all, ret_ingress);
}

bool grammar_egress(const struct yaml_node *scalar, const char *text, struct arena *arena,
		    struct doc_egress *ret_egress, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, scalar};
	const struct token all = {0, strlen(text)};

	if (all.length == 0)
		return lexer_fault(&lexer, all, CODE_EGRESS_FORM, EGRESS_HELP,
				   "the egress is empty");
	return lexer_size(&lexer) && read_egress(&lexer, all, ret_egress);
}

bool grammar_tunnel(const struct yaml_node *scalar, const char *text, struct arena *arena,
		    struct doc_forward *ret_forward, struct word_list *ret_via,
		    struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, scalar};
	struct doc_forward forward = {0};
	struct word_list via = {0};
	struct token left, right;

	if (!lexer_arrow(&lexer, CODE_TUNNEL_FORM, TUNNEL_HELP, &left, &right) ||
	    !read_ingress(&lexer, left, &forward.ingress) ||
	    !read_right(&lexer, right, &forward.egress, &via))
		return false;
	*ret_forward = forward;
	*ret_via = via;
	return true;
}
