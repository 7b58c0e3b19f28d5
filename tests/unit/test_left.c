#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>

#include "cmd/left.h"

Test(left, what_has_one_reason_is_one_line, .init = cr_redirect_stderr)
{
	json_t *left = json_pack("[s, s, s, s, s]", "a:127.0.0.1:1: it still listens",
				 "/run/x: remove it: there", "a:127.0.0.1:2: it still listens",
				 "[::1]:3: it still listens", "odd");

	left_print(left, "web");
	left_print(json_array_get(left, 9), "none");
	json_array_clear(left);
	json_array_append_new(left, json_string("a:1: gone"));
	left_print(left, NULL);
	json_decref(left);
	fflush(stderr);
	cr_assert_stderr_eq_str(
		"tunplan: web: left behind: a:127.0.0.1:1 and 2 more: it still listens\n"
		"tunplan: web: left behind: /run/x: remove it: there\n"
		"tunplan: web: left behind: odd\n"
		"tunplan: left behind: a:1: gone\n");
}
