/*
 * Log reader: reads the stderr of one master as it grows, each byte once, and lets others wait until it says
 * something. What it says is in ssh_log.h.
 *
 * The file is read when somebody asks, and watched while somebody waits. ssh writes before it answers on its control
 * socket: who has an answer finds in the log what belongs to it.
 */
#ifndef TUNPLAN_EXEC_SSH_LOG_READER_H
#define TUNPLAN_EXEC_SSH_LOG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/ssh/ssh_log.h"

struct uv_loop_s;
struct log_reader;
struct log_wait;

/* Begins at the start of the file. Who still waits when the reader is destroyed is told so. */
struct log_reader *log_reader_create(struct uv_loop_s *loop, const char *path);
void log_reader_destroy(struct log_reader *reader);

/* Reads what is new, and returns all that is known. */
struct ssh_log *log_reader_read(struct log_reader *reader);

/* The same, and reads nothing. */
const struct ssh_log *log_reader_known(const struct log_reader *reader);

/* Whether the log says what is waited for. */
typedef bool (*log_wait_check)(void *data, const struct ssh_log *log);

/* 0: it does; -ETIMEDOUT; -ENOENT: the reader is no more. The wait is freed then. */
typedef void (*log_wait_done)(void *data, int status);

/* Looks now and whenever the file grows. `done` follows, from the loop. A deadline of 0: for ever. */
struct log_wait *log_wait_start(struct log_reader *reader, log_wait_check check, log_wait_done done,
				void *data, uint64_t deadline_ms);

/* Ends a wait without its `done`. Accepts NULL. */
void log_wait_cancel(struct log_wait *wait);

#endif
