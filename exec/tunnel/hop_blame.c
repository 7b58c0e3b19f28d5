#include "exec/tunnel/hop_blame.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/holder.h"
#include "exec/system/kernel.h"
#include "exec/system/own_link.h"
#include "exec/system/process.h"
#include "exec/tunnel/candour.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop_look.h"
#include "topology/base/memory.h"

/* The name of this machine: of who dials the first hop. */
static const char *me(const struct live_hop *hop)
{
	while (hop->parent)
		hop = hop->parent;
	return hop->from;
}

/* Whether another login at the same place is up. */
static bool has_neighbours(const struct live_hop *hop)
{
	const struct list *hops = &hop->engine->hops;

	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *other = hops->items[i];

		if (other->plan.port == hop->plan.port && other->parent == hop->parent &&
		    strcmp(other->plan.address, hop->plan.address) == 0 &&
		    (hop_carries(other) || (other == hop && hop->fallback)))
			return true;
	}
	return false;
}

/* What its server, or what is in its place, said instead of a banner. */
static const char *preface_of(const struct live_hop *hop)
{
	const struct master *master = hop->present ? hop->present->master : NULL;

	return master ? ssh_log_preface(master_log(master)) : "";
}

/* Whether an ssh server began to talk, and the login is on its way. */
static bool is_greeted(const struct live_hop *hop)
{
	const struct master *master = hop->present ? hop->present->master : NULL;

	return master && ssh_log_has_banner(master_log(master));
}

static struct ssh_fault_subject subject_of(const struct live_hop *hop)
{
	const bool carried = hop->parent && hop->parent->state == HOP_UP;

	return (struct ssh_fault_subject){
		.host = hop->host,
		.address = hop->plan.address,
		.port = hop->plan.port,
		.from = hop_is_stitched(hop) ? hop->client : hop->from,
		.known = (hop_is_stitched(hop) ? FAULT_STITCHED : 0) |
			 (hop->plan.method == PLAN_RELAYED ? FAULT_RELAYED : 0) |
			 (carried ? FAULT_CARRIED : 0) | (hop_carries(hop) ? FAULT_WAS_UP : 0) |
			 (hop->parent ? 0 : FAULT_FROM_HERE) |
			 (hop->parent && hop_server(hop->parent) == FAULT_OTHER ? FAULT_VIA_OTHER
										: 0) |
			 (has_neighbours(hop) ? FAULT_NEIGHBOURS : 0) | hop_server(hop) |
			 (*preface_of(hop) ? FAULT_SPOKE : 0) |
			 (is_greeted(hop) ? FAULT_GREETED : 0),
		.me = me(hop),
		.login = hop->login,
	};
}

/* For the answer of the server before, which has just answered. */
#define CAUSE_MS 3000

static void set(struct live_hop *hop, const struct ssh_fault *fault, const char *words)
{
	const struct ssh_fault_subject subject = subject_of(hop);

	failure_blame(&hop->failure, fault, &subject, words);
}

void hop_blame(struct live_hop *hop, const char *code, const char *text)
{
	set(hop, classify_code(code), text);
}

void hop_blame_rule(struct live_hop *hop, const char *code, const char *words, unsigned server)
{
	struct ssh_fault_subject subject = subject_of(hop);

	subject.known &= ~(unsigned)(FAULT_OPENSSH | FAULT_OTHER);
	subject.known |= server;
	failure_blame(&hop->idle.rule, classify_code(code), &subject, words);
}

void hop_blame_start(struct live_hop *hop, const char *words)
{
	struct ssh_fault_subject subject = subject_of(hop);
	struct strbuf line = {0};

	subject.about = FAULT_OWN_SIDE;
	failure_blame(&hop->failure, classify(&subject, words, &line), &subject, words);
	strbuf_finish(&line);
}

/* How far its login was, as its log tells. */
static const struct login_log *login_of(const struct live_hop *hop)
{
	return ssh_log_login(master_log(hop->present->master));
}

/* Whether its ssh reads its configuration still. */
static bool is_undialled(const struct live_hop *hop)
{
	return hop->state == HOP_CONNECTING && !hop_is_stitched(hop) &&
	       kernel_process_talks(master_pid(hop->present->master)) == 0;
}

bool hop_blame_own_side(struct live_hop *hop)
{
	if (!hop->present || !hop->present->master)
		return false;
	if (login_log_waits_for_agent(login_of(hop)))
		hop_blame(hop, "agent", "the agent of this machine does not answer its ssh");
	else if (is_undialled(hop))
		hop_blame(hop, "undialled", "its ssh has not begun to connect");
	else
		return false;
	return true;
}

bool hop_is_blamed_on_own_side(const struct live_hop *hop)
{
	return failure_is_set(&hop->failure) && (strcmp(hop->failure.code, "agent") == 0 ||
						 strcmp(hop->failure.code, "undialled") == 0);
}

void hop_blame_quiet(struct live_hop *hop, const char *code, const char *words)
{
	const struct failure *tried = &hop->tried;
	char *both;

	hop_blame(hop, code, words);
	failure_copy(&hop->stall, &hop->failure);
	if (!failure_is_set(tried))
		return;
	both = memory_format("%s; another ssh beside it did not get up: %s", hop->stall.text,
			     tried->text);
	failure_set(&hop->failure, hop->stall.code, hop->host, both, tried->advice);
	free(both);
}

/* A hop whose dial was refused: the one that dialled for it may know why. */
static bool blame_dial(struct live_hop *hop, const struct ssh_log *log)
{
	const struct incarnation *through = hop->present->through;
	struct ssh_fault_subject subject = subject_of(hop);
	const struct ssh_fault *fault;
	struct strbuf words = {0}, line = {0};
	bool found = false;

	if (through && through->master && strstr(ssh_log_words(log), HOLDER_REFUSED))
		found = ssh_log_dial_failure(master_log(through->master), hop->plan.address,
					     hop->plan.port, &words);
	if (found) {
		/* They are the words of the server before. */
		subject.known &= ~(unsigned)(FAULT_OPENSSH | FAULT_OTHER);
		subject.known |= incarnation_server(through);
		fault = classify(&subject, strbuf_text(&words), &line);
		hop->asks_cause = classify_leaves_open(fault);
		failure_blame(&hop->failure, fault, &subject, strbuf_text(&words));
	}
	strbuf_finish(&words);
	strbuf_finish(&line);
	return found;
}

static void cause_told(void *data, const struct exit_answer *answer)
{
	struct live_hop *hop = data;
	struct ssh_fault_subject subject = subject_of(hop);
	char *text = memory_string(hop->failure.text);
	struct strbuf line = {0};

	hop->cause = NULL;
	engine_schedule(hop->engine);
	if (answer->answer == LINK_REFUSED && hop->state == HOP_RETRY && text) {
		subject.known |= classify_closed_port(answer->words);
		failure_blame(&hop->failure, classify(&subject, text, &line), &subject, text);
	}
	strbuf_finish(&line);
	free(text);
}

void hop_blame_cause(struct live_hop *hop)
{
	struct incarnation *by = hop->parent ? hop->parent->present : NULL;

	if (hop->asks_cause && by && incarnation_link(by))
		hop->cause =
			exit_dial_ask(by, CANDOUR_HOST, CANDOUR_PORT, CAUSE_MS, cause_told, hop);
	hop->asks_cause = false;
}

/* Says who ended the process, if it was not ssh itself. */
static bool end_words(const struct master *master, struct strbuf *words)
{
	int signal = master_signal(master);

	if (!signal && !master_was_ended(master))
		return false;
	if (signal)
		strbuf_printf(words, "its ssh was ended by signal %d (%s)", signal,
			      strsignal(signal));
	else
		strbuf_puts(words, "its ssh was told to end, and not by us");
	return true;
}

/* An sshd since 9.8 says so before its banner, and ssh keeps it to itself but for a debug line. */
static const struct ssh_fault *blame_not_allowed(struct strbuf *words)
{
	strbuf_puts(words, "its sshd says: " SSH_LOG_SHUT_OUT);
	return classify_code("not_allowed");
}

/*
 * One that was up says why it ends with its last words; what stands before them is about other troubles. One that
 * never got up may say the reason first, and more after it.
 */
static const struct ssh_fault *blame_words(const struct live_hop *hop, const struct ssh_log *log,
					   struct strbuf *words)
{
	const struct ssh_fault_subject subject = subject_of(hop);

	return classify(&subject, hop_carries(hop) ? ssh_log_last_words(log) : ssh_log_words(log),
			words);
}

/* Appends the last line of a text that is not empty. */
static void add_last_line(const char *text, struct strbuf *words)
{
	const char *last = text;
	size_t length = 0;

	for (; *text; text += strcspn(text, "\r\n"), text += strspn(text, "\r\n")) {
		if (!strcspn(text, "\r\n"))
			continue;
		last = text;
		length = strcspn(text, "\r\n");
	}
	strbuf_add(words, last, length);
}

/* The session is over in which its ssh was to run, and nothing of ours has: something else runs there in its place, or nothing can. */
static const struct ssh_fault *blame_unbegun(const struct live_hop *hop, const struct ssh_log *log,
					     struct strbuf *words)
{
	const struct ssh_fault *fault = blame_words(hop, log, words);
	struct strbuf last = {0};

	if (strcmp(fault->code, "unknown") != 0)
		return fault;
	strbuf_puts(&last, strbuf_text(words));
	if (!last.length)
		add_last_line(master_said(hop->present->master), &last);
	strbuf_clear(words);
	strbuf_printf(words, "the session on %s ended before anything of ours ran in it%s%s",
		      hop->client, last.length ? "; it said: " : "", strbuf_text(&last));
	strbuf_finish(&last);
	return classify_code("no_shell");
}

/* What ssh says of the file of a key that others can read; it does not say there which. */
#define UNPROTECTED "UNPROTECTED PRIVATE KEY FILE"

/* Whether ssh says what else is wrong with one than that it asks for a passphrase. */
static bool is_bad_file(const char *words)
{
	return strstr(words, "Load key \"") && !strstr(words, "passphrase");
}

/* What kept it from logging in is on this machine, whatever ssh or the shell made of that. */
static bool blame_us(struct live_hop *hop, const struct ssh_fault *fault, struct strbuf *words)
{
	const struct login_log *login = login_of(hop);
	char *text = NULL;
	bool is_ours = !hop_carries(hop) && !hop_is_stitched(hop);
	bool is_there;

	if (!is_ours) {
		/* Whatever it was, it could log in; or its ssh is elsewhere. */
	} else if (hop->parent && !process_can_run(hop->engine->program)) {
		text = memory_format("this program is not at %s any more, and carries the hop",
				     hop->engine->program);
		hop_blame(hop, "program_gone", text);
	} else if (strstr(strbuf_text(words), UNPROTECTED) && login->key.length) {
		strbuf_printf(words, " (the key %s)", strbuf_text(&login->key));
		is_ours = false;
	} else if (strcmp(fault->code, "auth") == 0 && login_log_is_locked(login) &&
		   !is_bad_file(strbuf_text(words))) {
		is_there = process_can_read(strbuf_text(&login->key));
		text = memory_format(is_there ? "%s (the key %s has a passphrase)"
					      : "%s (of the key %s, only the public half is there)",
				     strbuf_text(words), strbuf_text(&login->key));
		hop_blame(hop, is_there ? "locked_key" : "half_key", text);
	} else if (!words->length) {
		hop_blame(hop, "wordless", "its ssh ended without a word");
	} else {
		is_ours = false;
	}
	free(text);
	return is_ours;
}

/* A first hop to which there is no way from here: nothing is known of its host, then. */
static bool blame_link(struct live_hop *hop, const struct ssh_fault *fault, const char *words)
{
	static const char *const ways[] = {"timeout", "unreachable", "resolve", "closed"};
	struct strbuf link = {0};
	char *text;
	bool down = false;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && !hop->parent; i++)
		down |= strcmp(fault->code, ways[i]) == 0 &&
			own_link_is_down(hop->plan.address, &link);
	if (down) {
		text = memory_format("%s: %s", strbuf_text(&link), words);
		hop_blame(hop, "own_link", text);
		free(text);
	}
	strbuf_finish(&link);
	return down;
}

void hop_blame_end(struct live_hop *hop)
{
	const struct master *master = hop->present->master;
	const struct ssh_log *log = master_log(master);
	const struct ssh_fault *fault;
	struct strbuf words = {0};

	if (master_fault(master)) {
		hop_blame(hop, "protocol", master_fault(master));
		return;
	}
	if (blame_dial(hop, log))
		return;
	if (!hop_carries(hop) && !master_has_begun(master))
		fault = blame_unbegun(hop, log, &words);
	else if (end_words(master, &words))
		fault = classify_code("killed");
	else if (!hop_carries(hop) && ssh_log_is_shut_out(log))
		fault = blame_not_allowed(&words);
	else
		fault = blame_words(hop, log, &words);
	/* Of one that is no child of ours, nobody tells how it ended. */
	if (!words.length && hop_carries(hop) && master_end_is_unknown(master)) {
		fault = classify_code("killed");
		strbuf_puts(&words, "its ssh ended without a word, as one does that was killed");
	}
	if (!blame_us(hop, fault, &words) && !blame_link(hop, fault, strbuf_text(&words))) {
		if (!words.length && hop_is_stitched(hop))
			strbuf_printf(&words,
				      "the session on %s that has its ssh ended without a word",
				      hop->client);
		else if (!words.length)
			strbuf_puts(&words, "its ssh ended without a word");
		if (*preface_of(hop))
			strbuf_printf(&words, "; before that, it was told: %s", preface_of(hop));
		set(hop, fault, strbuf_text(&words));
	}
	strbuf_finish(&words);
}

bool hop_blame_is_doubtful(const struct live_hop *hop)
{
	static const char *const doubtful[] = {"closed", "timeout", "login_timeout", "unknown"};

	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
		if (strcmp(hop->failure.code, doubtful[i]) == 0)
			return true;
	return false;
}
