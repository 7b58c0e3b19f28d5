#include "planner/plan_verify.h"

#include <string.h>

#include "planner/model/list.h"
#include "topology/base/glob.h"
#include "topology/language/address.h"
#include "topology/model/match.h"

struct checking {
	const struct plan *plan;
	const struct topology *topology;
	const struct tunnel *tunnel;
	struct arena *arena;
	const char *wrong; /* the first thing that is, or NULL */
};

static void require(struct checking *checking, bool holds, const char *what, size_t host)
{
	if (holds || checking->wrong)
		return;
	checking->wrong = arena_format(
		checking->arena, "%s (%s)", what,
		host < checking->topology->host_count ? checking->topology->hosts[host].name : "-");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- what an sshd does for its clients (rules 7, 11, 12 and 16) */

static bool goes(enum sshd_forwarding setting, enum sshd_forwarding direction)
{
	return setting == SSHD_FORWARD_ALL || setting == direction;
}

/* Whether an entry has a port and a host, which PermitOpen compares as text and PermitListen as a pattern. */
static bool is_permitted(const struct sshd_permits *permits, bool open, const char *host,
			 uint16_t port)
{
	bool listed = permits->kind == SSHD_PERMITS_ANY;

	for (size_t i = 0; permits->kind == SSHD_PERMITS_LISTED && i < permits->count; i++) {
		const struct sshd_permit *item = &permits->items[i];
		const bool fits = open ? same_text(item->host, "*") || same_text(item->host, host)
				       : !item->host || glob_matches(item->host, host);

		listed |= fits && (item->port == 0 || item->port == port);
	}
	return listed;
}

static bool sshd_opens(const struct host *host, const struct plan_end *end)
{
	const struct sshd_settings *sshd = host->sshd;

	if (!sshd)
		return true;
	if (sshd->disable_forwarding || !goes(sshd->tcp, SSHD_FORWARD_LOCAL))
		return false;
	if (end->socket)
		return goes(sshd->stream_local, SSHD_FORWARD_LOCAL) &&
		       is_permitted(&sshd->open, true, end->socket, 0);
	return end->socks ? sshd->open.kind != SSHD_PERMITS_NONE
			  : is_permitted(&sshd->open, true, end->address, end->port);
}

/* Whether GatewayPorts, if it is stated, does not bind another address than the one asked for. */
static bool binds_as_asked(const struct sshd_settings *sshd, const char *address)
{
	const bool first = strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0;

	if (!sshd->at[SSHD_GATEWAY_PORTS].at || sshd->gateway_ports == SSHD_GATEWAY_CLIENT)
		return true;
	return sshd->gateway_ports == SSHD_GATEWAY_YES ? address_is_wildcard(address) : first;
}

static bool sshd_listens(const struct host *host, const struct plan_end *end)
{
	const struct sshd_settings *sshd = host->sshd;

	if (!sshd)
		return true;
	if (sshd->disable_forwarding || !goes(sshd->tcp, SSHD_FORWARD_REMOTE))
		return false;
	if (end->socket)
		return goes(sshd->stream_local, SSHD_FORWARD_REMOTE);
	return is_permitted(&sshd->listen, false, end->address, end->port) &&
	       binds_as_asked(sshd, end->address);
}

static bool runs_programs(const struct host *host)
{
	return !host->sshd || !host->sshd->at[SSHD_MAX_SESSIONS].at || host->sshd->max_sessions > 0;
}

/* --- connections (rules 1 to 8) */

/* What is dialled, by whom. */
struct dial {
	size_t from;
	size_t to;           /* TOPOLOGY_NONE: outside the file */
	const char *address; /* NULL: whatever it has */
	uint16_t port;       /* as it is dialled, */
	uint16_t own_port;   /* and where it listens itself */
	const struct address *outside;
	const struct service *service; /* NULL: it listens everywhere */
	const struct publication *published;
	size_t published_count;
};

/* Whether a connection from an interface to a point is open. */
static bool is_open(const struct checking *checking, const struct dial *dial,
		    const struct interface *leaving, struct match_point to)
{
	const enum address_family family = to.address ? to.address->family : ADDRESS_NAME;
	struct match_point from = {dial->from, leaving->vlan, NULL};
	const struct rule *rule;

	if (!match_source(checking->topology, leaving, family, &from.address))
		return false;
	if (to.address && to.address->family == ADDRESS_NAME)
		to.address = NULL;
	rule = match_rule(checking->topology, &from, &to, dial->port);
	if (rule)
		return rule->allow;
	return leaving->vlan == to.vlan || (to.host == TOPOLOGY_NONE && to.vlan == TOPOLOGY_NONE);
}

static bool avoids(const struct checking *checking, size_t vlan)
{
	const struct tunnel_options *options = &checking->tunnel->options;

	return list_has(options->avoid_vlans, options->avoid_vlan_count, vlan);
}

/* To a VLAN that it is on, a host leaves by that VLAN's interface; to others by any. */
static bool leaves_open(const struct checking *checking, const struct dial *dial,
			struct match_point to)
{
	const struct host *from = &checking->topology->hosts[dial->from];
	const struct interface *own = host_interface(from, to.vlan);

	if (avoids(checking, to.vlan))
		return false;
	if (own)
		return is_open(checking, dial, own, to);
	for (size_t i = 0; i < from->interface_count; i++)
		if (!avoids(checking, from->interfaces[i].vlan) &&
		    is_open(checking, dial, &from->interfaces[i], to))
			return true;
	return false;
}

static bool service_listens(const struct service *service, size_t vlan)
{
	if (!service || service->listen == LISTEN_ANY)
		return true;
	return service->listen == LISTEN_VLANS &&
	       list_has(service->listen_vlans, service->listen_count, vlan);
}

static bool interface_open(const struct checking *checking, const struct dial *dial,
			   const struct interface *arriving)
{
	/* The host's name leads to any of its addresses. */
	const bool any = !dial->address ||
			 same_text(dial->address, checking->topology->hosts[dial->to].name);
	struct match_point to = {dial->to, arriving->vlan, NULL};

	if (dial->port != dial->own_port || !service_listens(dial->service, arriving->vlan))
		return false;
	for (size_t i = 0; i < arriving->address_count; i++) {
		to.address = &arriving->addresses[i];
		if ((any || same_text(dial->address, to.address->text)) &&
		    leaves_open(checking, dial, to))
			return true;
	}
	return arriving->address_count == 0 && any && leaves_open(checking, dial, to);
}

static bool publication_open(const struct checking *checking, const struct dial *dial,
			     const struct publication *publication)
{
	const struct match_point to = {dial->to, publication->vlan, &publication->address};

	if (dial->port != publication->port ||
	    (dial->address && !same_text(dial->address, publication->address.text)))
		return false;
	if (publication->host != TOPOLOGY_NONE)
		return publication->host == dial->from;
	return leaves_open(checking, dial, to);
}

/* The VLAN whose range holds an address of no host: the narrowest, then the first by name. */
static size_t locate(const struct topology *topology, const struct address *address)
{
	size_t best = TOPOLOGY_NONE;
	unsigned prefix = 0;

	for (size_t v = 0; address->family != ADDRESS_NAME && v < topology->vlan_count; v++) {
		for (size_t i = 0; i < topology->vlans[v].cidr_count; i++) {
			const struct rule_end range = {.kind = RULE_CIDR,
						       .cidr = topology->vlans[v].cidrs[i]};
			const struct match_point point = {TOPOLOGY_NONE, TOPOLOGY_NONE, address};

			if (!match_end(topology, &range, &point) ||
			    (best != TOPOLOGY_NONE && range.cidr.prefix < prefix))
				continue;
			if (best != TOPOLOGY_NONE && range.cidr.prefix == prefix &&
			    strcmp(topology->vlans[v].name, topology->vlans[best].name) > 0)
				continue;
			best = v;
			prefix = range.cidr.prefix;
		}
	}
	return best;
}

static bool outside_open(const struct checking *checking, const struct dial *dial)
{
	struct match_point to = {TOPOLOGY_NONE, TOPOLOGY_NONE, dial->outside};

	if (!dial->outside || !same_text(dial->address, dial->outside->text))
		return false;
	to.vlan = locate(checking->topology, dial->outside);
	return leaves_open(checking, dial, to);
}

/* Whether a host can be dialled, rules and listeners alone considered. */
static bool can_dial(const struct checking *checking, const struct dial *dial)
{
	const struct host *to;

	if (dial->to == TOPOLOGY_NONE)
		return outside_open(checking, dial);
	/* Inside a host no rule matters. */
	if (dial->to == dial->from)
		return dial->port == dial->own_port;
	to = &checking->topology->hosts[dial->to];
	for (size_t i = 0; i < to->interface_count; i++)
		if (interface_open(checking, dial, &to->interfaces[i]))
			return true;
	for (size_t i = 0; i < dial->published_count; i++)
		if (publication_open(checking, dial, &dial->published[i]))
			return true;
	return false;
}

/* --- hops (rules 9 to 14) */

static const struct host *host_at(const struct checking *checking, size_t host)
{
	return &checking->topology->hosts[host];
}

static bool is_ipv4_text(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

/* An alias of me's ssh_config stands for an address that only ssh knows. */
static bool hop_is_dialled(const struct checking *checking, const struct plan_hop *hop)
{
	const struct host *to = host_at(checking, hop->host);
	const bool alias = hop->config && same_text(hop->config, hop->address);
	const struct dial dial = {
		.from = hop->from,
		.to = hop->host,
		.address = alias ? NULL : hop->address,
		.port = hop->port,
		.own_port = to->ssh->port,
		.published = to->published,
		.published_count = to->published_count,
	};

	for (size_t i = 0; hop->from == checking->plan->me && !alias && i < to->ssh->option_count;
	     i++)
		if (same_text(to->ssh->options[i].keyword, "AddressFamily") &&
		    same_text(to->ssh->options[i].value, strchr(hop->address, ':')    ? "inet"
							 : is_ipv4_text(hop->address) ? "inet6"
										      : ""))
			return false;
	return can_dial(checking, &dial);
}

static bool has_key(const struct checking *checking, size_t client, size_t host)
{
	const struct host *at = host_at(checking, client);

	for (size_t i = 0; i < at->key_count; i++)
		if (at->keys[i].host == host)
			return true;
	return at->key_count == 0 && (client == checking->plan->me ||
				      checking->tunnel->options.method == METHOD_STITCHED);
}

static void check_method(struct checking *checking, const struct plan_hop *hop)
{
	const struct host *from = host_at(checking, hop->from);
	const struct plan_end sshd = {.address = hop->address, .port = hop->port};

	if (hop->method == PLAN_STITCHED) {
		require(checking, hop->client == hop->from && hop->from != checking->plan->me,
			"a stitched hop has its client elsewhere", hop->host);
		require(checking, runs_programs(from), "no ssh can be run there", hop->from);
		return;
	}
	if (hop->method == PLAN_RELAYED) {
		require(checking, (from->relay & hop->relay) != 0, "it has no such relay",
			hop->from);
		require(checking, runs_programs(from), "no relay can be run there", hop->from);
	} else if (hop->from != hop->client) {
		require(checking, sshd_opens(from, &sshd), "its sshd may not dial the next hop",
			hop->from);
	}
}

static bool is_avoided(const struct checking *checking, size_t host)
{
	const struct tunnel_options *options = &checking->tunnel->options;

	return list_has(options->avoid_hosts, options->avoid_host_count, host) ||
	       host_at(checking, host)->trust < options->min_trust;
}

static void check_hop(struct checking *checking, size_t index)
{
	const struct plan *plan = checking->plan;
	const struct plan_hop *hop = &plan->hops[index];
	const bool first = hop->through == TOPOLOGY_NONE;
	const struct plan_hop *before = first ? NULL : &plan->hops[hop->through];

	require(checking, first || hop->through < index, "a hop stands before its carrier",
		hop->host);
	require(checking, hop->from == (first ? plan->me : before->host),
		"a hop is dialled from elsewhere", hop->host);
	require(checking,
		hop->method == PLAN_STITCHED || hop->client == (first ? plan->me : before->client),
		"a hop has another client than the one before it", hop->host);
	require(checking, hop->host != plan->me && !host_at(checking, hop->host)->ssh->none,
		"it is no hop", hop->host);
	require(checking, first || host_at(checking, hop->from)->jump != JUMP_NO,
		"a hop goes on from where nothing goes on", hop->from);
	require(checking, !is_avoided(checking, hop->host), "the tunnel avoids it", hop->host);
	require(checking, has_key(checking, hop->client, hop->host),
		"its client cannot log in there", hop->host);
	require(checking, hop_is_dialled(checking, hop), "it cannot be dialled", hop->host);
	check_method(checking, hop);
}

/* Along each chain: no host twice, no more hops than asked for, and all of via in its order. */
static void check_chain(struct checking *checking, size_t last)
{
	const struct plan *plan = checking->plan;
	const unsigned max_hops = checking->tunnel->options.max_hops;
	size_t count;
	const size_t *chain = plan_chain(plan, last, checking->arena, &count);

	require(checking, !max_hops || count <= max_hops, "there are too many hops",
		plan->hops[last].host);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			require(checking, plan->hops[chain[i]].host != plan->hops[chain[j]].host,
				"it is passed twice", plan->hops[chain[i]].host);
}

/* --- forwards (rules 15 to 18) */

/* The service at the egress: that of the name, or the first by name that has the port. */
static const struct service *service_of(const struct checking *checking,
					const struct plan_forward *forward)
{
	const struct egress *egress = &checking->tunnel->forwards[forward->of].egress;
	const struct service *found = NULL;
	const struct host *host;

	if (forward->egress.host == TOPOLOGY_NONE)
		return NULL;
	host = host_at(checking, forward->egress.host);
	if (egress->kind == EGRESS_SERVICE)
		return host_service(host, egress->service_name);
	for (size_t i = 0; egress->kind == EGRESS_PORT && i < host->service_count; i++)
		if (host->services[i].port == egress->port && !host->services[i].socket &&
		    (!found || strcmp(host->services[i].name, found->name) < 0))
			found = &host->services[i];
	return found;
}

/* The last piece's egress, from the host that opens it. */
static bool egress_is_dialled(const struct checking *checking, const struct plan_forward *forward,
			      size_t from)
{
	const struct plan_end *end = &forward->egress;
	const struct egress *egress = &checking->tunnel->forwards[forward->of].egress;
	const struct service *service = service_of(checking, forward);
	const struct dial dial = {
		.from = from,
		.to = end->host,
		.address = end->address,
		.port = end->port,
		.own_port = service ? service->port : egress->port,
		.outside = &egress->address,
		.service = service,
		.published = service ? service->published : NULL,
		.published_count = service ? service->published_count : 0,
	};

	if (end->socks)
		return end->host == from;
	if (egress->kind == EGRESS_ADDRESS && end->host != TOPOLOGY_NONE)
		return end->host == from && address_is_localhost(end->address) &&
		       same_text(end->address, egress->address.text);
	if (egress->kind == EGRESS_PORT && egress->address.text &&
	    !same_text(end->address, egress->address.text) &&
	    !same_text(end->address, host_at(checking, end->host)->name))
		return false;
	return end->socket ? end->host == from : can_dial(checking, &dial);
}

static void check_joint(struct checking *checking, const struct plan_forward *forward)
{
	const struct plan *plan = checking->plan;
	const struct plan_end *end = &forward->egress;
	const struct plan_end *next;

	require(checking, forward->join < plan->forward_count, "it is joined to nothing",
		end->host);
	if (checking->wrong)
		return;
	next = &plan->forwards[forward->join].ingress;
	require(checking,
		next->host == end->host && next->port == end->port && next->joint == end->joint &&
			same_text(next->socket, end->socket),
		"two pieces do not meet", end->host);
	require(checking, !end->address || address_is_localhost(end->address),
		"two pieces meet where others can get at", end->host);
}

static void check_forward(struct checking *checking, const struct plan_forward *forward)
{
	const struct plan_hop *hop = &checking->plan->hops[forward->hop];
	const bool outwards = forward->type == PLAN_LOCAL || forward->type == PLAN_DYNAMIC;
	const size_t listening = outwards ? hop->client : hop->host;
	const size_t dialling = outwards ? hop->host : hop->client;
	const struct plan_end *end = &forward->egress;

	require(checking, forward->ingress.host == listening, "it listens elsewhere",
		forward->ingress.host);
	if (!outwards)
		require(checking, sshd_listens(host_at(checking, listening), &forward->ingress),
			"its sshd does not listen as asked", listening);
	if (outwards)
		require(checking, sshd_opens(host_at(checking, dialling), end),
			"its sshd may not open the egress", dialling);
	if (forward->join != TOPOLOGY_NONE)
		check_joint(checking, forward);
	else
		require(checking, egress_is_dialled(checking, forward, dialling),
			"the egress cannot be opened from there", dialling);
	check_chain(checking, forward->hop);
}

/* The chain that `via` and `exit` are about, of a forward: one of its pieces' chains is it. */
static bool chain_obeys(const struct checking *checking, size_t last)
{
	const struct tunnel *tunnel = checking->tunnel;
	const struct plan *plan = checking->plan;
	size_t count, passed = 0;
	const size_t *chain = plan_chain(plan, last, checking->arena, &count);

	for (size_t i = 0; i < count && passed < tunnel->via_count; i++)
		passed += stop_has(&tunnel->via[passed], plan->hops[chain[i]].host);
	return passed == tunnel->via_count &&
	       (!tunnel->exit.count || stop_has(&tunnel->exit, plan->hops[last].host));
}

/* Whether one of the chains of a forward, or of a login that of its last hop, is as the tunnel asks for. */
static bool is_obeyed(const struct checking *checking, size_t of)
{
	const struct plan *plan = checking->plan;
	bool obeyed = plan->forward_count == 0 && chain_obeys(checking, plan->hop_count - 1);

	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].of == of)
			obeyed |= chain_obeys(checking, plan->forwards[i].hop);
	return obeyed;
}

const char *plan_verify(const struct plan *plan, const struct tunnel *tunnel, struct arena *arena)
{
	struct checking checking = {
		.plan = plan, .topology = plan->topology, .tunnel = tunnel, .arena = arena};

	for (size_t i = 0; i < plan->hop_count; i++)
		check_hop(&checking, i);
	for (size_t i = 0; i < plan->forward_count; i++)
		check_forward(&checking, &plan->forwards[i]);
	for (size_t of = 0; of < tunnel->forward_count || of == 0; of++)
		require(&checking, is_obeyed(&checking, of),
			"no chain passes what the tunnel asks for",
			tunnel->exit.count ? tunnel->exit.hosts[0] : TOPOLOGY_NONE);
	return checking.wrong;
}
