#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/ssh/mux_ops.h"

Test(mux_ops, finds_a_way_by_its_name)
{
	cr_expect(eq(ptr, (void *)mux_ops_find(NULL), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find(""), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find("ssh"), (void *)&mux_ssh));
	cr_expect(eq(ptr, (void *)mux_ops_find("telnet"), NULL));
}
