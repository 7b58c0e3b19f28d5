#include "topology/validate/validate_parts.h"

#include "topology/diag/codes.h"
#include "topology/model/match.h"

static void check_family(struct validator *validator, const struct vlan *vlan,
			 const struct address *address)
{
	struct diag *diag;

	if (match_family(vlan, address->family))
		return;
	diag = diag_error(validator->diags, CODE_FAMILY, address->at,
			  "VLAN '%s' has only IPv%d addresses (%s)", vlan->name,
			  address->family == ADDRESS_IPV4 ? 6 : 4, vlan->cidrs[0].text);
	diag->help = "correct the address, or add a range of its family to the VLAN";
	diag->related = vlan->at;
}

static void report_twice(struct validator *validator, struct referrer referrer, struct word vlan,
			 const struct interface *before)
{
	struct diag *diag = diag_error(validator->diags, CODE_VLAN_TWICE, vlan.at,
				       "%s '%s' names VLAN '%s' twice", referrer.what,
				       referrer.name, vlan.text);

	diag->help = "one entry is enough; several addresses are a list: VLAN: [ADDRESS, ADDRESS]";
	diag->related = before->at;
	diag->related_text = "first named here";
}

static const struct interface *find_interface(const struct interface *interfaces, size_t count,
					      size_t vlan)
{
	for (size_t i = 0; i < count; i++) {
		if (interfaces[i].vlan == vlan)
			return &interfaces[i];
	}
	return NULL;
}

void validate_interfaces(struct validator *validator, const struct doc_interfaces *from,
			 struct referrer referrer, struct interface **ret_interfaces,
			 size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = 0; i < from->count; i++) {
		struct interface interface = from->items[i];
		const struct word name = {from->vlans[i], interface.at};
		const size_t vlan = validate_vlan(validator, name, referrer);
		const struct interface *before = find_interface(from->items, count, vlan);

		if (vlan == TOPOLOGY_NONE)
			continue;
		if (before) {
			report_twice(validator, referrer, name, before);
			continue;
		}
		for (size_t j = 0; j < interface.address_count; j++)
			check_family(validator, &validator->topology->vlans[vlan],
				     &interface.addresses[j]);
		interface.vlan = vlan;
		from->items[count++] = interface;
	}
	*ret_interfaces = from->items;
	*ret_count = count;
}
