/*
 * Codes: every error and every lint that a topology can have, in two tables.
 *
 * A row is the constant's name, the code, a short name and one line for the manual. A code keeps
 * its meaning for ever: a row that is no longer needed leaves a gap, and a new row goes to the end.
 */
#ifndef TUNPLAN_TOPOLOGY_DIAG_CODES_H
#define TUNPLAN_TOPOLOGY_DIAG_CODES_H

#include <stddef.h>

#define TOPOLOGY_CODES(X)                                                                          \
	X(SYNTAX, "T001", "syntax", "The text is not valid YAML.")                                 \
	X(NOT_TEXT, "T002", "not text", "The file is not UTF-8, or contains control characters.")  \
	X(EMPTY, "T003", "empty file", "The file has no content.")                                 \
	X(DOCUMENTS, "T004", "several documents", "A topology is one YAML document.")              \
	X(LIMIT_SIZE, "T005", "too large", "A topology has at most 16 MiB.")                       \
	X(LIMIT_DEPTH, "T006", "too deep", "Lists and mappings nest at most 64 deep.")             \
	X(LIMIT_NODES, "T007", "too many values", "A file has at most four million values.")       \
	X(LIMIT_ALIASES, "T008", "too many aliases",                                               \
	  "Aliases repeat at most 100 000 values, and a file has at most 1 000 anchors.")          \
	X(DUPLICATE_KEY, "T009", "duplicate key", "A mapping has the same key twice.")             \
	X(COMPLEX_KEY, "T010", "complex key", "A key is a list or a mapping.")                     \
	X(UNKNOWN_ALIAS, "T011", "unknown alias", "An alias refers to no earlier anchor.")         \
	X(ALIAS_CYCLE, "T012", "alias cycle", "An alias stands inside the value that it names.")   \
	X(TAG, "T013", "tag", "YAML tags (!name) have no meaning in the language.")                \
	X(MERGE, "T014", "bad merge", "A merge key (<<) takes a mapping or a list of mappings.")   \
	X(UNKNOWN_KEY, "T015", "unknown key", "The key is not part of the language.")              \
	X(WRONG_KIND, "T017", "wrong kind",                                                        \
	  "A value, a list or a mapping stands where another kind belongs.")                       \
	X(VERSION_MISSING, "T018", "version missing", "The file does not say `tunplan: 1`.")       \
	X(VERSION_OTHER, "T019", "other version",                                                  \
	  "The file is for another version of the language.")                                      \
	X(NAME, "T020", "bad name", "A name contains characters that names may not have.")         \
	X(UNKNOWN_HOST, "T021", "unknown host", "No host of the file has that name.")              \
	X(NAME_RESERVED, "T022", "reserved name", "The word has a special meaning.")               \
	X(NAME_TYPED, "T023", "typed name",                                                        \
	  "YAML readers take the name for a number, a date, a boolean or null.")                   \
	X(UNKNOWN_VLAN, "T024", "unknown VLAN", "No VLAN of the file has that name.")              \
	X(UNKNOWN_SERVICE, "T025", "unknown service", "The host has no service of that name.")     \
	X(UNKNOWN_TUNNEL, "T026", "unknown tunnel", "No tunnel or group has that name.")           \
	X(NAME_TAKEN, "T027", "name taken", "Two things of one namespace have the same name.")     \
	X(PORT, "T028", "bad port", "A port is a number from 1 to 65535.")                         \
	X(ADDRESS, "T029", "bad address",                                                          \
	  "The text is neither an IPv4 or IPv6 address nor a name.")                               \
	X(CIDR, "T030", "bad CIDR", "An address range is written 10.0.0.0/8.")                     \
	X(UNKNOWN_VALUE, "T031", "unknown value", "The key takes one of a few words.")             \
	X(TUNNEL_FORM, "T032", "bad tunnel", "A tunnel is written ingress -> egress.")             \
	X(INGRESS_FORM, "T033", "bad ingress",                                                     \
	  "An ingress is a port, optionally after a host or an address.")                          \
	X(EGRESS_FORM, "T034", "bad egress",                                                       \
	  "An egress is host/service, host:port or socks@host.")                                   \
	X(RULE_FORM, "T035", "bad rule", "A rule is written from -> to, then ports.")              \
	X(KEY_MISSING, "T036", "key missing", "A mapping lacks a required key.")                   \
	X(KEYS_EXCLUDE, "T037", "keys exclude each other",                                         \
	  "A mapping has two keys that exclude each other.")                                       \
	X(NOT_ON_VLAN, "T038", "host not on VLAN",                                                 \
	  "HOST@VLAN names a VLAN that the host is not on.")                                       \
	X(FAMILY, "T039", "wrong family", "The VLAN has only addresses of the other family.")      \
	X(NEEDS_EXIT, "T040", "exit needed",                                                       \
	  "An egress that is not a host of the file needs exit or via.")                           \
	X(NO_SSH, "T041", "no sshd", "A host with `ssh: none` cannot be a hop.")                   \
	X(ME, "T042", "misplaced me", "`me` is not allowed here.")                                 \
	X(INGRESS_TWICE, "T043", "ingress twice",                                                  \
	  "Two forwards of a tunnel have the same ingress.")                                       \
	X(SOCKET_PATH, "T044", "bad socket path",                                                  \
	  "A socket path is absolute and has at most 107 bytes.")                                  \
	X(GROUP_CYCLE, "T045", "group cycle", "A group contains itself.")                          \
	X(VLAN_TWICE, "T047", "VLAN twice", "A host names the same VLAN twice.")                   \
	X(UNKNOWN_END, "T048", "unknown end", "An end of a rule is not a host, a VLAN or a set.")  \
	X(LOGIN, "T049", "bad login", "A user, identity or alias has characters it may not have.") \
	X(NOTHING, "T050", "empty list", "A list that needs at least one entry is empty.")         \
	X(VIA_IN_LIST, "T051", "via in a list", "The forwards of one tunnel share one via.")       \
	X(LIMIT_GROUPS, "T052", "groups too large",                                                \
	  "Expanding groups and patterns may examine at most 5 million entries.")                  \
	X(LIMIT_STRING, "T053", "string too long",                                                 \
	  "A tunnel or rule string has at most 4096 bytes.")                                       \
	X(LIMIT_LIST, "T054", "list too long",                                                     \
	  "A host has at most 1000 VLANs and services, a tunnel 1000 forwards.")                   \
	X(NUMBER, "T055", "bad number",                                                            \
	  "The value is not a number, or is too small or too large.")                              \
	X(DURATION, "T056", "bad duration", "A duration is written 90, 90s, 5m, 2h or 1d.")        \
	X(UNKNOWN_OPTION, "T057", "unknown option", "A topology knows no such ssh option.")        \
	X(OPTION_REFUSED, "T058", "option refused", "A topology may not set the option.")          \
	X(OPTION_VALUE, "T059", "bad option value", "The option may not have this value.")         \
	X(PERMIT_FORM, "T060", "bad permit",                                                       \
	  "PermitOpen and PermitListen entries are written as in sshd_config.")                    \
	X(AT_FORM, "T061", "bad publication", "A publication is written ADDRESS:PORT.")            \
	X(REMARK, "T062", "bad remark", "A remark is one line of printable text.")                 \
	X(MAC, "T063", "bad MAC address", "A MAC address is written 00:1a:2b:3c:4d:5e.")           \
	X(ITSELF, "T064", "names itself", "A host names itself where another host belongs.")       \
	X(CONTRADICTION, "T065", "contradiction",                                                  \
	  "The constraints of a tunnel contradict each other.")                                    \
	X(STITCH, "T066", "misplaced stitch", "`stitch` is for stitched tunnels.")                 \
	X(SAID_TWICE, "T067", "set twice", "`me` or `defaults` is set in two files.")              \
	X(INCLUDE, "T068", "include failed", "An included file cannot be read.")                   \
	X(INCLUDE_CYCLE, "T069", "include cycle", "A file includes itself.")                       \
	X(LIMIT_FILES, "T070", "too many files", "A topology has at most 1 000 files.")            \
	X(VARIABLE_FORM, "T071", "bad variable", "A variable in a value is written ${NAME}.")      \
	X(UNKNOWN_VARIABLE, "T072", "unknown variable", "No variable has that name.")              \
	X(VARIABLE_UNSET, "T073", "variable without value", "A variable has no value.")            \
	X(LIMIT_EXPANSION, "T074", "expansion too long",                                           \
	  "A value has at most 4096 bytes after expansion, and all values together 16 MiB.")       \
	X(UNKNOWN_LINT, "T075", "unknown lint", "No lint has that code.")                          \
	X(LIMIT_SETS, "T076", "sets too large",                                                    \
	  "The sets at VLANs (SET@VLAN) have at most one million members in all.")                 \
	X(NO_STOP, "T077", "set of no hosts",                                                      \
	  "A set in via or exit has a member that is no host.")                                    \
	X(RANGE, "T078", "bad range", "A range of hosts is written NAME[FIRST-LAST].")             \
	X(LIMIT_RANGES, "T079", "ranges too large",                                                \
	  "The ranges of hosts stand for at most one million values in all.")

/* What a topology may say, and probably does not mean. */
#define TOPOLOGY_LINTS(X)                                                                          \
	X(SHADOWED, "L001", "shadowed rule",                                                       \
	  "A rule can never match, because earlier rules match first.")                            \
	X(TOOTHLESS, "L002", "ineffective rule",                                                   \
	  "A rule denies a connection that another VLAN still allows.")                            \
	X(CUTS_INSIDE, "L003", "cuts VLANs off inside",                                            \
	  "A rule that denies everything also denies traffic inside VLANs.")                       \
	X(EMPTY_VLAN, "L004", "empty VLAN", "Nothing uses a VLAN.")                                \
	X(UNREACHABLE, "L005", "unreachable host",                                                 \
	  "A host cannot be reached from any other host.")                                         \
	X(OUTSIDE_CIDR, "L006", "address outside", "An address is in no range of its VLAN.")       \
	X(SAME_ADDRESS, "L007", "same address", "Two interfaces of a VLAN have the same address.") \
	X(OVERLAP, "L008", "overlapping ranges",                                                   \
	  "Two VLANs that a host or a rule joins have addresses in common.")                       \
	X(SAME_INGRESS, "L009", "same ingress", "Two tunnels have the same ingress.")              \
	X(TAKEN_PLACE, "L010", "published ingress",                                                \
	  "A tunnel listens where `at` publishes something that the tunnel does not lead to.")     \
	X(PRIVILEGED, "L011", "privileged port", "The port of an ingress is below 1024.")          \
	X(EXPOSED, "L012", "exposed ingress",                                                      \
	  "An ingress listens on an address other than loopback.")                                 \
	X(UNFINISHED, "L013", "unfinished lint", "A lint would take too long and was given up.")   \
	X(SAME_PUBLICATION, "L014", "same publication", "Two things are published at one place.")  \
	X(NOT_ONES_OWN, "L015", "address not one's own",                                           \
	  "An address on a VLAN leads to whoever dials it, or may lead to several machines.")      \
	X(OPEN_PROXY, "L016", "open proxy",                                                        \
	  "A dynamic tunnel opens the network of one host to all programs of another one.")        \
	X(NEAR_HOST, "L017", "nearly a host",                                                      \
	  "An egress is no host of the file, but has nearly the name of one.")                     \
	X(NO_EFFECT, "L018", "no effect", "This version does nothing with a key.")

/* CODE_SYNTAX is "T001", LINT_SHADOWED is "L001", and so on. */
#define X(name, code, title, text) extern const char CODE_##name[sizeof(code)];
TOPOLOGY_CODES(X)
#undef X
#define X(name, code, title, text) extern const char LINT_##name[sizeof(code)];
TOPOLOGY_LINTS(X)
#undef X

/* One row, as the manual prints it. */
struct code {
	const char *code;
	const char *title;
	const char *text; /* one sentence */
};

/* Returns row number index, errors first and then lints, or NULL behind the last one. */
const struct code *code_row(size_t index);

#endif
