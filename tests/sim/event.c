#include "tests/sim/event.h"

#include <signal.h>
#include <string.h>

#include "tests/sim/disk.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/networks.h"
#include "tests/sim/own_network.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A kill strikes within so many things that the supervisor asks for. */
#define KILLS 40

static const char *const targets[] = {"h2:7001",          "h3:7001",  "h3:81", "h4:7001",
				      "h2:/run/app.sock", "you:9091", "h1:1",  "h2:1"};
static const char *const places[] = {"127.0.0.1:7101", "127.0.0.1:7102",    "127.0.0.1:1080",
				     "127.0.0.1:8081", "h1:127.0.0.1:9090", "127.0.0.1:27761",
				     "/tmp/s.sock"};
static const char *const lost_words[] = {"Connection to h closed by remote host.",
					 "client_loop: send disconnect: Broken pipe",
					 "Read from remote host h: Connection reset by peer"};
/* How long a link stands still. */
static const unsigned stalls_ms[] = {0, 300, 3500, 8000, 17000, 30000, 46000, 1000000};
static const char *const stalls[] = {"moves",
				     "stands still for 0.3 s",
				     "stands still for 3.5 s",
				     "stands still for 8 s",
				     "stands still for 17 s",
				     "stands still for 30 s",
				     "stands still for 46 s",
				     "stands still"};
/* How long something is carried, or somebody connected. */
static const unsigned uses_ms[] = {1500, 9000, 40000};
static const char *const uses[] = {"1.5 s", "9 s", "40 s"};
/* What becomes of this machine's network: for how long it is down, and with which address it is up again. */
static const struct {
	unsigned down_ms;
	bool other_address;
} own_changes[] = {{0, false}, {1000, false}, {5000, false}, {30000, false}, {90000, false},
		   {0, true},  {1000, true},  {5000, true},  {30000, true},  {1000000, true}};
static const char *const own_change_names[] = {"is up",
					       "is down for 1 s",
					       "is down for 5 s",
					       "is down for 30 s",
					       "is down for 90 s",
					       "has another address",
					       "is down for 1 s, and then has another address",
					       "is down for 5 s, and then has another address",
					       "is down for 30 s, and then has another address",
					       "is down"};
static const char *const idles[SSH_IDLE_COUNT] = {
	"ends nothing",
	"ends what nothing runs through for 8 s",
	"ends what it carries without a byte for 6 s",
	"ends what nothing runs through for 40 s",
	"ends what nothing runs through for 20 s, and what it carries without a byte for 12 s",
};
static const int signals[] = {SIGKILL, SIGTERM, SIGSTOP, SIGCONT};
static const char *const signal_names[] = {"KILL", "TERM", "STOP", "CONT"};

static const char *const logins[] = {
	[LOGIN_WORKS] = "lets in",
	[LOGIN_REFUSED] = "has no sshd",
	[LOGIN_MUTE] = "does not answer",
	[LOGIN_CLOSED] = "closes before its banner",
	[LOGIN_SHUT_OUT] = "lets nobody from here in for now",
	[LOGIN_HANGS] = "hangs after its banner",
	[LOGIN_DENIED] = "accepts no key",
	[LOGIN_UNKNOWN] = "has a key that is not known",
};
static const char *const gateways[] = {
	[GATEWAY_AS_ASKED] = "clientspecified",
	[GATEWAY_YES] = "yes",
	[GATEWAY_NO] = "no",
};
static const char *const services[] = {
	[SERVICE_ANSWERS] = "answers",
	[SERVICE_REFUSES] = "refuses",
	[SERVICE_MUTE] = "does not answer",
	[SERVICE_FORBIDDEN] = "is forbidden",
};

unsigned event_which_count(enum event_kind kind)
{
	if (kind == EVENT_SERVICE)
		return COUNT(targets);
	if (kind == EVENT_TAKE || kind == EVENT_USE)
		return COUNT(places);
	return world_host_count();
}

unsigned event_how_count(enum event_kind kind)
{
	static const unsigned counts[EVENT_COUNT] = {
		[EVENT_LOGIN] = COUNT(logins),
		[EVENT_LOSE] = COUNT(lost_words),
		[EVENT_SIGNAL] = COUNT(signals),
		[EVENT_STALL] = COUNT(stalls_ms),
		[EVENT_TRANSFER] = COUNT(uses_ms),
		[EVENT_USE] = COUNT(uses_ms),
		[EVENT_SERVICE] = COUNT(services),
		[EVENT_TAKE] = 2,
		[EVENT_GATEWAY] = GATEWAY_COUNT,
		[EVENT_DENY] = 2,
		[EVENT_DISK] = 2,
		[EVENT_SPAWN] = 2,
		[EVENT_KILL] = KILLS,
		[EVENT_NETWORK] = COUNT(own_changes),
		[EVENT_IDLE] = SSH_IDLE_COUNT,
	};

	return counts[kind] ? counts[kind] : 1;
}

/* --- in words -------------------------------------------------------------------------------- */

static void print_wish(const struct wish *wish, struct strbuf *text)
{
	static const char *const verbs[] = {
		[OP_UP] = "up", [OP_DOWN] = "down", [OP_STATUS] = "status", [OP_ABANDON] = ""};
	const struct network *network = &networks[wish->file];

	strbuf_puts(text, verbs[wish->op]);
	for (unsigned i = 0; network->tunnels[i]; i++)
		if (wish->tunnels & (1u << i))
			strbuf_printf(text, " %s", network->tunnels[i]);
	if (wish->all_files)
		strbuf_puts(text, " --all-files");
	else
		strbuf_printf(text, "%s of %s", wish->tunnels ? "" : " --all", network->what);
	if (wish->op == OP_UP && !wish->wait)
		strbuf_puts(text, " --no-wait");
	if (wish->op == OP_UP && wish->persist)
		strbuf_puts(text, " --persist");
	if (wish->op == OP_STATUS && wish->probe)
		strbuf_puts(text, " --probe");
}

/* What the event is about. */
static void print_subject(const struct event *event, struct strbuf *text)
{
	switch (event->kind) {
	case EVENT_ABANDON:
	case EVENT_LEAVE:
	case EVENT_DEAF:
	case EVENT_LISTEN:
	case EVENT_NONSENSE:
		strbuf_printf(text, "client %u", event->which);
		break;
	case EVENT_SERVICE:
		strbuf_puts(text, targets[event->which]);
		break;
	case EVENT_TAKE:
	case EVENT_USE:
		strbuf_puts(text, places[event->which]);
		break;
	case EVENT_DISK:
	case EVENT_SPAWN:
	case EVENT_VANISH:
	case EVENT_TERMINATE:
	case EVENT_KILL:
	case EVENT_NETWORK:
	case EVENT_WAKE:
		break;
	default:
		strbuf_puts(text, world_host_at(event->which)->name);
		break;
	}
}

void event_print(const struct event *event, struct strbuf *text)
{
	static const char *const takes[] = {"is free", "is taken by another program"};
	static const char *const denies[] = {"allows", "refuses"};
	static const char *const disks[] = {"has room", "is full"};
	static const char *const spawns[] = {"processes", "no process"};
	/* before, subject, between, the way in which it happens, after */
	static const struct {
		const char *before;
		const char *between;
		const char *const *ways;
		const char *after;
	} sentences[EVENT_COUNT] = {
		[EVENT_ABANDON] = {"", " abandons its up", NULL, ""},
		[EVENT_LEAVE] = {"", " goes", NULL, ""},
		[EVENT_DEAF] = {"", " stops to read", NULL, ""},
		[EVENT_LISTEN] = {"", " reads again", NULL, ""},
		[EVENT_NONSENSE] = {"", " talks nonsense", NULL, ""},
		[EVENT_LOGIN] = {"", " ", logins, ""},
		[EVENT_LOSE] = {"each ssh of ", " is lost: ", lost_words, ""},
		[EVENT_SIGNAL] = {"each ssh of ", " gets ", signal_names, ""},
		[EVENT_STALL] = {"the link to ", " ", stalls, ""},
		[EVENT_TRANSFER] = {"the link to ", " carries much for ", uses, ""},
		[EVENT_USE] = {"somebody is connected to ", " for ", uses, ""},
		[EVENT_SERVICE] = {"", " ", services, ""},
		[EVENT_TAKE] = {"", " ", takes, ""},
		[EVENT_GATEWAY] = {"", " has GatewayPorts ", gateways, ""},
		[EVENT_DENY] = {"", " ", denies, " remote listeners"},
		[EVENT_DISK] = {"the disk", " ", disks, ""},
		[EVENT_VANISH] = {"the runtime directory is emptied", "", NULL, ""},
		[EVENT_SPAWN] = {"", "", spawns, " can be started"},
		[EVENT_TERMINATE] = {"the supervisor gets TERM", "", NULL, ""},
		[EVENT_NETWORK] = {"the own network ", "", own_change_names, ""},
		[EVENT_WAKE] = {"the machine wakes", "", NULL, ""},
		[EVENT_IDLE] = {"", " ", idles, ""},
		[EVENT_KILL] = {"the supervisor is killed at its call number ", "", NULL, ""},
	};

	if (event->kind == EVENT_COME) {
		print_wish(&event->wish, text);
		return;
	}
	strbuf_puts(text, sentences[event->kind].before);
	print_subject(event, text);
	strbuf_puts(text, sentences[event->kind].between);
	if (sentences[event->kind].ways)
		strbuf_puts(text, sentences[event->kind].ways[event->how]);
	else if (event->kind == EVENT_KILL)
		strbuf_printf(text, "%u", event->how);
	strbuf_puts(text, sentences[event->kind].after);
}

/* --- happening ------------------------------------------------------------------------------- */

static void lose(struct ssh *ssh, unsigned how)
{
	if (ssh->state == SSH_UP)
		ssh_lose(ssh, "closed", lost_words[how]);
}

static void send_signal(struct ssh *ssh, unsigned how)
{
	ssh_signal(ssh, signals[how]);
}

static void each_ssh(const struct machine *host, void (*happen)(struct ssh *ssh, unsigned how),
		     unsigned how)
{
	struct ssh *ssh;

	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && ssh->state != SSH_ENDED)
			happen(ssh, how);
}

static void take(const char *place, bool taken)
{
	struct listener *listener = world_listener(place);

	if (taken && !listener) {
		world_listen(place, NULL, NULL)->foreign = true;
		if (*place == '/')
			disk_make(place, DISK_SOCKET);
	} else if (!taken && listener && listener->foreign) {
		world_unlisten(listener);
		if (*place == '/')
			disk_remove(place);
	}
}

static void use(const char *place, unsigned ms)
{
	const struct listener *listener = world_listener(place);

	if (listener)
		errand_visit(listener, ms);
}

void event_play(const struct event *event, unsigned number)
{
	struct machine *host = world_host_at(event->which);
	const bool on = event->how == 1;

	switch (event->kind) {
	case EVENT_COME:
		people_come(number, &event->wish);
		break;
	case EVENT_ABANDON:
		people_abandon(event->which);
		break;
	case EVENT_LEAVE:
		people_leave(event->which);
		break;
	case EVENT_DEAF:
	case EVENT_LISTEN:
		people_read(event->which, event->kind == EVENT_LISTEN);
		break;
	case EVENT_NONSENSE:
		people_babble(event->which);
		break;
	case EVENT_LOGIN:
		world_set_login(host, (enum login)event->how);
		break;
	case EVENT_LOSE:
		each_ssh(host, lose, event->how);
		break;
	case EVENT_SIGNAL:
		each_ssh(host, send_signal, event->how);
		break;
	case EVENT_STALL:
		ssh_stall(host, stalls_ms[event->how]);
		break;
	case EVENT_TRANSFER:
		ssh_load(host, uses_ms[event->how]);
		break;
	case EVENT_USE:
		use(places[event->which], uses_ms[event->how]);
		break;
	case EVENT_SERVICE:
		world_set_service(targets[event->which], (enum serving)event->how);
		break;
	case EVENT_TAKE:
		take(places[event->which], on);
		break;
	case EVENT_GATEWAY:
		host->gateway = (enum gateway)event->how;
		break;
	case EVENT_DENY:
		host->denies = on;
		host->denied |= on;
		break;
	case EVENT_DISK:
		disk_set_full(on);
		break;
	case EVENT_VANISH:
		disk_vanish("/run/");
		break;
	case EVENT_SPAWN:
		ssh_forbid(on);
		break;
	case EVENT_TERMINATE:
		loop_terminate();
		break;
	case EVENT_KILL:
		loop_kill(event->how);
		break;
	case EVENT_NETWORK:
		own_network_change(own_changes[event->how].down_ms,
				   own_changes[event->how].other_address);
		break;
	case EVENT_WAKE:
		own_network_wake();
		break;
	case EVENT_IDLE:
		ssh_idle(host, event->how);
		break;
	case EVENT_COUNT:
		break;
	}
}

void event_mend_all(void)
{
	struct ssh *ssh;

	trace("all is well again");
	loop_spare();
	own_network_change(0, false);
	for (unsigned i = 0; i < world_host_count(); i++) {
		struct machine *host = world_host_at(i);

		world_set_login(host, LOGIN_WORKS);
		host->gateway = GATEWAY_AS_ASKED;
		host->denies = false;
		ssh_stall(host, 0);
		ssh_idle(host, 0);
	}
	for (size_t i = 0; i < COUNT(targets); i++)
		world_set_service(targets[i], SERVICE_ANSWERS);
	for (size_t i = 0; i < COUNT(places); i++)
		take(places[i], false);
	disk_set_full(false);
	ssh_forbid(false);
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		ssh_signal(ssh, SIGCONT);
	people_wake();
}
