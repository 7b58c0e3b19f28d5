/*
 * Namespaces: making them, mapping users into them, and the mounts and settings inside.
 *
 * Linux's clone(2), user_namespaces(7), mount_namespaces(7). All functions return 0 or -errno.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_NAMESPACE_H
#define TUNPLAN_EXEC_LAB_KERNEL_NAMESPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/lab.h"

/*
 * Moves the calling process into namespaces of its own for the whole lab: network, mounts, names
 * and messages at once, and processes for the children it will have. Root needs nothing more;
 * anyone else gets a user namespace first, in which they are root. On failure the problem says what
 * to do.
 */
int lab_namespaces_create(const struct lab_user *user, struct lab_problem *problem);

/*
 * Forks as fork() does, the child in network, mount and host-name namespaces of its own. Returns
 * the child's pid to the parent, 0 to the child, or -errno.
 */
pid_t lab_host_fork(void);

/*
 * Makes the calling process an ordinary user again before it runs a program of a host: where the
 * lab's root is not the machine's, sshd and others that see uid 0 would try what only real root
 * may. Does nothing in a lab that root made.
 */
int lab_user_become(const struct lab_user *user);

/* Mounts the lab's own view of processes on /proc, where the system lets us. */
void lab_proc_mount(void);

/* Mounts an empty memory file system. */
int lab_tmpfs_mount(const char *path);

/* Makes `from` appear at `to`; does nothing when there is no `to` to hide. */
int lab_bind_mount(const char *from, const char *to);

/*
 * Puts a view of /etc over it that is the caller's mount namespace's alone: read-only, and with the
 * machine's own content, of which changes may show late. Where a file is replaced, Linux takes away what any
 * namespace has mounted on it; the files of this view nobody else can replace. empty: a directory
 * with nothing in it. Does nothing where the system does not let us.
 */
void lab_etc_mount(const char *empty);

/* Makes a directory and those above it, with the mode for the last. Accepts one that exists. */
int lab_directory_make(const char *path, mode_t mode);

/* Writes a whole file. */
int lab_file_write(const char *path, mode_t mode, const char *text, size_t size);

/*
 * Writes a setting of the kernel for the caller's network namespace, "net/ipv4/ip_forward". Returns
 * 0 also where the setting does not exist: a kernel without IPv6 has none of its settings.
 */
int lab_setting_write(const char *name, const char *value);

#endif
