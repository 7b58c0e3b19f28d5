/*
 * Codes: every error that a topology can have, in one table.
 *
 * A row is the constant's name, the code, a short name and one line for the manual. A code keeps
 * its meaning for ever: a row that is no longer needed leaves a gap, a new one goes to the end.
 */
#ifndef TUNPLAN_TOPOLOGY_CODES_H
#define TUNPLAN_TOPOLOGY_CODES_H

#include <stddef.h>

#define TOPOLOGY_CODES(X)                                                                          \
	X(SYNTAX, "T001", "syntax", "The text is not valid YAML.")                                 \
	X(NOT_TEXT, "T002", "not text", "The file is not UTF-8, or holds control characters.")     \
	X(EMPTY, "T003", "empty file", "The file has no content.")                                 \
	X(DOCUMENTS, "T004", "several documents", "A topology is one YAML document.")              \
	X(LIMIT_SIZE, "T005", "too large", "A file has at most 16 MiB.")                           \
	X(LIMIT_DEPTH, "T006", "too deep", "Lists and mappings nest at most 64 deep.")             \
	X(LIMIT_NODES, "T007", "too many values", "A file has at most four million values.")       \
	X(LIMIT_ALIASES, "T008", "too many aliases",                                               \
	  "Aliases repeat at most 100 000 values, and a file has at most 1 000 anchors.")          \
	X(DUPLICATE_KEY, "T009", "duplicate key", "A mapping has the same key twice.")             \
	X(COMPLEX_KEY, "T010", "complex key", "A key is a list or a mapping.")                     \
	X(UNKNOWN_ALIAS, "T011", "unknown alias", "An alias names no anchor before it.")           \
	X(ALIAS_CYCLE, "T012", "alias cycle", "An alias stands inside the value that it names.")   \
	X(TAG, "T013", "tag", "YAML tags (!name) have no meaning in the language.")                \
	X(MERGE, "T014", "bad merge", "A merge key (<<) takes a mapping or a list of mappings.")   \
	X(UNKNOWN_KEY, "T015", "unknown key", "The key is not part of the language.")              \
	X(LATER_KEY, "T016", "key not read yet", "This version does not read the key yet.")        \
	X(WRONG_KIND, "T017", "wrong kind", "A value, a list or a mapping where another belongs.") \
	X(VERSION_MISSING, "T018", "version missing", "The file does not say `tunplan: 1`.")       \
	X(VERSION_OTHER, "T019", "other version",                                                  \
	  "The file is for another version of the language.")                                      \
	X(NAME, "T020", "bad name", "A name has characters that names may not have.")              \
	X(UNKNOWN_HOST, "T021", "unknown host", "No host of the file has that name.")              \
	X(NAME_RESERVED, "T022", "reserved name", "The word has a meaning of its own.")            \
	X(NAME_TYPED, "T023", "typed name",                                                        \
	  "YAML readers take the name for a number, a date, a boolean or null.")                   \
	X(UNKNOWN_VLAN, "T024", "unknown VLAN", "No VLAN of the file has that name.")              \
	X(UNKNOWN_SERVICE, "T025", "unknown service", "The host has no service of that name.")     \
	X(UNKNOWN_TUNNEL, "T026", "unknown tunnel", "No tunnel or group has that name.")           \
	X(NAME_TAKEN, "T027", "name taken", "Two things of one namespace have the same name.")     \
	X(PORT, "T028", "bad port", "A port is a number from 1 to 65535.")                         \
	X(ADDRESS, "T029", "bad address", "The text is no IPv4 or IPv6 address and no name.")      \
	X(CIDR, "T030", "bad CIDR", "A range of addresses is written 10.0.0.0/8.")                 \
	X(UNKNOWN_VALUE, "T031", "unknown value", "The key takes one of a few words.")             \
	X(TUNNEL_FORM, "T032", "bad tunnel", "A tunnel is written ingress -> egress.")             \
	X(INGRESS_FORM, "T033", "bad ingress",                                                     \
	  "An ingress is a port, or where it listens and a port.")                                 \
	X(EGRESS_FORM, "T034", "bad egress",                                                       \
	  "An egress is host/service, host:port or socks@host.")                                   \
	X(RULE_FORM, "T035", "bad rule", "A rule is written from -> to, then ports.")              \
	X(KEY_MISSING, "T036", "key missing", "A mapping lacks a key that it must have.")          \
	X(KEYS_EXCLUDE, "T037", "keys exclude each other", "Two keys say the same thing twice.")   \
	X(NOT_ON_VLAN, "T038", "host not on VLAN",                                                 \
	  "HOST@VLAN names a VLAN that the host is not on.")                                       \
	X(FAMILY, "T039", "wrong family", "The VLAN has only addresses of the other family.")      \
	X(NEEDS_EXIT, "T040", "exit needed",                                                       \
	  "An egress that is no host of the file needs exit or via.")                              \
	X(NO_SSH, "T041", "no sshd", "A host with `ssh: none` cannot be a hop.")                   \
	X(ME, "T042", "misplaced me", "`me` cannot stand here.")                                   \
	X(INGRESS_TWICE, "T043", "ingress twice", "Two forwards of a tunnel listen at one place.") \
	X(SOCKET_PATH, "T044", "bad socket path", "A socket path is absolute and short enough.")   \
	X(GROUP_CYCLE, "T045", "group cycle", "A group contains itself.")                          \
	X(NO_MATCH, "T046", "pattern matches nothing", "No tunnel matches the pattern.")           \
	X(VLAN_TWICE, "T047", "VLAN twice", "A host names the same VLAN twice.")                   \
	X(UNKNOWN_END, "T048", "unknown end", "An end of a rule is no host and no VLAN.")          \
	X(LOGIN, "T049", "bad login", "A user, identity or alias has characters it may not have.") \
	X(NOTHING, "T050", "nothing in it", "A list is empty that needs at least one entry.")      \
	X(VIA_IN_LIST, "T051", "via in a list", "The forwards of one tunnel share one via.")       \
	X(LIMIT_GROUPS, "T052", "groups too large",                                                \
	  "Groups and their patterns have at most 5 million entries to look at.")                  \
	X(LIMIT_STRING, "T053", "string too long",                                                 \
	  "A tunnel's or a rule's string has at most 4096 bytes.")                                 \
	X(LIMIT_LIST, "T054", "list too long",                                                     \
	  "A host has at most 1000 VLANs and services, a tunnel 1000 forwards.")

/* CODE_SYNTAX is "T001", and so on. */
#define X(name, code, title, text) extern const char CODE_##name[sizeof(code)];
TOPOLOGY_CODES(X)
#undef X

/* One row, as the manual prints it. */
struct code {
	const char *code;
	const char *title;
	const char *text; /* one sentence */
};

/* Returns row number index, or NULL behind the last one. */
const struct code *code_row(size_t index);

#endif
