#include "topology/topology.h"

#include <string.h>

#include "topology/index.h"
#include "topology/parse.h"
#include "topology/validate.h"
#include "topology/yaml.h"

/* What sources[0] describes, as far as the errors let it be made; NULL when there is nothing. */
static struct topology *load(const struct source *sources, struct arena *arena,
			     struct diag_list *diags)
{
	const struct yaml_node *root = yaml_read(sources, 0, arena, diags);
	struct document document;

	if (!root || !parse_document(root, arena, diags, &document))
		return NULL;
	return validate_document(&document, arena, diags);
}

bool topology_load(const struct source *sources, size_t source_count, struct arena *arena,
		   struct diag_list *diags, const struct topology **ret_topology)
{
	const size_t errors = diags->errors;
	struct topology *topology = load(sources, arena, diags);

	diag_sort(diags);
	if (!topology || diags->errors > errors)
		return false;
	topology->sources = sources;
	topology->source_count = source_count;
	*ret_topology = topology;
	return true;
}

static size_t find(const struct lookup *lookup, const char *name)
{
	const size_t index = lookup_find(lookup, name);

	return index == LOOKUP_NONE ? TOPOLOGY_NONE : index;
}

size_t topology_host(const struct topology *topology, const char *name)
{
	return find(&topology->index->hosts, name);
}

size_t topology_vlan(const struct topology *topology, const char *name)
{
	return find(&topology->index->vlans, name);
}

size_t topology_tunnel(const struct topology *topology, const char *name)
{
	return find(&topology->index->tunnels, name);
}

const struct group *topology_group(const struct topology *topology, const char *name)
{
	const size_t index = find(&topology->index->groups, name);

	return index == TOPOLOGY_NONE ? NULL : &topology->groups[index];
}

const struct interface *host_interface(const struct host *host, size_t vlan)
{
	for (size_t i = 0; i < host->interface_count; i++) {
		if (host->interfaces[i].vlan == vlan)
			return &host->interfaces[i];
	}
	return NULL;
}

const struct service *host_service(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host->service_count; i++) {
		if (strcmp(host->services[i].name, name) == 0)
			return &host->services[i];
	}
	return NULL;
}

const char *topology_suggest_tunnel(const struct topology *topology, const char *name)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	index_offer_tunnels(topology, &suggest);
	index_offer_groups(topology, &suggest);
	return suggest.best;
}

const char *topology_suggest_host(const struct topology *topology, const char *name)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	index_offer_hosts(topology, &suggest);
	return suggest.best;
}
