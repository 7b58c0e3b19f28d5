/*
 * Uv: what the product asks of libuv, in the simulated world: the loop's handles, timers, watched files,
 * children and signals. Connections of clients are in wire.h.
 */
#ifndef TUNPLAN_TESTS_SIM_UV_H
#define TUNPLAN_TESTS_SIM_UV_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* Forgets all handles: the process that had them is no more. */
void uv_forget(void);

/* A handle is made; keeps the loop alive from now on; does so no longer. */
void uv_made(uv_handle_t *handle, uv_handle_type type);
void uv_activate(uv_handle_t *handle);
void uv_deactivate(uv_handle_t *handle);

/* The same for what is no handle of libuv's. */
void uv_hold(void);
void uv_release(void);

/* Lets things happen as long as something keeps the loop alive; time ends at until_ms. */
void uv_live(uint64_t until_ms);

/* A file, or something in a directory, has changed. */
void uv_file_changed(const char *path);

/* Sends the process a signal, which it hears if it listens to that. */
void uv_raise(int number);

/* The stdout of a child is read from now on: the script of a session says at once that it has begun. */
void uv_child_is_heard(uv_stream_t *out);

#endif
