#include "topology/language/grammar.h"

#include "tests/unit/expect_text.h"
#include "topology/base/strbuf.h"

/* A string as the only value of a file: its places count from 1. */
static struct yaml_node scalar_of(const char *string)
{
	return (struct yaml_node){
		.at = {1, (uint32_t)strlen(string)}, .kind = YAML_SCALAR, .exact = true};
}

static void show_word(const char *before, const struct word *word, struct strbuf *text)
{
	if (word->text)
		strbuf_printf(text, "%s%s@%u+%u", before, word->text, word->at.at - 1,
			      word->at.length);
}

static void show_ingress(const struct doc_ingress *ingress, struct strbuf *text)
{
	strbuf_puts(text, "in");
	show_word(" host=", &ingress->host, text);
	show_word(" vlan=", &ingress->vlan, text);
	if (ingress->values.bind.text)
		strbuf_printf(text, " bind=%s", ingress->values.bind.text);
	if (ingress->values.port)
		strbuf_printf(text, " port=%u", ingress->values.port);
	if (ingress->values.any_port)
		strbuf_puts(text, " auto");
	if (ingress->values.path)
		strbuf_printf(text, " path=%s", ingress->values.path);
}

static void show_egress(const struct doc_egress *egress, struct strbuf *text)
{
	static const char *const kinds[] = {"service", "port", "path", "socks", "address"};

	strbuf_printf(text, "%s", kinds[egress->values.kind]);
	show_word(" host=", &egress->host, text);
	show_word(" vlan=", &egress->vlan, text);
	show_word(" service=", &egress->service, text);
	if (egress->values.address.text)
		strbuf_printf(text, " address=%s", egress->values.address.text);
	if (egress->values.port)
		strbuf_printf(text, " port=%u", egress->values.port);
	if (egress->values.path)
		strbuf_printf(text, " path=%s", egress->values.path);
}

static void show_end(const struct doc_end *end, struct strbuf *text)
{
	static const char *const kinds[] = {"any", "name", "vlan", "pair", "range"};

	strbuf_printf(text, "%s", kinds[end->kind]);
	show_word("=", &end->name, text);
	show_word(" vlan=", &end->vlan, text);
	if (end->cidr.text)
		strbuf_printf(text, "=%s", end->cidr.text);
}

static void show_fault(const struct fault *fault, struct strbuf *text)
{
	strbuf_printf(text, "%s@%zu+%zu %s", fault->code, fault->offset, fault->length,
		      fault->message);
}

struct row {
	const char *text;
	const char *expected;
};

/* Reads a string and shows what it became, or the fault. */
typedef void reader(const char *string, struct arena *arena, struct strbuf *text);

static void read_ingress(const char *string, struct arena *arena, struct strbuf *text)
{
	const struct yaml_node scalar = scalar_of(string);
	struct doc_ingress ingress;
	struct fault fault;

	if (grammar_ingress(&scalar, string, arena, &ingress, &fault))
		show_ingress(&ingress, text);
	else
		show_fault(&fault, text);
}

static void read_egress(const char *string, struct arena *arena, struct strbuf *text)
{
	const struct yaml_node scalar = scalar_of(string);
	struct doc_egress egress;
	struct fault fault;

	if (grammar_egress(&scalar, string, arena, &egress, &fault))
		show_egress(&egress, text);
	else
		show_fault(&fault, text);
}

static void read_tunnel(const char *string, struct arena *arena, struct strbuf *text)
{
	const struct yaml_node scalar = scalar_of(string);
	struct doc_forward forward;
	struct word_list via;
	struct fault fault;

	if (!grammar_tunnel(&scalar, string, arena, &forward, &via, &fault)) {
		show_fault(&fault, text);
		return;
	}
	show_ingress(&forward.ingress, text);
	strbuf_puts(text, ", ");
	show_egress(&forward.egress, text);
	for (size_t i = 0; i < via.count; i++)
		show_word(" via=", &via.items[i], text);
}

static void read_rule(const char *string, struct arena *arena, struct strbuf *text)
{
	const struct yaml_node scalar = scalar_of(string);
	struct doc_rule rule = {0};
	struct fault fault;

	if (!grammar_rule(&scalar, string, arena, &rule, &fault)) {
		show_fault(&fault, text);
		return;
	}
	show_end(&rule.from, text);
	strbuf_puts(text, " to ");
	show_end(&rule.to, text);
	for (size_t i = 0; i < rule.values.port_count; i++)
		strbuf_printf(text, " %u-%u", rule.values.ports[i].first,
			      rule.values.ports[i].last);
}

static void expect_rows(reader *read, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena = {0};
		struct strbuf text = {0};

		read(rows[i].text, &arena, &text);
		cr_log_info("'%s'", rows[i].text);
		expect_text(strbuf_text(&text), rows[i].expected);
		strbuf_finish(&text);
		arena_finish(&arena);
	}
}

#define EXPECT(reader, ...)                                                   \
	do {                                                                  \
		static const struct row rows_[] = {__VA_ARGS__};              \
                                                                              \
		expect_rows(reader, rows_, sizeof(rows_) / sizeof(rows_[0])); \
	} while (0)

Test(grammar, reads_every_form_of_an_ingress)
{
	EXPECT(read_ingress, {"7999", "in port=7999"}, {"auto", "in auto"},
	       {"/run/a.sock", "in path=/run/a.sock"},
	       {"127.0.0.1:80", "in bind=127.0.0.1 port=80"}, {"[::1]:80", "in bind=::1 port=80"},
	       {"beta:80", "in host=beta@0+4 port=80"}, {"me:80", "in host=me@0+2 port=80"},
	       {"beta:auto", "in host=beta@0+4 auto"},
	       {"beta:/run/a", "in host=beta@0+4 path=/run/a"},
	       {"beta@lan:80", "in host=beta@0+4 vlan=lan@5+3 port=80"},
	       {"beta@lan:/run/a", "in host=beta@0+4 vlan=lan@5+3 path=/run/a"},
	       {"beta:10.0.0.1:80", "in host=beta@0+4 bind=10.0.0.1 port=80"},
	       {"beta:[FD00::1]:80", "in host=beta@0+4 bind=fd00::1 port=80"});
}

Test(grammar, says_what_is_wrong_with_an_ingress)
{
	EXPECT(read_ingress, {"", "T033@0+0 the ingress is empty"},
	       {"beta", "T033@0+4 'beta' is not an ingress: it has no port"},
	       {"80 ", "T033@0+3 an ingress is one word without spaces"},
	       {"0", "T028@0+1 '0' is not a port"}, {"70000", "T028@0+5 '70000' is not a port"},
	       {"beta:", "T028@5+0 a port is missing here"},
	       {"beta:http", "T028@5+4 'http' is not a port"},
	       {"beta:10.0.0.1", "T033@5+8 a port is missing behind the address"},
	       {"127.0.0.1:x", "T028@10+1 'x' is not a port"},
	       {"beta@lan:10.0.0.1:80",
		"T033@9+11 the VLAN and the address both say where to listen"},
	       {"localhost:80", "T022@0+9 'localhost' is not a host"},
	       {"be$ta:80", "T020@2+1 a name cannot hold '$'"},
	       {"@lan:80", "T020@0+0 a name is missing here"},
	       {"beta@:80", "T020@5+0 a name is missing here"},
	       {"a@b@c:80", "T020@3+1 a name cannot hold '@'"},
	       {"*:80", "T033@0+4 '*' is not an address"},
	       {"::1:80",
		"T029@0+6 an IPv6 address stands in brackets, so that its port can be told apart"},
	       {"[::1", "T029@0+4 '[::1' is not an IPv6 address in brackets"},
	       {"[10.0.0.1]:80", "T029@0+13 '[10.0.0.1]:80' is not an IPv6 address in brackets"},
	       {"8080:80", "T029@0+4 '8080' is neither a host nor an address"},
	       {"10.1.5:80", "T029@0+6 '10.1.5' is neither a host nor an address"},
	       {"0x7f.1:80", "T029@0+6 '0x7f.1' is neither a host nor an address"},
	       {"~/a.sock", "T044@0+8 '~/a.sock' is not the absolute path of a socket"},
	       {"beta:/run/%h", "T044@10+1 a socket's path cannot hold '%'"});
}

Test(grammar, reads_every_form_of_an_egress)
{
	EXPECT(read_egress, {"git/git", "service host=git@0+3 service=git@4+3"},
	       {"git@lan/web", "service host=git@0+3 vlan=lan@4+3 service=web@8+3"},
	       {"me/cache", "service host=me@0+2 service=cache@3+5"},
	       {"git:80", "port host=git@0+3 port=80"},
	       {"git@lan:80", "port host=git@0+3 vlan=lan@4+3 port=80"},
	       {"www.example.org:80", "port host=www.example.org@0+15 port=80"},
	       {"git:/run/a", "path host=git@0+3 path=/run/a"}, {"socks@gw", "socks host=gw@6+2"},
	       {"socks@me", "socks host=me@6+2"},
	       {"10.0.0.1:80", "address address=10.0.0.1 port=80"},
	       {"[::1]:80", "address address=::1 port=80"});
}

Test(grammar, says_what_is_wrong_with_an_egress)
{
	EXPECT(read_egress, {"", "T034@0+0 the egress is empty"},
	       {"git", "T034@0+3 'git' names no service and no port"},
	       {"80", "T034@0+2 a port alone does not say on which host"},
	       {"socks", "T034@0+5 'socks' does not say at which host the traffic leaves"},
	       {"socks@gw:80",
		"T034@0+11 behind 'socks@' stands the host where the traffic leaves, "
		"and no more"},
	       {"socks@gw@lan", "T034@0+12 behind 'socks@' stands the host where the traffic "
				"leaves, and no more"},
	       {"/run/a", "T034@0+6 the socket's host is missing"},
	       {"git/", "T020@4+0 a name is missing here"},
	       {"git/a/b", "T020@5+1 a name cannot hold '/'"},
	       {"git/a:80", "T020@5+1 a name cannot hold ':'"},
	       {"git:", "T028@4+0 a port is missing here"},
	       {"git:http", "T028@4+4 'http' is not a port"},
	       {"git:80:90", "T028@4+5 '80:90' is not a port"},
	       {"2001:db8::1:80",
		"T029@0+14 an IPv6 address stands in brackets, so that its port can be told apart"},
	       {"10.0.0.300:80", "T029@0+10 '10.0.0.300' is neither a host nor an address"},
	       {"any:80", "T022@0+3 'any' is not a host"},
	       {"localhost:80", "T022@0+9 'localhost' is not a host"});
}

Test(grammar, reads_tunnels)
{
	EXPECT(read_tunnel,
	       {"7999 -> git/git", "in port=7999, service host=git@8+3 service=git@12+3"},
	       {"7999->git:80", "in port=7999, port host=git@6+3 port=80"},
	       {"  80  ->  a:1  via  b   c ",
		"in port=80, port host=a@10+1 port=1 via=b@20+1 via=c@24+1"},
	       {"80 -> a:1 via b, c", "in port=80, port host=a@6+1 port=1 via=b@14+1 via=c@17+1"},
	       {"a-b:1 -> c-d:2", "in host=a-b@0+3 port=1, port host=c-d@9+3 port=2"},
	       {"", "T032@0+0 '->' is missing"}, {"80 a:1", "T032@0+6 '->' is missing"},
	       {"-> a:1", "T032@0+2 nothing stands before '->'"},
	       {"80 -> ", "T032@3+2 nothing stands behind '->'"},
	       {"80 -> a:1 by b", "T032@10+2 'by' is too much here"},
	       {"80 -> a:1 via", "T032@10+3 no host stands behind 'via'"},
	       {"80 -> a:1 via b@lan", "T032@14+5 'via' takes hosts, without a VLAN"},
	       {"80 -> a:1 via b $", "T020@16+1 a name cannot hold '$'"},
	       {"80 -> a:1 -> b:2", "T032@10+2 '->' is too much here"},
	       {"x -> a:1", "T033@0+1 'x' is not an ingress: it has no port"});
}

Test(grammar, reads_rules)
{
	EXPECT(read_rule, {"a -> b", "name=a@0+1 to name=b@5+1"},
	       {"any -> b@lan 22", "any to pair=b@7+1 vlan=lan@9+3 22-22"},
	       {"10.0.0.0/8 -> 2001:db8::/32 80-90 443",
		"range=10.0.0.0/8 to range=2001:db8::/32 80-90 443-443"},
	       {"a -> b 1,2, 3-4", "name=a@0+1 to name=b@5+1 1-1 2-2 3-4"},
	       {"a->b", "name=a@0+1 to name=b@3+1"});
}

Test(grammar, says_what_is_wrong_with_a_rule)
{
	EXPECT(read_rule, {"a b", "T035@0+3 '->' is missing"},
	       {"a -> ", "T035@2+2 nothing stands behind '->'"},
	       {"a b -> c", "T035@2+1 'b' is too much here"},
	       {"a -> b http", "T028@7+4 'http' is not a port"},
	       {"a -> b 90-80", "T028@7+5 the range of ports runs backwards"},
	       {"a -> b 80-", "T028@10+0 a port is missing here"},
	       {"a -> b 0", "T028@7+1 '0' is not a port"},
	       {"me -> b", "T042@0+2 'me' cannot stand in a rule: it would mean another host on "
			   "each machine"},
	       {"socks -> b", "T022@0+5 'socks' is not a host"},
	       {"10.0.0.1 -> b", "T030@0+8 '10.0.0.1' is an address, and a range is wanted"},
	       {"a -> 10.0.0.1/8", "T030@5+10 '10.0.0.1/8' is an address inside a range"},
	       {"a -> 10.0.0.0/99", "T030@14+2 '99' is not a number from 0 to 32"},
	       {"[::1]/128 -> b", "T030@0+9 a range in a rule stands without brackets"},
	       {"a -> b@", "T020@7+0 a name is missing here"});
}

Test(grammar, has_an_end)
{
	char text[5000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	expect_rows(read_tunnel,
		    &(struct row){text, "T053@0+4999 this is too long: at most 4096 bytes"}, 1);
	expect_rows(read_rule,
		    &(struct row){text, "T053@0+4999 this is too long: at most 4096 bytes"}, 1);
	expect_rows(read_egress,
		    &(struct row){text, "T053@0+4999 this is too long: at most 4096 bytes"}, 1);
}
