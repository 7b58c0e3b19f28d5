#include "topology/validate.h"

#include "topology/codes.h"

void validate_vlans(struct validator *validator)
{
	for (size_t i = 0; i < validator->document->vlan_count; i++) {
		struct vlan *vlan = &validator->topology->vlans[i];

		vlan->cidrs = validator->document->vlans[i].cidrs;
		vlan->cidr_count = validator->document->vlans[i].cidr_count;
	}
}

static bool has_family(const struct vlan *vlan, enum address_family family)
{
	for (size_t i = 0; i < vlan->cidr_count; i++) {
		if (vlan->cidrs[i].family == family)
			return true;
	}
	return vlan->cidr_count == 0 || family == ADDRESS_NAME;
}

static void check_family(struct validator *validator, const struct vlan *vlan,
			 const struct doc_address *address)
{
	struct diag *diag;

	if (has_family(vlan, address->address.family))
		return;
	diag = diag_error(validator->diags, CODE_FAMILY, address->at,
			  "VLAN '%s' has only IPv%d addresses (%s)", vlan->name,
			  address->address.family == ADDRESS_IPV4 ? 6 : 4, vlan->cidrs[0].text);
	diag->help = "correct the address, or add a range of its family to the VLAN";
	diag->related = vlan->at;
}

static void fill_interface(struct validator *validator, const struct doc_interface *from,
			   size_t vlan, struct interface *interface)
{
	interface->vlan = vlan;
	interface->at = from->vlan.at;
	interface->address_count = from->address_count;
	interface->addresses =
		arena_array(validator->arena, from->address_count, sizeof(struct address));
	for (size_t i = 0; i < from->address_count; i++) {
		interface->addresses[i] = from->addresses[i].address;
		check_family(validator, &validator->topology->vlans[vlan], &from->addresses[i]);
	}
}

static void add_interface(struct validator *validator, const struct doc_interface *from,
			  struct host *host)
{
	const struct referrer referrer = {"host", host->name, "is on"};
	const size_t vlan = validate_vlan(validator, from->vlan, referrer);
	const struct interface *before;
	struct diag *diag;

	if (vlan == TOPOLOGY_NONE)
		return;
	before = host_interface(host, vlan);
	if (!before) {
		fill_interface(validator, from, vlan, &host->interfaces[host->interface_count++]);
		return;
	}
	diag = diag_error(validator->diags, CODE_VLAN_TWICE, from->vlan.at,
			  "host '%s' names VLAN '%s' twice", host->name, from->vlan.text);
	diag->help = "one entry is enough; several addresses are a list: VLAN: [ADDRESS, ADDRESS]";
	diag->related = before->at;
	diag->related_text = "first named here";
}

void validate_hosts(struct validator *validator)
{
	for (size_t i = 0; i < validator->document->host_count; i++) {
		const struct doc_host *from = &validator->document->hosts[i];
		struct host *host = &validator->topology->hosts[i];

		host->ssh = from->ssh;
		host->services = from->services;
		host->service_count = from->service_count;
		host->interfaces = arena_array(validator->arena, from->interface_count,
					       sizeof(struct interface));
		for (size_t j = 0; j < from->interface_count; j++)
			add_interface(validator, &from->interfaces[j], host);
	}
}
