#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"

#define BANNER(words) "debug1: compat.c:compat_banner():150 (pid=7): " words "\r\n"
#define NEWKEYS       "debug1: kex.c:kex_input_newkeys():507 (pid=7): SSH2_MSG_NEWKEYS received\r\n"
#define AGREED                                                                         \
	"debug1: sshconnect2.c:input_userauth_service_accept():579 (bin=ssh, pid=7): " \
	"SSH2_MSG_SERVICE_ACCEPT received\r\n"
#define METHOD(name)                                                          \
	"debug1: sshconnect2.c:authmethod_get():2300 (bin=ssh, pid=7): Next " \
	"authentication method: " name "\r\n"
#define PREPARED "debug2: sshconnect2.c:pubkey_prepare():1999 (pid=7): done\r\n"
#define OFFERED                                                                                 \
	"debug1: sshconnect2.c:input_userauth_failure():743 (pid=7): Authentications that can " \
	"continue: publickey,password\r\n"
#define ACCEPTED(key)                                                                             \
	"debug1: sshconnect2.c:input_userauth_pk_ok():840 (pid=7): Server accepts key: " key "\r" \
	"\n"
#define DENIED "root@127.0.0.1: Permission denied (publickey,password).\r\n"

static const struct login_log *read(const char *text, struct ssh_log **ret_log)
{
	*ret_log = ssh_log_create();
	ssh_log_add(*ret_log, text, strlen(text));
	return ssh_log_login(*ret_log);
}

Test(login_log, knows_whose_server_it_is)
{
	static const struct {
		const char *log;
		bool openssh, other;
	} rows[] = {
		{"", false, false},
		{"Permission denied (publickey).\r\n", false, false},
		{BANNER("match: OpenSSH_9.2p1 Debian-2+deb12u10 pat OpenSSH* compat 0x04000000"),
		 true, false},
		{BANNER("match: OpenSSH_for_Windows_9.5 pat OpenSSH* compat 0x04000000"), true,
		 false},
		{BANNER("no match: dropbear_2022.83"), false, true},
		{BANNER("no match: OpenSSX_9.2"), false, true},
		{BANNER("match: Cisco-1.25 pat Cisco-1.* compat 0x60000000"), false, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log;

		read(rows[i].log, &log);
		cr_expect(ssh_log_is_openssh(log) == rows[i].openssh, "%s", rows[i].log);
		cr_expect(ssh_log_is_other(log) == rows[i].other, "%s", rows[i].log);
		ssh_log_destroy(log);
	}
}

Test(login_log, knows_whether_the_agent_is_waited_for)
{
	static const struct {
		const char *log;
		bool waits;
	} rows[] = {
		{"", false},
		{BANNER("match: OpenSSH_9.2p1 pat OpenSSH*"), false},
		{NEWKEYS, true},
		{NEWKEYS PREPARED, false},
		{NEWKEYS PREPARED OFFERED, false},
		{NEWKEYS PREPARED OFFERED ACCEPTED("/k ED25519 SHA256:x explicit"), false},
		{NEWKEYS PREPARED OFFERED ACCEPTED("me ED25519 SHA256:x agent"), true},
		{NEWKEYS PREPARED OFFERED ACCEPTED("me ED25519 SHA256:x agent") OFFERED, false},
		/* OpenSSH 10 asks it when it wants to offer a key. */
		{NEWKEYS AGREED, false},
		{NEWKEYS AGREED OFFERED METHOD("gssapi-with-mic"), false},
		{NEWKEYS AGREED OFFERED METHOD("publickey"), true},
		{NEWKEYS AGREED OFFERED METHOD("publickey") PREPARED, false},
		{NEWKEYS AGREED OFFERED METHOD("publickey") PREPARED NEWKEYS, false},
		/* Keys are exchanged again, long after the login. */
		{NEWKEYS PREPARED OFFERED NEWKEYS, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log;
		const struct login_log *login = read(rows[i].log, &log);

		cr_expect(login_log_waits_for_agent(login) == rows[i].waits, "%s", rows[i].log);
		ssh_log_destroy(log);
	}
}

Test(login_log, knows_a_key_that_has_a_passphrase)
{
	static const struct {
		const char *log, *path; /* or NULL */
	} rows[] = {
		{DENIED, NULL},
		{NEWKEYS PREPARED OFFERED DENIED, NULL},
		{NEWKEYS PREPARED OFFERED ACCEPTED("/a b/k ED25519 SHA256:x explicit") DENIED,
		 "/a b/k"},
		{NEWKEYS PREPARED OFFERED ACCEPTED("/k RSA SHA256:x") DENIED, "/k"},
		/* The signature was made, and the server would not have it. */
		{NEWKEYS PREPARED OFFERED ACCEPTED("/k RSA SHA256:x") OFFERED DENIED, NULL},
		{NEWKEYS PREPARED OFFERED ACCEPTED("me ED25519 SHA256:x agent") DENIED, NULL},
		{NEWKEYS PREPARED OFFERED ACCEPTED("") DENIED, NULL},
		{NEWKEYS PREPARED OFFERED ACCEPTED("SHA256:x") DENIED, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_log *log;
		const struct login_log *login = read(rows[i].log, &log);

		cr_expect(login_log_is_locked(login) == (rows[i].path != NULL), "%s", rows[i].log);
		if (rows[i].path)
			cr_expect(eq(str, (char *)strbuf_text(&login->key), (char *)rows[i].path));
		ssh_log_destroy(log);
	}
}
