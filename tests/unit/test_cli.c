#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cli.h"

Test(cli, color)
{
	struct cli cli = {.color = COLOR_AUTO};
	int fd = fileno(stderr);

	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	cr_expect(not(cli_color(&cli, fd)));
	cli.color = COLOR_ALWAYS;
	cr_expect(cli_color(&cli, fd));
	cli.color = COLOR_NEVER;
	cr_expect(not(cli_color(&cli, fd)));
}

Test(cli, what_is_said_can_be_held_until_it_matters)
{
	struct cli_held held = {0};
	json_t *why;

	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	cli_hold(&held);
	cli_error("%s is %d", "one", 1);
	cli_print("two\n");
	cli_hold(NULL);
	cr_expect(eq(str, held.said.text, "tunplan: one is 1\ntwo\n"));
	cr_expect(eq(ptr, cli_why(EXIT_FAILED), NULL));
	cli_say_held(&held);
	why = cli_why(EXIT_FAILED);
	cr_expect(eq(str, (char *)json_string_value(json_object_get(why, "text")), "one is 1"));
	json_decref(why);
	cli_held_finish(&held);
}
