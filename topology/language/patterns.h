/*
 * Patterns: the words and strings of the language as regular expressions, for schema.c.
 *
 * They approximate what name.h, address.h and grammar.h accept: every accepted text matches, but
 * some texts match that are not accepted. Only features that ECMA 262 and all its relatives share
 * are used; each pattern must match the whole value.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_PATTERNS_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_PATTERNS_H

#define PATTERN_NAME "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"

/* Refuses, where a word begins that may be a name, each of some alternatives: "a->b" has two. */
#define PATTERN_NOT(words) "(?!(?:" words ")" PATTERN_NO_MORE ")"
#define PATTERN_NO_MORE    "(?![A-Za-z0-9._]|-(?!>))"

/* What name_check() refuses as a name: words with a meaning, and those that YAML readers type. */
#define PATTERN_RESERVED "any|auto|socks|none|localhost"
#define PATTERN_BOOLEAN                                                   \
	"[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on" \
	"|On|ON|off|Off|OFF"
#define PATTERN_NUMBER                            \
	"[0-9_]+(?:[.][0-9_]*)?(?:[eE]-?[0-9]+)?" \
	"|0[xX][0-9A-Fa-f_]+|0b[01_]+"
#define PATTERN_DATE "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"

#define PATTERN_PORT                                                      \
	"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}" \
	"|655[0-2][0-9]|6553[0-5])"
#define PATTERN_OCTET   "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#define PATTERN_IPV4    PATTERN_OCTET "(?:[.]" PATTERN_OCTET "){3}"
#define PATTERN_IPV6    "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
#define PATTERN_NUMERIC "(?:" PATTERN_IPV4 "|\\[" PATTERN_IPV6 "\\])"
#define PATTERN_ADDRESS PATTERN_IPV4 "|" PATTERN_IPV6 "|(?![0-9.]+$)" PATTERN_NAME
#define PATTERN_RANGE                                             \
	"(?:" PATTERN_IPV4 "/(?:3[0-2]|[12]?[0-9])|" PATTERN_IPV6 \
	"/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))"
#define PATTERN_SOCKET   "/[A-Za-z0-9._/+=@~-]{1,106}"
#define PATTERN_USER     "[A-Za-z0-9._@+][A-Za-z0-9._@+-]*"
#define PATTERN_IDENTITY "[A-Za-z0-9._/@+=~][A-Za-z0-9._/@+=~-]*"
#define PATTERN_OPTION   "[A-Za-z0-9 ._:/@+=*!?,^~-]*"
#define PATTERN_NUMBER_0 "0|[1-9][0-9]{0,8}"
#define PATTERN_DURATION "[1-9][0-9]{0,8}[smhd]?"
#define PATTERN_BOOL     "yes|no|true|false"
#define PATTERN_MAC      "[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
#define PATTERN_VARIABLE "[A-Za-z_][A-Za-z0-9_]*"

/* What something may be called. */
#define PATTERN_NEW_NAME                                                                    \
	PATTERN_NOT(PATTERN_RESERVED "|me|null|Null|NULL|" PATTERN_BOOLEAN "|" PATTERN_DATE \
				     "|" PATTERN_NUMBER "|" PATTERN_IPV4)                   \
	PATTERN_NAME
#define PATTERN_MEMBER "[A-Za-z0-9*?](?:[A-Za-z0-9._*?-]*[A-Za-z0-9*?])?"

/* A host in a string, `me` included, and one that is to be passed. */
#define PATTERN_HOST PATTERN_NOT(PATTERN_RESERVED "|[0-9.]+") PATTERN_NAME
#define PATTERN_HOP  PATTERN_NOT(PATTERN_RESERVED "|me|[0-9.]+") PATTERN_NAME
#define PATTERN_VLAN "(?:@" PATTERN_NAME ")?"

#define PATTERN_INGRESS                                                                  \
	"(?:(?:" PATTERN_HOST PATTERN_VLAN ":)?(?:" PATTERN_PORT "|auto|" PATTERN_SOCKET \
	")|(?:" PATTERN_HOST ":)?" PATTERN_NUMERIC ":" PATTERN_PORT ")"
#define PATTERN_EGRESS                                                             \
	"(?:socks@" PATTERN_HOST "|" PATTERN_HOST PATTERN_VLAN "(?:/" PATTERN_NAME \
	"|:" PATTERN_PORT "|:" PATTERN_SOCKET ")|" PATTERN_NUMERIC ":" PATTERN_PORT ")"

/* Where something is published, and what sshd_config has for PermitOpen and PermitListen. */
#define PATTERN_AT          "(?:" PATTERN_NUMERIC "|(?![0-9.]+:)" PATTERN_NAME "):" PATTERN_PORT
#define PATTERN_PERMIT_PORT "(?:" PATTERN_PORT "|\\*)"
#define PATTERN_PERMIT_OPEN \
	"any|none|(?:" PATTERN_NUMERIC "|\\*|[A-Za-z0-9._][A-Za-z0-9._-]*):" PATTERN_PERMIT_PORT
#define PATTERN_PERMIT_LISTEN             \
	"any|none|(?:(?:" PATTERN_NUMERIC \
	"|[A-Za-z0-9._*?][A-Za-z0-9._*?-]*):)?" PATTERN_PERMIT_PORT

/* White space, and what else may separate hosts or ports. */
#define PATTERN_SPACE "[ \\t\\n]"
#define PATTERN_GAP   "[ \\t\\n,]"
#define PATTERN_ARROW PATTERN_SPACE "*->" PATTERN_SPACE "*"

/* ITEM {ITEM} */
#define PATTERN_ITEMS(item) item "(?:" PATTERN_GAP "+" item ")*" PATTERN_GAP "*"

#define PATTERN_TUNNEL                                                                     \
	PATTERN_SPACE "*" PATTERN_INGRESS PATTERN_ARROW PATTERN_EGRESS "(?:" PATTERN_SPACE \
		      "+via" PATTERN_SPACE PATTERN_GAP                                     \
		      "*" PATTERN_ITEMS(PATTERN_HOP) ")?" PATTERN_SPACE "*"

#define PATTERN_END     "(?:any(?!@)" PATTERN_NO_MORE "|" PATTERN_RANGE "|" PATTERN_HOP PATTERN_VLAN ")"
#define PATTERN_SET_END PATTERN_RANGE "|" PATTERN_HOP PATTERN_VLAN
#define PATTERN_PORTS   PATTERN_PORT "(?:-" PATTERN_PORT ")?"
#define PATTERN_RULE                                                                            \
	PATTERN_SPACE "*" PATTERN_END PATTERN_ARROW PATTERN_END "(?:" PATTERN_SPACE PATTERN_GAP \
		      "*(?:" PATTERN_ITEMS(PATTERN_PORTS) ")?)?"

#endif
