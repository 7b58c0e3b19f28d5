#include "exec/ssh/ssh_facts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "topology/base/memory.h"

/* A longer variable would let no program start (execve(2): 128 KiB). Hops without lines have our options. */
#define FACTS_MAX ((size_t)64 * 1024)

/* No keyword of ssh's, but a word of ours: ssh was asked about the hop. */
#define ASKED "asked"

/* What is told of, and the value that means that nobody stated one; "" where there is none then. */
static const struct {
	const char *keyword;
	const char *unstated;
} told[] = {
	{"ignoreunknown", ""},        {"hostname", ""},
	{"hostkeyalias", ""},         {"connecttimeout", "none"},
	{"connectionattempts", "1"},  {"serveraliveinterval", "0"},
	{"serveralivecountmax", "3"},
};

/* What names files that a login depends on, and where they need not be told of. */
static const char *const naming[] = {"identityfile", "certificatefile", "userknownhostsfile",
				     "globalknownhostsfile", "identityagent"};
static const char *const usual[] = {"/.ssh/", "/etc/ssh/"};

/* A question in the making. */
struct question {
	struct arena *arena;
	const char **words;
	size_t count;
};

static void ask(struct question *question, const char *word)
{
	*(const char **)arena_push(question->arena, &question->words, &question->count,
				   sizeof(word)) = word;
}

static void ask_pair(struct question *question, const char *option, const char *value)
{
	ask(question, option);
	ask(question, value);
}

/* Whatever carries a hop: that something does keeps ssh from making canonical names by itself. */
static void ask_way(struct question *question, const struct plan_hop *hop, bool by_hand)
{
	if (plan_is_carried(hop))
		ask_pair(question, "-o", "ProxyCommand=false");
	else if (!hop->config && !by_hand)
		ask_pair(question, "-o", "ProxyCommand=none");
}

static void ask_place(struct question *question, const struct plan_hop *hop, bool by_hand)
{
	struct arena *arena = question->arena;
	const bool guarded = plan_is_carried(hop) && !by_hand;

	if (hop->user)
		ask_pair(question, "-l", hop->user);
	if (guarded)
		ask_pair(question, "-o", arena_format(arena, "HostName=%s", hop->address));
	if (guarded || hop->port != 22)
		ask_pair(question, "-p", arena_format(arena, "%u", hop->port));
}

const char *const *ssh_facts_question(const struct plan_hop *hop, bool by_hand, struct arena *arena)
{
	struct question question = {.arena = arena};

	ask_pair(&question, "ssh", "-G");
	ask(&question, "-N");
	ask_way(&question, hop, by_hand);
	ask_place(&question, hop, by_hand);
	ask_pair(&question, "--", hop->config ? hop->config : hop->address);
	ask(&question, NULL);
	return question.words;
}

const char *ssh_facts_value(const char *answer, const char *keyword, struct arena *arena)
{
	const size_t length = strlen(keyword);

	while (*answer) {
		const size_t line = strcspn(answer, "\n");

		if (line > length && answer[length] == ' ' && strncmp(answer, keyword, length) == 0)
			return arena_copy(arena, answer + length + 1, line - length - 1);
		answer += line + (answer[line] == '\n');
	}
	return NULL;
}

/* Whether an answer states a value that a master is called by. */
static bool is_stated(const struct plan_hop *hop, size_t row, const char *value)
{
	if (!value || strcmp(value, told[row].unstated) == 0)
		return false;
	if (strcmp(told[row].keyword, "hostname") == 0)
		return plan_is_carried(hop) && strcasecmp(value, hop->address) != 0;
	/* Not even idle for a moment: that is meant for nothing that is left alone. */
	if (strcmp(told[row].keyword, "serveralivecountmax") == 0)
		return strcmp(value, "0") != 0;
	/* What has to be quoted is no keyword. */
	return !strpbrk(value, " \t\"'");
}

/* What the lines of a hop begin with. */
static const char *mark_of(const struct plan_hop *hop, struct arena *arena)
{
	const char *const *words = ssh_facts_question(hop, false, arena);
	const char *mark = "";

	for (; *words; words++)
		mark = arena_format(arena, "%s%s%c", mark, *words, words[1] ? ' ' : '\t');
	return mark;
}

static bool is_usual(const char *path)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strstr(path, usual[i]))
			return true;
	return false;
}

/* Appends the paths that a value names: of words between blanks those that begin at the root, or at home. */
static void add_paths(const char *value, struct strbuf *paths, struct arena *arena)
{
	while (*(value += strspn(value, " "))) {
		const size_t length = strcspn(value, " ");
		const char *word = arena_copy(arena, value, length);

		if ((word[0] == '/' || strncmp(word, "~/", 2) == 0) && !is_usual(word))
			strbuf_printf(paths, "%s%s", paths->length ? " " : "", word);
		value += length;
	}
}

/* Appends all that an answer names; a keyword may stand there more than once. */
static void add_files(const char *answer, struct strbuf *paths, struct arena *arena)
{
	for (; *answer; answer += strcspn(answer, "\n"), answer += *answer == '\n')
		for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++) {
			const size_t line = strcspn(answer, "\n");
			const char *value =
				ssh_facts_value(arena_copy(arena, answer, line), naming[i], arena);

			if (value)
				add_paths(value, paths, arena);
		}
}

void ssh_facts_add(const struct plan_hop *hop, const char *answer, struct strbuf *facts)
{
	struct arena arena = {0};
	const char *mark = mark_of(hop, &arena);
	struct strbuf paths = {0};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		const char *value = ssh_facts_value(answer, told[i].keyword, &arena);

		if (is_stated(hop, i, value) && facts->length < FACTS_MAX)
			strbuf_printf(facts, "%s%s %s\n", mark, told[i].keyword, value);
	}
	add_files(answer, &paths, &arena);
	if (paths.length && facts->length < FACTS_MAX)
		strbuf_printf(facts, "%s%s %s\n", mark, SSH_FACTS_FILES, strbuf_text(&paths));
	if (facts->length < FACTS_MAX)
		strbuf_printf(facts, "%s%s yes\n", mark, ASKED);
	strbuf_finish(&paths);
	arena_finish(&arena);
}

bool ssh_facts_has(const char *facts, const struct plan_hop *hop)
{
	struct arena arena = {0};
	const bool has = ssh_facts_find(facts, hop, ASKED, &arena);

	arena_finish(&arena);
	return has;
}

const char *ssh_facts_find(const char *facts, const struct plan_hop *hop, const char *keyword,
			   struct arena *arena)
{
	return facts ? ssh_facts_value(facts,
				       arena_format(arena, "%s%s", mark_of(hop, arena), keyword),
				       arena)
		     : NULL;
}
