#include "cmd/find_file.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "tunplan.yaml"

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Whether prefix ("", "../", "../../" …) is the root: there, `..` leads nowhere else. */
static bool is_root(const char *prefix)
{
	struct strbuf parent = {0};
	struct stat here, above;
	bool same;

	strbuf_printf(&parent, "%s..", prefix);
	same = stat(*prefix ? prefix : ".", &here) || stat(strbuf_text(&parent), &above) ||
	       (here.st_dev == above.st_dev && here.st_ino == above.st_ino);
	strbuf_finish(&parent);
	return same;
}

/* Going up by `..` needs no name for the directories, which may be unreadable or renamed. */
static bool find_upwards(struct strbuf *ret_path)
{
	struct strbuf prefix = {0};
	struct strbuf path = {0};
	bool found = false;

	while (prefix.length < PATH_MAX) {
		strbuf_clear(&path);
		strbuf_printf(&path, "%s" FILE_NAME, strbuf_text(&prefix));
		found = exists(strbuf_text(&path));
		if (found || is_root(strbuf_text(&prefix)))
			break;
		strbuf_puts(&prefix, "../");
	}
	if (found)
		strbuf_puts(ret_path, strbuf_text(&path));
	strbuf_finish(&prefix);
	strbuf_finish(&path);
	return found;
}

static bool find_in_config(struct strbuf *ret_path)
{
	const char *config = environment("XDG_CONFIG_HOME");
	const char *home = environment("HOME");
	struct strbuf path = {0};
	bool found;

	if (config)
		strbuf_printf(&path, "%s/tunplan/" FILE_NAME, config);
	else if (home)
		strbuf_printf(&path, "%s/.config/tunplan/" FILE_NAME, home);
	found = path.length && exists(strbuf_text(&path));
	if (found)
		strbuf_puts(ret_path, strbuf_text(&path));
	strbuf_finish(&path);
	return found;
}

bool find_file(const char *option, struct strbuf *ret_path)
{
	const char *named = option ? option : environment("TUNPLAN_FILE");

	if (named) {
		strbuf_puts(ret_path, named);
		return true;
	}
	return find_upwards(ret_path) || find_in_config(ret_path);
}
