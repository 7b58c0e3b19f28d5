#include "exec/supervisor/record_rows.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

static int add_dumped(const char *text, size_t length, void *data)
{
	strbuf_add(data, text, length);
	return 0;
}

/* Most are as plain as they look. */
static void add_string(const char *text, struct strbuf *row)
{
	const size_t length = strlen(text);
	json_t *json;

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '"' || text[i] == '\\') {
			json = json_string(text);
			json_dump_callback(json, add_dumped, row, JSON_ENCODE_ANY);
			json_decref(json);
			return;
		}
	strbuf_puts(row, "\"");
	strbuf_add(row, text, length);
	strbuf_puts(row, "\"");
}

/* The first one begins the row. */
static void add_key(const char *key, struct strbuf *row)
{
	strbuf_puts(row, row->length ? ",\"" : "{\"");
	strbuf_puts(row, key);
	strbuf_puts(row, "\":");
}

/* Adds a number, or a text, to the checksum of the row. */
static void sum_number(struct record_rows *rows, uint64_t number)
{
	rows->sum = (rows->sum ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	rows->sum ^= rows->sum >> 32;
}

static void sum(struct record_rows *rows, const char *text)
{
	size_t left = strlen(text);
	uint64_t part;

	sum_number(rows, left);
	for (; left >= sizeof(part); text += sizeof(part), left -= sizeof(part)) {
		memcpy(&part, text, sizeof(part));
		sum_number(rows, part);
	}
	part = 0;
	memcpy(&part, text, left);
	sum_number(rows, part);
}

void row_add(struct record_rows *rows, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	sum(rows, key);
	sum(rows, text);
	if (!rows->text)
		return;
	add_key(key, &rows->row);
	add_string(text, &rows->row);
}

void row_add_number(struct record_rows *rows, const char *key, uint64_t number)
{
	if (!number)
		return;
	sum(rows, key);
	sum_number(rows, number);
	if (!rows->text)
		return;
	add_key(key, &rows->row);
	strbuf_number(&rows->row, number, 10, 1);
}

void row_add_names(struct record_rows *rows, const char *key, const char *const *names,
		   size_t count)
{
	if (!names || !count)
		return;
	sum(rows, key);
	for (size_t i = 0; i < count; i++)
		sum(rows, names[i]);
	if (!rows->text)
		return;
	add_key(key, &rows->row);
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(&rows->row, i ? "," : "[");
		add_string(names[i], &rows->row);
	}
	strbuf_puts(&rows->row, "]");
}

void row_add_hashes(struct record_rows *rows, const char *key,
		    uint64_t (*hash)(const void *, size_t), const void *of, size_t count)
{
	if (!count)
		return;
	sum(rows, key);
	for (size_t i = 0; i < count; i++)
		sum_number(rows, hash(of, i));
	if (!rows->text)
		return;
	add_key(key, &rows->row);
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(&rows->row, i ? ",\"" : "[\"");
		strbuf_number(&rows->row, hash(of, i), 16, 16);
		strbuf_puts(&rows->row, "\"");
	}
	strbuf_puts(&rows->row, "]");
}

void row_end(struct record_rows *rows)
{
	if (rows->text) {
		strbuf_puts(rows->text, rows->count ? ",\n" : "\n");
		strbuf_add(rows->text, strbuf_text(&rows->row), rows->row.length);
		strbuf_puts(rows->text, "}");
		strbuf_clear(&rows->row);
	}
	rows->sums = memory_reserve(rows->sums, &rows->room, rows->count + 1, sizeof(*rows->sums));
	rows->sums[rows->count++] = rows->sum;
	rows->sum = 0;
}

bool record_rows_are_same(const struct record_rows *a, const struct record_rows *b)
{
	return a->count == b->count &&
	       (!a->count || memcmp(a->sums, b->sums, a->count * sizeof(*a->sums)) == 0);
}

bool record_rows_are_among(const struct record_rows *rows, const struct record_rows *older)
{
	size_t old = 0;

	for (size_t i = 0; i < rows->count; i++) {
		while (old < older->count && older->sums[old] != rows->sums[i])
			old++;
		if (old++ >= older->count)
			return false;
	}
	return true;
}

void record_rows_finish(struct record_rows *rows)
{
	strbuf_finish(&rows->row);
	free(rows->sums);
	*rows = (struct record_rows){.text = NULL};
}
