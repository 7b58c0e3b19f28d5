#include "exec/tunnel/pulse.h"

void pulse_foresee(struct pulse_of *of)
{
	of->seen = kernel_tcp_find(of->ssh, &of->key) == 0;
}

/* Whether the connection that was seen is that of an ssh, and is still there. */
static bool is_seen(const struct pulse_of *of, pid_t ssh)
{
	struct kernel_tcp tcp;

	return of->seen && of->ssh == ssh && kernel_tcp_ask(&of->key, &tcp) == 0;
}

void pulse_init(struct pulse_of *of, pid_t ssh, bool with_tcp)
{
	const struct pulse_of before = *of;

	*of = (struct pulse_of){.ssh = ssh};
	if (!with_tcp)
		return;
	of->has_key = is_seen(&before, ssh);
	if (of->has_key)
		of->key = before.key;
	else
		of->has_key = kernel_tcp_find(ssh, &of->key) == 0;
}

void pulse_take(const struct pulse_of *of, struct pulse *ret_pulse)
{
	struct kernel_process process;
	struct kernel_tcp tcp;

	*ret_pulse = (struct pulse){0};
	ret_pulse->stopped = kernel_process_read(of->ssh, &process) == 0 && process.state == 'T';
	if (!of->has_key || kernel_tcp_ask(&of->key, &tcp))
		return;
	ret_pulse->has_tcp = true;
	ret_pulse->silent_ms = tcp.silent_ms;
	ret_pulse->bytes = tcp.acked_bytes + tcp.received_bytes;
	ret_pulse->queued = tcp.unacked_bytes;
}

bool pulse_has_users(const struct pulse_of *of)
{
	size_t count;

	return kernel_tcp_count(of->ssh, &of->key, &count) != 0 || count > 0;
}
