/*
 * The schema's form: its references exist, and everything in the tables of keys is in it. Whether
 * it accepts and refuses the right files is tested with a validator: tests/golden/schema.bats.
 */
#include <jansson.h>

#include "tests/unit/expect_text.h"
#include "topology/language/parse.h"
#include "topology/language/schema.h"

static json_t *schema;
static json_t *definitions;

static void load_schema(void)
{
	schema = schema_json();
	cr_assert(schema != NULL);
	definitions = json_object_get(schema, "definitions");
	cr_assert(json_is_object(definitions));
}

static void drop_schema(void)
{
	json_decref(schema);
}

TestSuite(schema, .init = load_schema, .fini = drop_schema);

/* Calls note for each $ref in a value. */
static void each_reference(json_t *value, void (*note)(const char *reference))
{
	const char *key;
	json_t *part;
	size_t i;

	json_array_foreach(value, i, part) each_reference(part, note);
	json_object_foreach(value, key, part)
	{
		if (strcmp(key, "$ref") == 0)
			note(json_string_value(part));
		else
			each_reference(part, note);
	}
}

static const char prefix[] = "#/definitions/";

static void expect_definition(const char *reference)
{
	cr_assert(reference && strncmp(reference, prefix, strlen(prefix)) == 0, "%s", reference);
	cr_expect(json_object_get(definitions, reference + strlen(prefix)) != NULL, "%s",
		  reference);
}

Test(schema, refers_to_what_is_there)
{
	each_reference(schema, expect_definition);
}

static json_t *unused;

static void note_use(const char *reference)
{
	json_object_del(unused, reference + strlen(prefix));
}

Test(schema, defines_nothing_that_is_not_used)
{
	const char *name;
	json_t *value;

	unused = json_copy(definitions);
	each_reference(schema, note_use);
	json_object_foreach(unused, name, value) cr_expect(false, "%s", name);
	json_decref(unused);
}

static void expect_keys(const struct key_table *table, json_t *properties)
{
	size_t read = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		json_t *property = json_object_get(properties, key->name);

		cr_expect((property != NULL) == keys_has(table, key), "%s of %s", key->name,
			  table->name);
		if (!keys_has(table, key))
			continue;
		expect_text(json_string_value(json_object_get(property, "description")),
			    key->summary);
		read++;
	}
	cr_expect(json_object_size(properties) == read, "%s", table->name);
}

Test(schema, has_the_keys_that_are_read_and_no_others)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++) {
		json_t *definition = json_object_get(definitions, table->name);
		json_t *more = json_object_get(definition, "additionalProperties");

		cr_assert(definition != NULL, "%s", table->name);
		cr_expect(json_is_false(more), "%s", table->name);
		expect_keys(table, json_object_get(definition, "properties"));
	}
}

/* A row says in kinds what its value may be; item, choices and mapping have to say the same. */
Test(schema, knows_every_kind_that_a_key_may_have)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++) {
		for (size_t j = 0; j < table->count; j++) {
			const struct key *key = &table->keys[j];
			const bool item = key->item || key->choices;

			cr_expect(item == ((key->kinds & KEY_ONE_OR_MORE) != 0), "%s of %s",
				  key->name, table->name);
			cr_expect((key->mapping != NULL) == ((key->kinds & YAML_MAPPING) != 0),
				  "%s of %s", key->name, table->name);
		}
	}
}
