#include "topology/diag/suggest.h"

#include "tests/unit/expect_text.h"

struct row {
	const char *wanted;
	const char *known[4];
	const char *expected; /* "" when nothing is near */
};

static const struct row rows[] = {
	{"bastoin", {"bastion"}, "bastion"},                   /* two letters swapped */
	{"bastin", {"bastion"}, "bastion"},                    /* one dropped */
	{"bastiion", {"bastion"}, "bastion"},                  /* one too many */
	{"bestion", {"bastion"}, "bastion"},                   /* one replaced */
	{"BASTION", {"bastion"}, "bastion"},                   /* case does not matter */
	{"web3", {"web1", "web2"}, "web1"},                    /* the first of equals */
	{"web-2", {"web1", "web2"}, "web2"},                   /* the nearest */
	{"a", {"b", "xyz"}, "b"},                              /* one letter for another */
	{"db", {"gateway", "webserver"}, ""},                  /* nothing near */
	{"gateway", {"gatewoy1", "git"}, "gatewoy1"},          /* at most a third is wrong */
	{"gateway", {"goatwax1", "gaeatwya"}, ""},             /* more than that */
	{"pasword", {"port", "password", "user"}, "password"}, /* far from the others */
	{"", {"a"}, "a"},                                      /* nothing at all was written */
};

Test(suggest, finds_the_nearest_name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suggest suggest;

		suggest_init(&suggest, rows[i].wanted);
		for (size_t j = 0; j < 4 && rows[i].known[j]; j++)
			suggest_offer(&suggest, rows[i].known[j], j);
		cr_log_info("row %zu: %s", i, rows[i].wanted);
		expect_text(suggest.best ? suggest.best : "", rows[i].expected);
		if (suggest.best)
			expect_text(rows[i].known[suggest.index], suggest.best);
	}
}

Test(suggest, looks_for_no_endless_names)
{
	char name[300];
	struct suggest suggest;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	suggest_init(&suggest, name);
	suggest_offer(&suggest, name, 0);
	cr_expect(suggest.best == NULL);
	suggest_init(&suggest, "a");
	suggest_offer(&suggest, name, 0);
	cr_expect(suggest.best == NULL);
}
