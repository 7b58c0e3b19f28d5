#include "cmd/moment.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
/* So many digits fit any number here. */
#define DIGITS_MAX 9

/* Also of what was before 1970 it is the second in which it was. */
static time_t second_of(int64_t ms)
{
	return (time_t)(ms / 1000 - (ms % 1000 < 0));
}

void moment_text(int64_t ms, struct strbuf *text)
{
	const time_t second = second_of(ms);
	char stamp[40] = "";
	struct tm parts;

	if (localtime_r(&second, &parts))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &parts);
	strbuf_puts(text, stamp);
}

void moment_utc(int64_t ms, struct strbuf *text)
{
	const time_t second = second_of(ms);
	char stamp[40] = "";
	struct tm parts;

	if (gmtime_r(&second, &parts))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
	strbuf_printf(text, "%s.%03dZ", stamp, (int)((ms % 1000 + 1000) % 1000));
}

/* --- reading --------------------------------------------------------------------------------- */

/* Reads digits, as many as there are. Returns whether there are any, and not too many. */
static bool read_number(const char **text, int64_t *ret_number)
{
	size_t count = 0;

	*ret_number = 0;
	for (; count <= DIGITS_MAX && isdigit((unsigned char)(*text)[count]); count++)
		*ret_number = *ret_number * 10 + ((*text)[count] - '0');
	*text += count;
	return count > 0 && count <= DIGITS_MAX;
}

/* Reads exactly so many digits, whose number is not above a limit. */
static bool read_digits(const char **text, size_t count, int most, int *ret_number)
{
	int64_t number;
	const char *from = *text;

	if (!read_number(text, &number) || (size_t)(*text - from) != count || number > most)
		return false;
	*ret_number = (int)number;
	return true;
}

static bool read_byte(const char **text, char byte)
{
	if (**text != byte)
		return false;
	++*text;
	return true;
}

/* Returns the seconds of the unit that a text begins with, and goes behind it; or 0. */
static int64_t read_unit(const char **text)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"min", 60}, {"s", 1},     {"m", 60},
		     {"h", 3600}, {"d", DAY_S}, {"w", INT64_C(7) * DAY_S}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const size_t length = strlen(units[i].name);

		if (strncmp(*text, units[i].name, length) != 0)
			continue;
		*text += length;
		return units[i].seconds;
	}
	return 0;
}

/* "1h30m", "10 min". */
static bool read_duration(const char *text, int64_t *ret_ms)
{
	int64_t seconds = 0, number, unit;

	do {
		if (!read_number(&text, &number))
			return false;
		text += strspn(text, " ");
		unit = read_unit(&text);
		if (!unit)
			return false;
		seconds += number * unit;
		text += strspn(text, " ");
	} while (*text);
	*ret_ms = seconds * 1000;
	return true;
}

/* "14:02", "14:02:10", with a fraction that does not matter. */
static bool read_clock(const char **text, struct tm *parts)
{
	int64_t fraction;

	if (!read_digits(text, 2, 23, &parts->tm_hour) || !read_byte(text, ':') ||
	    !read_digits(text, 2, 59, &parts->tm_min))
		return false;
	if (!read_byte(text, ':'))
		return true;
	if (!read_digits(text, 2, 60, &parts->tm_sec))
		return false;
	return !read_byte(text, '.') || read_number(text, &fraction);
}

/* "2026-11-30", and perhaps the time of day. */
static bool read_date(const char **text, struct tm *parts)
{
	if (!read_digits(text, 4, 9999, &parts->tm_year) || !read_byte(text, '-') ||
	    !read_digits(text, 2, 12, &parts->tm_mon) || !read_byte(text, '-') ||
	    !read_digits(text, 2, 31, &parts->tm_mday) || !parts->tm_mon || !parts->tm_mday)
		return false;
	parts->tm_year -= 1900;
	parts->tm_mon -= 1;
	if (!read_byte(text, ' ') && !read_byte(text, 'T'))
		return true;
	return read_clock(text, parts);
}

/* "Z", "+01:00", "+0100". Returns whether it is one, and how many seconds it is east of Greenwich. */
static bool read_zone(const char **text, int *ret_east_s)
{
	const int sign = **text == '-' ? -1 : 1;
	int hours, minutes;

	*ret_east_s = 0;
	if (read_byte(text, 'Z'))
		return true;
	if (!read_byte(text, '+') && !read_byte(text, '-'))
		return false;
	if (!read_digits(text, strchr(*text, ':') ? 2 : 4, 2359, &hours))
		return false;
	if (read_byte(text, ':')) {
		if (!read_digits(text, 2, 59, &minutes))
			return false;
	} else {
		minutes = hours % 100;
		hours /= 100;
	}
	*ret_east_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* The beginning of the local day, so many days before today. */
static struct tm day(int64_t now_ms, int before)
{
	const time_t now = (time_t)(now_ms / 1000);
	struct tm parts = {0};

	localtime_r(&now, &parts);
	parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
	parts.tm_mday -= before;
	parts.tm_isdst = -1;
	return parts;
}

/* "today", "yesterday", "14:02", "2026-11-30 14:02". Goes behind it. */
static bool read_local(const char **text, int64_t now_ms, struct tm *ret_parts)
{
	const char *end = *text;
	struct tm parts = day(now_ms, 0);

	if (strcmp(end, "today") == 0 || strcmp(end, "yesterday") == 0) {
		parts = day(now_ms, *end == 'y');
		end += strlen(end);
	} else if (!read_clock(&end, &parts)) {
		end = *text;
		parts = (struct tm){.tm_isdst = -1};
		if (!read_date(&end, &parts))
			return false;
	}
	*text = end;
	*ret_parts = parts;
	return true;
}

bool moment_since(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	struct tm parts;
	int64_t ms;
	int east_s;

	if (read_duration(text, &ms)) {
		*ret_ms = now_ms - ms;
		return true;
	}
	if (!read_local(&text, now_ms, &parts))
		return false;
	if (!*text)
		ms = (int64_t)mktime(&parts) * 1000;
	else if (read_zone(&text, &east_s) && !*text)
		ms = ((int64_t)timegm(&parts) - east_s) * 1000;
	else
		return false;
	*ret_ms = ms;
	return true;
}
