#include <stddef.h>
#include <string.h>

#include "cmd/diag_json.h"
#include "cmd/loaded.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "topology/lint/lint.h"

/* What the command is asked to do, and what it has to say. */
struct request {
	const struct cli *cli;
	bool strict; /* a file with lints does not pass */
	struct strbuf result;
};

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void add_valid(const struct loaded *loaded, size_t warnings, struct strbuf *result)
{
	const struct topology *topology = loaded->topology;

	strbuf_printf(result, "%s: valid: %zu VLAN%s, %zu host%s, %zu rule%s, %zu tunnel%s",
		      loaded->name, topology->vlan_count, plural(topology->vlan_count),
		      topology->host_count, plural(topology->host_count), topology->rule_count,
		      plural(topology->rule_count), topology->tunnel_count,
		      plural(topology->tunnel_count));
	if (warnings)
		strbuf_printf(result, "; %zu warning%s", warnings, plural(warnings));
	strbuf_puts(result, "\n");
}

/*
 * {"file", "valid", "passed", "warnings", "diagnostics"}, and "error" where the file could not be read.
 * A file that has not passed makes the exit status 3.
 */
static void add_json(const struct loaded *loaded, const struct diag_list *diags, bool passed,
		     const char *reason, struct strbuf *result)
{
	json_t *object = json_pack("{ss sb sb sI so}", "file", loaded->name, "valid",
				   loaded->topology && !diags->errors, "passed", passed, "warnings",
				   (json_int_t)diags->lints, "diagnostics",
				   diag_json(diags, loaded->sources));

	if (reason)
		json_object_set_new(object, "error",
				    json_pack("{ss ss}", "code", "unreadable", "text", reason));
	result_add_json(object, result);
}

/* Prints the diagnostics, and then what they come to. */
static void say(struct request *request, const struct loaded *loaded, const struct diag_list *diags,
		bool passed)
{
	loaded_print_diags(request->cli, loaded, diags);
	if (passed)
		add_valid(loaded, diags->lints, &request->result);
	else if (!diags->errors)
		cli_error("%s: %zu warning%s, and --strict takes none", loaded->name, diags->lints,
			  plural(diags->lints));
}

/* Appends what is to be said about one file to the result; its errors are printed at once. */
static int check_file(struct request *request, const char *path)
{
	struct loaded loaded;
	struct diag_list diags;
	const char *reason;
	bool passed = loaded_read_file(request->cli, path, &loaded, &diags, &reason) == EXIT_DONE;

	passed = passed && !diags.errors;
	if (passed)
		lint_topology(loaded.topology, &diags);
	passed = passed && !(request->strict && diags.lints);
	if (request->cli->json)
		add_json(&loaded, &diags, passed, reason, &request->result);
	else if (reason)
		cli_error("%s: %s", loaded.name, reason);
	else
		say(request, &loaded, &diags, passed);
	loaded_finish(&loaded);
	return passed ? EXIT_DONE : EXIT_TOPOLOGY;
}

/* The file that the other commands would take. */
static int check_default(struct request *request)
{
	struct strbuf path = {0};
	int status = EXIT_TOPOLOGY;

	if (loaded_find_file(request->cli, &path))
		status = check_file(request, strbuf_text(&path));
	strbuf_finish(&path);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct request request = {.cli = cli};
	int status = options_take(&command_check, &request, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (argc == 1)
		status = check_default(&request);
	for (int i = 1; i < argc; i++) {
		if (check_file(&request, argv[i]) != EXIT_DONE)
			status = EXIT_TOPOLOGY;
	}
	result_print(&request.result);
	return status;
}

static const struct option options[] = {
	{"--strict", .offset = offsetof(struct request, strict)},
	{0},
};

const struct command command_check = {"check", run, WORDS_ANY, options};
