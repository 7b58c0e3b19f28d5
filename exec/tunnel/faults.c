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

/* The names of the protocol. */
#define PROHIBITED "administratively prohibited"
#define CONNECT    "connect failed"
#define NO_TYPE    "unknown channel type"
#define SHORTAGE   "resource shortage"

/* {reason, words, about, when, unless, code, blames, advice} */
const struct ssh_fault faults_by_words[] = {

	/* Of our holder, whatever else its ssh says for want of a connection. */
	{NULL, HOLDER_UNHEARD, HOP, 0, 0, "parent", IT, PARENT},

	/* Keys. */
	{NULL, "REMOTE HOST IDENTIFICATION HAS CHANGED", HOP, 0, 0, "host_key", IT, CHANGED},
	{NULL, "Host key verification failed", HOP, 0, 0, "host_key", IT, KNOWN_HOSTS},
	{NULL, "UNPROTECTED PRIVATE KEY FILE", HOP, 0, 0, "auth", US, IDENTITY},
	{NULL, "no such identity", HOP, 0, 0, "auth", US, IDENTITY},
	{NULL, "Load key \"", HOP, 0, 0, "auth", US, IDENTITY},
	{NULL, "signing failed for", HOP, 0, 0, "auth", US, REFUSES},
	{NULL, "Too many authentication failures", HOP, 0, 0, "auth", US, TOO_MANY},
	{NULL, "Permission denied (publickey", HOP, 0, 0, "auth", IT, AUTH},
	{NULL, ",publickey", HOP, 0, 0, "auth", IT, AUTH},
	{NULL, "Permission denied (", HOP, 0, 0, "auth", IT, PASSWORD},

	/* A relay: of our holder, and of the shell on the host before. */
	{NULL, "the sshd opens no session", HOP, RELAYED, 0, "max_sessions", FROM, SESSIONS},
	{NULL, "command not found", HOP, RELAYED, 0, "relay", FROM, RELAY},
	{NULL, ": not found", HOP, RELAYED, 0, "relay", FROM, RELAY},

	/* Why a server did not open a channel. */
	{PROHIBITED, NULL, TARGET, 0, 0, "denied", FROM, DENIED},
	{NO_TYPE, NULL, TARGET, 0, 0, "unsupported", FROM, UNKNOWN_KIND},
	{SHORTAGE, NULL, TARGET, 0, 0, "limit", FROM, SHORT},
	{CONNECT, NULL, TARGET, EXHAUSTED, OTHER, "limit", FROM, DESCRIPTORS},
	{CONNECT, "Connection refused", TARGET, 0, OTHER, "refused", IT, REFUSED},
	{CONNECT, "timed out", TARGET, 0, OTHER, "timeout", IT, TIMEOUT},
	{CONNECT, "No route to host", TARGET, 0, OTHER, "unreachable", IT, ROUTE},
	{CONNECT, "Network is unreachable", TARGET, 0, OTHER, "unreachable", IT, ROUTE},
	{CONNECT, "Name or service not known", TARGET, 0, OTHER, "resolve", IT, RESOLVE},
	{CONNECT, "name resolution", TARGET, 0, OTHER, "resolve", IT, RESOLVE},
	{CONNECT, "No address associated", TARGET, 0, OTHER, "resolve", IT, RESOLVE},

	/* It says "open failed" where it has no words: for whatever its own connect() did not say. */
	{CONNECT, "open failed", EGRESS, PATH, OTHER, "refused", IT, SOCKET},
	{CONNECT, "open failed", TARGET, DIALS, OTHER | PATH, "unreachable", IT, ROUTE},
	{CONNECT, "open failed", TARGET, 0, OTHER | PATH, "unreachable", IT, TWO_CAUSES},
	{CONNECT, NULL, TARGET, 0, 0, "not_connected", IT, NOT_MADE},
	{"", NULL, TARGET, 0, 0, "not_connected", IT, NOT_MADE},

	/* Listeners. */
	{NULL, "Address already in use", LOCAL, 0, 0, "port_taken", IT, TAKEN},
	{NULL, "Cannot assign requested address", LOCAL | HOP, 0, 0, "bind", US, BIND},
	{NULL, "Privileged ports can only be forwarded by root", LOCAL, 0, 0, "bind", US,
	 PRIVILEGED},
	{NULL, "Too many open files", ANY, 0, 0, "files", US, FILES},
	{NULL, "remote port forwarding failed for listen path", REMOTE, 0, 0, "listen", IT,
	 LISTEN_PATH},
	{NULL, "remote port forwarding failed", REMOTE, 0, 0, "listen", IT, LISTEN},
	{NULL, ": Permission denied", LOCAL, 0, 0, "bind", US, PRIVILEGED},
	{NULL, "bind [", LOCAL, 0, 0, "bind", IT, OTHER_PORT},
	/* It does not say so where it cannot even make a socket. */
	{NULL, "cannot listen to port", LOCAL, 0, 0, "files", US, FILES},
	{NULL, "unix_listener: cannot bind to path", LOCAL, 0, 0, "bind", US, DIRECTORY},

	/* Ways, dialled from here or by a program. */
	{NULL, "Temporary failure in name resolution", TARGET, FROM_HERE, 0, "resolve", US, NO_DNS},
	{NULL, "Address family for hostname not supported", HOP, 0, 0, "config", US, FAMILY},
	{NULL, "Temporary failure in name resolution", TARGET, 0, 0, "resolve", IT, RESOLVE},
	{NULL, "Could not resolve hostname", TARGET, 0, 0, "resolve", IT, RESOLVE},
	{NULL, "Name or service not known", TARGET, 0, 0, "resolve", IT, RESOLVE},
	{NULL, "Connection refused", TARGET, 0, 0, "refused", IT, REFUSED},
	{NULL, "timed out during banner exchange", HOP, 0, 0, "timeout", IT, SILENT},
	{NULL, "Connection timed out", TARGET, 0, 0, "timeout", IT, TIMEOUT},
	{NULL, "Operation timed out", TARGET, 0, 0, "timeout", IT, TIMEOUT},
	{NULL, "Timeout, server", HOP, 0, 0, "timeout", IT, TIMEOUT},
	{NULL, "Network is unreachable", TARGET, FROM_HERE, 0, "unreachable", US, OWN_LINK},
	{NULL, "Network is unreachable", TARGET, 0, 0, "unreachable", IT, ROUTE},
	{NULL, "No route to host", TARGET, 0, 0, "unreachable", IT, ROUTE},
	{NULL, "Host is down", TARGET, 0, 0, "unreachable", IT, ROUTE},
	{NULL, "No such file or directory", EGRESS, PATH, 0, "refused", IT, REFUSED},
	{NULL, "Permission denied", EGRESS, PATH, 0, "denied", IT, MAY_NOT_OPEN},

	/* ssh itself. */
	{NULL, "Unable to negotiate", HOP, 0, 0, "negotiate", IT, NEGOTIATE},
	{NULL, "no matching", HOP, 0, 0, "negotiate", IT, NEGOTIATE},
	{NULL, "Bad configuration option", HOP, 0, 0, "config", US, CONFIG},
	{NULL, "bad configuration options", HOP, 0, 0, "config", US, CONFIG},
	{NULL, "Bad owner or permissions", HOP, 0, 0, "config", US, CONFIG},
	{NULL, "Unsupported option", HOP, 0, 0, "config", US, CONFIG},
	{NULL, "no argument after keyword", HOP, 0, 0, "config", US, CONFIG},
	{NULL, "unix_listener", HOP, 0, 0, "config", US, RUNTIME},
	{NULL, "disabling multiplexing", HOP, 0, 0, "config", US, SSH},

	/* Ends. */
	{NULL, "Received disconnect from", HOP, 0, 0, "closed", IT, ENDED},
	{NULL, "kex_exchange_identification", HOP, RELAYED, 0, "relay", FROM, RELAYING},
	{NULL, "kex_exchange_identification: read: Connection reset", HOP, NEIGHBOURS, OTHER,
	 "closed", IT, UPGRADED},
	{NULL, "kex_exchange_identification: read: Connection reset", HOP, 0, OTHER, "closed", IT,
	 RESET},
	{NULL, "kex_exchange_identification", HOP, VIA_OTHER, 0, "closed", IT, CLOSED_BEHIND},
	{NULL, "kex_exchange_identification", HOP, 0, 0, "closed", IT, CLOSED},
	{NULL, "banner exchange", HOP, 0, 0, "closed", IT, CLOSED},
	{NULL, "closed by remote host", HOP, WAS_UP | CARRIED, 0, "closed", IT, IDLE},
	{NULL, "Broken pipe", HOP, WAS_UP | CARRIED, 0, "closed", IT, IDLE},
	{NULL, "closed by remote host", HOP, 0, 0, "closed", IT, DIED},
	{NULL, "Broken pipe", HOP, 0, 0, "closed", IT, DIED},
	{NULL, "Connection reset", HOP, 0, 0, "closed", IT, CLOSED},
	{NULL, "Connection closed", HOP, 0, 0, "closed", IT, CLOSED},

	/* Of ssh, where nobody knows what the server said. */
	{NULL, "Session open refused by peer", TARGET, 0, 0, "not_connected", IT, NOT_MADE},

	/* No process could be started: the system's words. */
	{NULL, "No such file or directory", OWN, 0, 0, "start", US, NO_SSH},
	{NULL, "", OWN, 0, 0, "start", US, START},
};

const struct ssh_fault faults_by_code[] = {
	{NULL, NULL, ANY, 0, 0, "unknown", IT, BY_HAND},
	{NULL, NULL, TARGET, 0, 0, "timeout", IT, TIMEOUT},
	{NULL, NULL, HOP, 0, 0, "login_timeout", IT, LOGIN_TIMEOUT},
	{NULL, NULL, HOP, 0, 0, "agent", US, AGENT},
	{NULL, NULL, HOP, 0, 0, "locked_key", US, LOCKED},
	{NULL, NULL, HOP, 0, 0, "own_link", US, OWN_LINK},
	{NULL, NULL, HOP, 0, 0, "program_gone", US, PROGRAM_GONE},
	{NULL, NULL, HOP, 0, 0, "wordless", US, SSH},
	{NULL, NULL, ANY, 0, 0, "stalled", IT, STALLED},
	{NULL, NULL, ANY, 0, 0, "cut_off", US, CUT_OFF},
	{NULL, NULL, ANY, 0, 0, "ssh_stopped", US, SSH_STOPPED},
	{NULL, NULL, ANY, 0, 0, "busy", IT, BUSY},
	{NULL, NULL, ANY, 0, 0, "says_yes", IT, SAYS_YES},
	{NULL, NULL, ANY, 0, 0, "says_no", IT, SAYS_NO},
	{NULL, NULL, ANY, 0, 0, "forbidden_place", IT, FORBIDDEN_PLACE},
	{NULL, NULL, REMOTE, 0, 0, "no_address", IT, NO_ADDRESS},
	{NULL, NULL, REMOTE, 0, 0, "may_not_dial", IT, MAY_NOT_DIAL},
	{NULL, NULL, REMOTE, 0, 0, "not_told", IT, NOT_TOLD},
	{NULL, NULL, ANY, 0, 0, "own_name", US, OWN_NAME},
	{NULL, NULL, ANY, 0, 0, "protocol", US, PROTOCOL},
	{NULL, NULL, ANY, 0, 0, "late", IT, LATE},
	{NULL, NULL, HOP, 0, 0, "killed", US, KILLED},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, "port_taken", IT, TAKEN},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, "not_a_socket", IT, NOT_A_SOCKET},
	{NULL, NULL, LOCAL | REMOTE, 0, 0, "not_accepting", IT, NOT_ACCEPTING},
	{NULL, NULL, REMOTE, 0, 0, "kept", IT, KEPT},
	{NULL, NULL, REMOTE, 0, 0, "narrowed", IT, NARROWED},
	{NULL, NULL, REMOTE, 0, 0, "widened", IT, WIDENED},
	{NULL, NULL, TARGET, 0, 0, "refused", IT, REFUSED},
	{NULL, NULL, ANY, 0, 0, "parent", IT, PARENT},
	{NULL, NULL, OWN, 0, 0, "start", US, START},
	{NULL, NULL, ANY, 0, 0, "stopped", IT, STOPPED},
};

const size_t faults_by_words_count = sizeof(faults_by_words) / sizeof(faults_by_words[0]);
const size_t faults_by_code_count = sizeof(faults_by_code) / sizeof(faults_by_code[0]);
