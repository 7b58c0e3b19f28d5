/* Log wait: waits, without polling, until a growing file contains something. */
#ifndef TUNPLAN_EXEC_SSH_LOG_WAIT_H
#define TUNPLAN_EXEC_SSH_LOG_WAIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct uv_loop_s;
struct log_wait;

/* Whether the text says what is waited for. */
typedef bool (*log_wait_check)(void *data, const char *text);

/* 0: it does; -ETIMEDOUT. The wait is freed then. */
typedef void (*log_wait_done)(void *data, int status);

/* Reads the file from an offset on now and whenever it grows. `done` follows, from the loop. */
struct log_wait *log_wait_start(struct uv_loop_s *loop, const char *path, off_t from,
				log_wait_check check, log_wait_done done, void *data,
				uint64_t deadline_ms);

/* Ends a wait without its `done`. Accepts NULL. */
void log_wait_cancel(struct log_wait *wait);

#endif
