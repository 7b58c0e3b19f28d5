#include "exec/lab/host/host_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "exec/lab/host/host_text.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/namespace.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* Directories of a host, below its /run. */
static const struct {
	const char *path;
	mode_t mode;
} directories[] =
	{
		{LAB_HOME "/.ssh", 0700}, {LAB_ETC, 0755},   {LAB_SSHD, 0700},
		{LAB_LOG, 0755},          {LAB_REPOS, 0755}, {LAB_SERVICES, 0755},
		{"/run/sshd", 0755},  /* sshd insists on it */
		{"/run/lock", 01777}, /* what programs expect in /run */
		{"/run/user", 0755},
};

/* What a host has of its own in place of the machine's, unless the machine has nothing there. */
static const struct {
	const char *own;
	const char *path;
} hidden[] = {
	{LAB_ETC "/hosts", "/etc/hosts"},
	{LAB_ETC "/hostname", "/etc/hostname"},
	{LAB_ETC "/resolv.conf", "/etc/resolv.conf"},
	{LAB_ETC "/nsswitch.conf", "/etc/nsswitch.conf"},
	{LAB_ETC "/passwd", "/etc/passwd"},
	{LAB_ETC "/group", "/etc/group"},
	{LAB_ETC "/shadow", "/etc/shadow"},
	{LAB_ETC "/ssh_config", "/etc/ssh/ssh_config"},
	{LAB_LOG, "/var/log"}, /* sshd and login programs write there */
};

/* The path in the lab's view of what a host sees as path (which starts with /run). */
static const char *outside(const struct lab_node *node, const char *path, struct arena *arena)
{
	return arena_format(arena, LAB_HOSTS "/%s%s", node->name, path + strlen(LAB_RUN));
}

/* Reads a file of the machine; "" when there is none. */
static const char *machine_file(const char *path, struct arena *arena)
{
	FILE *file = memory_found(fopen(path, "re"));
	struct strbuf text;
	char part[4096];
	const char *copy;
	size_t size;

	if (!file)
		return "";
	strbuf_init(&text);
	while ((size = fread(part, 1, sizeof(part), file)) > 0)
		strbuf_add(&text, part, size);
	fclose(file);
	copy = arena_copy(arena, strbuf_text(&text), text.length);
	strbuf_finish(&text);
	return copy;
}

/* A host's directory while it is being filled; the first error stays. */
struct writer {
	const struct lab_node *node;
	struct arena arena; /* paths and texts */
	struct strbuf text; /* the file in the making */
	int error;
	struct lab_problem *problem;
};

static void directory_make(struct writer *writer, const char *path, mode_t mode)
{
	int error;

	if (writer->error < 0)
		return;
	error = lab_directory_make(outside(writer->node, path, &writer->arena), mode);
	if (error < 0)
		writer->error = lab_problem_set(writer->problem, error, "cannot make %s on %s: %s",
						path, writer->node->name, strerror(-error));
}

/* Writes the text in the making to a file, and starts the next one. */
static void file_write(struct writer *writer, const char *path, mode_t mode)
{
	int error;

	if (writer->error < 0)
		return;
	error = lab_file_write(outside(writer->node, path, &writer->arena), mode,
			       strbuf_text(&writer->text), writer->text.length);
	if (error < 0)
		writer->error = lab_problem_set(writer->problem, error, "cannot write %s on %s: %s",
						path, writer->node->name, strerror(-error));
	strbuf_clear(&writer->text);
}

static void writer_finish(struct writer *writer)
{
	strbuf_finish(&writer->text);
	arena_finish(&writer->arena);
}

static void etc_write(struct writer *writer, const struct lab *lab)
{
	const struct topology *topology = lab->network->topology;

	lab_text_hosts(lab->network, writer->node, &writer->text);
	file_write(writer, LAB_ETC "/hosts", 0644);
	strbuf_printf(&writer->text, "%s\n", writer->node->name);
	file_write(writer, LAB_ETC "/hostname", 0644);
	file_write(writer, LAB_ETC "/resolv.conf", 0644);
	strbuf_puts(&writer->text, "passwd: files\ngroup: files\nshadow: files\nhosts: files\n");
	file_write(writer, LAB_ETC "/nsswitch.conf", 0644);
	lab_text_passwd(topology, machine_file("/etc/passwd", &writer->arena), &lab->user,
			&writer->text);
	file_write(writer, LAB_ETC "/passwd", 0644);
	lab_text_group(machine_file("/etc/group", &writer->arena), &writer->text);
	file_write(writer, LAB_ETC "/group", 0644);
	/* Without an entry there, nobody's account counts as locked. */
	file_write(writer, LAB_ETC "/shadow", 0600);
	file_write(writer, LAB_ETC "/ssh_config", 0644);
}

static void home_write(struct writer *writer, const struct lab *lab)
{
	lab_text_ssh_config(lab->network->topology, &writer->text);
	file_write(writer, LAB_HOME "/.ssh/config", 0600);
	strbuf_printf(&writer->text, "[user]\n\tname = %s\n\temail = %s@%s\n", lab->user.name,
		      lab->user.name, writer->node->name);
	file_write(writer, LAB_HOME "/.gitconfig", 0644);
	lab_text_sshd_config(lab->network->topology->hosts[writer->node->host].sshd,
			     lab_host_environment(lab, writer->node, &writer->arena), NULL,
			     &writer->text);
	file_write(writer, LAB_SSHD "/sshd", 0600);
}

int lab_host_files_write(const struct lab *lab, const struct lab_node *node,
			 struct lab_problem *problem)
{
	struct writer writer = {.node = node, .problem = problem};

	for (size_t d = 0; d < sizeof(directories) / sizeof(directories[0]); d++)
		directory_make(&writer, directories[d].path, directories[d].mode);
	directory_make(&writer,
		       arena_format(&writer.arena, "/run/user/%u", (unsigned)lab->user.uid), 0700);
	etc_write(&writer, lab);
	home_write(&writer, lab);
	writer_finish(&writer);
	return writer.error;
}

static int key_start(const char *path, const char *comment, struct lab_child *ret_child,
		     struct lab_problem *problem)
{
	const char *argv[] = {"ssh-keygen", "-q",    "-t", "ed25519", "-N", "",
			      "-C",         comment, "-f", path,      NULL};

	return lab_child_start(argv, NULL, 0, ret_child, problem);
}

int lab_keys_start(const struct lab *lab, struct lab_keys *ret_keys, struct lab_problem *problem)
{
	const struct topology *topology = lab->network->topology;
	struct lab_keys *keys = ret_keys;
	size_t count = topology->host_count;
	int error = 0;

	*keys = (struct lab_keys){.children = NULL};
	keys->children = arena_array(&keys->arena, count + 1, sizeof(*keys->children));
	for (size_t h = 0; h < count && error == 0; h++)
		if (lab_host_has_key(&topology->hosts[h]))
			error = key_start(
				outside(&lab->network->nodes[h], LAB_HOST_KEY, &keys->arena),
				topology->hosts[h].name, &keys->children[h], problem);
	if (error == 0)
		error = key_start(LAB_CLIENT_KEY, "lab", &keys->children[count], problem);
	return error;
}

/* Reads a public key, "ssh-ed25519 AAAA… comment", without its line break. */
static const char *public_key(const char *path, struct arena *arena)
{
	const char *text = machine_file(arena_format(arena, "%s.pub", path), arena);

	return arena_copy(arena, text, strcspn(text, "\n"));
}

/* Writes the client's key under every name by which the topology's hosts may ask for it. */
static void identities_write(struct writer *writer, const struct topology *topology)
{
	const char *key = machine_file(LAB_CLIENT_KEY, &writer->arena);

	strbuf_puts(&writer->text, key);
	file_write(writer, LAB_HOME "/.ssh/id_ed25519", 0600);
	strbuf_printf(&writer->text, "%s\n", public_key(LAB_CLIENT_KEY, &writer->arena));
	file_write(writer, LAB_HOME "/.ssh/id_ed25519.pub", 0644);
	strbuf_printf(&writer->text, "%s\n", public_key(LAB_CLIENT_KEY, &writer->arena));
	file_write(writer, LAB_HOME "/.ssh/authorized_keys", 0600);
	for (size_t h = 0; h < topology->host_count; h++) {
		const char *identity = topology->hosts[h].ssh->identity;
		const char *path, *slash;

		if (!identity || strncmp(identity, "~/", 2) != 0 || strstr(identity, ".."))
			continue;
		path = arena_format(&writer->arena, LAB_HOME "%s", identity + 1);
		slash = strrchr(path, '/');
		directory_make(writer, arena_copy(&writer->arena, path, (size_t)(slash - path)),
			       0700);
		strbuf_puts(&writer->text, key);
		file_write(writer, path, 0600);
	}
}

static int keys_distribute(const struct lab *lab, struct arena *arena, struct lab_problem *problem)
{
	const struct topology *topology = lab->network->topology;
	const char **keys = arena_array(arena, topology->host_count + 1, sizeof(*keys));
	int error = 0;

	for (size_t h = 0; h < topology->host_count; h++)
		if (lab_host_has_key(&topology->hosts[h]))
			keys[h] = public_key(outside(&lab->network->nodes[h], LAB_HOST_KEY, arena),
					     arena);
	for (size_t h = 0; h < topology->host_count && error == 0; h++) {
		struct writer writer = {.node = &lab->network->nodes[h], .problem = problem};

		identities_write(&writer, topology);
		lab_text_known_hosts(lab->network, keys, &writer.text);
		file_write(&writer, LAB_HOME "/.ssh/known_hosts", 0600);
		error = writer.error;
		writer_finish(&writer);
	}
	return error;
}

int lab_keys_finish(const struct lab *lab, struct lab_keys *keys, int error,
		    struct lab_problem *problem)
{
	for (size_t c = 0; c <= lab->network->topology->host_count; c++) {
		struct lab_child *child = &keys->children[c];
		int ended = child->pid ? lab_child_wait(child, problem) : 0;

		error = error < 0 ? error : ended;
	}
	if (error == 0)
		error = keys_distribute(lab, &keys->arena, problem);
	arena_finish(&keys->arena);
	return error;
}

int lab_host_files_mount(const struct lab_node *node, struct lab_problem *problem)
{
	struct arena arena = {0};
	int error = lab_bind_mount(outside(node, LAB_RUN, &arena), LAB_RUN);

	for (size_t f = 0; f < sizeof(hidden) / sizeof(hidden[0]) && error == 0; f++) {
		error = lab_bind_mount(hidden[f].own, hidden[f].path);
		if (error < 0)
			lab_problem_set(problem, error, "cannot hide %s on %s: %s", hidden[f].path,
					node->name, strerror(-error));
	}
	arena_finish(&arena);
	return error;
}

const char *lab_host_files_shown(void)
{
	struct stat own, seen;

	if (stat(LAB_ETC, &own) < 0)
		return LAB_ETC;
	/* All that the lab writes lies on one file system, and nothing of the machine does. */
	for (size_t f = 0; f < sizeof(hidden) / sizeof(hidden[0]); f++)
		if (stat(hidden[f].path, &seen) == 0 && seen.st_dev != own.st_dev)
			return hidden[f].path;
	return NULL;
}

/* tunplan's own directory, the user's PATH, and where servers are, which users often leave out. */
static const char *search_path(const struct lab *lab, struct arena *arena)
{
	const char *path = getenv("PATH"), *slash = strrchr(lab->program, '/');

	path = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
	return arena_format(arena, "%.*s:%s%s", (int)(slash - lab->program), lab->program, path,
			    strstr(path, "/usr/sbin") ? "" : ":/usr/sbin:/sbin");
}

/*
 * At which places a host is: the lab's, whatever would be recognised in it. Where the file has none,
 * the variable says nothing.
 */
static const char *places_text(const struct lab *lab, const struct lab_node *node,
			       struct arena *arena)
{
	const struct topology *topology = lab->network->topology;

	if (topology->place_count == 0)
		return "";
	if (node->host != lab->me || lab->where.count == 0)
		return "none";
	return whereabouts_names(topology, &lab->where, ",", arena);
}

const struct lab_variable *lab_host_environment(const struct lab *lab, const struct lab_node *node,
						struct arena *arena)
{
	const struct lab_variable variables[] = {
		{"HOME", LAB_HOME},
		{"USER", lab->user.name},
		{"LOGNAME", lab->user.name},
		{"SHELL", lab->user.shell},
		{"PATH", search_path(lab, arena)},
		{"XDG_RUNTIME_DIR", arena_format(arena, "/run/user/%u", (unsigned)lab->user.uid)},
		{"TUNPLAN_FILE", lab->file},
		{"TUNPLAN_ME", node->name},
		{"TUNPLAN_PLACE", places_text(lab, node, arena)},
		{NULL, NULL},
	};
	struct lab_variable *copy = arena_alloc(arena, sizeof(variables));

	memcpy(copy, variables, sizeof(variables));
	return copy;
}
