/*
 * Layout: the paths of the lab's files, as the lab's first process and as a host sees them.
 *
 * All files of a lab are on one memory file system, mounted on /run in the lab's own mount
 * namespace. Each host has a directory there; in the host's own mount namespace that directory is
 * /run. So nothing is left on disk, no host sees another host's files, and the machine sees none of
 * them.
 */
#ifndef TUNPLAN_EXEC_LAB_HOST_LAYOUT_H
#define TUNPLAN_EXEC_LAB_HOST_LAYOUT_H

/* In the lab's view. */
#define LAB_RUN   "/run"
#define LAB_HOSTS "/run/hosts" /* a directory per host; each is that host's /run */
#define LAB_EMPTY "/run/empty" /* a directory with nothing in it */
#define LAB_CLIENT_KEY \
	"/run/client_key" /* the key that all hosts accept, copied to each of them \
			   */

/* In a host's view; in the lab's view the same under LAB_HOSTS/NAME instead of /run. */
#define LAB_HOME     "/run/home"             /* ~ of every user there */
#define LAB_ETC      "/run/lab/etc"          /* what hides the machine's files in /etc */
#define LAB_HOST_KEY "/run/lab/ssh/host_key" /* sshd's, and of git services */
#define LAB_SSHD     "/run/lab/ssh"          /* the configuration of each sshd: sshd, NAME.git */
#define LAB_LOG      "/run/lab/log"          /* what sshd and the services said; /var/log there */
#define LAB_REPOS    "/run/lab/repositories" /* what `lab: git` serves */
#define LAB_SERVICES "/run/lab/services"     /* configuration and content, by service */

/* The name of the repository that every `lab: git` serves. */
#define LAB_REPOSITORY "some-repo.git"

#endif
