#include "topology/language/notation.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/words.h"

#define INGRESS_HELP "write PORT, HOST:PORT, ADDRESS:PORT, auto, or the path of a socket"
#define EGRESS_HELP  "write HOST/SERVICE, HOST:PORT or socks@HOST"
#define TUNNEL_HELP  "write it as 7999 -> git-server/git"

/* PORT | "auto" | PATH, behind an optional host. */
static bool read_listener(const struct words *words, struct slice slice,
			  struct notation_ingress *ingress)
{
	const char *start = words_at(words, slice);

	if (words_equal(words, slice, "auto")) {
		ingress->any_port = true;
		return true;
	}
	if (slice.length && (*start == '/' || *start == '~' || *start == '.')) {
		if (!name_socket(start, slice.length, words->arena, words->fault)) {
			words->fault->offset += slice.offset;
			return false;
		}
		ingress->path = words_part(words, slice).text;
		return true;
	}
	return words_port(words, slice, &ingress->port);
}

/* ADDR ":" PORT; *ret_found tells whether the slice begins with an address at all. */
static bool read_bind(const struct words *words, struct slice slice,
		      struct notation_ingress *ingress, bool *ret_found)
{
	const size_t head = words_head(words, slice);
	const struct slice address = {slice.offset, head};

	*ret_found = words_address(words, address, &ingress->address);
	if (!*ret_found)
		return true;
	if (head == slice.length)
		return words_fault(words, slice, CODE_INGRESS_FORM, INGRESS_HELP,
				   "a port is missing behind the address");
	return words_port(words, slice_behind(slice, head + 1), &ingress->port);
}

/* What is left when a word holds no host, no address and no port. */
static bool refuse_ingress(const struct words *words, struct slice slice)
{
	const char *start = words_at(words, slice);

	if (*start == '*')
		return words_fault(words, slice, CODE_INGRESS_FORM,
				   "to listen on every address, write 0.0.0.0:PORT or [::]:PORT",
				   "'*' is not an address");
	if (*start == '[')
		return words_fault(words, slice, CODE_ADDRESS, "write [2001:db8::1]:8080",
				   "'%.*s' is not an IPv6 address in brackets", (int)slice.length,
				   start);
	if (strspn(start, "0123456789") >= slice.length)
		return words_port(words, slice, &(uint16_t){0});
	return words_fault(words, slice, CODE_INGRESS_FORM, INGRESS_HELP,
			   "'%.*s' is not an ingress: it has no port", (int)slice.length, start);
}

/* The rest of an ingress behind HOST ":". */
static bool read_behind_host(const struct words *words, struct slice slice,
			     struct notation_ingress *ingress)
{
	bool found;

	if (!read_bind(words, slice, ingress, &found))
		return false;
	if (!found)
		return read_listener(words, slice, ingress);
	if (ingress->vlan.text)
		return words_fault(words, slice, CODE_INGRESS_FORM,
				   "write HOST@VLAN:PORT or HOST:ADDRESS:PORT",
				   "the VLAN and the address both say where to listen");
	return true;
}

static bool read_ingress(const struct words *words, struct slice slice,
			 struct notation_ingress *ret_ingress)
{
	struct notation_ingress ingress = {.whole = words_part(words, slice)};
	const char *start = words_at(words, slice);
	const size_t head = words_head(words, slice);
	bool found, good;

	if (memchr(start, ' ', slice.length))
		return words_fault(words, slice, CODE_INGRESS_FORM, INGRESS_HELP,
				   "an ingress is one word without spaces");
	if (!read_bind(words, slice, &ingress, &found) ||
	    (!found && words_unbracketed(words, slice)))
		return false;
	if (found)
		good = true;
	else if (*start == '/' || *start == '~' || words_equal(words, slice, "auto") ||
		 address_port(start, slice.length, &ingress.port))
		good = read_listener(words, slice, &ingress);
	else if (head == slice.length || *start == '*' || *start == '[')
		good = refuse_ingress(words, slice);
	else
		good = words_host(words, (struct slice){slice.offset, head}, &ingress.host,
				  &ingress.vlan) &&
		       read_behind_host(words, slice_behind(slice, head + 1), &ingress);
	if (good)
		*ret_ingress = ingress;
	return good;
}

static bool read_socks(const struct words *words, struct slice slice,
		       struct notation_egress *egress)
{
	const size_t prefix = strlen("socks@");
	const struct slice host = slice_behind(slice, prefix);

	egress->kind = EGRESS_SOCKS;
	if (host.length == 0 || memchr(words_at(words, host), '@', host.length) ||
	    memchr(words_at(words, host), ':', host.length))
		return words_fault(words, slice, CODE_EGRESS_FORM, "write socks@HOST",
				   "behind 'socks@' stands the host where the traffic leaves, and "
				   "no more");
	return words_host(words, host, &egress->host, &egress->vlan);
}

/* HOST ":" (PORT | PATH), or ADDR ":" PORT. */
static bool read_target(const struct words *words, struct slice slice, size_t head,
			struct notation_egress *egress)
{
	const struct slice host = {slice.offset, head};
	const struct slice target = slice_behind(slice, head + 1);

	if (words_address(words, host, &egress->address)) {
		egress->kind = EGRESS_ADDRESS;
		return words_port(words, target, &egress->port);
	}
	if (!words_host(words, host, &egress->host, &egress->vlan))
		return false;
	egress->kind = EGRESS_PORT;
	if (target.length == 0 || *words_at(words, target) != '/')
		return words_port(words, target, &egress->port);
	egress->kind = EGRESS_PATH;
	egress->path = words_part(words, target).text;
	if (name_socket(egress->path, target.length, words->arena, words->fault))
		return true;
	words->fault->offset += target.offset;
	return false;
}

static bool read_service(const struct words *words, struct slice slice, size_t slash,
			 struct notation_egress *egress)
{
	egress->kind = EGRESS_SERVICE;
	return words_host(words, (struct slice){slice.offset, slash}, &egress->host,
			  &egress->vlan) &&
	       words_name(words, slice_behind(slice, slash + 1), &egress->service);
}

/* What is left when a word has neither "/" nor ":" where an egress has them. */
static bool refuse_egress(const struct words *words, struct slice slice)
{
	const char *start = words_at(words, slice);

	if (*start == '/')
		return words_fault(words, slice, CODE_EGRESS_FORM, "write HOST:/path/of/the/socket",
				   "the socket's host is missing");
	if (address_port(start, slice.length, &(uint16_t){0}))
		return words_fault(words, slice, CODE_EGRESS_FORM,
				   "write HOST:PORT; the ingress stands before '->'",
				   "a port alone does not say on which host");
	if (words_equal(words, slice, "socks"))
		return words_fault(words, slice, CODE_EGRESS_FORM, "write socks@HOST",
				   "'socks' does not say at which host the traffic leaves");
	return words_fault(words, slice, CODE_EGRESS_FORM, EGRESS_HELP,
			   "'%.*s' names no service and no port", (int)slice.length, start);
}

static bool read_egress(const struct words *words, struct slice slice,
			struct notation_egress *ret_egress)
{
	struct notation_egress egress = {.whole = words_part(words, slice)};
	const char *start = words_at(words, slice);
	const size_t head = words_head(words, slice);
	size_t slash = slice.length;
	bool good;

	if (memchr(start, ' ', slice.length))
		return words_fault(words, slice, CODE_EGRESS_FORM, EGRESS_HELP,
				   "an egress is one word without spaces");
	if (words_unbracketed(words, slice))
		return false;
	words_find(words, slice, '/', &slash);
	if (slice.length > 6 && memcmp(start, "socks@", 6) == 0)
		good = read_socks(words, slice, &egress);
	else if (head < slice.length && head < slash)
		good = read_target(words, slice, head, &egress);
	else if (slash > 0 && slash < slice.length)
		good = read_service(words, slice, slash, &egress);
	else
		good = refuse_egress(words, slice);
	if (good)
		*ret_egress = egress;
	return good;
}

/* HOST {HOST} behind "via". */
static bool read_via(const struct words *words, struct slice rest, struct slice via,
		     struct notation_tunnel *tunnel)
{
	struct slice word;

	while (words_next(words, &rest, ",", &word)) {
		struct part vlan = {0};
		struct part *host =
			arena_push(words->arena, &tunnel->via, &tunnel->via_count, sizeof(*host));

		if (!words_host(words, word, host, &vlan))
			return false;
		if (vlan.text)
			return words_fault(words, word, CODE_TUNNEL_FORM,
					   "write the host's name alone",
					   "'via' takes hosts, without a VLAN");
	}
	if (tunnel->via_count)
		return true;
	return words_fault(words, via, CODE_TUNNEL_FORM, "write via HOST, or drop it",
			   "no host stands behind 'via'");
}

/* egress ["via" HOST {HOST}] */
static bool read_right(const struct words *words, struct slice right,
		       struct notation_tunnel *tunnel)
{
	struct slice rest = right, egress, next;

	words_next(words, &rest, "", &egress);
	if (!read_egress(words, egress, &tunnel->egress))
		return false;
	if (!words_next(words, &rest, "", &next))
		return true;
	if (words_equal(words, next, "via"))
		return read_via(words, rest, next, tunnel);
	return words_fault(words, next, CODE_TUNNEL_FORM,
			   "only 'via HOST HOST' may stand behind the egress",
			   "'%.*s' is too much here", (int)next.length, words_at(words, next));
}

bool notation_ingress(const char *text, struct arena *arena, struct notation_ingress *ret_ingress,
		      struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	const struct slice all = {0, strlen(text)};

	if (all.length == 0)
		return words_fault(&words, all, CODE_INGRESS_FORM, INGRESS_HELP,
				   "the ingress is empty");
	return words_size(&words) && read_ingress(&words, all, ret_ingress);
}

bool notation_egress(const char *text, struct arena *arena, struct notation_egress *ret_egress,
		     struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	const struct slice all = {0, strlen(text)};

	if (all.length == 0)
		return words_fault(&words, all, CODE_EGRESS_FORM, EGRESS_HELP,
				   "the egress is empty");
	return words_size(&words) && read_egress(&words, all, ret_egress);
}

bool notation_tunnel(const char *text, struct arena *arena, struct notation_tunnel *ret_tunnel,
		     struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	struct notation_tunnel tunnel = {0};
	struct slice left, right;

	if (!words_arrow(&words, CODE_TUNNEL_FORM, TUNNEL_HELP, &left, &right) ||
	    !read_ingress(&words, left, &tunnel.ingress) || !read_right(&words, right, &tunnel))
		return false;
	*ret_tunnel = tunnel;
	return true;
}
