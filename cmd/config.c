/* config: prints the topology in canonical form: all files merged, each part with its origin. */
#include <stdlib.h>
#include <string.h>

#include "cmd/loaded.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "topology/print/print.h"
#include "topology/yaml/yaml.h"

/* The canonical text, read again: JSON is what YAML 1.2 makes of it. */
struct reading {
	struct yaml_tree tree;
	struct sources sources;
	struct arena arena;
};

static bool is_integer(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0' && (text[0] != '0' || text[1] == '\0');
}

static json_t *scalar_json(const struct yaml_tree *tree, const struct yaml_node *scalar)
{
	const char *text = yaml_text(tree, scalar);

	if (yaml_is_null(tree, scalar))
		return json_null();
	if (scalar->style == YAML_PLAIN && scalar->count < 10 && is_integer(text))
		return json_integer(strtol(text, NULL, 10));
	return json_string(text);
}

/* Not deeper than the language. */
static json_t *node_json(const struct yaml_tree *tree, const struct yaml_node *node)
{
	struct yaml_walk walk;
	struct yaml_pair pair;
	const struct yaml_node *item;
	json_t *value;

	if (node->kind == YAML_SCALAR)
		return scalar_json(tree, node);
	walk = yaml_walk(node);
	if (node->kind == YAML_LIST) {
		value = json_array();
		while ((item = yaml_next(&walk)))
			json_array_append_new(value, node_json(tree, item));
		return value;
	}
	value = json_object();
	while (yaml_next_pair(&walk, &pair))
		json_object_set_new(value, yaml_text(tree, pair.key), node_json(tree, pair.value));
	return value;
}

static int print_json(const struct topology *topology)
{
	struct reading reading = {0};
	struct diag_list diags;
	struct strbuf text = {0};
	const struct source *source;
	bool good;

	topology_print(topology, false, &text);
	diag_list_init(&diags, &reading.arena);
	source = sources_add(&reading.sources, &reading.arena, "config", strbuf_text(&text),
			     text.length);
	good = yaml_read(source, &diags, &reading.tree);
	if (good)
		result_print_json(node_json(&reading.tree, reading.tree.nodes));
	else
		cli_error("the canonical form of the topology is not valid YAML: this is a bug");
	yaml_tree_finish(&reading.tree);
	arena_finish(&reading.arena);
	strbuf_finish(&text);
	return good ? EXIT_DONE : EXIT_FAILED;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};
	struct loaded loaded;
	int status = options_take(&command_config, NULL, &argc, argv);

	if (status == EXIT_DONE)
		status = loaded_read(cli, &loaded);
	if (status != EXIT_DONE)
		return status;
	if (loaded.topology->spoiled_count) {
		loaded_print_diags(cli, &loaded, &loaded.spoiling);
		status = EXIT_TOPOLOGY;
	} else if (cli->json) {
		status = print_json(loaded.topology);
	} else {
		topology_print(loaded.topology, true, &text);
		result_print(&text);
	}
	loaded_finish(&loaded);
	return status;
}

const struct command command_config = {"config", run, 0, NULL};
