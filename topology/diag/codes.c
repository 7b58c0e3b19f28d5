#include "topology/diag/codes.h"

#define X(name, code, title, text) const char CODE_##name[sizeof(code)] = code;
TOPOLOGY_CODES(X)
#undef X
#define X(name, code, title, text) const char LINT_##name[sizeof(code)] = code;
TOPOLOGY_LINTS(X)
#undef X

static const struct code rows[] = {
#define X(name, code, title, text) {CODE_##name, title, text},
	TOPOLOGY_CODES(X)
#undef X
#define X(name, code, title, text) {LINT_##name, title, text},
		TOPOLOGY_LINTS(X)
#undef X
};

const struct code *code_row(size_t index)
{
	return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}
