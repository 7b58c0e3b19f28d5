#include "exec/tunnel/hop_blame.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/holder.h"
#include "exec/tunnel/classify.h"
#include "topology/base/memory.h"

static void set(struct live_hop *hop, const struct ssh_fault *fault, const char *words)
{
	struct ssh_fault_subject subject = {hop->host, hop->plan.address, hop->plan.port,
					    hop->from};
	struct strbuf advice = {0};

	classify_advice(fault, &subject, &advice);
	failure_set(&hop->failure, fault->code, hop->host, words, strbuf_text(&advice));
	strbuf_finish(&advice);
}

void hop_blame(struct live_hop *hop, const char *code, const char *text)
{
	set(hop, classify_code(code), text);
}

void hop_blame_quiet(struct live_hop *hop, const char *code, const char *words)
{
	const struct failure *tried = &hop->tried;
	char *both;

	if (!failure_is_set(tried)) {
		hop_blame(hop, code, words);
		return;
	}
	both = memory_format("%s; another ssh beside it did not get up: %s", words, tried->text);
	failure_set(&hop->failure, code, hop->host, both, tried->advice);
	free(both);
}

/* A hop whose dial was refused: the one that dialled for it may know why. */
static bool blame_dial(struct live_hop *hop, const struct ssh_log *log)
{
	const struct incarnation *through = hop->present->through;
	struct strbuf words = {0}, line = {0};
	bool found = false;

	if (through && through->master && strstr(ssh_log_words(log), HOLDER_REFUSED))
		found = ssh_log_dial_failure(master_log(through->master), hop->plan.address,
					     hop->plan.port, &words);
	if (found)
		set(hop, classify(strbuf_text(&words), &line), strbuf_text(&words));
	strbuf_finish(&words);
	strbuf_finish(&line);
	return found;
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

/*
 * One that was up says why it ends with its last words; what stands before them is about other troubles. One that
 * never got up may say the reason first, and more after it.
 */
static const struct ssh_fault *blame_words(const struct ssh_log *log, bool was_up,
					   struct strbuf *words)
{
	return classify(was_up ? ssh_log_last_words(log) : ssh_log_words(log), words);
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
	if (end_words(master, &words))
		fault = classify_code("killed");
	else
		fault = blame_words(log, hop_carries(hop), &words);
	if (!words.length)
		strbuf_puts(&words, "its ssh ended without a word");
	set(hop, fault, strbuf_text(&words));
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
