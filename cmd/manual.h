/*
 * Manual: what tunplan(1) says of each command and of each option that all commands have, for the help.
 *
 * The rows are made from tunplan.1.scd when tunplan is built (manual_text.awk), so what the help says is
 * written once.
 */
#ifndef TUNPLAN_CMD_MANUAL_H
#define TUNPLAN_CMD_MANUAL_H

/* A paragraph of the manual. The last row of a table has no name. */
struct manual_row {
	const char *name;      /* "plan"; of an option all of its heading: "-f, --file FILE" */
	const char *arguments; /* of a command: "[--spof] TUNNEL…" */
	const char *summary;   /* how the text begins, up to the first mark: for lists */
	const char *text;      /* wrapped at 80 columns, without a line break at its end */
};

/* In the order of the manual. */
extern const struct manual_row manual_commands[];
extern const struct manual_row manual_options[];

/* Returns what is said of the command with that name, or NULL. */
const struct manual_row *manual_find(const char *name);

/* Returns the name of the command nearest to a mistyped one, or NULL when none is near. */
const char *manual_suggest(const char *name);

#endif
