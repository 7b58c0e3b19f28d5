#include "tests/sim/people.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/list.h"
#include "exec/tunnel/snapshot.h"
#include "tests/sim/disk.h"
#include "tests/sim/loop.h"
#include "tests/sim/networks.h"
#include "tests/sim/places.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/said.h"
#include "tests/sim/schedule.h"
#include "tests/sim/trace.h"
#include "tests/sim/uv.h"
#include "tests/sim/wire.h"
#include "topology/base/memory.h"

struct person {
	unsigned number;
	struct wish wish;
	struct wire *wire; /* while connected */
	bool locks;        /* has start.lock */
	bool started;      /* a supervisor, and waits for it */
	bool reads;
	bool done; /* or refused: the answer is complete */
	bool refused;
	bool gone;
	unsigned results;
	unsigned deaths; /* of supervisors, when connected */
	json_t *alone;   /* by their ids: the tunnels for whose `up` nobody else waited then */
	json_t *taken;   /* the tunnels that its `down` takes down */
	bool interrupted;
	bool asked_for_text;
	struct due *next;
};

static struct list people; /* struct person */

/* The tunnels that must be listed as failed, by their ids: their last `up` failed by itself. */
static json_t *failed;

void people_reset(void)
{
	json_decref(failed);
	failed = json_object();
	while (people.count) {
		struct person *person = people.items[0];

		list_remove(&people, person);
		json_decref(person->alone);
		json_decref(person->taken);
		free(person);
	}
	list_finish(&people);
}

static struct person *find(unsigned number)
{
	for (size_t i = 0; i < people.count; i++) {
		struct person *person = people.items[i];

		if (person->number == number && !person->gone)
			return person;
	}
	return NULL;
}

static void go(struct person *person)
{
	if (person->wire)
		wire_close(person->wire);
	if (person->locks)
		loop_drop_start_lock();
	queue_drop(person->next);
	person->next = NULL;
	person->wire = NULL;
	person->locks = false;
	person->gone = true;
}

static void go_now(void *data)
{
	struct person *person = data;

	person->next = NULL;
	go(person);
}

static void go_soon(struct person *person)
{
	if (!person->next)
		person->next =
			queue_add(QUEUE_WORLD, fate(3, 'g', person->number, 0), go_now, person);
}

static void send_request(struct person *person, const struct request *request)
{
	json_t *json = protocol_request(request);
	char *text = json_dumps(json, JSON_COMPACT);

	if (person->wire)
		wire_send(person->wire, text);
	free(text);
	json_decref(json);
}

static bool wants(const struct person *person, const json_t *tunnel)
{
	const struct wish *wish = &person->wish;
	const struct network *network = &networks[wish->file];
	const char *file = json_string_value(json_object_get(tunnel, "file"));
	const char *name = json_string_value(json_object_get(tunnel, "name"));

	if (wish->all_files)
		return true;
	if (strcmp(file, network->path) != 0)
		return false;
	for (unsigned i = 0; network->tunnels[i]; i++)
		if (wish->tunnels & (1u << i) && strcmp(network->tunnels[i], name) == 0)
			return true;
	return !wish->tunnels;
}

/* --- what failed is listed until the next up or down of it */

/* Calls a function with the identity of each tunnel that an `up` wants. */
static void each_wanted(const struct person *person, void (*take)(const char *id, void *data),
			void *data)
{
	const struct network *network = &networks[person->wish.file];

	for (unsigned i = 0; person->wish.op == OP_UP && network->tunnels[i]; i++) {
		char *id = protocol_id(network->path, network->tunnels[i], "you");

		if (person->wish.tunnels & (1u << i))
			take(id, data);
		free(id);
	}
}

static void add_id(const char *id, void *data)
{
	json_object_set_new(data, id, json_true());
}

static void remove_id(const char *id, void *data)
{
	json_object_del(data, id);
}

/* It is wanted by the text that its file has now. */
static void note_text(const char *id, void *data)
{
	rules_unwanted(id, data);
}

/* Somebody asks for a tunnel, or takes it down. */
static void note_request(const char *id, void *data)
{
	json_object_del(failed, id);
	for (size_t i = 0; i < people.count; i++) {
		struct person *other = people.items[i];

		if (other != data)
			json_object_del(other->alone, id);
	}
}

static void note_up(struct person *person)
{
	char digest[SNAPSHOT_DIGEST_SIZE];
	const char *id;
	json_t *value;

	each_wanted(person, add_id, person->alone);
	for (size_t i = 0; i < people.count; i++) {
		const struct person *other = people.items[i];

		if (other == person || other->done)
			continue;
		each_wanted(other, remove_id, person->alone);
		/* Which of the two comes first is not known. */
		json_object_foreach(other->taken, id, value) remove_id(id, person->alone);
	}
	each_wanted(person, note_request, person);
	snapshot_digest(networks[person->wish.file].text, digest);
	each_wanted(person, note_text, digest);
}

static void note_result(const struct person *person, const char *line)
{
	json_t *event = json_loads(line, 0, NULL);
	const char *id = said_text(json_object_get(event, "status"), "id");
	const char *code = said_text(json_object_get(event, "error"), "code");

	if (person->wish.wait && !person->wish.persist && !person->interrupted &&
	    json_object_get(person->alone, id) && strcmp(said_text(event, "state"), "down") == 0 &&
	    strcmp(code, "stopped") != 0 && !json_is_true(json_object_get(event, "goes_on")))
		add_id(id, failed);
	json_decref(event);
}

/* At the end, when the one who takes all down asks what there is. */
static void check_listed(const json_t *tunnels)
{
	for (size_t i = 0; i < json_array_size(tunnels); i++) {
		const json_t *tunnel = json_array_get(tunnels, i);

		if (strcmp(said_text(tunnel, "state"), "failed") == 0)
			json_object_del(failed, said_text(tunnel, "id"));
	}
	if (json_object_size(failed) && !disk_ever_failed())
		rules_break("listed", "%s has failed, and is not listed",
			    json_object_iter_key(json_object_iter(failed)));
}

/* What `down` and `status` are about is chosen from what is up. */
static void choose(struct person *person, const char *line)
{
	const struct network *network = &networks[person->wish.file];
	json_t *event = json_loads(line, 0, NULL);
	const json_t *tunnels = json_object_get(event, "tunnels");
	const char **ids = memory_array(json_array_size(tunnels) + 1, sizeof(*ids));
	char digest[SNAPSHOT_DIGEST_SIZE];
	struct request request = {
		.op = person->wish.op,
		.ids = ids,
		.file = person->wish.op == OP_STATUS ? network->path : NULL,
		.digest = person->wish.op == OP_STATUS ? digest : NULL,
		.text = person->wish.op == OP_STATUS ? network->text : NULL,
		.probe = person->wish.probe,
	};

	snapshot_digest(network->text, digest);
	if (person->number == SCHEDULE_MAX)
		check_listed(tunnels);
	for (size_t i = 0; i < json_array_size(tunnels); i++) {
		const json_t *tunnel = json_array_get(tunnels, i);

		if (!wants(person, tunnel))
			continue;
		if (person->wish.op == OP_DOWN) {
			note_request(said_text(tunnel, "id"), NULL);
			rules_unwanted(said_text(tunnel, "id"), NULL);
			add_id(said_text(tunnel, "id"), person->taken);
		}
		ids[request.id_count++] = json_string_value(json_object_get(tunnel, "id"));
	}
	send_request(person, &request);
	free(ids);
	json_decref(event);
}

static void ask(struct person *person);

static void heard(void *data, const char *line)
{
	struct person *person = data;
	const bool done = strstr(line, "\"event\":\"done\"");
	const bool refused = strstr(line, "\"event\":\"refused\"");

	if (strstr(line, "\"event\":\"list\"")) {
		choose(person, line);
		return;
	}
	if (strstr(line, "\"event\":\"text\"")) {
		person->asked_for_text = true;
		ask(person);
		return;
	}
	if (strstr(line, "\"event\":\"result\""))
		note_result(person, line);
	person->refused |= refused;
	person->results += strstr(line, "\"event\":\"result\"") != NULL;
	if (done && !person->refused && person->wish.op == OP_UP &&
	    person->results != (unsigned)__builtin_popcount(person->wish.tunnels))
		rules_break("results", "client %u got %u results", person->number, person->results);
	if (done || refused) {
		person->done = true;
		go_soon(person);
	}
}

static void ended(void *data)
{
	struct person *person = data;
	uint64_t told_at_ms;

	person->wire = NULL;
	if (!person->done && person->reads && person->deaths == loop_deaths() &&
	    !loop_was_told_to_go(&told_at_ms))
		rules_break("done", "client %u was left without the end of its answer",
			    person->number);
	go(person);
}

static void ask(struct person *person)
{
	static const char *const env[] = {"HOME=/home", NULL};
	static const struct request list = {.op = OP_LIST};
	const struct wish *wish = &person->wish;
	const struct network *network = &networks[wish->file];
	const char *tunnels[NETWORK_TUNNELS_MAX], *place = places_here();
	char digest[SNAPSHOT_DIGEST_SIZE];
	/* Some say where they are, whether or not that is so. */
	const bool said = networks_has_places(network) && !fate(4, 's', person->number, 0);
	struct request up = {
		.op = OP_UP,
		.file = network->path,
		.me = "you",
		.text = person->asked_for_text ? network->text : NULL,
		.digest = digest,
		.tunnels = tunnels,
		.env = env,
		.wait = wish->wait,
		.persist = wish->persist,
		.roams = networks_has_places(network) && !said,
	};

	if (said)
		place = "odd";
	if (networks_has_places(network)) {
		up.places = &place;
		up.place_count = 1;
	}

	for (unsigned i = 0; network->tunnels[i]; i++)
		if (wish->tunnels & (1u << i))
			tunnels[up.tunnel_count++] = network->tunnels[i];
	snapshot_digest(network->text, digest);
	note_up(person);
	if (wish->op == OP_UP)
		rules_asked(true);
	send_request(person, wish->op == OP_UP ? &up : &list);
}

static void connect_now(void *data)
{
	static const struct wire_events events = {heard, ended};
	struct person *person = data;
	/* A killed supervisor's leftovers are cleared away by the next one. */
	const bool starts = person->wish.op == OP_UP ||
			    (person->wish.op == OP_DOWN && disk_has("/run/record.json"));

	person->next = NULL;
	person->wire = wire_connect(person->number, &events, person);
	person->deaths = loop_deaths();
	if (person->wire) {
		person->locks = false;
		loop_drop_start_lock();
		wire_read(person->wire, person->reads);
		ask(person);
	} else if (loop_supervisor_runs()) {
		/* Its socket is gone, or not there yet: it is made to look. */
		uv_raise(SIGUSR1);
		person->next =
			queue_add(QUEUE_WORLD, person->started ? 1 : 20, connect_now, person);
	} else if (starts && !person->started) {
		loop_start_supervisor();
		person->started = true;
		person->next = queue_add(QUEUE_WORLD, 1, connect_now, person);
	} else {
		if (person->number == SCHEDULE_MAX)
			check_listed(NULL);
		go(person);
	}
}

static void lock(void *data)
{
	struct person *person = data;

	person->locks = loop_take_start_lock();
	person->next = queue_add(QUEUE_WORLD, person->locks ? fate(3, 'l', person->number, 0) : 1,
				 person->locks ? connect_now : lock, person);
}

void people_come(unsigned number, const struct wish *wish)
{
	struct person *person = memory_alloc(sizeof(*person));

	person->number = number;
	person->wish = *wish;
	person->reads = true;
	person->alone = json_object();
	person->taken = json_object();
	list_add(&people, person);
	lock(person);
}

void people_abandon(unsigned number)
{
	struct request request = {.op = OP_ABANDON};
	struct person *person = find(number);

	if (!person || person->wish.op != OP_UP)
		return;
	/* Interrupted, or by its --timeout. */
	person->interrupted = fate(2, 'a', number, 0);
	request.text = person->interrupted ? NULL : "not up in time";
	send_request(person, &request);
}

void people_babble(unsigned number)
{
	static const char *const babble[] = {"", "{", "[1,2]", "{\"op\":\"up\",\"v\":1}",
					     "{\"op\":\"up\",\"v\":99}"};
	const struct person *person = find(number);

	if (person && person->wire)
		wire_send(person->wire, babble[fate(5, 'n', number, queue_now())]);
}

void people_leave(unsigned number)
{
	struct person *person = find(number);

	if (person)
		go(person);
}

void people_read(unsigned number, bool reads)
{
	struct person *person = find(number);

	if (!person)
		return;
	person->reads = reads;
	if (person->wire)
		wire_read(person->wire, reads);
}

void people_wake(void)
{
	for (size_t i = 0; i < people.count; i++) {
		struct person *person = people.items[i];

		if (!person->reads && !person->gone)
			go(person);
	}
}

void people_rest(bool patient)
{
	for (size_t i = 0; i < people.count; i++) {
		const struct person *person = people.items[i];

		if (patient && person->wish.op == OP_UP && person->wish.persist)
			continue;
		if (!person->gone && person->reads && !person->done)
			rules_break("done", "client %u waits for ever", person->number);
	}
}
