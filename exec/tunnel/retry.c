#include "exec/tunnel/retry.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of a link: the longest wait, and in the first minute. */
#define LINK_MS       60000
#define EARLY_MS      5000
#define FIRST_MS      60000
#define CLOSED_MS     1000
#define CLOSED_TRIES  3
#define SHUT_OUT_MS   20000
#define SHUT_OUT_TOP  600000
#define HELD_FIRST_MS 50
#define HELD_MS       1000
#define HELD_TOP_MS   60000
#define HELD_TRIES    3
#define TAKEN_MS      60000
/* What has lasted so long, and was tried so often, may last longer. */
#define LASTING_TRIES 3
#define LASTING_MS    30000

static const uint64_t somebody_ms[] = {60000, 600000, 3600000};

enum retry_class retry_class_of(const char *code)
{
	static const struct {
		const char *code;
		enum retry_class class;
	} classes[] = {
		{"not_allowed", RETRY_SHUT_OUT}, {"port_held", RETRY_HELD},
		{"port_left", RETRY_HELD},       {"port_taken", RETRY_TAKEN},
		{"not_a_socket", RETRY_TAKEN},   {"bind", RETRY_TAKEN},
		{"listen", RETRY_TAKEN},         {"own_name", RETRY_TAKEN},
		{"auth", RETRY_SOMEBODY},        {"host_key", RETRY_SOMEBODY},
		{"negotiate", RETRY_SOMEBODY},   {"protocol", RETRY_SOMEBODY},
		{"denied", RETRY_SOMEBODY},      {"locked_key", RETRY_SOMEBODY},
		{"kept", RETRY_SOMEBODY},        {"half_key", RETRY_SOMEBODY},
		{"widened", RETRY_SOMEBODY},     {"narrowed", RETRY_SOMEBODY},
	};

	for (unsigned i = 0; i < COUNT(classes); i++)
		if (strcmp(classes[i].code, code) == 0)
			return classes[i].class;
	return RETRY_LINK;
}

void retry_lost(struct retry *retry, bool was_steady, uint64_t now_ms)
{
	/* What is lost as soon as it is up was tried in vain. */
	const unsigned attempt = was_steady || !retry->since_ms ? 0 : retry->attempt + 1;

	*retry = (struct retry){
		.class = RETRY_LINK,
		.attempt = attempt,
		.streak = attempt,
		.since_ms = attempt ? retry->since_ms : now_ms,
	};
}

void retry_failed(struct retry *retry, enum retry_class class, uint64_t now_ms)
{
	if (!retry->since_ms)
		retry->since_ms = now_ms;
	retry->streak = retry->class == class ? retry->streak + 1 : 1;
	retry->class = class;
	retry->attempt++;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Returns unit · 2ⁿ, or the top of it. */
static uint64_t doubled(uint64_t unit_ms, unsigned n, uint64_t top_ms)
{
	return n < 32 ? least(unit_ms << n, top_ms) : top_ms;
}

static uint64_t link_wait_ms(const struct retry *retry, uint64_t now_ms, uint32_t random)
{
	uint64_t most_ms = doubled(1000, retry->attempt, LINK_MS);

	if (!retry->attempt)
		return 0;
	if (now_ms - retry->since_ms < FIRST_MS)
		most_ms = least(most_ms, EARLY_MS);
	return random % (most_ms + 1);
}

uint64_t retry_wait_ms(const struct retry *retry, uint64_t now_ms, uint32_t random)
{
	const unsigned last = retry->streak ? retry->streak - 1 : 0;

	switch (retry->class) {
	case RETRY_CLOSED:
		if (retry_is_quick(retry))
			return CLOSED_MS;
		break;
	case RETRY_SHUT_OUT:
		return doubled(SHUT_OUT_MS, last, SHUT_OUT_TOP);
	case RETRY_HELD:
		return last ? doubled(HELD_MS, last - 1, HELD_TOP_MS) : HELD_FIRST_MS;
	case RETRY_TAKEN:
		return TAKEN_MS;
	case RETRY_NEXT:
		return 0;
	case RETRY_SOMEBODY:
		return somebody_ms[least(last, COUNT(somebody_ms) - 1)];
	case RETRY_LINK:
		break;
	}
	return link_wait_ms(retry, now_ms, random);
}

bool retry_is_quick(const struct retry *retry)
{
	return retry->class == RETRY_NEXT ||
	       (retry->class == RETRY_CLOSED && retry->streak < CLOSED_TRIES) ||
	       (retry->class == RETRY_HELD && retry->streak < HELD_TRIES);
}

bool retry_is_unreached(const struct retry *retry, const char *code)
{
	static const char *const codes[] = {"unreachable", "refused", "timeout", "resolve",
					    "no_shell"};

	if (!retry->attempt)
		return false;
	if (strcmp(code, "closed") == 0)
		return retry->class == RETRY_CLOSED && !retry_is_quick(retry);
	for (unsigned i = 0; i < COUNT(codes); i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

uint64_t retry_lasts_ms(const struct retry *retry)
{
	return retry->attempt < LASTING_TRIES ? UINT64_MAX : retry->since_ms + LASTING_MS;
}

bool retry_needs_somebody(const struct retry *retry)
{
	return retry->class == RETRY_TAKEN || retry->class == RETRY_SOMEBODY;
}
