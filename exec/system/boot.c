#include "exec/system/boot.h"

#include <string.h>

#include "exec/system/clock.h"

/* How far the clock may have been set in between. No machine starts twice within that. */
#define SET_MS 60000

void boot_read(struct boot *ret_boot)
{
	uint64_t slept_ms = 0;

	*ret_boot = (struct boot){.id = ""};
	if (kernel_boot_id(ret_boot->id))
		ret_boot->id[0] = '\0';
	/* Where nobody says how long the machine slept, it never did. */
	kernel_slept_ms(&slept_ms);
	ret_boot->at_ms = clock_wall_ms() - (int64_t)(clock_ms() + slept_ms);
}

bool boot_is_same(const struct boot *one, const struct boot *other)
{
	const int64_t apart_ms = one->at_ms - other->at_ms;

	if (one->id[0] && other->id[0])
		return strcmp(one->id, other->id) == 0;
	return apart_ms >= -SET_MS && apart_ms <= SET_MS;
}
