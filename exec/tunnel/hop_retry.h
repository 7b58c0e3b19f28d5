/*
 * Hop retry: when a hop that was lost, or did not get up, is tried next (retry.h). Noting that sets the time; the wait
 * begins when somebody wants the hop back: a first attempt of a tunnel does not.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_RETRY_H
#define TUNPLAN_EXEC_TUNNEL_HOP_RETRY_H

#include "exec/tunnel/hop.h"

/* A hop whose ssh was cut may be told of its end so much sooner than the hop that carries it, whose end it was. */
#define HOP_DOUBT_MS 100

/* It was up until now; or, while it is still rising, it does not get up, for that reason. */
void hop_retry_lost(struct live_hop *hop);
void hop_retry_failed(struct live_hop *hop, const struct failure *failure);

/* Begins the wait for the next try: hop_too_late() (hop_life.h) is called at its end. */
void hop_retry_start(struct live_hop *hop);

/*
 * Somebody waits until the hop is up: if it was lost, or did not get up, its next try follows when it is due; but not of one
 * whose login asks a person.
 */
void hop_come_back(struct live_hop *hop);

/* Its wait for the next try, if it has one, is over. */
void hop_end_wait(struct live_hop *hop);

/* Notes what its login depends on, before that is tried; and asks no agent any more. */
void hop_retry_note_files(struct live_hop *hop);

/* How often these are looked at, where a person may mend them. */
#define HOP_FILES_MS 2000

/* Whether it waits for somebody, who may mend what its login depends on. */
bool hop_retry_watches(const struct live_hop *hop);

/* One look at what that is (login_files.h, agent_keys.h): when anything of it has changed, the wait is over. */
void hop_retry_look(struct live_hop *hop);

/* Whether it was lost, or never got up, and is not up yet. */
bool hop_is_missing(const struct live_hop *hop);

/* Returns in how many ms its next try is, or -1: none is due. */
int64_t hop_next_try_ms(const struct live_hop *hop);

#endif
