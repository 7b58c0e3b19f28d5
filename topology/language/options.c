#include "topology/language/options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/name.h"

#define COMMAND   "it names a command that would run on your machine"
#define LIBRARY   "it names a library that would be loaded on your machine"
#define FORWARD   "it opens a way that no tunnel of the topology shows"
#define JUMP      "it dials another way than the plan"
#define OTHERS    "it makes the settings depend on files and hosts that the topology does not show"
#define SOCKET    "it names a control socket, and those are tunplan's own"
#define WRITES    "it makes ssh change a file or an agent of yours"
#define LOOSENS   "it loosens the checking of host keys"
#define DISCLOSES "it hands something of yours to the other side"
#define SET       "tunplan sets it itself"
#define NO_USE    "it is of no use to a tunnel"

#define ALIAS  "if you need it, put it into your ssh_config, and name its alias with 'config'"
#define TUNNEL "write a tunnel"

static const char *const no_or_ask[] = {"no", "ask", NULL};
static const char *const families[] = {"any", "inet", "inet6", NULL};
static const char *const strict[] = {"yes", "ask", "accept-new", NULL};
static const char *const no_path[] = {"none", NULL};
static const char *const no_agent_path[] = {"none", "SSH_AUTH_SOCK", NULL};

/* All that ssh_config(5) of OpenSSH 10 knows, sorted. */
static const struct option options[] = {
	{.keyword = "AddKeysToAgent", .refused = WRITES, .instead = ALIAS},
	{.keyword = "AddressFamily", .values = families},
	{.keyword = "BatchMode", .refused = SET},
	{.keyword = "BindAddress"},
	{.keyword = "BindInterface"},
	{.keyword = "CASignatureAlgorithms"},
	{.keyword = "CanonicalDomains", .refused = JUMP, .instead = ALIAS},
	{.keyword = "CanonicalizeFallbackLocal", .refused = JUMP, .instead = ALIAS},
	{.keyword = "CanonicalizeHostname", .refused = JUMP, .instead = ALIAS},
	{.keyword = "CanonicalizeMaxDots", .refused = JUMP, .instead = ALIAS},
	{.keyword = "CanonicalizePermittedCNAMEs", .refused = JUMP, .instead = ALIAS},
	{.keyword = "CertificateFile", .path_or = no_path},
	{.keyword = "ChannelTimeout", .refused = SET, .instead = "a tunnel has idle_timeout"},
	{.keyword = "CheckHostIP"},
	{.keyword = "Ciphers"},
	{.keyword = "ClearAllForwardings", .refused = SET},
	{.keyword = "Compression"},
	{.keyword = "ConnectTimeout"},
	{.keyword = "ConnectionAttempts"},
	{.keyword = "ControlMaster", .refused = SOCKET},
	{.keyword = "ControlPath", .refused = SOCKET},
	{.keyword = "ControlPersist", .refused = SOCKET},
	{.keyword = "DynamicForward", .refused = FORWARD, .instead = TUNNEL},
	{.keyword = "EnableEscapeCommandline", .refused = SET},
	{.keyword = "EnableSSHKeysign", .refused = COMMAND, .instead = ALIAS},
	{.keyword = "EscapeChar", .refused = SET},
	{.keyword = "ExitOnForwardFailure", .refused = SET},
	{.keyword = "FingerprintHash"},
	{.keyword = "ForkAfterAuthentication", .refused = SET},
	{.keyword = "ForwardAgent", .refused = DISCLOSES, .instead = "no hop of a plan needs it"},
	{.keyword = "ForwardX11", .refused = FORWARD},
	{.keyword = "ForwardX11Timeout", .refused = FORWARD},
	{.keyword = "ForwardX11Trusted", .refused = FORWARD},
	{.keyword = "GSSAPIAuthentication"},
	{.keyword = "GSSAPIDelegateCredentials", .refused = DISCLOSES, .instead = ALIAS},
	{.keyword = "GatewayPorts",
	 .refused = SET,
	 .instead = "an ingress says on which address it listens"},
	{.keyword = "GlobalKnownHostsFile", .refused = LOOSENS, .instead = ALIAS},
	{.keyword = "HashKnownHosts"},
	{.keyword = "Host", .refused = OTHERS},
	{.keyword = "HostKeyAlgorithms"},
	{.keyword = "HostKeyAlias", .refused = LOOSENS, .instead = ALIAS},
	{.keyword = "HostName", .refused = JUMP, .instead = "write the address behind a VLAN"},
	{.keyword = "HostbasedAcceptedAlgorithms", .refused = COMMAND, .instead = ALIAS},
	{.keyword = "HostbasedAuthentication", .refused = COMMAND, .instead = ALIAS},
	{.keyword = "IPQoS", .words = 2},
	{.keyword = "IdentitiesOnly", .refused = SET, .instead = "'identity' implies it"},
	{.keyword = "IdentityAgent", .path_or = no_agent_path},
	{.keyword = "IdentityFile", .refused = SET, .instead = "write identity: PATH"},
	{.keyword = "IgnoreUnknown", .refused = SET},
	{.keyword = "Include", .refused = OTHERS, .instead = ALIAS},
	{.keyword = "KbdInteractiveAuthentication"},
	{.keyword = "KbdInteractiveDevices"},
	{.keyword = "KexAlgorithms"},
	{.keyword = "KnownHostsCommand", .refused = COMMAND, .instead = ALIAS},
	{.keyword = "LocalCommand", .refused = COMMAND},
	{.keyword = "LocalForward", .refused = FORWARD, .instead = TUNNEL},
	{.keyword = "LogLevel", .refused = SET},
	{.keyword = "LogVerbose", .refused = SET},
	{.keyword = "MACs"},
	{.keyword = "Match", .refused = OTHERS, .instead = ALIAS},
	{.keyword = "NoHostAuthenticationForLocalhost", .refused = LOOSENS},
	{.keyword = "NumberOfPasswordPrompts"},
	{.keyword = "ObscureKeystrokeTiming"},
	{.keyword = "PKCS11Provider", .refused = LIBRARY, .instead = ALIAS},
	{.keyword = "PasswordAuthentication"},
	{.keyword = "PermitLocalCommand", .refused = COMMAND},
	{.keyword = "PermitRemoteOpen", .refused = SET},
	{.keyword = "Port", .refused = SET, .instead = "write port: PORT"},
	{.keyword = "PreferredAuthentications"},
	{.keyword = "ProxyCommand", .refused = COMMAND, .instead = ALIAS},
	{.keyword = "ProxyJump",
	 .refused = JUMP,
	 .instead = "the plan finds the hops; or see 'via'"},
	{.keyword = "ProxyUseFdpass", .refused = SET},
	{.keyword = "PubkeyAcceptedAlgorithms"},
	{.keyword = "PubkeyAuthentication"},
	{.keyword = "RefuseConnection", .refused = NO_USE},
	{.keyword = "RekeyLimit", .words = 2},
	{.keyword = "RemoteCommand", .refused = SET},
	{.keyword = "RemoteForward", .refused = FORWARD, .instead = TUNNEL},
	{.keyword = "RequestTTY", .refused = SET},
	{.keyword = "RequiredRSASize"},
	{.keyword = "RevokedHostKeys", .path_or = no_path},
	{.keyword = "SecurityKeyProvider", .refused = LIBRARY, .instead = ALIAS},
	{.keyword = "SendEnv", .refused = DISCLOSES, .instead = ALIAS},
	{.keyword = "ServerAliveCountMax"},
	{.keyword = "ServerAliveInterval"},
	{.keyword = "SessionType", .refused = SET},
	{.keyword = "SetEnv", .refused = NO_USE, .instead = ALIAS},
	{.keyword = "SmartcardDevice", .refused = LIBRARY, .instead = ALIAS},
	{.keyword = "StdinNull", .refused = SET},
	{.keyword = "StreamLocalBindMask", .refused = SET},
	{.keyword = "StreamLocalBindUnlink", .refused = SET},
	{.keyword = "StrictHostKeyChecking", .values = strict},
	{.keyword = "SyslogFacility", .refused = NO_USE},
	{.keyword = "TCPKeepAlive"},
	{.keyword = "Tag", .refused = OTHERS, .instead = ALIAS},
	{.keyword = "Tunnel", .refused = FORWARD},
	{.keyword = "TunnelDevice", .refused = FORWARD},
	{.keyword = "UpdateHostKeys", .refused = WRITES},
	{.keyword = "User", .refused = SET, .instead = "write user: NAME"},
	{.keyword = "UserKnownHostsFile", .refused = WRITES, .instead = ALIAS},
	{.keyword = "VerifyHostKeyDNS", .values = no_or_ask},
	{.keyword = "VersionAddendum", .words = UINT_MAX},
	{.keyword = "VisualHostKey", .refused = SET},
	{.keyword = "WarnWeakCrypto"},
	{.keyword = "XAuthLocation", .refused = COMMAND},
};

#define COUNT (sizeof(options) / sizeof(options[0]))

static int compare_keyword(const void *keyword, const void *row)
{
	return strcmp(keyword, ((const struct option *)row)->keyword);
}

const struct option *option_find(const char *keyword)
{
	return bsearch(keyword, options, COUNT, sizeof(options[0]), compare_keyword);
}

const struct option *option_row(size_t index)
{
	return index < COUNT ? &options[index] : NULL;
}

/* "yes, ask or accept-new" */
static const char *list_values(const struct option *option, struct arena *arena)
{
	const char *text = option->values[0];

	for (size_t i = 1; option->values[i]; i++)
		text = arena_format(arena, "%s%s%s", text, option->values[i + 1] ? ", " : " or ",
				    option->values[i]);
	return text;
}

static unsigned count_words(const char *value)
{
	unsigned count = 0;

	while (*(value += strspn(value, " "))) {
		value += strcspn(value, " ");
		count++;
	}
	return count;
}

/*
 * Whether a value has as many words as ssh takes. A path with a space in it could only stand in quotes,
 * which would have to get through each shell and each ssh on the way.
 */
static bool has_words(const struct option *option, const char *value, struct arena *arena,
		      struct fault *fault)
{
	const unsigned words = count_words(value), most = option->words ? option->words : 1;

	if (words > 0 && words <= most)
		return true;
	if (words == 0) {
		fault->help = "write one, or drop the option";
		return fault_set(fault, arena, CODE_OPTION_VALUE, "%s lacks a value",
				 option->keyword);
	}
	if (option->path_or)
		fault->help = "write the path in quotes into your ssh_config, and name its alias "
			      "with 'config'";
	else
		fault->help = most == 1 ? "in a list, commas stand without spaces" : NULL;
	return fault_set(fault, arena, CODE_OPTION_VALUE, "%s takes %s, and this value has %u",
			 option->keyword, most == 1 ? "one word" : "two words at most", words);
}

bool option_value(const struct option *option, const char *value, struct arena *arena,
		  struct fault *ret_fault)
{
	*ret_fault = (struct fault){.length = strlen(value)};
	if (option->values) {
		if (name_is_one_of(value, option->values))
			return true;
		ret_fault->help = arena_format(arena, "it may be %s", list_values(option, arena));
		return fault_set(ret_fault, arena, CODE_OPTION_VALUE, "%s may not be '%s': %s",
				 option->keyword, value, LOOSENS);
	}
	if (!name_option(value, arena, ret_fault)) {
		ret_fault->code = CODE_OPTION_VALUE;
		return false;
	}
	if (!has_words(option, value, arena, ret_fault))
		return false;
	if (!option->path_or || name_whole_path(value) || name_is_one_of(value, option->path_or))
		return true;
	ret_fault->help = NAME_WHOLE_PATH_HELP;
	return fault_set(ret_fault, arena, CODE_OPTION_VALUE, "%s takes the whole path of a file",
			 option->keyword);
}
