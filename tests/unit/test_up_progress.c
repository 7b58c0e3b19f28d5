#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "cmd/up_progress.h"
#include "topology/base/strbuf.h"

static const char *const names[] = {"web", "wiki", "pair"};

static void redirect(void)
{
	cr_redirect_stdout();
	cr_redirect_stderr();
}

TestSuite(up_progress, .init = redirect);

/* Shows an event that is written as JSON with the others' quotes: 'web'. */
static json_t *event_of(const char *text)
{
	char *json = strdup(text);
	json_t *event;

	for (char *quote = json; (quote = strchr(quote, '\''));)
		*quote = '"';
	event = json_loads(json, 0, NULL);
	cr_assert(event != NULL, "%s", json);
	free(json);
	return event;
}

static int take_result(struct up_progress *progress, const char *text, const char *gave_up)
{
	json_t *event = event_of(text);
	int status = up_progress_result(progress, event, gave_up);

	json_decref(event);
	return status;
}

static void take_hop(struct up_progress *progress, const char *text)
{
	json_t *event = event_of(text);

	up_progress_hop(progress, event);
	json_decref(event);
}

#define UP(name, forwards)                                                                     \
	"{'tunnel': '" name "', 'state': 'up', 'error': null, 'left': [],"                     \
	" 'status': {'name': '" name "', 'state': 'up', 'error': null, 'forwards': [" forwards \
	"]}}"
#define LISTENS(place) "{'state': 'up', 'listen': '" place "', 'error': null}"
#define INNER(place)   "{'state': 'up', 'listen': '" place "', 'error': null, 'inner': true}"
#define FAILED(name, host, code)                                                               \
	"{'tunnel': '" name "', 'state': 'failed', 'left': [],"                                \
	" 'error': {'code': '" code "', 'host': '" host "', 'text': 'no', 'advice': 'a key'}," \
	" 'status': {'name': '" name "', 'state': 'failed', 'forwards': [], 'error': null}}"
#define ERROR_JSON(host, code) \
	"{\"code\":\"" code "\",\"host\":\"" host "\",\"text\":\"no\",\"advice\":\"a key\"}"
#define FAILED_JSON(name, host, code)                                                        \
	"{\"name\":\"" name "\",\"state\":\"failed\",\"forwards\":[],\"error\":" ERROR_JSON( \
		host, code) ",\"left\":[]}"
#define STOPPED(name)                                                                        \
	"{'tunnel': '" name "', 'state': 'down', 'left': [],"                                \
	" 'error': {'code': 'stopped', 'host': null, 'text': 'nobody waits', 'advice': ''}," \
	" 'status': {'name': '" name "', 'state': 'down', 'forwards': []}}"

/* Compares what went to stdout in all. */
static void expect_output(struct up_progress *progress, int status, const char *expected)
{
	up_progress_finish(progress, status);
	fflush(stdout);
	cr_assert_stdout_eq_str(expected);
}

Test(up_progress, ingresses_come_in_the_order_asked_with_names)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names, 3, true);
	cr_expect(take_result(&progress, UP("pair", LISTENS("[::1]:1") ", " LISTENS("gw:[::1]:2")),
			      NULL) == EXIT_DONE);
	take_result(&progress, UP("wiki", INNER("/run/j") ", " LISTENS("127.0.0.1:8090")), NULL);
	take_result(&progress, UP("web", LISTENS("127.0.0.1:8080")), NULL);
	expect_output(&progress, EXIT_DONE,
		      "web 127.0.0.1:8080\nwiki 127.0.0.1:8090\npair [::1]:1\npair gw:[::1]:2\n");
}

Test(up_progress, one_forward_alone_is_its_ingress_alone)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names, 1, false);
	take_result(&progress, UP("web", LISTENS("127.0.0.1:8080") ", " INNER("/run/j")), NULL);
	expect_output(&progress, EXIT_DONE, "127.0.0.1:8080\n");
}

Test(up_progress, one_tunnel_with_two_forwards_has_names)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names + 2, 1, false);
	take_result(&progress, UP("pair", LISTENS("[::1]:1") ", " LISTENS("[::1]:2")), NULL);
	expect_output(&progress, EXIT_DONE, "pair [::1]:1\npair [::1]:2\n");
}

/* What is asked decides the form of the lines, and not what came of it. */
Test(up_progress, who_asked_for_two_gets_the_name_of_the_one_that_is_up)
{
	struct up_progress progress;

	/* web, which has no path, and */
	up_progress_init(&progress, false, names + 1, 1, true);
	take_result(&progress, UP("wiki", LISTENS("127.0.0.1:8090")), NULL);
	expect_output(&progress, EXIT_NO_PATH, "wiki 127.0.0.1:8090\n");
}

Test(up_progress, a_failure_is_told_at_once_and_has_no_ingress)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names, 2, true);
	cr_expect(take_result(&progress, FAILED("web", "gw", "auth"), NULL) == EXIT_FAILED);
	fflush(stderr);
	cr_assert_stderr_eq_str(
		"tunplan: web is not up (host gw)\n  no (auth)\n  what to do: a key\n");
	expect_output(&progress, EXIT_FAILED, "");
}

#define RETRY(text, again)                                                                  \
	"{'tunnel': 'web', 'was_up': false, 'tries_again': " again ", 'hop': {'id': 'h1',"  \
	" 'host': 'gw', 'address': 'gw', 'port': 22, 'state': 'retry', 'ms': 7, 'error': {" \
	"'code': 'closed', 'text': '" text "'}}}"

Test(up_progress, what_is_tried_again_is_told_once_for_each_reason)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names, 1, false);
	take_hop(&progress, RETRY("closed", "true"));
	take_hop(&progress, RETRY("closed", "true"));
	take_hop(&progress, RETRY("refused", "true"));
	take_hop(&progress, RETRY("refused", "false"));
	up_progress_finish(&progress, EXIT_FAILED);
	fflush(stderr);
	cr_assert_stderr_eq_str("web\n"
				"  retry   gw              gw:22                closed\n"
				"  retry   gw              gw:22                refused\n"
				"  FAILED  gw              gw:22                     7 ms\n");
}

Test(up_progress, json_has_the_tunnels_in_the_order_asked_and_why_the_first_failed)
{
	struct up_progress progress;

	up_progress_init(&progress, true, names, 3, true);
	take_result(&progress, FAILED("pair", "far", "timeout"), NULL);
	take_result(&progress, UP("wiki", ""), NULL);
	take_result(&progress, FAILED("web", "gw", "auth"), NULL);
	expect_output(
		&progress, EXIT_FAILED,
		"{\"tunnels\":[" FAILED_JSON(
			"web", "gw",
			"auth") ","
				"{\"name\":\"wiki\",\"state\":\"up\",\"error\":null,\"forwards\":[]"
				","
				"\"left\":[]}," FAILED_JSON(
					"pair", "far",
					"timeout") "],\"error\":" ERROR_JSON("gw", "auth") "}\n");
}

Test(up_progress, json_says_of_who_gave_up_why_and_how_far_it_got)
{
	struct up_progress progress;

	up_progress_init(&progress, true, names, 1, false);
	take_hop(&progress, "{'tunnel': 'web', 'hop': {'id': 'h1', 'host': 'gw', 'state': "
			    "'authenticating', 'error': null}}");
	take_result(&progress, STOPPED("web"), "not up within 5 s");
	expect_output(
		&progress, EXIT_FAILED,
		"{\"tunnels\":[{\"name\":\"web\",\"state\":\"down\",\"forwards\":[],"
		"\"error\":{\"code\":\"timeout\",\"text\":\"not up within 5 s; it got as far as: "
		"gw, authenticating\",\"advice\":null},\"left\":[]}],"
		"\"error\":{\"code\":\"timeout\",\"text\":\"not up within 5 s; it got as far as: "
		"gw, authenticating\",\"advice\":null}}\n");
}

Test(up_progress, an_ipv6_hop_has_brackets)
{
	struct up_progress progress;

	up_progress_init(&progress, false, names, 1, false);
	take_hop(&progress, "{'tunnel': 'web', 'hop': {'id': 'h1', 'host': 'gw', 'state': 'up', "
			    "'address': '2001:db8::2', 'port': 22, 'ms': 7, 'error': null}}");
	up_progress_finish(&progress, EXIT_DONE);
	fflush(stderr);
	cr_assert_stderr_eq_str("web\n  ok      gw              [2001:db8::2]:22          7 ms\n");
}

/* Makes stderr a terminal of that width; what is written there can be read from the result. */
static int make_terminal(unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};
	int screen = posix_openpt(O_RDWR | O_NOCTTY), terminal;

	cr_assert(screen >= 0 && grantpt(screen) == 0 && unlockpt(screen) == 0);
	terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
	cr_assert(terminal >= 0 && ioctl(terminal, TIOCSWINSZ, &size) == 0);
	cr_assert(dup2(terminal, STDERR_FILENO) == STDERR_FILENO);
	close(terminal);
	return screen;
}

/* The terminal would break a longer line, and only its last part could be taken away again. */
Test(up_progress_live, a_line_that_is_redrawn_is_no_wider_than_the_terminal)
{
	static const char expected[] = "web\r\n  ...     127.0.0.1:8080 -> a\r\033[K"
				       "  ok      127.0.0.1:8080 -> a-name-too-long-for-it:80\r\n";
	const int screen = make_terminal(30);
	struct up_progress progress;
	char shown[256] = "";
	json_t *event;

	up_progress_init(&progress, false, names, 1, false);
	for (int i = 0; i < 2; i++) {
		event = event_of(
			"{'tunnel': 'web', 'forward': {'listen': '127.0.0.1:8080', 'error': null,"
			" 'egress': {'host': 'a-name-too-long-for-it', 'port': 80}}}");
		json_object_set_new(json_object_get(event, "forward"), "state",
				    json_string(i ? "up" : "probing"));
		up_progress_forward(&progress, event);
		json_decref(event);
	}
	up_progress_finish(&progress, EXIT_DONE);
	/* A terminal hands over what it was written in pieces of its own choice. */
	for (size_t got = 0, all = strlen(expected); got < all;) {
		ssize_t more = read(screen, shown + got, sizeof(shown) - 1 - got);

		cr_assert(more > 0);
		got += (size_t)more;
	}
	cr_expect(strcmp(shown, expected) == 0, "%s", shown);
	close(screen);
}

/* What is tried again says at once why; what is not, at the end. */
Test(up_progress, why_a_listener_is_refused_that_is_tried_again_is_said)
{
	struct up_progress progress;
	json_t *event;

	up_progress_init(&progress, false, names, 1, false);
	for (int i = 0; i < 2; i++) {
		event = event_of(
			"{'tunnel': 'web', 'forward': {'state': 'failed',"
			" 'egress': {'host': 'db', 'port': 5},"
			" 'error': {'code': 'port_taken', 'text': 'so', 'advice': 'do'}}}");
		json_object_set_new(json_object_get(event, "forward"), "listen",
				    json_string(i ? "127.0.0.1:2" : "127.0.0.1:1"));
		json_object_set_new(event, "tries_again", json_boolean(i));
		up_progress_forward(&progress, event);
		json_decref(event);
	}
	up_progress_finish(&progress, EXIT_DONE);
	fflush(stderr);
	cr_assert_stderr_eq_str("web\n  FAILED  127.0.0.1:1 -> db:5\n"
				"  FAILED  127.0.0.1:2 -> db:5\n          so\n          do\n");
}

#define KNOWN(egress, listener, error, doubt)                                              \
	"{'state': 'up', 'listen': 'gw:127.0.0.1:1', 'egress': {'host': 'db', 'port': 5}," \
	" 'egress_state': " egress ", 'listener_state': '" listener "', 'error': " error   \
	", 'doubt': " doubt "}"
#define WHY(code) "{'code': '" code "', 'text': 'so', 'advice': 'look'}"

Test(up_progress, what_is_not_proved_of_a_tunnel_that_is_up_is_said)
{
	static const struct {
		const char *result, *said;
	} rows[] = {
		{UP("web", KNOWN("'reached'", "proved", "null", "null")), ""},
		{UP("web", KNOWN("'unprobed'", "proved", "null", "null")),
		 "tunplan: web is up, but its egress is unprobed: db:5\n"},
		{UP("web", KNOWN("'unproven'", "unproven", WHY("busy"), WHY("no_address"))),
		 "tunplan: web is up, but its egress is unproven: db:5\n"
		 "  so (busy)\n  what to do: look\n"
		 "tunplan: web is up, but its ingress is unproven: gw:127.0.0.1:1\n"
		 "  so (no_address)\n  what to do: look\n"},
	};
	struct strbuf expected = {0};
	struct up_progress progress;

	up_progress_init(&progress, false, names, 3, true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect(take_result(&progress, rows[i].result, NULL) == EXIT_DONE);
		strbuf_puts(&expected, rows[i].said);
	}
	up_progress_finish(&progress, EXIT_DONE);
	fflush(stderr);
	cr_assert_stderr_eq_str(strbuf_text(&expected));
	strbuf_finish(&expected);
}
