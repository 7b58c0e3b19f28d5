#include "topology/codes.h"

#include <stdio.h>

#include "tests/unit/expect_text.h"

/* Codes are T001, T002, … in the order of the table, so none can be there twice. */
Test(codes, are_numbered_and_explained)
{
	const struct code *row;
	size_t i;

	for (i = 0; (row = code_row(i)); i++) {
		char code[16];

		snprintf(code, sizeof(code), "T%03zu", i + 1);
		expect_text(row->code, code);
		cr_expect(row->title[0] && !strchr(row->title, '.'), "%s", code);
		cr_expect(row->text[0] && row->text[strlen(row->text) - 1] == '.', "%s", code);
	}
	cr_expect(i > 0);
	expect_text(CODE_SYNTAX, "T001");
	expect_text(CODE_UNKNOWN_HOST, "T021");
}
