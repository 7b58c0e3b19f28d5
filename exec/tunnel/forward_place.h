/* Forward place: where a forward listens, as text for people, and whether it may listen there. */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_PLACE_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_PLACE_H

#include "exec/tunnel/forward.h"

/* Appends the ingress in the language's form: "127.0.0.1:7999", "beta-server:127.0.0.1:9999". */
void forward_ingress_text(const struct live_forward *forward, struct strbuf *text);

/*
 * Returns NULL when the forward may be asked for, else the class of what is in its way (classify.h)
 * and appends who that is. A port that somebody else has is found out by ssh; here is what ssh would
 * not say: a listener of another tunnel of ours (`other`, or NULL), and a file that ssh would remove to
 * bind its socket.
 */
const char *forward_place_taken(const struct live_forward *forward,
				const struct live_forward *other, struct strbuf *words);

/*
 * Of a listener whose socket has a path here: notes what stands there, which its ssh has just made; and returns whether
 * that is what stands there now: true, too, if nothing was noted.
 */
void forward_note_file(struct live_forward *forward);
bool forward_file_is_ours(const struct live_forward *forward);

#endif
