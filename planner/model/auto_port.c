#include "planner/model/auto_port.h"

/* FNV-1a, 32 bits: short, and spread well over the few thousand ports. */
static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261u;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619u;
	return value;
}

uint16_t auto_port(const char *tunnel, size_t forward)
{
	return (uint16_t)(AUTO_PORT_FIRST + (hash(tunnel) + forward) % AUTO_PORT_COUNT);
}
