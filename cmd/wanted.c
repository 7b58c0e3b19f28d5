#include "cmd/wanted.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/find_file.h"
#include "cmd/pattern.h"
#include "cmd/supervise.h"
#include "cmd/targets.h"
#include "topology/base/memory.h"

/* What it takes to find them. */
struct finding {
	const struct cli *cli;
	const char *command;
	const json_t *listed;
	struct wanted *wanted;
	json_t *taken; /* the ids of `wanted->tunnels`, as keys */
	bool all_files;
};

/* --- the file -------------------------------------------------------------------------------- */

/* Returns the real path of a file, or the one that it would have if it were still there. */
static char *real_path(const char *path)
{
	char *real = memory_found(realpath(path, NULL));
	char *for_directory, *for_name, *directory;

	if (real)
		return real;
	for_directory = memory_string(path);
	for_name = memory_string(path);
	directory = memory_found(realpath(dirname(for_directory), NULL));
	if (directory)
		real = memory_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory,
				     basename(for_name));
	free(directory);
	free(for_directory);
	free(for_name);
	return real;
}

void wanted_load(const struct cli *cli, bool needed, struct wanted *ret_wanted)
{
	struct wanted *wanted = ret_wanted;
	struct strbuf path = {0};

	*wanted = (struct wanted){.tunnels = json_array(),
				  .me = cli->me ? cli->me : getenv("TUNPLAN_ME")};
	if (wanted->me && !*wanted->me)
		wanted->me = NULL;
	if (!needed)
		return;
	cli_hold(&wanted->why);
	wanted->status = loaded_read(cli, &wanted->loaded);
	cli_hold(NULL);
	if (wanted->status != EXIT_DONE)
		wanted->loaded = (struct loaded){0};
	if (find_file(cli->file, &path) && strcmp(strbuf_text(&path), "-") != 0)
		wanted->file = real_path(strbuf_text(&path));
	strbuf_finish(&path);
}

static int file_failed(const struct finding *finding)
{
	cli_say_held(&finding->wanted->why);
	return finding->wanted->status;
}

/* --- those that are up ----------------------------------------------------------------------- */

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(supervise_text(a, key), supervise_text(b, key)) == 0;
}

/* A tunnel and its successor have one id. */
static bool has(const json_t *tunnels, const json_t *tunnel)
{
	for (size_t i = 0; i < json_array_size(tunnels); i++)
		if (is_same(json_array_get(tunnels, i), tunnel, "id"))
			return true;
	return false;
}

/* Takes one, once. All may be thousands. */
static void take(struct finding *finding, json_t *tunnel)
{
	const char *id = supervise_text(tunnel, "id");

	if (json_object_get(finding->taken, id))
		return;
	json_object_set(finding->taken, id, json_true());
	json_array_append(finding->wanted->tunnels, tunnel);
}

/* Takes one that is not up, of the file or of nobody knows which. */
static void take_down(struct finding *finding, const char *name)
{
	const struct loaded *loaded = &finding->wanted->loaded;
	const char *me = loaded->topology && loaded->me != TOPOLOGY_NONE
				 ? loaded->topology->hosts[loaded->me].name
				 : "";
	const char *file = finding->wanted->file ? finding->wanted->file : "";
	char *id = protocol_id(file, name, me);
	json_t *tunnel = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id, "name", name, "file",
				   file, "me", me, "state", "down");

	take(finding, tunnel);
	json_decref(tunnel);
	free(id);
}

/* Whether one is of the file, whatever host this machine was then: unless the user says which it is. */
static bool is_of_file(const struct finding *finding, const json_t *tunnel)
{
	const char *file = finding->wanted->file;

	return file && strcmp(supervise_text(tunnel, "file"), file) == 0 &&
	       (!finding->wanted->me ||
		strcmp(supervise_text(tunnel, "me"), finding->wanted->me) == 0);
}

/* Returns those of a name that are up, of the file or of all: a new reference. */
static json_t *candidates(const struct finding *finding, const char *name, bool of_file)
{
	json_t *found = json_array(), *tunnel;
	size_t i;

	json_array_foreach(finding->listed, i,
			   tunnel) if (strcmp(supervise_text(tunnel, "name"), name) == 0 &&
				       (!of_file || is_of_file(finding, tunnel)) &&
				       !has(found, tunnel)) json_array_append(found, tunnel);
	return found;
}

/* Of several, the one whose machine is the host that this machine is in the file. */
static void prefer_me(const struct finding *finding, json_t *found)
{
	const struct loaded *loaded = &finding->wanted->loaded;
	json_t *tunnel;
	size_t i;

	if (!loaded->topology || loaded->me == TOPOLOGY_NONE)
		return;
	json_array_foreach(found, i, tunnel)
	{
		if (!is_of_file(finding, tunnel) ||
		    strcmp(supervise_text(tunnel, "me"),
			   loaded->topology->hosts[loaded->me].name) != 0)
			continue;
		json_incref(tunnel);
		json_array_clear(found);
		json_array_append_new(found, tunnel);
		return;
	}
}

/* Says what to type for each of several of one name. */
static int ambiguous(const struct finding *finding, const char *name, const json_t *found)
{
	const json_t *first = json_array_get(found, 0);
	struct strbuf text = {0};

	for (size_t i = 0; i < json_array_size(found); i++) {
		const json_t *tunnel = json_array_get(found, i);
		/* Two of one file differ in the host that this machine was said to be. */
		bool same_file = is_same(tunnel, json_array_get(found, i ? 0 : 1), "file");

		strbuf_printf(&text, "\n    tunplan -f %s%s%s %s %s",
			      supervise_text(tunnel, "file"), same_file ? " --me " : "",
			      same_file ? supervise_text(tunnel, "me") : "", finding->command,
			      supervise_text(first, "name"));
	}
	cli_error("there is more than one '%s'; say which:%s", name, strbuf_text(&text));
	strbuf_finish(&text);
	return EXIT_USAGE;
}

/* Takes the one of a name that is up. *ret_found says whether there is one. */
static int take_named(struct finding *finding, const char *name, bool of_file, bool *ret_found)
{
	json_t *found = candidates(finding, name, of_file);
	int status = EXIT_DONE;

	if (of_file)
		prefer_me(finding, found);
	*ret_found = json_array_size(found) > 0;
	if (json_array_size(found) > 1)
		status = ambiguous(finding, name, found);
	else if (*ret_found)
		take(finding, json_array_get(found, 0));
	json_decref(found);
	return status;
}

/* Takes all that are up and match a pattern, of the file or of all; returns whether there are any. */
static bool take_matching(struct finding *finding, const char *pattern)
{
	json_t *tunnel;
	size_t i;
	bool found = false;

	json_array_foreach(finding->listed, i, tunnel)
	{
		if (!pattern_matches(pattern, supervise_text(tunnel, "name")) ||
		    (!finding->all_files && !is_of_file(finding, tunnel)))
			continue;
		take(finding, tunnel);
		found = true;
	}
	return found;
}

/* --- words ----------------------------------------------------------------------------------- */

/* What there is to say of a listed one. Of one that is down, the past is listed (past.h). */
static const char *fares(const char *state)
{
	if (strcmp(state, "down") == 0)
		return "has a history, too";
	return strcmp(state, "failed") == 0 ? "has failed" : "is up";
}

/* Says that there is one of that name which is not meant. */
static void say_elsewhere(const struct finding *finding, const char *name)
{
	json_t *found = candidates(finding, name, false);
	const json_t *tunnel = json_array_get(found, 0);

	if (tunnel)
		cli_note("'%s' of another file %s: tunplan -f %s %s %s", name,
			 fares(supervise_text(tunnel, "state")), supervise_text(tunnel, "file"),
			 finding->command, name);
	json_decref(found);
}

/* Takes what a word means in the file; what the file has to say against it is appended to why. */
static int take_of_file(struct finding *finding, char *word, bool *ret_found, struct cli_held *why)
{
	struct targets targets = {0};
	int status;

	if (finding->wanted->status != EXIT_DONE)
		return EXIT_DONE;
	cli_hold(why);
	status = targets_find(finding->cli, &finding->wanted->loaded, &word, 1, false, &targets);
	cli_hold(NULL);
	*ret_found |= status == EXIT_DONE;
	status = EXIT_DONE;
	for (size_t i = 0; i < targets.count && status == EXIT_DONE; i++) {
		bool is_up;

		status = take_named(finding, targets.tunnels[i]->name, true, &is_up);
		if (is_up)
			continue;
		take_down(finding, targets.tunnels[i]->name);
		say_elsewhere(finding, targets.tunnels[i]->name);
	}
	return status;
}

/* Says that a word means nothing. */
static int unknown(const struct finding *finding, const char *word, const struct cli_held *why)
{
	int status = EXIT_USAGE;

	if (finding->wanted->status == EXIT_DONE) {
		cli_say_held(why);
		if (topology_spoils(finding->wanted->loaded.topology, word))
			status = EXIT_TOPOLOGY;
	} else {
		status = file_failed(finding);
		cli_error("nothing that is up is called '%s'", word);
	}
	say_elsewhere(finding, word);
	return status;
}

static int take_word(struct finding *finding, char *word)
{
	struct cli_held why = {0};
	bool found = false;
	int status = EXIT_DONE;

	if (pattern_is(word))
		found = take_matching(finding, word);
	else
		status = take_named(finding, word, !finding->all_files, &found);
	if (status == EXIT_DONE && !(finding->all_files && found))
		status = take_of_file(finding, word, &found, &why);
	/* With -f, that file is meant. */
	if (status == EXIT_DONE && !found && !finding->cli->file)
		status = take_named(finding, word, false, &found);
	if (status == EXIT_DONE && !found && finding->all_files)
		take_down(finding, word);
	else if (status == EXIT_DONE && !found)
		status = unknown(finding, word, &why);
	cli_held_finish(&why);
	return status;
}

/* Takes what is up: of all files where there is no file, too. */
static int take_all(struct finding *finding)
{
	const bool everywhere = finding->all_files ||
				(!finding->wanted->file && finding->wanted->status != EXIT_DONE);
	json_t *tunnel;
	size_t i;

	json_array_foreach(finding->listed, i,
			   tunnel) if (everywhere || is_of_file(finding, tunnel))
		take(finding, tunnel);
	if (finding->all_files || finding->wanted->status == EXIT_DONE)
		return EXIT_DONE;
	if (!json_array_size(finding->wanted->tunnels))
		return file_failed(finding);
	if (finding->wanted->file)
		cli_note("%s cannot be loaded now (`tunplan check` tells why)",
			 finding->wanted->file);
	return EXIT_DONE;
}

int wanted_find(const struct cli *cli, const char *command, const json_t *listed, bool all_files,
		char **words, size_t word_count, struct wanted *wanted)
{
	struct finding finding = {
		.cli = cli,
		.command = command,
		.listed = listed,
		.wanted = wanted,
		.taken = json_object(),
		.all_files = all_files,
	};
	int status = EXIT_DONE;

	for (size_t i = 0; i < word_count; i++) {
		int taken = take_word(&finding, words[i]);

		status = status == EXIT_DONE ? taken : status;
	}
	if (!word_count)
		status = take_all(&finding);
	json_decref(finding.taken);
	return status;
}

void wanted_finish(struct wanted *wanted)
{
	loaded_finish(&wanted->loaded);
	cli_held_finish(&wanted->why);
	free(wanted->file);
	json_decref(wanted->tunnels);
	*wanted = (struct wanted){0};
}

const char **wanted_ids(const struct wanted *wanted, size_t *ret_count)
{
	const size_t count = json_array_size(wanted->tunnels);
	const char **ids = memory_array(count + 1, sizeof(*ids));

	for (size_t i = 0; i < count; i++)
		ids[i] = supervise_text(json_array_get(wanted->tunnels, i), "id");
	*ret_count = count;
	return ids;
}
