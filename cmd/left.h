/* Left: says what could not be removed, or not be confirmed, of a tunnel: a line for each reason, however many share it. */
#ifndef TUNPLAN_CMD_LEFT_H
#define TUNPLAN_CMD_LEFT_H

#include <jansson.h>

/* Prints the "left" of an event, each "PLACE: reason", as errors. tunnel: its name stands before them, unless NULL. */
void left_print(const json_t *left, const char *tunnel);

#endif
