#include "exec/ssh/login_log.h"

#include <string.h>

/* "Server accepts key: /home/me/.ssh/id_ed25519 ED25519 SHA256:… explicit", or "… agent". */
static void read_key(struct login_log *login, const char *said)
{
	static const char accepts[] = "Server accepts key: ";
	const char *at = strstr(said, accepts), *end;

	login->by_agent = strstr(said, " agent") != NULL;
	strbuf_clear(&login->key);
	if (!at)
		return;
	at += strlen(accepts);
	end = strstr(at, " SHA256:");
	/* The type of the key stands between. */
	while (end && end > at && end[-1] != ' ')
		end--;
	if (end && end > at + 1)
		strbuf_add(&login->key, at, (size_t)(end - at) - 1);
}

static void advance(struct login_log *login, enum login_log_progress progress)
{
	/* It is asked once. Keys are exchanged again, some day. */
	if (progress == LOGIN_LOG_ASKS_AGENT && login->prepared)
		return;
	login->progress = progress;
}

void login_log_hear(struct login_log *login, const char *function, size_t length, const char *said)
{
	/* The agent is asked when the key exchange is over; by OpenSSH 10, when a key is to be offered first. */
	static const struct {
		const char *function;
		const char *said; /* part of it; "": any */
		enum login_log_progress progress;
	} steps[] = {
		{"kex_input_newkeys", "", LOGIN_LOG_ASKS_AGENT},
		{"input_userauth_service_accept", "", LOGIN_LOG_OFFERS},
		{"authmethod_get", "method: publickey", LOGIN_LOG_ASKS_AGENT},
		{"pubkey_prepare", "", LOGIN_LOG_OFFERS},
		{"input_userauth_failure", "", LOGIN_LOG_OFFERS},
		{"input_userauth_pk_ok", "", LOGIN_LOG_SIGNS},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].function) != length ||
		    memcmp(steps[i].function, function, length) != 0 ||
		    !strstr(said, steps[i].said))
			continue;
		login->prepared |= strcmp(steps[i].function, "pubkey_prepare") == 0;
		advance(login, steps[i].progress);
		if (steps[i].progress == LOGIN_LOG_SIGNS)
			read_key(login, said);
	}
}

void login_log_finish(struct login_log *login)
{
	strbuf_finish(&login->key);
	*login = (struct login_log){0};
}

bool login_log_waits_for_agent(const struct login_log *login)
{
	return login->progress == LOGIN_LOG_ASKS_AGENT ||
	       (login->progress == LOGIN_LOG_SIGNS && login->by_agent);
}

bool login_log_is_locked(const struct login_log *login)
{
	return login->progress == LOGIN_LOG_SIGNS && !login->by_agent && login->key.length;
}
