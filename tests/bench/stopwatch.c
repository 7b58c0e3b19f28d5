/*
 * stopwatch: measures how long something takes, in milliseconds on standard output.
 *
 *     stopwatch end COMMAND...           until the command has ended
 *     stopwatch answer PORT COMMAND...   until 127.0.0.1:PORT answers a connection with a byte; a
 *                                        command that still runs then is ended, and waited for
 *
 * The command's standard output is discarded. Both ways of making a tunnel are measured by the same
 * loop, so the loop costs the same for both.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Longer than any bring-up: then the measurement has failed. */
#define DEADLINE_MS 20000.0
/* Between two attempts to connect. It is the resolution of the result. */
#define PAUSE_NS 500000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static pid_t start(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[0], strerror(error));
		exit(2);
	}
	return pid;
}

/* Whether a connection to the port brings a byte. A refused one returns at once. */
static int answers(unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;
	int yes;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	yes = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	      read(fd, &byte, 1) == 1;
	close(fd);
	return yes;
}

static int until_answer(unsigned short port, char **argv)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	double begun = now_ms();
	pid_t pid = start(argv);

	while (!answers(port)) {
		if (now_ms() - begun > DEADLINE_MS) {
			fprintf(stderr, "stopwatch: port %u does not answer\n", port);
			kill(pid, SIGTERM);
			return 1;
		}
		nanosleep(&pause, NULL);
	}
	printf("%.2f\n", now_ms() - begun);
	if (waitpid(pid, NULL, WNOHANG) == 0) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static int until_end(char **argv)
{
	double begun = now_ms();
	int status;

	waitpid(start(argv), &status, 0);
	printf("%.2f\n", now_ms() - begun);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "end") == 0)
		return until_end(argv + 2);
	if (argc > 3 && strcmp(argv[1], "answer") == 0)
		return until_answer((unsigned short)atoi(argv[2]), argv + 3);
	fputs("usage: stopwatch end COMMAND... | stopwatch answer PORT COMMAND...\n", stderr);
	return 2;
}
