#include "cmd/up_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_facts.h"
#include "exec/tunnel/hop_pool.h"
#include "topology/base/memory.h"

static size_t count_hops(const struct up_facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->plan_count; i++)
		count += facts->plans[i]->hop_count;
	return count;
}

static int send_hops(const struct up_facts *facts, struct supervise *talk)
{
	const size_t count = count_hops(facts);
	char **identities = memory_array(count + 1, sizeof(*identities));
	const char **ids = memory_array(count + 1, sizeof(*ids));
	struct request request = {.op = OP_HOPS, .ids = ids, .id_count = count};
	size_t at = 0;
	int status;

	for (size_t i = 0; i < facts->plan_count; i++)
		for (size_t j = 0; j < facts->plans[i]->hop_count; j++) {
			struct strbuf identity = {0};

			hop_pool_identity(facts->plans[i], j, &identity);
			ids[at] = identities[at] = memory_string(strbuf_text(&identity));
			at++;
			strbuf_finish(&identity);
		}
	status = supervise_send(talk, &request);
	free(ids);
	memory_free_strings(identities);
	return status;
}

/* Reads which of them are up. One that leaves has none. */
static int read_hops(struct up_facts *facts, struct supervise *talk)
{
	const size_t count = count_hops(facts);
	json_t *event = NULL;
	int error;

	if (!supervise_next(talk, &event, &error)) {
		if (error == -ETIMEDOUT || error == -EINTR)
			return supervise_gave_up(talk, error);
		return error == -ESHUTDOWN ? EXIT_DONE : EXIT_FAILED;
	}
	facts->is_up = memory_array(count + 1, sizeof(*facts->is_up));
	for (size_t i = 0; i < count; i++)
		facts->is_up[i] = json_is_true(json_array_get(json_object_get(event, "up"), i));
	json_decref(event);
	/* Of what is asked next nothing was heard. */
	talk->connection.heard = false;
	return EXIT_DONE;
}

/* Returns what of it belongs to the plan that stands behind so many hops. */
static const bool *part(const struct up_facts *facts, size_t hops_before)
{
	return facts->is_up ? facts->is_up + hops_before : NULL;
}

int up_facts_begin(struct up_facts *facts, struct supervise *talk)
{
	size_t before = 0;

	facts->config.patience = &talk->patience;
	if (talk->connection.fd >= 0) {
		int status = send_hops(facts, talk);

		if (status == EXIT_DONE)
			status = read_hops(facts, talk);
		if (status != EXIT_DONE)
			return status;
	}
	for (size_t i = 0; i < facts->plan_count; before += facts->plans[i++]->hop_count)
		ssh_config_ask(&facts->config, facts->plans[i], part(facts, before));
	return EXIT_DONE;
}

/* Nothing of a master would work with it, and it may ask, wait or start something else. */
static int check_ssh(struct up_facts *facts)
{
	struct strbuf words = {0};
	const bool foreign = ssh_config_is_foreign(&facts->config, &words);

	if (foreign)
		cli_error("the first `ssh` in your PATH is not OpenSSH's (`ssh -V` says: %s): put "
			  "that one first",
			  words.length ? strbuf_text(&words) : "nothing");
	strbuf_finish(&words);
	return foreign ? EXIT_FAILED : EXIT_DONE;
}

int up_facts_export(struct up_facts *facts, const struct supervise *talk)
{
	size_t before = 0;
	int status;

	for (size_t i = 0; i < facts->plan_count; before += facts->plans[i++]->hop_count)
		ssh_config_lines(&facts->config, facts->plans[i], part(facts, before),
				 &facts->lines);
	if (setenv(SSH_FACTS_VARIABLE, strbuf_text(&facts->lines), 1) < 0)
		memory_exhausted();
	status = check_ssh(facts);
	return facts->config.gave_up
		       ? supervise_gave_up_on(talk, facts->config.gave_up, SSH_CONFIG_READER)
		       : status;
}

void up_facts_forget(struct up_facts *facts)
{
	free(facts->is_up);
	facts->is_up = NULL;
}

void up_facts_finish(struct up_facts *facts)
{
	up_facts_forget(facts);
	strbuf_finish(&facts->lines);
	ssh_config_finish(&facts->config);
}
