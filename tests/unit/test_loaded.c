#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/loaded.h"
#include "cmd/locate.h"

static const char text[] = "tunplan: 1\n"
			   "vlans: [vlan1, vlan2]\n"
			   "hosts:\n"
			   "  you: [vlan1]\n"
			   "  gate: [vlan1, vlan2]\n"
			   "  web: {vlans: [vlan2], services: {http: 80}}\n"
			   "tunnels:\n"
			   "  one: 8080 -> web/http\n"
			   "  two: 8081 -> web/http\n"
			   "  other: 8082 -> web/http\n"
			   "groups: {both: [one, two]}\n"
			   "places: {office: {vlans: [vlan1]}, away: {vlans: [vlan2]}}\n";

static char path[] = "/tmp/test-loaded.XXXXXX";
static struct cli cli = {.file = path};
static struct loaded loaded;

static void write_file(void)
{
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	unsetenv("TUNPLAN_ME");
	unsetenv("TUNPLAN_PLACE");
	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
}

static void remove_file(void)
{
	loaded_finish(&loaded);
	remove(path);
}

TestSuite(loaded, .init = write_file, .fini = remove_file);

Test(loaded, load_gives_the_file_and_its_real_path)
{
	char *real = realpath(path, NULL);

	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_expect(eq(str, loaded.path, real));
	cr_expect(eq(str, loaded.name, path));
	cr_expect(eq(sz, loaded.sources->items[0].size, strlen(text)));
	cr_expect(eq(sz, loaded.topology->host_count, 3));
	free(real);
}

/* What the spans are in must outlive loaded_read(): the reasons of a plan name file and line. */
Test(loaded, load_keeps_the_source)
{
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_assert(eq(sz, loaded.topology->sources->count, 1));
	cr_expect(eq(str, loaded.topology->sources->items[0].name, path));
	cr_expect(loaded.topology->sources == loaded.sources);
}

Test(loaded, load_refuses_what_is_invalid_or_missing)
{
	cr_assert(truncate(path, 5) == 0);
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_TOPOLOGY));
	cr_expect(loaded.topology == NULL);
	cli.file = "/no/such/file.yaml";
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_TOPOLOGY));
}

Test(loaded, no_file_at_all)
{
	static const struct cli nothing = {0};

	cr_assert(chdir("/") == 0);
	setenv("HOME", "/no/such/home", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("TUNPLAN_FILE");
	cr_expect(eq(int, loaded_read(&nothing, &loaded), EXIT_TOPOLOGY));
	cr_expect(not(loaded_find_file(&nothing, &(struct strbuf){0})));
}

/* --me goes before TUNPLAN_ME, that before the name of the machine. */
Test(loaded, me)
{
	setenv("TUNPLAN_ME", "gate", 1);
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_expect(eq(sz, loaded.me, topology_host(loaded.topology, "gate")));
	loaded_finish(&loaded);
	cli.me = "you";
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_expect(eq(sz, loaded_require_me(&loaded), topology_host(loaded.topology, "you")));
}

Test(loaded, unknown_me_is_a_usage_error)
{
	setenv("TUNPLAN_ME", "gaet", 1);
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_USAGE));
	cli.me = "nobody";
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_USAGE));
}

static const struct {
	const char *options[3];
	const char *environment;
	enum whereabouts_how how;
	const char *names;
} said[] = {
	{{NULL}, NULL, WHEREABOUTS_UNASKED, ""},
	{{NULL}, "", WHEREABOUTS_UNASKED, ""},
	{{"office"}, NULL, WHEREABOUTS_SAID, "office"},
	{{"away", "office"}, NULL, WHEREABOUTS_SAID, "away,office"},
	{{"away,office"}, NULL, WHEREABOUTS_SAID, "away,office"},
	{{NULL}, "away", WHEREABOUTS_SAID, "away"},
	{{NULL}, " office, away ", WHEREABOUTS_SAID, "office,away"},
	/* The option goes before the environment. */
	{{"office"}, "away", WHEREABOUTS_SAID, "office"},
	{{"office"}, "nowhere", WHEREABOUTS_SAID, "office"},
	/* "none" is no place. */
	{{"none"}, "away", WHEREABOUTS_SAID, ""},
	{{NULL}, "none", WHEREABOUTS_SAID, ""},
};

static void say_places(const char *const *options, const char *environment)
{
	cli.places.count = 0;
	for (size_t i = 0; i < 3 && options[i]; i++)
		cli.places.items[cli.places.count++] = options[i];
	if (environment)
		setenv("TUNPLAN_PLACE", environment, 1);
	else
		unsetenv("TUNPLAN_PLACE");
}

Test(loaded, places)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		say_places(said[i].options, said[i].environment);
		cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE), "row %zu", i);
		cr_expect(eq(int, loaded.where.how, said[i].how), "row %zu", i);
		cr_expect(eq(str,
			     whereabouts_names(loaded.topology, &loaded.where, ",", &loaded.arena),
			     said[i].names),
			  "row %zu", i);
		loaded_finish(&loaded);
	}
}

Test(loaded, unknown_places_are_usage_errors)
{
	static const char *const wrong[][3] = {{"ofice"}, {"office", "ofice"}, {"none", "office"}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		say_places(wrong[i], NULL);
		cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_USAGE), "row %zu", i);
	}
	say_places((const char *const[]){NULL}, "ofice");
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_USAGE));
}

/* The environment is for every file: one without places has nothing to do with it. */
Test(loaded, places_of_a_file_that_has_none)
{
	cr_assert(truncate(path, (off_t)(strstr(text, "places:") - text)) == 0);
	say_places((const char *const[]){NULL}, "office");
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_expect(eq(int, loaded.where.how, WHEREABOUTS_UNASKED));
	loaded_finish(&loaded);
	say_places((const char *const[]){"office", NULL}, NULL);
	cr_expect(eq(int, loaded_read(&cli, &loaded), EXIT_USAGE));
}

/* What is planned from is the topology from there; what is sent and compared stays the file's. */
Test(loaded, locating_gives_the_topology_from_there)
{
	const char *before;
	size_t vlan;

	say_places((const char *const[]){"away", NULL}, NULL);
	cli.me = "you";
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	vlan = topology_vlan(loaded.topology, "vlan2");
	cr_expect(loaded.here == loaded.topology);
	before = loaded_text(&loaded);
	locate_me(&loaded);
	cr_expect(host_interface(&loaded.here->hosts[loaded.me], vlan) != NULL);
	cr_expect(host_interface(&loaded.topology->hosts[loaded.me], vlan) == NULL);
	cr_expect(eq(str, (char *)loaded_text(&loaded), (char *)before));
	cr_expect(eq(str, (char *)locate_names(&loaded)[0], "away"));
}

/* In a lab that is yet to be made nobody looks: both places are without signs. */
Test(loaded, locating_in_a_lab_goes_by_what_is_said_or_the_fallback)
{
	say_places((const char *const[]){NULL}, NULL);
	cli.me = "you";
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	locate_me_in_lab(&loaded);
	cr_expect(eq(int, loaded.where.how, WHEREABOUTS_FALLBACK));
	cr_expect(eq(sz, loaded.where.count, 2));
	loaded_finish(&loaded);
	say_places((const char *const[]){"none", NULL}, NULL);
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	locate_me_in_lab(&loaded);
	cr_expect(loaded.here == loaded.topology);
}
