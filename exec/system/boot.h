/*
 * Boot: which start of the machine something belongs to. What runs ends with its machine, and what is on disk does
 * not: by this a reader of the disk knows whether what was up then can still be.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_BOOT_H
#define TUNPLAN_EXEC_SYSTEM_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/system/kernel.h"

struct boot {
	char id[KERNEL_BOOT_ID_SIZE]; /* the kernel's name for it, or "": not known */
	int64_t at_ms;                /* since 1970, as the clock of now tells it */
};

/* Finds out which start this is. */
void boot_read(struct boot *ret_boot);

/*
 * Whether two are the same start: by their names or, where one has none, by their times, which differ a little where
 * somebody has set the clock in between.
 */
bool boot_is_same(const struct boot *one, const struct boot *other);

#endif
