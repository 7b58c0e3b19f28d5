#include "exec/tunnel/path_proof.h"

#include <stdlib.h>
#include <unistd.h>

#include "exec/ssh/dial.h"
#include "exec/ssh/log_reader.h"
#include "topology/base/memory.h"

/* For ssh to listen, and to say that it does no more. */
#define LISTEN_MS 3000
/* For the far end to connect, and for what comes back. */
#define BACK_MS 5000

struct path_proof {
	struct probe_target target;
	struct mux_forward way;       /* from our socket to the listener */
	struct link_request *request; /* for that; one of these three is under way */
	struct dial *dial;
	struct log_wait *log;
	bool listens;            /* the private one */
	struct ssh_log_use used; /* of the listener, before */
	struct ssh_log_use went; /* and of the way there */
	listener_proof_done done;
	void *data;
};

/* Takes the private forward away: nobody gets to it any more once its file is gone. */
static void finish(struct path_proof *proof)
{
	struct link *link = incarnation_link(proof->target.on);

	link_drop(proof->request);
	dial_cancel(proof->dial);
	log_wait_cancel(proof->log);
	if (proof->listens && link)
		link_unlisten(link, &proof->way, LISTEN_MS, NULL, NULL);
	unlink(proof->way.bind_path);
	free(proof);
}

void path_proof_cancel(struct path_proof *proof)
{
	if (proof)
		finish(proof);
}

static void end(struct path_proof *proof, enum listener_verdict verdict, const char *code,
		const char *words, bool came_back)
{
	proof->done(proof->data, verdict, code, words, came_back);
	finish(proof);
}

static bool came_back(const struct path_proof *proof, const struct ssh_log *log)
{
	return ssh_log_use(log, proof->target.forward, NULL).came > proof->used.came;
}

static bool was_refused(const struct path_proof *proof, const struct ssh_log *log)
{
	return ssh_log_use(log, &proof->way, NULL).refused > proof->went.refused;
}

static bool is_known(void *data, const struct ssh_log *log)
{
	return came_back(data, log) || was_refused(data, log);
}

/* Its sshd did not connect to it: it may not, or there is nothing. What it did before with the same ssh, it may. */
static void judge_refused(struct path_proof *proof, const char *words)
{
	if (proof->target.was_proved)
		end(proof, LISTENER_WRONG, "not_accepting", words, false);
	else
		end(proof, LISTENER_UNPROVEN, "path_unseen", words, false);
}

/* Nothing has come back. If the connection stands, that is because somebody else listens there. */
static void judge_lost(struct path_proof *proof, const struct ssh_log *log)
{
	if (ssh_log_use(log, &proof->way, NULL).opened > proof->went.opened)
		end(proof, LISTENER_WRONG, "port_taken", "something else listens at that path",
		    false);
	else
		end(proof, LISTENER_UNPROVEN, "not_told", "nothing came back through it", false);
}

static void told(void *data, int status)
{
	struct path_proof *proof = data;
	const struct master *master = proof->target.on->master;
	const struct ssh_log *log = master ? master_log(master) : NULL;
	const char *words = "";

	proof->log = NULL;
	if (log)
		ssh_log_use(log, &proof->way, &words);
	if (!log)
		end(proof, LISTENER_GONE, NULL, "", false);
	else if (came_back(proof, log))
		end(proof, LISTENER_PROVED, NULL, "", true);
	else if (status)
		judge_lost(proof, log);
	else
		judge_refused(proof, words);
}

static void dialled(void *data, int status)
{
	struct path_proof *proof = data;
	const struct incarnation *on = proof->target.on;

	proof->dial = NULL;
	if (status || !on->master)
		end(proof, LISTENER_UNPROVEN, "not_told",
		    "its ssh could not be asked to connect to it", false);
	else
		proof->log =
			log_wait_start(master_reader(on->master), is_known, told, proof, BACK_MS);
}

static void opened(void *data, const struct link_result *result)
{
	struct path_proof *proof = data;

	proof->request = NULL;
	if (result->answer == LINK_GONE) {
		end(proof, LISTENER_GONE, NULL, "", false);
		return;
	}
	proof->listens = result->answer == LINK_OK;
	if (proof->listens)
		proof->dial = dial_unix(proof->target.on->hop->engine->loop, proof->way.bind_path,
					dialled, proof);
	else
		end(proof, LISTENER_UNPROVEN, "not_told",
		    "its ssh could not be asked to connect to it", false);
}

struct path_proof *path_proof_start(const struct probe_target *target, listener_proof_done done,
				    void *data)
{
	struct path_proof *proof = memory_alloc(sizeof(*proof));
	const struct ssh_log *log = master_log(target->on->master);

	proof->target = *target;
	proof->way = (struct mux_forward){
		.type = PLAN_LOCAL,
		.bind_path = target->private_path,
		.target_path = target->forward->bind_path,
	};
	proof->done = done;
	proof->data = data;
	proof->used = ssh_log_use(log, target->forward, NULL);
	proof->went = ssh_log_use(log, &proof->way, NULL);
	proof->request =
		link_listen(incarnation_link(target->on), &proof->way, LISTEN_MS, opened, proof);
	return proof;
}
