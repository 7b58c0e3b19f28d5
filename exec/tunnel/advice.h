/*
 * Advice: what to do about a fault, for the rows of faults.c and for nobody else. Each name stands for two texts: where
 * OpenSSH's sshd is concerned, and where another server is, whose files do not have the same keywords (NULL: the same).
 */
#ifndef TUNPLAN_EXEC_TUNNEL_ADVICE_H
#define TUNPLAN_EXEC_TUNNEL_ADVICE_H

#include <stddef.h>

#define KNOWN_HOSTS                                                                               \
	"the key of {host} is not in known_hosts here: log in once by hand (`{login}`), compare " \
	"the key that ssh shows, and accept it",                                                  \
		NULL
#define CHANGED                                                                                   \
	"{host} shows another key than known_hosts has: if that is expected, remove the old one " \
	"(ssh-keygen -R '{known}') and log in once by hand (`{login}`); if not, stop here",       \
		NULL
#define AUTH                                                                                     \
	"see that the agent holds your key (ssh-add -l), or name it with `identity:`, and that " \
	"{host} accepts it for this user",                                                       \
		NULL
#define PASSWORD                                                                                \
	"{host} wants something else than a key, or after it: if it takes keys alone, put one " \
	"there (ssh-copy-id); else use the script of `tunplan export script`, which lets ssh "  \
	"ask",                                                                                  \
		NULL
#define IDENTITY \
	"name a key that exists, is yours alone (chmod 600) and in order with `identity:`", NULL
#define TOO_MANY \
	"{host} gave up before the right key was offered: name that key with `identity:`", NULL
#define REFUSES \
	"the agent here would not sign: confirm it there, unlock the agent, or see ssh-add -l", NULL
#define LOCKED "unlock it for the agent, once: ssh-add and the path of the key", NULL
#define AGENT                                                                                   \
	"the agent here does not answer ssh: it may be asking you somewhere else (a window, a " \
	"key to touch), or it hangs: see whether `ssh-add -l` answers",                         \
		NULL
#define KEY_THERE                                                                              \
	"log in from {from} to {host} by hand, and compare the key that ssh shows before you " \
	"accept it; if it has changed, and nobody should have changed it, stop here",          \
		NULL
#define AUTH_THERE                                                                            \
	"{from} logs in to {host} by itself: see that it has a key without a passphrase for " \
	"that, "                                                                              \
	"and that {host} accepts the key for this user",                                      \
		NULL
#define TAKEN_THERE                                                                              \
	"on {from} that port is in use: choose another with `stitch`, or end its owner; what a " \
	"tunnel left there whose link was lost ends within a minute",                            \
		NULL
#define LISTEN_BEHIND                                                                       \
	"the sshd on {host} would not listen: that port is in use there, or PermitListen, " \
	"AllowTcpForwarding or an option of the key there forbids it",                      \
		"the ssh server on {host} would not listen: that port is in use there, or " \
		"forbidden"
#define BIND_THERE "{from} cannot listen there: correct the ingress, or choose another port", NULL
#define CONFIG_THERE                                                                            \
	"the ssh on {from} does not accept its configuration: correct the file and line there " \
	"that it names",                                                                        \
		NULL
#define NO_DIRECTORY \
	"a directory for temporary files has to be writable on {from}: see TMPDIR there", NULL
#define KILLED_THERE                                                                             \
	"run `tunplan up` again; the ssh process was killed on {from} (is it short of memory?)", \
		NULL
#define LACKS   "{from} needs sh, ssh, mktemp and mkfifo: install what is missing there", NULL
#define UNASKED "nothing, if it works: whoever uses the tunnel sees whether it does", NULL
#define RESOLVE \
	"{from} does not know the name {address}: correct it, or give {host} an address", NULL
#define NO_DNS_THERE                                                                     \
	"the name servers of {from} gave no answer for {address}: see to them, or give " \
	"{host} an address",                                                             \
		NULL
#define NO_DNS                                                                                 \
	"the name servers of this machine gave no answer: see whether its network, and they, " \
	"are up",                                                                              \
		NULL
#define FAMILY "see AddressFamily in your ssh_config and in the `options` of {host}", NULL
#define REFUSED                                                                                    \
	"nothing listens on {place}, or a firewall refuses it: is the service on {host} running, " \
	"and there (else `listen` says where)?",                                                   \
		NULL
#define REFUSED_HOP                                                                            \
	"nothing listens on {place}, or a firewall refuses it: does the ssh server of {host} " \
	"run, and on that port (else `port` says on which)?",                                  \
		NULL
#define TIMEOUT "{place} does not answer {from}: is {host} on, and does a firewall drop this?", NULL
#define SILENT                                                                                   \
	"{place} accepts connections and says nothing: is it an ssh server, and is its machine " \
	"overloaded?",                                                                           \
		NULL
#define ROUTE                                                                                    \
	"{from} does not get to {address}: is {host} on, is that its address, and does a route " \
	"lead there, which no firewall rejects?",                                                \
		NULL
#define UNDIALLED                                                                              \
	"nothing was sent to {host} yet: a command of your ssh_config (Match exec) takes its " \
	"time: `{login} -v` shows which",                                                      \
		NULL
#define OWN_LINK \
	"see to the network of this machine first: {host} cannot be reached from here now", NULL
#define OWN_RULES                                                                                 \
	"this machine itself does not let it out: see its routes (`ip route get {address}`) and " \
	"its firewall",                                                                           \
		NULL
#define DENIED                                                                               \
	"the sshd on {from} forbids this forward: see AllowTcpForwarding, PermitOpen and "   \
	"DisableForwarding there, and the options of your key in its authorized_keys",       \
		"the ssh server on {from} forbids this forward: see what its configuration " \
		"allows this user"
#define NOT_MADE                                                                 \
	"{from} did not connect to {place}: nothing may "                        \
	"listen there, the name may be unknown there, or the server forbids it", \
		NULL
#define UNKNOWN_KIND                                                                              \
	"the ssh server on {from} has no connections of this kind (unix sockets, or any): use a " \
	"port, or another host to dial from",                                                     \
		NULL
#define SHORT \
	"the ssh server on {from} carries no more connections at once: end some, or use fewer", NULL
#define SOCKET                                                                                  \
	"{place} is missing on {from}, nobody listens on it, its user may not open it, or the " \
	"sshd there forbids it: see AllowStreamLocalForwarding, AllowTcpForwarding, "           \
	"DisableForwarding and the options of your key",                                        \
		NULL
#define DESCRIPTORS                                                                               \
	"the sshd on {from} has no file descriptors left for this: raise its limit (LimitNOFILE " \
	"of ssh.service), or end connections through it",                                         \
		NULL
#define TWO_CAUSES                                                                                \
	"{from} has no route to {address}, or its sshd no file descriptors left: see both there", \
		NULL
#define SHUT_OUT                                                                                   \
	"nothing: {host} lets nobody behind this address in for now, for too many failed or "      \
	"unfinished logins (PerSourcePenalties, MaxStartups in its sshd_config)",                  \
		"nothing: {host} lets nobody behind this address in for now, for too many failed " \
		"or "                                                                              \
		"unfinished logins"
#define HELD                                                                                       \
	"wait until {host} has noticed that the lost session is gone: a tunnel that was up asks "  \
	"again by itself; where this machine's address has changed, that may take 16 minutes, or " \
	"its ClientAliveInterval times ClientAliveCountMax (before OpenSSH 10 twice that); if it " \
	"stays so, look there with `ss -ltnp` who listens, and whether its sshd still allows "     \
	"this (AllowTcpForwarding, PermitListen, the options of your key)",                        \
		"wait until {host} has noticed that the lost session is gone: a tunnel that was "  \
		"up asks again by itself; where this machine's address has changed, that may "     \
		"take 16 minutes; if it stays so, look there with `ss -ltnp` who listens"
#define LEFT                                                                                 \
	"wait until that ssh, which does not answer, has ended; if it does not, end it, or " \
	"choose another ingress",                                                            \
		NULL
#define CLOSED                                                                                    \
	"{host} closed the connection: too many logins at once (MaxStartups), a ban, or no sshd " \
	"on port {port}",                                                                         \
		"{host} closed the connection: too many logins at once, a ban, or no ssh "        \
		"server on port {port}"
#define SPOKE                                                                                      \
	"{place} did not begin as an ssh server does: its words may say why; else see whether an " \
	"ssh server listens on port {port}",                                                       \
		NULL
#define IN_LOGIN                                                                                \
	"{host} ended the connection in the middle of the login: the log of its sshd says why " \
	"(its LoginGraceTime, a crash), or else something on the way ended it",                 \
		"{host} ended the connection in the middle of the login: its log may say why"
#define RESET                                                                                \
	"{host} reset the connection: too many logins at once (MaxStartups), a ban, or its " \
	"OpenSSH was upgraded and sshd not restarted",                                       \
		NULL
#define UPGRADED                                                                                   \
	"older logins there go on: the OpenSSH of {host} may have been upgraded and its sshd not " \
	"restarted (systemctl restart ssh), or too many log in at once (MaxStartups)",             \
		NULL
#define RELAY \
	"{from} lacks the program that is to relay: install it there, or correct its `relay`", NULL
#define RELAYING                                                                                   \
	"the session on {from} that is to relay ended before {host} said anything: a login shell " \
	"or a command of the key there may not let it run, or {place} closed it",                  \
		NULL
#define SESSIONS                                                                               \
	"what relays, or is stitched, needs a session: see MaxSessions in the sshd_config of " \
	"{from}, "                                                                             \
	"whether the account may have one, and how many tunnels have one there",               \
		"what relays, or is stitched, needs a session, and the ssh server on {from} "  \
		"opens none (more): see what it allows, and how many tunnels have one there"
#define TAKEN "{place} is in use: choose another ingress, `auto` for a port, or end its owner", NULL
#define LISTEN                                                                               \
	"the sshd on {host} would not listen: port {port} is in use there, perhaps by a "    \
	"session of yours that was lost, until its server notices, or PermitListen, "        \
	"AllowTcpForwarding or an option of your key in authorized_keys forbids it",         \
		"the ssh server on {host} would not listen: port {port} is in use there, "   \
		"perhaps by a session of yours that was lost, until its server notices, or " \
		"what it is configured for forbids it"
#define LISTEN_PATH                                                                              \
	"the sshd on {host} would not listen on {place}: AllowStreamLocalForwarding may forbid " \
	"it, AllowTcpForwarding, which counts here as well, or an option of your key in "        \
	"authorized_keys; the directory may be missing, or "                                     \
	"a "                                                                                     \
	"file be in the way (StreamLocalBindUnlink)",                                            \
		"the ssh server on {host} would not listen on {place}: it may have no unix "     \
		"sockets, or a file is in the way: use a port"
#define BIND \
	"this machine does not have that address now: correct the ingress, or the BindAddress", NULL
#define FILES "too many files are open here: raise the limit (ulimit -n), or end some tunnels", NULL
#define CONFIG \
	"ssh does not accept its configuration: correct the file and line that it names", NULL
#define NEGOTIATE                                                                              \
	"ssh and the sshd on {host} have no algorithm in common: one of them is too old; see " \
	"KexAlgorithms, HostKeyAlgorithms and Ciphers in ssh_config(5)",                       \
		NULL
#define DIED "run `tunplan up` again; if it dies again, look into the logs of {host}'s sshd", NULL
#define ENDED                                                                                     \
	"the ssh server on {host} ended it, for the reason in its words: run `tunplan up` again", \
		NULL
#define IDLE                                                                                      \
	"the sshd on {host} ended it, or that on {from}, which ends what is idle where it has a " \
	"ChannelTimeout: look into the logs of both",                                             \
		"the ssh server on {host} ended it, or that on {from}, if it ends what is "       \
		"idle: look into the logs of both"
#define UNUSED                                                                                 \
	"unless its sshd was restarted then: set UnusedConnectionTimeout to none in the "      \
	"sshd_config of {host}, if you may, for what tunnels through it",                      \
		"let the ssh server on {host} end nothing that is idle, if you may: it has a " \
		"timeout for that"
#define CHANNEL                                                                                   \
	"set ChannelTimeout in the sshd_config of {from} to more than a minute, or none, if you " \
	"may: connections through it that are idle are ended, too",                               \
		"let the ssh server on {from} end nothing that is idle, if you may: it has a "    \
		"timeout for connections through it"
#define UNUSED_OR_CHANNEL                                                                         \
	"unless its sshd was restarted then, it is one of the two: set UnusedConnectionTimeout "  \
	"to none in the sshd_config of {host}, or ChannelTimeout in that of {from} to more than " \
	"a minute, if you may",                                                                   \
		"let the ssh servers on {host} and {from} end nothing that is idle, if you may: " \
		"one of the two has a timeout for that"
#define KILLED                                                                                \
	"run `tunplan up` again; the ssh process was killed on this machine (is it short of " \
	"memory?)",                                                                           \
		NULL
#define PARENT "mend the hop before it, or run `tunplan up` again if that is up", NULL
#define SSH                                                                                       \
	"see which ssh is first in your PATH (command -v ssh; ssh -V): it must be OpenSSH's, or " \
	"a script that gives it all that it is called with and no more",                          \
		NULL
#define PRIVILEGED   "choose an ingress port from 1024 on", NULL
#define OTHER_PORT   "choose another ingress port", NULL
#define DIRECTORY    "see that the directory of {place} is there and yours", NULL
#define MAY_NOT_OPEN "the user of this tunnel may not open {place}: see its permissions", NULL
#define RUNTIME      "see that the runtime directory is there and yours", NULL
#define NO_SSH       "no `ssh` is in your PATH: install OpenSSH's client", NULL
#define START        "see that ssh is installed and that processes can be started", NULL
#define BY_HAND      "run ssh by hand with the commands of `tunplan plan` and see what it says", NULL
#define NO_SHELL                                                                                \
	"on {from} nothing runs what this tunnel has to run there: see the login shell of its " \
	"user, what its profile waits for, and ForceCommand or a command of the key",           \
		NULL
#define LOGIN_TIMEOUT                                                                           \
	"the sshd on {host} answers but the login does not end: is its machine overloaded, or " \
	"does it wait for a name server or a second factor?",                                   \
		NULL
#define PROGRAM_GONE \
	"put tunplan back there, or `tunplan down --all` and `up` with the new one", NULL
#define STALLED                                                                                    \
	"see whether the link to {host} is there; `tunplan up` makes another ssh beside this one", \
		NULL
#define CUT_OFF                                                                                   \
	"run `tunplan up` again: it makes another ssh beside this one, whose socket was removed", \
		NULL
#define UNHEARD                                                                                 \
	"see whether {host} is on, and the link to it from the host before; `tunplan restart` " \
	"gives it another ssh",                                                                 \
		NULL
#define SSH_STOPPED "let the ssh process of {host} go on: kill -CONT and its pid", NULL
#define BUSY \
	"nothing, if much is being carried by {host} just now; else look at its ssh process", NULL
#define SAYS_YES \
	"use the tunnel once: only that tells whether {host} reaches what is behind it", NULL
#define SAYS_NO                                                                               \
	"use the tunnel once: this server may say the same of what it forbids, so only that " \
	"tells whether {host} reaches anything",                                              \
		NULL
#define FORBIDDEN_PLACE \
	"use the tunnel once: {host} forbids the place that was tried, and may allow others", NULL
#define NO_ADDRESS \
	"give {host} an address in the file, or look there with `ss -ltn` where it listens", NULL
#define MAY_NOT_DIAL                                                                        \
	"look on {host} with `ss -ltn` where it listens: its ssh server does not dial for " \
	"tunplan",                                                                          \
		NULL
#define PATH_UNSEEN                                                                               \
	"look on {host} whether {place} is there (`ss -lx`): its ssh server does not connect to " \
	"it, because it is not there, or because it may not",                                     \
		NULL
#define NOT_TOLD                                                                                  \
	"look on {host} with `ss -ltn` where it listens: ssh before 8.5 does not tell, nor with " \
	"a "                                                                                      \
	"full disk",                                                                              \
		NULL
#define OWN_NAME \
	"this machine does not know that name: correct it, or give its host an address", NULL
#define PROTOCOL                                                                               \
	"`ssh -V` shows which ssh is first in your PATH: put another one there, or install a " \
	"newer tunplan",                                                                       \
		NULL
#define LATE                                                                               \
	"{host} has not answered, and the request was taken back: run `tunplan up` again", \
		"{host} has not answered, and the request was taken back: its ssh server " \
		"may have no such forwards"
#define NOT_A_SOCKET  "the path is taken by something that is no socket: choose another", NULL
#define NOT_ACCEPTING "ssh said that it listens, but nothing answers: run `tunplan up` again", NULL
#define KEPT                                                                                      \
	"an older listener of yours is there, which its server keeps until the connection ends: " \
	"end that (`tunplan down --all`), or use another port",                                   \
		NULL
#define CLOSED_BEHIND                                                                             \
	"{from} did not connect to {place}, or {host} closed the connection: is it on, and does " \
	"an ssh server listen there?",                                                            \
		NULL
#define NARROWED                                                                                 \
	"the sshd on {host} has GatewayPorts no and listens on 127.0.0.1 and ::1 alone: set it " \
	"to clientspecified, or use one of the two and say `GatewayPorts: no` in the file, "     \
	"under `sshd` of {host}",                                                                \
		"the ssh server on {host} listens on another address than it was asked "         \
		"for: use that one, or configure it"
#define WIDENED                                                                                 \
	"the sshd on {host} has GatewayPorts yes and would listen on every address: set it to " \
	"clientspecified, or choose another host and say `GatewayPorts: yes` in the file, "     \
	"under `sshd` of {host}",                                                               \
		"the ssh server on {host} would listen on every address: configure it, or "     \
		"choose another host for the ingress"
#define BOTH_FAMILIES                                                                             \
	"where that is not meant: the sshd on {host} has GatewayPorts yes; with clientspecified " \
	"it listens where it is asked to",                                                        \
		"where that is not meant, configure the ssh server on {host}"
#define STOPPED "run `tunplan up` again", NULL

#endif
