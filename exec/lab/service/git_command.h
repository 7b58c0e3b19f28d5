/*
 * Git command: what the sshd of `lab: git` allows its clients to run.
 *
 * The service's sshd has one forced command: this program in the role --lab-git, with the client's
 * command in SSH_ORIGINAL_COMMAND. Only fetching from and pushing to a repository of the host is
 * allowed; the path of the URL is mapped to the directory of repositories.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_GIT_COMMAND_H
#define TUNPLAN_EXEC_LAB_SERVICE_GIT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a client's command, "git-upload-pack '/some-repo.git'". Returns true with git's subcommand
 * (static) and the repository's name, which has no '/', does not start with '.' and ends in ".git";
 * false for everything else.
 */
bool lab_git_parse(const char *command, const char **ret_verb, char *ret_name, size_t name_size);

/* The role --lab-git: runs git in place of this process, or refuses and returns 128 as git does. */
int lab_git_main(int argc, char **argv);

#endif
