#include "topology/diag/codes.h"

#include "tests/unit/expect_text.h"

/*
 * Errors, T001 and up, then lints, L001 and up. A code that is not used any more leaves a gap; none is
 * there twice.
 */
Test(codes, are_numbered_and_explained)
{
	const struct code *row;
	const char *before = "T000";

	for (size_t i = 0; (row = code_row(i)); i++) {
		const bool first_lint = row->code[0] == 'L' && before[0] == 'T';

		cr_expect(strlen(row->code) == 4 && strspn(row->code + 1, "0123456789") == 3, "%s",
			  row->code);
		cr_expect(first_lint ? strcmp(row->code, "L001") == 0
				     : strcmp(row->code, before) > 0,
			  "%s behind %s", row->code, before);
		cr_expect(row->title[0] && !strchr(row->title, '.'), "%s", row->code);
		cr_expect(row->text[0] && row->text[strlen(row->text) - 1] == '.', "%s", row->code);
		before = row->code;
	}
	cr_expect(before[0] == 'L');
	expect_text(CODE_SYNTAX, "T001");
	expect_text(CODE_UNKNOWN_HOST, "T021");
	expect_text(LINT_SHADOWED, "L001");
}
