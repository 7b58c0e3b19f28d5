#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/ssh/mux_ops.h"

static const struct {
	struct mux_forward forward;
	const char *option;
	const char *argument;
} cases[] = {
	{{PLAN_LOCAL, "127.0.0.1", 7999, NULL, "10.3.0.9", 7999, NULL},
	 "-L",
	 "127.0.0.1:7999:10.3.0.9:7999"},
	{{PLAN_LOCAL, "::1", 80, NULL, "2001:db8::5", 443, NULL},
	 "-L",
	 "[::1]:80:[2001:db8::5]:443"},
	{{PLAN_REMOTE, "0.0.0.0", 9999, NULL, "127.0.0.1", 8888, NULL},
	 "-R",
	 "0.0.0.0:9999:127.0.0.1:8888"},
	{{PLAN_DYNAMIC, "127.0.0.1", 1080, NULL, NULL, 0, NULL}, "-D", "127.0.0.1:1080"},
	{{PLAN_LOCAL, NULL, 0, "/tmp/a:b", NULL, 0, "/run/c\\d"}, "-L", "/tmp/a\\:b:/run/c\\\\d"},
};

Test(mux_ops, says_a_forward_as_ssh_wants_it)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf argument = {0};
		const char *option = mux_forward_option(&cases[i].forward, &argument);

		cr_expect(eq(str, (char *)option, (char *)cases[i].option));
		cr_expect(eq(str, argument.text, (char *)cases[i].argument));
		strbuf_finish(&argument);
	}
}

Test(mux_ops, finds_a_way_by_its_name)
{
	cr_expect(eq(ptr, (void *)mux_ops_find(NULL), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find(""), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find("ssh"), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find("telnet"), NULL));
}
