/*
 * Host text: the contents of a lab host's /etc and ~/.ssh, with which `ssh bastion-host`, `git` and
 * `curl` work there as they would on the real host.
 *
 * Pure: each function appends the text of one file. host_files.h writes the files.
 */
#ifndef TUNPLAN_EXEC_LAB_HOST_HOST_TEXT_H
#define TUNPLAN_EXEC_LAB_HOST_HOST_TEXT_H

#include "exec/lab/network/lab.h"
#include "topology/base/strbuf.h"

/*
 * /etc/hosts: every host's name with the addresses by which this node would reach it, and the names
 * that the file gives as addresses.
 */
void lab_text_hosts(const struct lab_network *network, const struct lab_node *node,
		    struct strbuf *text);

/*
 * /etc/passwd: the machine's, with the user's home in the lab, and the same user again under
 * every user's name of the topology and as `git`. ssh and sshd take ~/.ssh from here, not from
 * $HOME, so this is what gives each host its own.
 */
void lab_text_passwd(const struct topology *topology, const char *machine,
		     const struct lab_user *user, struct strbuf *text);

/*
 * /etc/group: the machine's without `tty`: where the lab's root is not the machine's, sshd cannot
 * give a terminal to that group, and only tries when it exists.
 */
void lab_text_group(const char *machine, struct strbuf *text);

/* ~/.ssh/config: port and user of each host as the topology states them, and its alias. */
void lab_text_ssh_config(const struct topology *topology, struct strbuf *text);

/*
 * ~/.ssh/known_hosts: every name, address and port by which a host's key can be met. keys: per host
 * the public key ("ssh-ed25519 AAAA…"), NULL for a host without sshd.
 */
void lab_text_known_hosts(const struct lab_network *network, const char *const *keys,
			  struct strbuf *text);

/*
 * The configuration of a host's sshd. settings: what the topology says that it allows, or NULL;
 * environment: what sessions get, up to a row without name; command: what every session runs instead
 * of what it asks for, or NULL.
 */
void lab_text_sshd_config(const struct sshd_settings *settings,
			  const struct lab_variable *environment, const char *command,
			  struct strbuf *text);

/* Whether a host needs a host key: it has an sshd, or serves git. */
bool lab_host_has_key(const struct host *host);

#endif
