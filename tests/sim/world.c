#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/agent_keys.h"
#include "exec/ssh/login_files.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "topology/base/memory.h"

/* How long the product waits for a connection: one that came later was missed. */
#define PATIENCE_MS 5000

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The hosts of the files (networks.c). */
static struct machine hosts[] = {{.name = "h1"},
				 {.name = "h2"},
				 {.name = "h3", .address = "10.3.0.3"},
				 {.name = "h4"},
				 {.name = "r1"}};

/* And what they offer. */
static const char *const offered[] = {"h2:7001", "h3:7001", "h4:7001", "h2:/run/app.sock",
				      "you:9091"};

struct setting {
	char *target;
	enum serving service;
};

static struct {
	struct list settings;  /* struct setting */
	struct list listeners; /* struct listener */
	struct list tries;     /* struct tried */
	struct list named;     /* places that somebody was told of */
	unsigned changes;
} world;

static void free_settings(void)
{
	for (size_t i = 0; i < world.settings.count; i++) {
		struct setting *setting = world.settings.items[i];

		free(setting->target);
		free(setting);
	}
	list_finish(&world.settings);
}

static void free_tries(void)
{
	for (size_t i = 0; i < world.tries.count; i++) {
		struct tried *tried = world.tries.items[i];

		free(tried->target);
		free(tried);
	}
	list_finish(&world.tries);
}

void world_reset(void)
{
	for (size_t i = 0; i < COUNT(hosts); i++)
		hosts[i] = (struct machine){.name = hosts[i].name, .address = hosts[i].address};
	free_settings();
	free_tries();
	for (size_t i = 0; i < world.named.count; i++)
		free(world.named.items[i]);
	list_finish(&world.named);
	while (world.listeners.count)
		world_unlisten(world.listeners.items[0]);
	list_finish(&world.listeners);
	for (size_t i = 0; i < COUNT(offered); i++)
		world_set_service(offered[i], SERVICE_ANSWERS);
}

unsigned world_changes(void)
{
	return world.changes;
}

void world_change(void)
{
	world.changes++;
}

struct machine *world_host(const char *name)
{
	for (size_t i = 0; i < COUNT(hosts); i++)
		if (strcmp(hosts[i].name, name) == 0 ||
		    (hosts[i].address && strcmp(hosts[i].address, name) == 0))
			return &hosts[i];
	return NULL;
}

struct machine *world_host_at(unsigned index)
{
	return &hosts[index % COUNT(hosts)];
}

unsigned world_host_count(void)
{
	return COUNT(hosts);
}

void world_set_login(struct machine *host, enum login login)
{
	const bool was_refused = host->login == LOGIN_DENIED || host->login == LOGIN_UNKNOWN;

	/* Else it was mended on that host, which nobody here can see. */
	if (was_refused && login != host->login && fate(2, 'm', queue_serial(), 0)) {
		host->mended_ms = queue_now();
		if (host->login == LOGIN_DENIED && fate(2, 'a', queue_serial(), 0))
			host->agent_ms = host->mended_ms;
		else
			host->files_ms = host->mended_ms;
	}
	host->login = login;
}

uint64_t login_files_signature(const struct plan_hop *hop, const char *const *env,
			       const char *facts)
{
	const struct machine *host = world_host(hop->address);

	(void)env;
	(void)facts;
	return host ? host->files_ms : 0;
}

/* There is an agent for each host, by its address. */
const char *login_files_agent(const struct plan_hop *hop, const char *const *env, const char *facts,
			      struct arena *arena)
{
	(void)env;
	(void)facts;
	return arena_string(arena, hop->address);
}

static uint64_t agent_list(const struct agent_keys *keys)
{
	const struct machine *host = world_host(keys->path);

	return host ? host->agent_ms : 0;
}

void agent_keys_begin(struct agent_keys *keys, const char *path)
{
	agent_keys_end(keys);
	keys->path = memory_string(path);
	keys->list = agent_list(keys);
}

bool agent_keys_changed(struct agent_keys *keys)
{
	const uint64_t before = keys->list;

	if (keys->path)
		keys->list = agent_list(keys);
	return keys->list != before;
}

void agent_keys_end(struct agent_keys *keys)
{
	free(keys->path);
	*keys = (struct agent_keys){0};
}

void world_blame(struct machine *host, const char *code)
{
	size_t i = 0;

	while (host->codes[i] && strcmp(host->codes[i], code) != 0)
		i++;
	host->codes[i] = code;
}

bool world_is_to_blame(const struct machine *host, const char *code)
{
	for (size_t i = 0; host->codes[i]; i++)
		if (strcmp(host->codes[i], code) == 0)
			return true;
	return false;
}

static struct setting *find_setting(const char *target)
{
	for (size_t i = 0; i < world.settings.count; i++) {
		struct setting *setting = world.settings.items[i];

		if (strcmp(setting->target, target) == 0)
			return setting;
	}
	return NULL;
}

enum serving world_service(const char *target)
{
	const struct setting *setting = find_setting(target);

	return setting ? setting->service : SERVICE_REFUSES;
}

void world_set_service(const char *target, enum serving service)
{
	struct setting *setting = find_setting(target);

	if (!setting) {
		setting = memory_alloc(sizeof(*setting));
		setting->target = memory_string(target);
		list_add(&world.settings, setting);
	}
	setting->service = service;
}

char *world_target(const struct machine *from, const char *address, unsigned port, const char *path)
{
	const char *here = from ? from->name : "you";
	const struct machine *host;

	if (path)
		return memory_format("%s:%s", here, path);
	if (strcmp(address, "127.0.0.1") == 0)
		return memory_format("%s:%u", here, port);
	host = world_host(address);
	return memory_format("%s:%u", host ? host->name : address, port);
}

char *world_place(const struct mux_forward *forward, const struct machine *host)
{
	const bool remote = forward->type == PLAN_REMOTE;
	const char *on = remote ? host->name : "", *colon = remote ? ":" : "";

	if (forward->bind_path)
		return memory_format("%s%s%s", on, colon, forward->bind_path);
	return memory_format("%s%s%s:%u", on, colon, forward->bind, forward->bind_port);
}

struct listener *world_listener(const char *place)
{
	for (size_t i = 0; i < world.listeners.count; i++) {
		struct listener *listener = world.listeners.items[i];

		if (strcmp(listener->place, place) == 0)
			return listener;
	}
	return NULL;
}

void world_name_left(const char *place)
{
	if (!world_was_named(place))
		list_add(&world.named, memory_string(place));
}

bool world_was_named(const char *place)
{
	for (size_t i = 0; i < world.named.count; i++)
		if (strcmp(world.named.items[i], place) == 0)
			return true;
	return false;
}

struct listener *world_accepting(const struct machine *host, const char *address, unsigned port)
{
	static const char loopback[] = "127.0.0.1", all[] = "0.0.0.0";

	for (size_t i = 0; i < world.listeners.count; i++) {
		struct listener *listener = world.listeners.items[i];
		const char *bind = strchr(listener->place, ':'), *end;

		if (listener->host != host || !bind || *++bind == '/')
			continue;
		end = strchr(bind, ':');
		if (!end || strtoul(end + 1, NULL, 10) != port)
			continue;
		if (listener->narrow ? strcmp(address, loopback) == 0
				     : listener->wide || strncmp(bind, all, strlen(all)) == 0 ||
					       strncmp(bind, address, strlen(address)) == 0)
			return listener;
	}
	return NULL;
}

bool world_is_deaf(const struct listener *listener)
{
	return !listener->owner && listener->own_address &&
	       listener->own_address != own_network_address() && queue_now() < listener->noticed_ms;
}

const struct listener *world_listener_at(unsigned index)
{
	return index < world.listeners.count ? world.listeners.items[index] : NULL;
}

struct listener *world_listen(const char *place, struct ssh *owner, struct machine *host)
{
	struct listener *listener = memory_alloc(sizeof(*listener));

	listener->place = memory_string(place);
	listener->owner = owner;
	listener->host = host;
	list_add(&world.listeners, listener);
	world_change();
	return listener;
}

void world_unlisten(struct listener *listener)
{
	list_remove(&world.listeners, listener);
	world_change();
	free(listener->place);
	free(listener->target);
	free(listener->called);
	free(listener);
}

struct tried *world_try(int pid, const char *target)
{
	struct tried *tried = memory_alloc(sizeof(*tried));

	tried->pid = pid;
	tried->target = memory_string(target);
	tried->asked_ms = queue_now();
	tried->ended_ms = UINT64_MAX;
	list_add(&world.tries, tried);
	return tried;
}

void world_tried(struct tried *tried, bool reached)
{
	tried->ended_ms = queue_now();
	tried->reached = reached;
}

bool world_was_reached(int pid, const char *target, uint64_t since_ms)
{
	for (size_t i = 0; i < world.tries.count; i++) {
		const struct tried *tried = world.tries.items[i];

		if (tried->pid == pid && tried->reached && tried->ended_ms >= since_ms &&
		    strcmp(tried->target, target) == 0)
			return true;
	}
	return false;
}

bool world_was_missed(int pid, const char *target)
{
	for (size_t i = 0; i < world.tries.count; i++) {
		const struct tried *tried = world.tries.items[i];

		if (tried->pid == pid &&
		    (!tried->reached || tried->ended_ms - tried->asked_ms >= PATIENCE_MS) &&
		    strcmp(tried->target, target) == 0)
			return true;
	}
	return false;
}
