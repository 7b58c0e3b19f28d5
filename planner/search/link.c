#include "planner/search/link.h"

#include <string.h>

#include "planner/model/auto_port.h"
#include "planner/reach/permit.h"

static struct link refused(enum plan_reason reason, struct span at)
{
	return (struct link){.reason = reason, .at = at};
}

/* --- logging in (rule 10) */

static const struct host_key *find_key(const struct host *client, size_t host)
{
	for (size_t i = 0; i < client->key_count; i++)
		if (client->keys[i].host == host)
			return &client->keys[i];
	return NULL;
}

/* If nothing is said of where a client can log in, it is taken to be able to. */
bool link_can_login(const struct goal *goal, size_t client, size_t host,
		    const struct host_key **ret_key)
{
	*ret_key = find_key(goal_host(goal, client), host);
	return *ret_key || (goal_host(goal, client)->key_count == 0 &&
			    (client == goal->me || goal->options->method == METHOD_STITCHED));
}

/* --- joints */

struct joint link_joint(const struct goal *goal, size_t host, size_t piece)
{
	const bool listen = goal->kind == GOAL_INGRESS;
	struct joint joint = {0};

	if (goal->forward == 0 && piece < goal->joint_count)
		return goal->joints[piece];
	joint.port = permit_loopback_port(goal_host(goal, host), listen);
	if (joint.port == 0)
		joint.port = auto_port(goal->tunnel, AUTO_PORT_JOINTS +
							     goal->forward * AUTO_PORT_PIECES +
							     goal->joints_before + piece);
	return joint;
}

/* Whether the sshd at the end of one piece does its part of the joint (rule 12). */
static struct permit permit_joint(const struct goal *goal, const struct host *host,
				  const struct joint *joint)
{
	struct permit permit;

	if (goal->kind == GOAL_INGRESS)
		return joint->path ? permit_listen_socket(host)
				   : permit_listen(host, "127.0.0.1", joint->port);
	if (joint->path)
		return permit_open_socket(host, joint->path);
	permit = permit_open(host, "127.0.0.1", joint->port);
	return permit.granted ? permit : permit_open(host, "localhost", joint->port);
}

/* --- the three methods */

struct reach_to link_sshd(const struct goal *goal, const struct stand *from, size_t to)
{
	const struct ssh_login *ssh = goal_host(goal, to)->ssh;
	struct reach_to sshd = reach_to_sshd(goal->network_index->topology, to);

	sshd.avoid_vlans = goal->options->avoid_vlans;
	sshd.avoid_vlan_count = goal->options->avoid_vlan_count;
	/* The options are those of me's ssh, which looks for an address if it dials itself. */
	for (size_t i = 0; from->host == goal->me && !ssh->config && i < ssh->option_count; i++)
		if (strcmp(ssh->options[i].keyword, "AddressFamily") == 0)
			sshd.family = &ssh->options[i];
	return sshd;
}

/*
 * Dials the sshd of a host, and logs in. The login goes through what is open: a host that is neither
 * reached nor logged in to is not reached.
 */
static struct link dial(const struct goal *goal, const struct stand *from, size_t to,
			enum reach_by by, size_t client)
{
	const struct reach_to sshd = link_sshd(goal, from, to);
	const struct host *host = goal_host(goal, client);
	struct link link = {.client = client};

	link.reach = reach_try(goal->network_index, from->host, by, &sshd);
	link.open = link.reach.open;
	link.reason = link.reach.reason;
	link.at = link.reach.at;
	if (link.open && !link_can_login(goal, client, to, &link.key)) {
		link.open = false;
		link.reason = REASON_NO_KEY;
		link.at = host->key_count ? host->keys[0].at : host->at;
	}
	return link;
}

static struct link try_nested(const struct goal *goal, const struct stand *from, size_t to)
{
	const bool itself = from->host == from->client;

	return dial(goal, from, to, itself ? REACH_PROCESS : REACH_SSHD, from->client);
}

static struct link try_relayed(const struct goal *goal, const struct stand *from, size_t to)
{
	const struct host *host = goal_host(goal, from->host);
	struct permit session;
	struct link link;

	if (from->host == from->client || host->relay == 0)
		return refused(REASON_FWD_OFF, host->at);
	session = permit_session(host);
	if (!session.granted)
		return refused(session.reason, session.at);
	link = dial(goal, from, to, REACH_PROCESS, from->client);
	link.relay = host->relay & RELAY_SOCAT ? RELAY_SOCAT : RELAY_NC;
	return link;
}

static struct link try_stitched(const struct goal *goal, const struct stand *from, size_t to)
{
	const struct host *host = goal_host(goal, from->host);
	struct joint joint;
	struct permit permit;

	if (from->host == goal->me || goal->options->method == METHOD_NESTED)
		return refused(REASON_CONSTRAINT, (struct span){0});
	permit = permit_session(host);
	if (!permit.granted)
		return refused(permit.reason, permit.at);
	joint = link_joint(goal, from->host, from->pieces);
	permit = permit_joint(goal, host, &joint);
	if (!permit.granted)
		return refused(permit.reason, permit.at);
	return dial(goal, from, to, REACH_PROCESS, from->host);
}

/* Whether `method: stitched` leaves a hop to the other methods (rule 13). */
static bool may_nest(const struct goal *goal, const struct stand *from, size_t to)
{
	const struct host *host = goal_host(goal, from->host);

	return goal->options->method != METHOD_STITCHED || from->host == goal->me ||
	       (host->key_count && !find_key(host, to));
}

struct link link_try(const struct goal *goal, const struct stand *from, size_t to,
		     enum plan_method method)
{
	const struct host *host = goal_host(goal, from->host);

	if (from->host != goal->me && host->jump == JUMP_NO)
		return refused(REASON_NOT_JUMP, host->at);
	if (method == PLAN_STITCHED)
		return try_stitched(goal, from, to);
	if (!may_nest(goal, from, to))
		return refused(REASON_CONSTRAINT, (struct span){0});
	return method == PLAN_NESTED ? try_nested(goal, from, to) : try_relayed(goal, from, to);
}
