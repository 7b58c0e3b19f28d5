#include "cmd/cli.h"
#include "cmd/diag_json.h"
#include "cmd/result.h"

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void add_valid(const struct loaded *loaded, struct strbuf *result)
{
	const struct topology *topology = loaded->topology;

	strbuf_printf(result, "%s: valid: %zu VLAN%s, %zu host%s, %zu rule%s, %zu tunnel%s\n",
		      loaded->name, topology->vlan_count, plural(topology->vlan_count),
		      topology->host_count, plural(topology->host_count), topology->rule_count,
		      plural(topology->rule_count), topology->tunnel_count,
		      plural(topology->tunnel_count));
}

/* {"file", "valid", "diagnostics"}, and "error" where the file could not be read. */
static void add_json(const struct loaded *loaded, const struct diag_list *diags, const char *reason,
		     struct strbuf *result)
{
	json_t *object =
		json_pack("{ss sb so}", "file", loaded->name, "valid", loaded->topology != NULL,
			  "diagnostics", diag_json(diags, loaded->sources));

	if (reason)
		json_object_set_new(object, "error",
				    json_pack("{ss ss}", "code", "unreadable", "text", reason));
	result_add_json(object, result);
}

/* Appends what is to be said about one file to the result; its errors are printed at once. */
static int check_file(const struct cli *cli, const char *path, struct strbuf *result)
{
	struct loaded loaded;
	struct diag_list diags;
	const char *reason;
	int status = cli_load_file(cli, path, &loaded, &diags, &reason);

	if (cli->json) {
		add_json(&loaded, &diags, reason, result);
	} else if (reason) {
		cli_error("%s: %s", loaded.name, reason);
	} else {
		cli_print_diags(cli, &loaded, &diags);
		if (status == EXIT_DONE)
			add_valid(&loaded, result);
	}
	cli_unload(&loaded);
	return status;
}

/* The file that the other commands would take. */
static int check_default(const struct cli *cli, struct strbuf *result)
{
	struct strbuf path = {0};
	int status = EXIT_TOPOLOGY;

	if (cli_find(cli, &path))
		status = check_file(cli, strbuf_text(&path), result);
	strbuf_finish(&path);
	return status;
}

int cmd_check(struct cli *cli, int argc, char **argv)
{
	struct strbuf result = {0};
	int status = EXIT_DONE;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1])
			return cli_usage("check", "unknown option '%s'", argv[i]);
	}
	if (argc == 1)
		status = check_default(cli, &result);
	for (int i = 1; i < argc; i++) {
		if (check_file(cli, argv[i], &result) != EXIT_DONE)
			status = EXIT_TOPOLOGY;
	}
	result_print(&result);
	return status;
}
