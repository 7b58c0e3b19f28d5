#include "exec/tunnel/probe_steps.h"

static struct ssh_fault_subject listener_of(const struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;

	return (struct ssh_fault_subject){
		.host = probe->target.ingress_host,
		.address = forward->bind_path ? forward->bind_path : forward->bind,
		.port = forward->bind_port,
		.from = probe->target.on->hop->host,
		.about = FAULT_REMOTE_INGRESS,
		.known = incarnation_server(probe->target.on) |
			 (forward->bind_path ? FAULT_PATH : 0),
		.me = probe->target.me,
	};
}

/* It listens as far as is known, and more could not be found out. */
static void doubt(struct probe *probe, const char *code, const char *words)
{
	const struct ssh_fault *fault = classify_code(code);
	const struct ssh_fault_subject subject = listener_of(probe);

	failure_blame(&probe->result.doubt, fault, &subject, words);
}

static void listener_judged(void *data, enum listener_verdict verdict, const char *code,
			    const char *words, bool came_back)
{
	struct probe *probe = data;
	const struct ssh_fault_subject subject = listener_of(probe);

	probe->proof = NULL;
	probe->path_proof = NULL;
	probe->came_back = came_back;
	switch (verdict) {
	case LISTENER_PROVED:
		probe->result.proved = true;
		probe_go_on(probe);
		break;
	case LISTENER_UNPROVEN:
		doubt(probe, code, words);
		probe_go_on(probe);
		break;
	case LISTENER_WRONG:
		probe_fail(probe, PROBE_NOT_LISTENING, classify_code(code), &subject, words);
		break;
	case LISTENER_LATE:
		probe->proves_listener = true;
		probe_exit_is_late(probe, &subject);
		break;
	case LISTENER_GONE:
		probe_judge_exit(probe, LINK_GONE);
		break;
	}
}

void probe_listener(struct probe *probe)
{
	probe->used =
		ssh_log_use(master_log(probe->target.on->master), probe->target.forward, NULL);
	if (probe->target.forward->bind_path)
		probe->path_proof = path_proof_start(&probe->target, listener_judged, probe);
	else
		probe->proof = listener_proof_start(&probe->target, listener_judged, probe);
}

/* What came through the listener makes its ssh dial the egress, as a user's connection does. */
void probe_egress_behind(struct probe *probe)
{
	if (probe->came_back)
		probe_read_outcome(probe);
	else if (hop_is_stitched(probe->target.on->hop))
		probe_cannot_ask(probe);
	else
		probe_dial_egress(probe);
}
