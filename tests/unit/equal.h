/*
 * Whether two topologies are equal in every field except their places in the files.
 *
 * Independent of print.h, so that the two can be tested against each other. Returns the name of the
 * first part that differs, or NULL.
 */
#ifndef TUNPLAN_TESTS_UNIT_EQUAL_H
#define TUNPLAN_TESTS_UNIT_EQUAL_H

#include <string.h>

#include "topology/model/topology.h"

#define EQUAL_FIELD(name)               \
	do {                            \
		if (a->name != b->name) \
			return #name;   \
	} while (0)

#define EQUAL_TEXT(name)                                                                \
	do {                                                                            \
		if (!a->name != !b->name || (a->name && strcmp(a->name, b->name) != 0)) \
			return #name;                                                   \
	} while (0)

/* Arrays of things with an equal_…() of their own. */
#define EQUAL_ARRAY(array, number, equal)                                           \
	do {                                                                        \
		EQUAL_FIELD(number);                                                \
		for (size_t i_ = 0; i_ < a->number; i_++) {                         \
			const char *differs_ = equal(&a->array[i_], &b->array[i_]); \
			if (differs_)                                               \
				return differs_;                                    \
		}                                                                   \
	} while (0)

#define EQUAL_PART(part, equal)                                   \
	do {                                                      \
		const char *differs_ = equal(&a->part, &b->part); \
		if (differs_)                                     \
			return differs_;                          \
	} while (0)

#define EQUAL_FUNCTION(name, type) \
	static inline const char *equal_##name(const type *a, const type *b)

EQUAL_FUNCTION(number, size_t)
{
	return *a == *b ? NULL : "an index";
}

EQUAL_FUNCTION(word, char *const)
{
	return strcmp(*a, *b) == 0 ? NULL : "a word";
}

EQUAL_FUNCTION(address, struct address)
{
	EQUAL_TEXT(text);
	EQUAL_FIELD(family);
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0 ? NULL : "bytes";
}

EQUAL_FUNCTION(cidr, struct cidr)
{
	EQUAL_TEXT(text);
	EQUAL_FIELD(family);
	EQUAL_FIELD(prefix);
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0 ? NULL : "bytes";
}

EQUAL_FUNCTION(publication, struct publication)
{
	EQUAL_FIELD(vlan);
	EQUAL_FIELD(host);
	EQUAL_FIELD(port);
	return equal_address(&a->address, &b->address);
}

EQUAL_FUNCTION(vlan, struct vlan)
{
	EQUAL_TEXT(name);
	EQUAL_FIELD(id);
	EQUAL_FIELD(trust);
	EQUAL_FIELD(encrypted);
	EQUAL_ARRAY(cidrs, cidr_count, equal_cidr);
	return NULL;
}

EQUAL_FUNCTION(interface, struct interface)
{
	EQUAL_FIELD(vlan);
	EQUAL_ARRAY(addresses, address_count, equal_address);
	return NULL;
}

EQUAL_FUNCTION(option, struct ssh_option)
{
	EQUAL_TEXT(keyword);
	EQUAL_TEXT(value);
	return NULL;
}

EQUAL_FUNCTION(login, struct ssh_login)
{
	EQUAL_FIELD(stated);
	EQUAL_FIELD(none);
	EQUAL_FIELD(interactive);
	EQUAL_FIELD(port);
	EQUAL_TEXT(user);
	EQUAL_TEXT(identity);
	EQUAL_TEXT(config);
	EQUAL_ARRAY(options, option_count, equal_option);
	return NULL;
}

EQUAL_FUNCTION(permit, struct sshd_permit)
{
	EQUAL_TEXT(text);
	EQUAL_TEXT(host);
	EQUAL_FIELD(port);
	return NULL;
}

EQUAL_FUNCTION(permits, struct sshd_permits)
{
	EQUAL_FIELD(kind);
	EQUAL_ARRAY(items, count, equal_permit);
	return NULL;
}

EQUAL_FUNCTION(sshd, struct sshd_settings)
{
	for (size_t i = 0; i < SSHD_KEYWORDS; i++) {
		if (!a->at[i].at != !b->at[i].at)
			return "sshd";
	}
	EQUAL_FIELD(tcp);
	EQUAL_FIELD(stream_local);
	EQUAL_FIELD(disable_forwarding);
	EQUAL_FIELD(gateway_ports);
	EQUAL_FIELD(max_sessions);
	EQUAL_PART(open, equal_permits);
	EQUAL_PART(listen, equal_permits);
	return NULL;
}

EQUAL_FUNCTION(key, struct host_key)
{
	EQUAL_FIELD(host);
	EQUAL_TEXT(user);
	return NULL;
}

EQUAL_FUNCTION(service, struct service)
{
	EQUAL_TEXT(name);
	EQUAL_TEXT(socket);
	EQUAL_FIELD(port);
	EQUAL_FIELD(listen);
	EQUAL_FIELD(encrypted);
	EQUAL_FIELD(lab);
	EQUAL_ARRAY(listen_vlans, listen_count, equal_number);
	EQUAL_ARRAY(published, published_count, equal_publication);
	return NULL;
}

EQUAL_FUNCTION(host, struct host)
{
	EQUAL_TEXT(name);
	EQUAL_FIELD(cost);
	EQUAL_FIELD(relay);
	EQUAL_FIELD(jump);
	EQUAL_FIELD(trust);
	EQUAL_FIELD(no_prime);
	if (!a->sshd != !b->sshd)
		return "sshd";
	if (a->sshd && equal_sshd(a->sshd, b->sshd))
		return equal_sshd(a->sshd, b->sshd);
	EQUAL_ARRAY(interfaces, interface_count, equal_interface);
	EQUAL_ARRAY(services, service_count, equal_service);
	EQUAL_ARRAY(published, published_count, equal_publication);
	EQUAL_ARRAY(keys, key_count, equal_key);
	return equal_login(a->ssh, b->ssh);
}

EQUAL_FUNCTION(end, struct rule_end)
{
	EQUAL_FIELD(kind);
	if (a->kind == RULE_CIDR)
		return equal_cidr(&a->cidr, &b->cidr);
	EQUAL_FIELD(host);
	EQUAL_FIELD(vlan);
	EQUAL_FIELD(set);
	return NULL;
}

EQUAL_FUNCTION(set, struct set)
{
	EQUAL_TEXT(name);
	EQUAL_ARRAY(ends, end_count, equal_end);
	return NULL;
}

EQUAL_FUNCTION(range, struct port_range)
{
	EQUAL_FIELD(first);
	EQUAL_FIELD(last);
	return NULL;
}

EQUAL_FUNCTION(rule, struct rule)
{
	EQUAL_FIELD(allow);
	EQUAL_FIELD(action);
	EQUAL_TEXT(id);
	EQUAL_TEXT(reason);
	EQUAL_PART(from, equal_end);
	EQUAL_PART(to, equal_end);
	EQUAL_ARRAY(ports, port_count, equal_range);
	return NULL;
}

EQUAL_FUNCTION(ingress, struct ingress)
{
	EQUAL_FIELD(host);
	EQUAL_FIELD(vlan);
	EQUAL_FIELD(any_port);
	EQUAL_FIELD(port);
	EQUAL_TEXT(path);
	EQUAL_TEXT(bind.text);
	return NULL;
}

EQUAL_FUNCTION(egress, struct egress)
{
	EQUAL_FIELD(kind);
	EQUAL_FIELD(host);
	EQUAL_FIELD(vlan);
	EQUAL_FIELD(service);
	EQUAL_FIELD(port);
	EQUAL_TEXT(service_name);
	EQUAL_TEXT(path);
	EQUAL_TEXT(address.text);
	return NULL;
}

EQUAL_FUNCTION(forward, struct forward)
{
	EQUAL_PART(ingress, equal_ingress);
	EQUAL_PART(egress, equal_egress);
	return NULL;
}

EQUAL_FUNCTION(tunnel_options, struct tunnel_options)
{
	EQUAL_FIELD(max_hops);
	EQUAL_FIELD(probe_s);
	EQUAL_FIELD(idle_timeout_s);
	EQUAL_FIELD(method);
	EQUAL_FIELD(min_trust);
	EQUAL_FIELD(no_probe);
	EQUAL_FIELD(no_failover);
	EQUAL_FIELD(on_demand);
	EQUAL_ARRAY(avoid_hosts, avoid_host_count, equal_number);
	EQUAL_ARRAY(avoid_vlans, avoid_vlan_count, equal_number);
	return NULL;
}

EQUAL_FUNCTION(joint, struct joint)
{
	EQUAL_FIELD(port);
	EQUAL_TEXT(path);
	return NULL;
}

EQUAL_FUNCTION(stop, struct stop)
{
	EQUAL_FIELD(set);
	EQUAL_ARRAY(hosts, count, equal_number);
	return NULL;
}

EQUAL_FUNCTION(tunnel, struct tunnel)
{
	EQUAL_TEXT(name);
	EQUAL_PART(exit, equal_stop);
	EQUAL_ARRAY(forwards, forward_count, equal_forward);
	EQUAL_ARRAY(via, via_count, equal_stop);
	EQUAL_ARRAY(stitch, stitch_count, equal_joint);
	EQUAL_PART(options, equal_tunnel_options);
	return NULL;
}

EQUAL_FUNCTION(group, struct group)
{
	EQUAL_TEXT(name);
	EQUAL_ARRAY(tunnels, tunnel_count, equal_number);
	return NULL;
}

EQUAL_FUNCTION(sign, struct place_sign)
{
	EQUAL_FIELD(fact);
	EQUAL_TEXT(text);
	EQUAL_FIELD(port);
	if (memcmp(a->mac, b->mac, sizeof(a->mac)) != 0)
		return "mac";
	if (a->fact == PLACE_ADDR)
		return equal_cidr(&a->range, &b->range);
	EQUAL_TEXT(address.text);
	return NULL;
}

EQUAL_FUNCTION(place, struct place)
{
	EQUAL_TEXT(name);
	EQUAL_ARRAY(signs, sign_count, equal_sign);
	EQUAL_ARRAY(interfaces, interface_count, equal_interface);
	return NULL;
}

EQUAL_FUNCTION(topology, struct topology)
{
	EQUAL_FIELD(me);
	EQUAL_ARRAY(vlans, vlan_count, equal_vlan);
	EQUAL_ARRAY(hosts, host_count, equal_host);
	EQUAL_ARRAY(sets, set_count, equal_set);
	EQUAL_ARRAY(rules, rule_count, equal_rule);
	EQUAL_ARRAY(tunnels, tunnel_count, equal_tunnel);
	EQUAL_ARRAY(groups, group_count, equal_group);
	EQUAL_ARRAY(places, place_count, equal_place);
	EQUAL_PART(defaults.ssh, equal_login);
	EQUAL_PART(defaults.tunnel, equal_tunnel_options);
	EQUAL_ARRAY(allowed_lints, allowed_lint_count, equal_word);
	return NULL;
}

#endif
