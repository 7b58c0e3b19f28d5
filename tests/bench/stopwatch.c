/*
 * stopwatch: measures how long something takes, in milliseconds on standard output, or how much passes.
 *
 *     stopwatch end COMMAND...           until the command has ended
 *     stopwatch answer PORT COMMAND...   until 127.0.0.1:PORT answers a connection with a byte; a
 *                                        command that still runs then is ended, and waited for
 *     stopwatch line PORT                from connecting there to the end of the first line
 *     stopwatch read PORT SECONDS        how many bytes come from there in so many seconds
 *     stopwatch write PORT SECONDS       how many bytes are taken there, all the time; exits 1 if the
 *                                        connection is cut
 *
 * The command's standard output is discarded. Both ways of making a tunnel are measured by the same
 * loop, so the loop costs the same for both.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
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

/* Returns a connection to the port, or -1. A refused one returns at once. */
static int dial(unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Whether a connection to the port brings a byte. */
static int answers(unsigned short port)
{
	int fd = dial(port), yes;
	char byte;

	if (fd < 0)
		return 0;
	yes = read(fd, &byte, 1) == 1;
	close(fd);
	return yes;
}

/* Ends it. Some ssh lose a signal once in a hundred times, so it is sent until it is obeyed. */
static void end(pid_t pid)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		kill(pid, SIGTERM);
		nanosleep(&pause, NULL);
	}
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
	end(pid);
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

static int until_line(unsigned short port)
{
	double begun = now_ms();
	int fd = dial(port);
	char byte = 0;

	while (byte != '\n')
		if (fd < 0 || read(fd, &byte, 1) != 1) {
			fprintf(stderr, "stopwatch: port %u says no line\n", port);
			return 1;
		}
	printf("%.2f\n", now_ms() - begun);
	return 0;
}

static int count_read(unsigned short port, double ends_ms)
{
	int fd = dial(port);
	long long count = 0;
	char bytes[65536];
	ssize_t got;

	while (now_ms() < ends_ms && (got = read(fd, bytes, sizeof(bytes))) > 0)
		count += got;
	printf("%lld\n", count);
	return count == 0;
}

/* A connection that is cut shows by an error or by an end, also while nothing more is taken. */
static int count_written(unsigned short port, double ends_ms)
{
	struct pollfd line = {.fd = dial(port), .events = POLLIN | POLLOUT};
	static const char zeros[65536];
	bool cut = line.fd < 0;
	long long count = 0;
	double left;

	while (!cut && (left = ends_ms - now_ms()) > 0) {
		ssize_t sent = 0;

		poll(&line, 1, (int)left + 1);
		if (line.revents & POLLOUT)
			sent = send(line.fd, zeros, sizeof(zeros), MSG_NOSIGNAL | MSG_DONTWAIT);
		cut = (line.revents & ~POLLOUT) || (sent < 0 && errno != EAGAIN);
		count += sent > 0 ? sent : 0;
	}
	if (cut)
		fprintf(stderr, "stopwatch: port %u: cut after %lld bytes\n", port, count);
	printf("%lld\n", count);
	return cut;
}

int main(int argc, char **argv)
{
	unsigned short port = argc > 2 ? (unsigned short)atoi(argv[2]) : 0;

	if (argc > 2 && strcmp(argv[1], "end") == 0)
		return until_end(argv + 2);
	if (argc > 3 && strcmp(argv[1], "answer") == 0)
		return until_answer(port, argv + 3);
	if (argc == 3 && strcmp(argv[1], "line") == 0)
		return until_line(port);
	if (argc == 4 && strcmp(argv[1], "read") == 0)
		return count_read(port, now_ms() + atof(argv[3]) * 1e3);
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return count_written(port, now_ms() + atof(argv[3]) * 1e3);
	fputs("usage: stopwatch end COMMAND... | answer PORT COMMAND... | line PORT | "
	      "read PORT SECONDS | write PORT SECONDS\n",
	      stderr);
	return 2;
}
