#include "topology/print/print.h"

#include "tests/unit/equal.h"
#include "tests/unit/loading.h"

/* Loads a text, prints it, loads that, and compares: the topologies, and what they print. */
static void expect_round_trip(const char *text)
{
	struct loading first, second;
	struct strbuf once = {0}, twice = {0};
	const char *differs;

	loading_load_good(&first, text);
	topology_print(first.topology, false, &once);
	loading_load(&second, strbuf_text(&once));
	cr_assert(second.good, "%s\n%s", strbuf_text(&once), loading_text(&second));
	differs = equal_topology(first.topology, second.topology);
	cr_expect(differs == NULL, "%s differs:\n%s", differs, strbuf_text(&once));
	topology_print(second.topology, false, &twice);
	expect_text(strbuf_text(&twice), strbuf_text(&once));
	strbuf_finish(&once);
	strbuf_finish(&twice);
	loading_finish(&first);
	loading_finish(&second);
}

#define NETWORK                                                                                 \
	"tunplan: 1\n"                                                                          \
	"me: a\n"                                                                               \
	"vlans: {lan: , wan: 10.0.0.0/8, x-lan: {trust: none}}\n"                               \
	"hosts:\n"                                                                              \
	"  a: [lan]\n"                                                                          \
	"  b: {vlans: {lan: [10.0.0.2, b.example], wan: }, services: {web: 80, sock: {socket: " \
	"/run/s}}}\n"

Test(print, gives_the_same_topology_back)
{
	static const char *const texts[] = {
		"tunplan: 1\n",
		NETWORK,
		NETWORK
		"  x-c: {ssh: {user: 'null'}, services: {x-s: 1}, at: {x-lan: '1.2.3.4:5'}}\n"
		"tunnels: {x-t: 80 -> x-c/x-s}\n",
		NETWORK "tunnels: {t: b:80 -> me:81}\n",
		NETWORK "tunnels: {t: me@lan:80 -> b@wan/sock, u: 'a:[::1]:81 -> b@lan:/run/t'}\n",
		NETWORK "tunnels: {t: {ingress: 1, egress: b:1, probe: no, avoid: [a, wan]}}\n"
			"defaults: {tunnel: {probe: 50s, avoid: wan}}\n",
		NETWORK "tunnels: {t: {ingress: 1, egress: b:1, avoid: []}}\n"
			"defaults: {tunnel: {avoid: wan}, ssh: {port: 2222, user: u}}\n",
		NETWORK "  c: {ssh: {port: 22, user: u}}\n  d: {ssh: none}\n  e: {ssh: {}}\n"
			"defaults: {ssh: {port: 2222, user: u, options: {Compression: yes}}}\n",
		NETWORK "  c: {ssh: {options: {Compression: no, Ciphers: '+a'}}}\n"
			"defaults: {ssh: {options: {Compression: yes, IPQoS: a b}}}\n",
		NETWORK
		"  c: {sshd: {PermitOpen: []}}\n  d: {sshd: {}}\n"
		"reachability: [{deny: any -> a, reason: ''}, {deny: any -> a, reason: '#'}]\n",
		NETWORK "groups: {g: [], h: [g], i: ['no*']}\n"
			"places: {p: , q: {vlans: lan}, r: {when: {dns: 'null.example'}}}\n",
		NETWORK
		"reachability: [{deny: any -> a, reason: \"tab\\u00e9 'x' \\\"y\\\" \\\\\"}]\n",
		NETWORK "reachability: [{allow: any -> a, reason: ~/, id: a}, {deny: a -> b, "
			"reason: 'yes '}]\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_round_trip(texts[i]);
}

Test(print, shows_where_each_part_comes_from)
{
	struct loading loading;
	struct strbuf text = {0};

	loading_load_good(&loading,
			  "tunplan: 1\nme: a\nvlans:\n  lan: {id: 3}\nhosts:\n  a: [lan]\n");
	topology_print(loading.topology, true, &text);
	expect_text(strbuf_text(&text), "tunplan: 1\n"
					"me: a # net.yaml:2\n"
					"vlans:\n"
					"  lan: # net.yaml:4\n"
					"    id: 3\n"
					"hosts:\n"
					"  a: # net.yaml:6\n"
					"    vlans:\n"
					"      lan: []\n");
	strbuf_finish(&text);
	loading_finish(&loading);
}

/* What a YAML reader could take for something else stands in quotes. */
Test(print, quotes_what_has_to_be_quoted)
{
	struct loading loading;
	struct strbuf text = {0};

	loading_load_good(&loading, "tunplan: 1\n"
				    "reachability:\n"
				    "- {deny: '2001:db8::/32 -> any', reason: '- x'}\n"
				    "- {deny: any -> 10.0.0.0/8, reason: '~'}\n"
				    "- {deny: any -> 10.0.0.0/8, reason: 'null'}\n"
				    "- {deny: any -> 10.0.0.0/8, reason: 'plain words'}\n");
	topology_print(loading.topology, false, &text);
	expect_text(strbuf_text(&text), "tunplan: 1\n"
					"reachability:\n"
					"  - deny: \"2001:db8::/32 -> any\"\n"
					"    reason: \"- x\"\n"
					"  - deny: any -> 10.0.0.0/8\n"
					"    reason: \"~\"\n"
					"  - deny: any -> 10.0.0.0/8\n"
					"    reason: \"null\"\n"
					"  - deny: any -> 10.0.0.0/8\n"
					"    reason: plain words\n");
	strbuf_finish(&text);
	loading_finish(&loading);
}
