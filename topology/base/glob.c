#include "topology/base/glob.h"

#include <string.h>

bool glob_is(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/*
 * Where the text does not go on as the pattern does, only the last star has to take one character more:
 * what an earlier star could take instead, the last one can, too.
 */
bool glob_matches(const char *pattern, const char *text)
{
	const char *behind_star = NULL, *retry = NULL;

	while (*text) {
		if (*pattern == '*') {
			behind_star = ++pattern;
			retry = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (behind_star) {
			pattern = behind_star;
			text = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}
