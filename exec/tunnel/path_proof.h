/*
 * Path proof: what listener_proof.h does, for a remote forward that listens on a unix socket. ssh cannot be asked to
 * dial a path, so a private forward leads there from a socket in the runtime directory, for as long as that takes.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_PATH_PROOF_H
#define TUNPLAN_EXEC_TUNNEL_PATH_PROOF_H

#include "exec/tunnel/listener_proof.h"

struct path_proof;

/* Starts one. The target outlives it. `done` follows from the loop, and the proof is freed. */
struct path_proof *path_proof_start(const struct probe_target *target, listener_proof_done done,
				    void *data);

/* Ends one without its `done`. Accepts NULL. */
void path_proof_cancel(struct path_proof *proof);

#endif
