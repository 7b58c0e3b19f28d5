#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

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
