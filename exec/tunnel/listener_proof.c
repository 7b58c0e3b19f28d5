#include "exec/tunnel/listener_proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/dial.h"
#include "exec/ssh/log_reader.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/reason.h"
#include "planner/reach/permit.h"
#include "topology/base/memory.h"
#include "topology/language/address.h"

/* For each dial. */
#define DIAL_MS 5000
/* From when a dial stands to when its connection has come back: both cross the link one behind the other. */
#define BACK_MS 1000

/* What became of a dial of one place. */
enum outcome {
	UNASKED, /* there is no such place, or none is known */
	UNDER_WAY,
	REFUSED, /* nothing is there */
	BARRED,  /* it may not be dialled, or that says nothing of what is there */
	OPENED,
	CAME_BACK, /* and it is our listener */
	LATE,
	GONE,
};

struct dialled {
	struct listener_proof *proof;
	const char *address; /* NULL: it is not dialled */
	struct exit_wait *wait;
	enum outcome outcome;
	char *words; /* in which it was refused, or NULL */
};

struct listener_proof {
	struct probe_target target;
	bool is_guess; /* that it is the place asked for which came back, of two */
	bool wide;     /* it was asked to listen on every address */
	struct dialled
		asked; /* where it is to listen; of a wide one, an address that others know */
	struct dialled
		other;  /* where it is not to listen; of a wide one, loopback of the other family */
	unsigned came;  /* connections that had come to it before */
	unsigned dials; /* dials of these places of which its ssh had told */
	struct log_wait *log;
	struct dial *here;
	listener_proof_done done;
	void *data;
};

static void finish(struct listener_proof *proof)
{
	exit_dial_cancel(proof->asked.wait);
	exit_dial_cancel(proof->other.wait);
	log_wait_cancel(proof->log);
	dial_cancel(proof->here);
	free(proof->asked.words);
	free(proof->other.words);
	free(proof);
}

void listener_proof_cancel(struct listener_proof *proof)
{
	if (proof)
		finish(proof);
}

/* Whether a dial of the exit did. */
static bool came_back(const struct listener_proof *proof)
{
	return proof->asked.outcome == CAME_BACK || proof->other.outcome == CAME_BACK;
}

static void end(struct listener_proof *proof, enum listener_verdict verdict, const char *code,
		const char *words)
{
	proof->done(proof->data, verdict, code, words ? words : "", came_back(proof));
	finish(proof);
}

static const struct ssh_log *log_of(const struct listener_proof *proof)
{
	const struct master *master = proof->target.on->master;

	return master ? master_log(master) : NULL;
}

static bool is_openssh(const struct listener_proof *proof)
{
	const struct ssh_log *log = log_of(proof);

	return log && ssh_log_is_openssh(log);
}

static uint16_t port_of(const struct listener_proof *proof)
{
	return proof->target.forward->bind_port;
}

/* How many of these dials its ssh has told of: if of none, its log cannot be read. */
static unsigned dials_told(const struct listener_proof *proof, const struct ssh_log *log)
{
	unsigned dials = 0;

	if (proof->asked.address)
		dials += ssh_log_dials(log, proof->asked.address, port_of(proof));
	if (proof->other.address)
		dials += ssh_log_dials(log, proof->other.address, port_of(proof));
	return dials;
}

static bool log_is_dead(const struct listener_proof *proof)
{
	const struct ssh_log *log = log_of(proof);

	return !log || dials_told(proof, log) == proof->dials;
}

static bool is_six(const char *address)
{
	return strchr(address, ':') != NULL;
}

/* --- the verdict ----------------------------------------------------------------------------- */

static void unproven(struct listener_proof *proof, const char *code, const char *words)
{
	end(proof, LISTENER_UNPROVEN, code, words);
}

static void wrong(struct listener_proof *proof, const char *code, const char *words)
{
	end(proof, LISTENER_WRONG, code, words);
}

/* It is not where it was asked for. */
static void missing(struct listener_proof *proof)
{
	const bool usual = permit_listens_by_default(proof->target.forward->bind);
	const char *words = proof->asked.words ? proof->asked.words : "nothing listens there";

	if (!usual)
		wrong(proof, "narrowed", words);
	else if (proof->other.outcome == CAME_BACK)
		wrong(proof, "widened", "it listens on its other addresses");
	else
		wrong(proof, "not_accepting", words);
}

/* Its own listener answers where it was asked for: is it elsewhere as well? */
static void judge_other(struct listener_proof *proof)
{
	const bool came = proof->other.outcome == CAME_BACK;

	switch (proof->wide && !came ? REFUSED : proof->other.outcome) {
	case CAME_BACK:
		if (proof->wide)
			unproven(proof, "both_families",
				 is_six(proof->other.address)
					 ? "it listens on every address of IPv6 as well"
					 : "it listens on every address of IPv4 as well");
		else
			wrong(proof, "widened", "it listens on its other addresses as well");
		break;
	case REFUSED:
	case OPENED:
		end(proof, LISTENER_PROVED, NULL, NULL);
		break;
	case UNASKED:
		unproven(proof, "no_address",
			 "the file has no other address of it, so whether it listens there as well "
			 "was not seen");
		break;
	default:
		unproven(proof, "may_not_dial",
			 proof->other.words ? proof->other.words
					    : "its other address does not answer");
		break;
	}
}

static bool opens_all(const struct listener_proof *proof)
{
	return proof->target.on->candour.state == CANDOUR_OPENS_ALL;
}

/* Something answers, and nothing has come back. */
static void judge_opened(struct listener_proof *proof)
{
	const bool other_opened = !proof->wide && proof->other.outcome == OPENED;

	if (opens_all(proof))
		unproven(proof, "says_yes",
			 "its server opens whatever is asked, and nothing came back");
	else if (!log_is_dead(proof))
		wrong(proof, "port_taken", "something else on that host answers there");
	else if (other_opened)
		wrong(proof, "widened", "its other addresses answer as well");
	else
		unproven(proof, "not_told", "its ssh does not tell what comes back");
}

static bool dial_from_here(struct listener_proof *proof);

/* The exit may not dial, or its word is worth nothing. */
static void judge_barred(struct listener_proof *proof, const char *words)
{
	if (proof->other.outcome == CAME_BACK && !proof->wide)
		wrong(proof, "widened", "it listens on its other addresses");
	else if (!dial_from_here(proof))
		unproven(proof, "may_not_dial", words);
}

static void judge(struct listener_proof *proof)
{
	/* Of one that is to listen everywhere, and has no known address, there is only loopback to dial. */
	const struct dialled *place = proof->asked.address ? &proof->asked : &proof->other;
	const enum outcome other = proof->other.outcome;

	/* Which one it was that came back, only the other one's answer would have shown. */
	if (proof->is_guess && (other == LATE || other == GONE))
		place = &proof->other;
	switch (place->outcome) {
	case CAME_BACK:
		if (place == &proof->asked)
			judge_other(proof);
		else
			unproven(proof, "no_address",
				 "the file has no other address of it, so whether it listens on "
				 "all was not seen");
		break;
	case OPENED:
		judge_opened(proof);
		break;
	case REFUSED:
		missing(proof);
		break;
	case LATE:
		end(proof, LISTENER_LATE, NULL, NULL);
		break;
	case GONE:
		end(proof, LISTENER_GONE, NULL, NULL);
		break;
	default:
		judge_barred(proof, place->words);
		break;
	}
}

/* --- from here ------------------------------------------------------------------------------- */

static unsigned came_now(const struct listener_proof *proof, const struct ssh_log *log)
{
	return ssh_log_use(log, proof->target.forward, NULL).came - proof->came;
}

static bool has_come(void *data, const struct ssh_log *log)
{
	return came_now(data, log) > 0;
}

/* What is asked for on loopback must not answer here, at an address that others know; all else must. */
static bool must_answer_here(const struct listener_proof *proof)
{
	return !address_is_loopback(proof->target.forward->bind);
}

static void back_from_here(void *data, int status)
{
	struct listener_proof *proof = data;

	proof->log = NULL;
	if (status)
		unproven(proof, "not_told",
			 "something answers there, and its ssh does not tell what");
	else if (!must_answer_here(proof))
		wrong(proof, "widened", "it listens on its other addresses as well");
	else
		end(proof, LISTENER_PROVED, NULL, NULL);
}

static void here_answered(void *data, int status)
{
	struct listener_proof *proof = data;
	struct incarnation *on = proof->target.on;

	proof->here = NULL;
	if (status == 0 && on->master)
		proof->log = log_wait_start(master_reader(on->master), has_come, back_from_here,
					    proof, BACK_MS);
	else if (status == -ECONNREFUSED && must_answer_here(proof))
		wrong(proof, "narrowed", "it does not answer from here");
	else
		unproven(proof, "may_not_dial", proof->asked.words);
}

static bool dial_from_here(struct listener_proof *proof)
{
	const struct dialled *there = must_answer_here(proof) ? &proof->asked : &proof->other;

	if (!proof->target.from_me || !there->address)
		return false;
	proof->here = dial_tcp(proof->target.on->hop->engine->loop, there->address, port_of(proof),
			       DIAL_MS, here_answered, proof);
	return true;
}

/* --- by the exit ----------------------------------------------------------------------------- */

static void dial(struct dialled *place);

static unsigned count_opened(const struct listener_proof *proof)
{
	return (unsigned)(proof->asked.outcome == OPENED) +
	       (unsigned)(proof->other.outcome == OPENED);
}

/* Another server than OpenSSH's is believed that nothing is there, once it has shown that it dials. */
static void weigh_refusal(struct listener_proof *proof, struct dialled *place)
{
	if (place->outcome == BARRED && came_back(proof) && !is_openssh(proof) &&
	    reason_is(place->words, REASON_CONNECT_FAILED))
		place->outcome = REFUSED;
}

/* All that will come back has. */
static void weigh(struct listener_proof *proof, unsigned came)
{
	const unsigned opened = count_opened(proof);

	/* One of two is ours, the one that was asked for unless the other one shows to be when it is dialled alone. */
	if (opened == 2 && came == 1) {
		proof->asked.outcome = CAME_BACK;
		proof->came += came;
		proof->is_guess = true;
		dial(&proof->other);
		return;
	}
	if (proof->asked.outcome == CAME_BACK && came)
		proof->asked.outcome = OPENED;
	else if (came >= opened && proof->asked.outcome == OPENED)
		proof->asked.outcome = CAME_BACK;
	if (came >= opened && proof->other.outcome == OPENED)
		proof->other.outcome = CAME_BACK;
	weigh_refusal(proof, &proof->asked);
	weigh_refusal(proof, &proof->other);
	judge(proof);
}

static bool all_have_come(void *data, const struct ssh_log *log)
{
	const struct listener_proof *proof = data;

	return came_now(proof, log) >= count_opened(proof);
}

static void back(void *data, int status)
{
	struct listener_proof *proof = data;
	const struct ssh_log *log = log_of(proof);

	(void)status;
	proof->log = NULL;
	weigh(proof, log ? came_now(proof, log) : 0);
}

/* Both have answered. */
static void wait_for_log(struct listener_proof *proof)
{
	const struct incarnation *on = proof->target.on;

	if (count_opened(proof) && on->master && !log_is_dead(proof))
		proof->log = log_wait_start(master_reader(on->master), all_have_come, back, proof,
					    BACK_MS);
	else
		weigh(proof, 0);
}

static enum outcome outcome_of(const struct listener_proof *proof, const struct exit_answer *answer)
{
	switch (answer->answer) {
	case LINK_OK:
		return OPENED;
	case LINK_REFUSED:
		return is_openssh(proof) && reason_is(answer->words, REASON_CONNECT_FAILED) &&
				       strstr(answer->words, "Connection refused")
			       ? REFUSED
			       : BARRED;
	case LINK_LATE:
		return LATE;
	default:
		return GONE;
	}
}

static void answered(void *data, const struct exit_answer *answer)
{
	struct dialled *place = data;
	struct listener_proof *proof = place->proof;

	place->wait = NULL;
	place->outcome = outcome_of(proof, answer);
	memory_replace(&place->words, *answer->words ? answer->words : NULL);
	if (proof->asked.outcome != UNDER_WAY && proof->other.outcome != UNDER_WAY)
		wait_for_log(proof);
}

static void dial(struct dialled *place)
{
	struct listener_proof *proof = place->proof;

	if (!place->address)
		return;
	place->outcome = UNDER_WAY;
	place->wait = exit_dial_ask(proof->target.on, place->address, port_of(proof), DIAL_MS,
				    answered, place);
}

/* --- which places ---------------------------------------------------------------------------- */

/* Returns an address of the host that others know, of the family of another, if possible; or NULL. */
static const char *known_address(const struct probe_target *target, const char *like, bool strict)
{
	const char *same = target->ingress_addresses[is_six(like)];

	return same || strict ? same : target->ingress_addresses[!is_six(like)];
}

static void choose_places(struct listener_proof *proof)
{
	const struct probe_target *target = &proof->target;
	const char *bind = target->forward->bind;
	bool six = is_six(bind);

	proof->wide = strcmp(bind, probe_dialled(bind)) != 0;
	proof->asked.proof = proof->other.proof = proof;
	proof->asked.address = proof->wide ? known_address(target, bind, true) : bind;
	/* An sshd with GatewayPorts yes listens on all of both families, whatever it was asked for. */
	if (proof->wide && proof->asked.address)
		six = !six;
	if (!address_is_loopback(bind))
		proof->other.address = six ? "::1" : "127.0.0.1";
	else
		proof->other.address = known_address(target, bind, false);
}

struct listener_proof *listener_proof_start(const struct probe_target *target,
					    listener_proof_done done, void *data)
{
	struct listener_proof *proof = memory_alloc(sizeof(*proof));
	const struct ssh_log *log;

	proof->target = *target;
	proof->done = done;
	proof->data = data;
	choose_places(proof);
	log = log_of(proof);
	if (log) {
		proof->came = ssh_log_use(log, target->forward, NULL).came;
		proof->dials = dials_told(proof, log);
	}
	dial(&proof->asked);
	dial(&proof->other);
	return proof;
}
