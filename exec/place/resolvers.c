#include "exec/place/resolvers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"
#include "topology/language/address.h"

#define OWN_FILE "/etc/resolv.conf"

/* systemd-resolved's: the servers and domains of all links. See systemd-resolved.service(8). */
#define UPLINK_FILE "/run/systemd/resolve/resolv.conf"
#define STUB        "127.0.0.53"

/* Larger ones are none of a resolver's. */
#define FILE_MAX ((size_t)1024 * 1024)

static const char blanks[] = " \t\r\f\v";

/* Takes the next word off a line; NULL at its end. */
static const char *next_word(const char **line, struct arena *arena)
{
	const char *word = *line + strspn(*line, blanks);
	const size_t length = strcspn(word, blanks);

	*line = word + length;
	return length ? arena_copy(arena, word, length) : NULL;
}

/* The zone of fe80::1%eth0 is this machine's business alone. */
static void add_resolver(const char *word, struct arena *arena, struct place_facts *facts)
{
	struct address address;

	if (word && address_numeric(word, strcspn(word, "%"), arena, &address))
		*(struct address *)arena_push(arena, &facts->resolvers, &facts->resolver_count,
					      sizeof(address)) = address;
}

static void add_domain(const char *word, struct arena *arena, struct place_facts *facts)
{
	const size_t length = strlen(word), dot = length && word[length - 1] == '.';

	/* "." alone: no domain is searched. */
	if (length > dot)
		*(const char **)arena_push(arena, &facts->domains, &facts->domain_count,
					   sizeof(word)) = arena_copy(arena, word, length - dot);
}

void resolvers_parse(const char *text, struct arena *arena, struct place_facts *facts)
{
	const char *searched = "", *word;

	while (*text) {
		const size_t length = strcspn(text, "\n");
		const char *line = arena_copy(arena, text, length);
		/* A keyword begins its line. */
		const char *keyword = strchr(blanks, *line) ? NULL : next_word(&line, arena);

		if (keyword && strcmp(keyword, "nameserver") == 0)
			add_resolver(next_word(&line, arena), arena, facts);
		else if (keyword &&
			 (strcmp(keyword, "search") == 0 || strcmp(keyword, "domain") == 0))
			searched = line;
		text += length + (text[length] == '\n');
	}
	while ((word = next_word(&searched, arena)))
		add_domain(word, arena, facts);
}

/* Returns 0 and the file's text, "" when there is none; or -errno. */
static int read_text(const char *path, struct arena *arena, const char **ret_text)
{
	FILE *file = memory_found(fopen(path, "re"));
	struct strbuf text = {0};
	char part[4096];
	size_t size;
	int error;

	*ret_text = "";
	if (!file)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (text.length < FILE_MAX && (size = fread(part, 1, sizeof(part), file)) > 0)
		strbuf_add(&text, part, size);
	error = ferror(file) ? -EIO : 0;
	fclose(file);
	*ret_text = arena_copy(arena, strbuf_text(&text), text.length);
	strbuf_finish(&text);
	return error;
}

/* Whether systemd-resolved is the only one who is asked. */
static bool is_stub(const struct place_facts *facts)
{
	for (size_t i = 0; i < facts->resolver_count; i++)
		if (strcmp(facts->resolvers[i].text, STUB) != 0)
			return false;
	return facts->resolver_count > 0;
}

int resolvers_find(struct arena *arena, struct place_facts *facts)
{
	const struct place_facts before = *facts;
	const char *text;
	int error = read_text(OWN_FILE, arena, &text);

	if (error < 0)
		return error;
	resolvers_parse(text, arena, facts);
	if (!is_stub(facts))
		return 0;
	error = read_text(UPLINK_FILE, arena, &text);
	if (error < 0)
		*facts = before;
	else
		resolvers_parse(text, arena, facts);
	return error;
}
