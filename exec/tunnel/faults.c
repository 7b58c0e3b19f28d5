#include "exec/tunnel/faults.h"

#include "exec/ssh/holder.h"
#include "exec/tunnel/advice.h"

#define HOP    FAULT_BIT(FAULT_HOP)
#define LOCAL  FAULT_BIT(FAULT_LOCAL_INGRESS)
#define REMOTE FAULT_BIT(FAULT_REMOTE_INGRESS)
#define EGRESS FAULT_BIT(FAULT_EGRESS)
#define OWN    FAULT_BIT(FAULT_OWN_SIDE)
#define TARGET (HOP | EGRESS)
#define ANY    (HOP | LOCAL | REMOTE | EGRESS | OWN)

#define IT   FAULT_BLAMES_SUBJECT
#define FROM FAULT_BLAMES_FROM
#define US   FAULT_BLAMES_US

#define RELAYED    FAULT_RELAYED
#define CARRIED    FAULT_CARRIED
#define WAS_UP     FAULT_WAS_UP
#define FROM_HERE  FAULT_FROM_HERE
#define OTHER      FAULT_OTHER
#define PATH       FAULT_PATH
#define DIALS      FAULT_DIALS
#define EXHAUSTED  FAULT_EXHAUSTED
#define NEIGHBOURS FAULT_NEIGHBOURS
#define VIA_OTHER  FAULT_VIA_OTHER
#define STITCHED   FAULT_STITCHED
#define SPOKE_IT   FAULT_SPOKE
#define GREETED    FAULT_GREETED

/* The names of the protocol. */
#define PROHIBITED "administratively prohibited"
#define CONNECT    "connect failed"
#define NO_TYPE    "unknown channel type"
#define SHORTAGE   "resource shortage"

/* {reason, words, about, when, unless, blames, code, advice} */
const struct ssh_fault faults_by_words[] = {

	/* Of our holder, whatever else its ssh says for want of a connection. */
	{NULL, HOLDER_UNHEARD, HOP, 0, 0, IT, "parent", PARENT},

	/* Of an ssh that runs on another host, what is to be mended there. */
	{NULL, "REMOTE HOST IDENTIFICATION HAS CHANGED", HOP, STITCHED, 0, IT, "host_key",
	 KEY_THERE},
	{NULL, "Host key verification failed", HOP, STITCHED, 0, IT, "host_key", KEY_THERE},
	{NULL, "Permission denied (", HOP, STITCHED, 0, IT, "auth", AUTH_THERE},
	{NULL, "Too many authentication failures", HOP, STITCHED, 0, IT, "auth", AUTH_THERE},
	{NULL, "the sshd opens no session", HOP, STITCHED, 0, FROM, "max_sessions", SESSIONS},
	{NULL, "command not found", HOP, STITCHED, 0, FROM, "relay", LACKS},
	{NULL, ": not found", HOP, STITCHED, 0, FROM, "relay", LACKS},
	{NULL, "mktemp: ", HOP, STITCHED, 0, FROM, "relay", NO_DIRECTORY},
	{NULL, "Killed", HOP, STITCHED, 0, FROM, "killed", KILLED_THERE},
	{NULL, "Address already in use", HOP, STITCHED, 0, FROM, "port_taken", TAKEN_THERE},
	{NULL, "remote port forwarding failed", HOP, STITCHED, 0, IT, "listen", LISTEN_BEHIND},
	{NULL, "cannot listen to port", HOP, STITCHED, 0, FROM, "bind", BIND_THERE},
	{NULL, "Bad configuration option", HOP, STITCHED, 0, FROM, "config", CONFIG_THERE},
	{NULL, "bad configuration options", HOP, STITCHED, 0, FROM, "config", CONFIG_THERE},
	{NULL, "Bad owner or permissions", HOP, STITCHED, 0, FROM, "config", CONFIG_THERE},

	/* Keys. */
	{NULL, "REMOTE HOST IDENTIFICATION HAS CHANGED", HOP, 0, 0, IT, "host_key", CHANGED},
	{NULL, "Host key verification failed", HOP, 0, 0, IT, "host_key", KNOWN_HOSTS},
	{NULL, "UNPROTECTED PRIVATE KEY FILE", HOP, 0, 0, US, "auth", IDENTITY},
	{NULL, "no such identity", HOP, 0, 0, US, "auth", IDENTITY},
	{NULL, "Load key \"", HOP, 0, 0, US, "auth", IDENTITY},
	{NULL, "signing failed for", HOP, 0, 0, US, "auth", REFUSES},
	{NULL, "Too many authentication failures", HOP, 0, 0, US, "auth", TOO_MANY},
	{NULL, "Permission denied (publickey", HOP, 0, 0, IT, "auth", AUTH},
	{NULL, ",publickey", HOP, 0, 0, IT, "auth", AUTH},
	{NULL, "Permission denied (", HOP, 0, 0, IT, "auth", PASSWORD},

	/* A relay: of our holder, and of the shell on the host before. */
	{NULL, "the sshd opens no session", HOP, RELAYED, 0, FROM, "max_sessions", SESSIONS},
	{NULL, "command not found", HOP, RELAYED, 0, FROM, "relay", RELAY},
	{NULL, ": not found", HOP, RELAYED, 0, FROM, "relay", RELAY},

	/* Why a server did not open a channel. */
	{PROHIBITED, NULL, TARGET, 0, 0, FROM, "denied", DENIED},
	{NO_TYPE, NULL, TARGET, 0, 0, FROM, "unsupported", UNKNOWN_KIND},
	{SHORTAGE, NULL, TARGET, 0, 0, FROM, "limit", SHORT},
	{CONNECT, NULL, TARGET, EXHAUSTED, OTHER, FROM, "limit", DESCRIPTORS},
	{CONNECT, "Connection refused", HOP, 0, OTHER, IT, "refused", REFUSED_HOP},
	{CONNECT, "Connection refused", EGRESS, 0, OTHER, IT, "refused", REFUSED},
	{CONNECT, "timed out", TARGET, 0, OTHER, IT, "timeout", TIMEOUT},
	{CONNECT, "No route to host", TARGET, 0, OTHER, IT, "unreachable", ROUTE},
	{CONNECT, "Network is unreachable", TARGET, 0, OTHER, IT, "unreachable", ROUTE},
	{CONNECT, "Name or service not known", TARGET, 0, OTHER, IT, "resolve", RESOLVE},
	{CONNECT, "name resolution", TARGET, 0, OTHER, FROM, "resolve", NO_DNS_THERE},
	{CONNECT, "No address associated", TARGET, 0, OTHER, IT, "resolve", RESOLVE},

	/* It says "open failed" where it has no words: for whatever its own connect() did not say. */
	{CONNECT, "open failed", EGRESS, PATH, OTHER, IT, "refused", SOCKET},
	{CONNECT, "open failed", TARGET, DIALS, OTHER | PATH, IT, "unreachable", ROUTE},
	{CONNECT, "open failed", TARGET, 0, OTHER | PATH, IT, "unreachable", TWO_CAUSES},
	{CONNECT, NULL, TARGET, 0, 0, IT, "not_connected", NOT_MADE},
	{"", NULL, TARGET, 0, 0, IT, "not_connected", NOT_MADE},

	/* Listeners. */
	{NULL, "Address already in use", LOCAL, 0, 0, IT, "port_taken", TAKEN},
	{NULL, "Cannot assign requested address", LOCAL | HOP, 0, 0, US, "bind", BIND},
	{NULL, "Privileged ports can only be forwarded by root", LOCAL, 0, 0, US, "bind",
	 PRIVILEGED},
	{NULL, "Too many open files", ANY, 0, 0, US, "files", FILES},
	{NULL, "remote port forwarding failed for listen path", REMOTE, 0, 0, IT, "listen",
	 LISTEN_PATH},
	{NULL, "remote port forwarding failed", REMOTE, 0, 0, IT, "listen", LISTEN},
	{NULL, ": Permission denied", LOCAL, 0, 0, US, "bind", PRIVILEGED},
	{NULL, "bind [", LOCAL, 0, 0, IT, "bind", OTHER_PORT},
	/* It does not say so where it cannot even make a socket. */
	{NULL, "cannot listen to port", LOCAL, 0, 0, US, "files", FILES},
	{NULL, "unix_listener: cannot bind to path", LOCAL, 0, 0, US, "bind", DIRECTORY},

	/* Ways, dialled from here or by a program. */
	{NULL, "Temporary failure in name resolution", TARGET, FROM_HERE, 0, US, "resolve", NO_DNS},
	{NULL, "Address family for hostname not supported", HOP, 0, 0, US, "config", FAMILY},
	{NULL, "Temporary failure in name resolution", TARGET, 0, 0, FROM, "resolve", NO_DNS_THERE},
	{NULL, "Could not resolve hostname", TARGET, 0, 0, IT, "resolve", RESOLVE},
	{NULL, "Name or service not known", TARGET, 0, 0, IT, "resolve", RESOLVE},
	{NULL, "Connection refused", HOP, 0, 0, IT, "refused", REFUSED_HOP},
	{NULL, "Connection refused", EGRESS, 0, 0, IT, "refused", REFUSED},
	{NULL, "timed out during banner exchange", HOP, SPOKE_IT, 0, IT, "timeout", SPOKE},
	{NULL, "timed out during banner exchange", HOP, 0, 0, IT, "timeout", SILENT},
	{NULL, "Connection timed out", TARGET, 0, 0, IT, "timeout", TIMEOUT},
	{NULL, "Operation timed out", TARGET, 0, 0, IT, "timeout", TIMEOUT},
	{NULL, "Timeout, server", HOP, 0, 0, IT, "timeout", TIMEOUT},
	{NULL, "Network is unreachable", TARGET, FROM_HERE, 0, US, "unreachable", OWN_LINK},
	{NULL, "Network is unreachable", TARGET, 0, 0, IT, "unreachable", ROUTE},
	{NULL, "No route to host", TARGET, 0, 0, IT, "unreachable", ROUTE},
	{NULL, ": Permission denied", HOP, FROM_HERE, 0, US, "unreachable", OWN_RULES},
	{NULL, ": Operation not permitted", HOP, FROM_HERE, 0, US, "unreachable", OWN_RULES},
	{NULL, "Host is down", TARGET, 0, 0, IT, "unreachable", ROUTE},
	{NULL, "No such file or directory", EGRESS, PATH, 0, IT, "refused", REFUSED},
	{NULL, "Permission denied", EGRESS, PATH, 0, IT, "denied", MAY_NOT_OPEN},

	/* ssh itself. */
	{NULL, "Unable to negotiate", HOP, 0, 0, IT, "negotiate", NEGOTIATE},
	{NULL, "no matching", HOP, 0, 0, IT, "negotiate", NEGOTIATE},
	{NULL, "Bad configuration option", HOP, 0, 0, US, "config", CONFIG},
	{NULL, "bad configuration options", HOP, 0, 0, US, "config", CONFIG},
	{NULL, "Bad owner or permissions", HOP, 0, 0, US, "config", CONFIG},
	{NULL, "Unsupported option", HOP, 0, 0, US, "config", CONFIG},
	{NULL, "no argument after keyword", HOP, 0, 0, US, "config", CONFIG},
	{NULL, "unix_listener", HOP, 0, 0, US, "config", RUNTIME},
	{NULL, "disabling multiplexing", HOP, 0, 0, US, "config", SSH},

	/* Ends. */
	{NULL, "Received disconnect from", HOP, 0, 0, IT, "closed", ENDED},
	{NULL, "kex_exchange_identification", HOP, RELAYED, 0, FROM, "relay", RELAYING},
	{NULL, "kex_exchange_identification", HOP, SPOKE_IT, 0, IT, "closed", SPOKE},
	{NULL, "Connection reset", HOP, SPOKE_IT, 0, IT, "closed", SPOKE},
	{NULL, "Connection closed", HOP, SPOKE_IT, 0, IT, "closed", SPOKE},
	{NULL, "kex_exchange_identification: read: Connection reset", HOP, NEIGHBOURS, OTHER, IT,
	 "closed", UPGRADED},
	{NULL, "kex_exchange_identification: read: Connection reset", HOP, 0, OTHER, IT, "closed",
	 RESET},
	{NULL, "kex_exchange_identification", HOP, VIA_OTHER, 0, IT, "closed", CLOSED_BEHIND},
	{NULL, "kex_exchange_identification", HOP, 0, 0, IT, "closed", CLOSED},
	{NULL, "banner exchange", HOP, 0, 0, IT, "closed", CLOSED},
	{NULL, "closed by remote host", HOP, WAS_UP | CARRIED, 0, IT, "closed", IDLE},
	{NULL, "Broken pipe", HOP, WAS_UP | CARRIED, 0, IT, "closed", IDLE},
	{NULL, "closed by remote host", HOP, 0, 0, IT, "closed", DIED},
	{NULL, "Broken pipe", HOP, 0, 0, IT, "closed", DIED},
	{NULL, "Connection reset", HOP, GREETED, 0, IT, "closed", IN_LOGIN},
	{NULL, "Connection closed", HOP, GREETED, 0, IT, "closed", IN_LOGIN},
	{NULL, "Connection reset", HOP, 0, 0, IT, "closed", CLOSED},
	{NULL, "Connection closed", HOP, 0, 0, IT, "closed", CLOSED},

	/* Of ssh, where nobody knows what the server said. */
	{NULL, "Session open refused by peer", TARGET, 0, 0, IT, "not_connected", NOT_MADE},

	/* No process could be started: the system's words. */
	{NULL, "No such file or directory", OWN, 0, 0, US, "start", NO_SSH},
	{NULL, "", OWN, 0, 0, US, "start", START},
};

const struct ssh_fault faults_by_code[] = {
	{NULL, NULL, ANY, 0, 0, IT, "unknown", BY_HAND},
	{NULL, NULL, TARGET, 0, 0, IT, "timeout", TIMEOUT},
	{NULL, NULL, HOP, 0, 0, IT, "login_timeout", LOGIN_TIMEOUT},
	{NULL, NULL, HOP, 0, 0, FROM, "no_shell", NO_SHELL},
	{NULL, NULL, HOP, 0, 0, US, "agent", AGENT},
	{NULL, NULL, HOP, 0, 0, US, "undialled", UNDIALLED},
	{NULL, NULL, HOP, 0, 0, US, "locked_key", LOCKED},
	{NULL, NULL, HOP, 0, 0, US, "half_key", IDENTITY},
	{NULL, NULL, HOP, 0, 0, US, "own_link", OWN_LINK},
	{NULL, NULL, HOP, 0, 0, US, "program_gone", PROGRAM_GONE},
	{NULL, NULL, HOP, 0, 0, US, "wordless", SSH},
	{NULL, NULL, ANY, 0, 0, IT, "stalled", STALLED},
	{NULL, NULL, ANY, 0, 0, IT, "unheard", UNHEARD},
	{NULL, NULL, ANY, 0, 0, US, "cut_off", CUT_OFF},
	{NULL, NULL, ANY, 0, 0, US, "ssh_stopped", SSH_STOPPED},
	{NULL, NULL, ANY, 0, 0, IT, "busy", BUSY},
	{NULL, NULL, ANY, 0, 0, IT, "says_yes", SAYS_YES},
	{NULL, NULL, ANY, 0, 0, IT, "unasked", UNASKED},
	{NULL, NULL, ANY, 0, 0, IT, "says_no", SAYS_NO},
	{NULL, NULL, ANY, 0, 0, IT, "forbidden_place", FORBIDDEN_PLACE},
	{NULL, NULL, REMOTE, 0, 0, IT, "no_address", NO_ADDRESS},
	{NULL, NULL, REMOTE, 0, 0, IT, "may_not_dial", MAY_NOT_DIAL},
	{NULL, NULL, REMOTE, 0, 0, IT, "path_unseen", PATH_UNSEEN},
	{NULL, NULL, REMOTE, 0, 0, IT, "not_told", NOT_TOLD},
	{NULL, NULL, ANY, 0, 0, US, "own_name", OWN_NAME},
	{NULL, NULL, ANY, 0, 0, US, "protocol", PROTOCOL},
	{NULL, NULL, ANY, 0, 0, US, "files", FILES},
	{NULL, NULL, ANY, 0, 0, IT, "late", LATE},
	{NULL, NULL, HOP, 0, 0, US, "killed", KILLED},
	{NULL, NULL, HOP, 0, 0, IT, "not_allowed", SHUT_OUT},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, IT, "port_taken", TAKEN},
	{NULL, NULL, REMOTE, 0, 0, IT, "port_held", HELD},
	{NULL, NULL, LOCAL, 0, 0, US, "port_left", LEFT},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, IT, "not_a_socket", NOT_A_SOCKET},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, IT, "not_accepting", NOT_ACCEPTING},
	{NULL, NULL, REMOTE, 0, 0, IT, "kept", KEPT},
	{NULL, NULL, REMOTE, 0, 0, IT, "narrowed", NARROWED},
	{NULL, NULL, REMOTE, 0, 0, IT, "widened", WIDENED},
	{NULL, NULL, REMOTE, 0, 0, IT, "both_families", BOTH_FAMILIES},
	{NULL, NULL, TARGET, 0, 0, IT, "refused", REFUSED},
	{NULL, NULL, HOP, 0, 0, IT, "unused_timeout", UNUSED},
	{NULL, NULL, HOP, 0, 0, FROM, "channel_timeout", CHANNEL},
	{NULL, NULL, HOP, 0, 0, IT, "idle_timeout", UNUSED_OR_CHANNEL},
	{NULL, NULL, ANY, 0, 0, IT, "parent", PARENT},
	{NULL, NULL, OWN, 0, 0, US, "start", START},
	{NULL, NULL, ANY, 0, 0, IT, "stopped", STOPPED},
};

const size_t faults_by_words_count = sizeof(faults_by_words) / sizeof(faults_by_words[0]);
const size_t faults_by_code_count = sizeof(faults_by_code) / sizeof(faults_by_code[0]);
