#include "topology/validate/validate_parts.h"

#include <stdlib.h>
#include <string.h>

#include "topology/diag/codes.h"

static bool is_lint(const char *code)
{
	const struct code *row;

	for (size_t i = 0; (row = code_row(i)); i++) {
		if (row->code[0] == 'L' && strcmp(row->code, code) == 0)
			return true;
	}
	return false;
}

static void report_unknown(struct validator *validator, struct word word)
{
	struct suggest suggest;
	const struct code *row;
	struct diag *diag = diag_error(validator->diags, CODE_UNKNOWN_LINT, word.at,
				       "there is no lint '%s'", word.text);

	suggest_init(&suggest, word.text);
	for (size_t i = 0; (row = code_row(i)); i++) {
		if (row->code[0] == 'L')
			suggest_offer(&suggest, row->code, i);
	}
	if (suggest.best)
		diag_help(validator->diags, diag, "did you mean '%s'?", suggest.best);
	else
		diag->help = "a lint is named by its code, as `tunplan check` shows it: L011";
}

static int compare_codes(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void validate_allowed_lints(struct validator *validator)
{
	const struct word_list *words = &validator->document->allowed_lints;
	const char **codes = arena_array(validator->arena, words->count, sizeof(*codes));
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < words->count; i++) {
		if (is_lint(words->items[i].text))
			codes[count++] = words->items[i].text;
		else
			report_unknown(validator, words->items[i]);
	}
	qsort(codes, count, sizeof(*codes), compare_codes);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || strcmp(codes[kept - 1], codes[i]) != 0)
			codes[kept++] = codes[i];
	}
	validator->topology->allowed_lints = codes;
	validator->topology->allowed_lint_count = kept;
}
