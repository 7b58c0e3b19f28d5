#include "topology/yaml/yaml.h"

#include "tests/unit/loading.h"

/* Reads a text; the tree is the caller's to finish. */
static bool read_yaml(struct loading *loading, const char *text, size_t size,
		      struct yaml_tree *tree)
{
	*tree = (struct yaml_tree){0};
	loading_init(loading, text, size);
	return yaml_read(loading_source(loading), &loading->diags, tree);
}

static void finish_yaml(struct loading *loading, struct yaml_tree *tree)
{
	yaml_tree_finish(tree);
	loading_finish(loading);
}

/* Appends a tree in one line: 'a'@1:2+3 for scalars, [..] and {..} with their places. */
static void show(const struct loading *loading, const struct yaml_tree *tree,
		 const struct yaml_node *node, struct strbuf *text)
{
	const struct position at = sources_position(&loading->sources, node->at);
	struct yaml_walk walk;
	struct yaml_pair pair;

	if (node->kind == YAML_SCALAR) {
		cr_expect(strlen(yaml_text(tree, node)) == node->count);
		strbuf_printf(text, "%s@%u:%u+%u", yaml_text(tree, node), at.line, at.column,
			      at.length);
		return;
	}
	strbuf_printf(text, "%s@%u:%u+%u", node->kind == YAML_LIST ? "[" : "{", at.line, at.column,
		      at.length);
	walk = yaml_walk(node);
	for (size_t i = 0; i < node->count; i++) {
		strbuf_puts(text, " ");
		if (node->kind == YAML_LIST) {
			show(loading, tree, yaml_next(&walk), text);
			continue;
		}
		cr_assert(yaml_next_pair(&walk, &pair));
		show(loading, tree, pair.key, text);
		strbuf_puts(text, ":");
		show(loading, tree, pair.value, text);
	}
	cr_expect(node->kind == YAML_LIST ? !yaml_next(&walk) : !yaml_next_pair(&walk, &pair));
	strbuf_puts(text, node->kind == YAML_LIST ? " ]" : " }");
}

static void expect_tree(const char *yaml, const char *expected)
{
	struct loading loading;
	struct strbuf text = {0};
	struct yaml_tree tree;
	const bool good = read_yaml(&loading, yaml, strlen(yaml), &tree);

	if (good)
		show(&loading, &tree, tree.nodes, &text);
	for (size_t i = 0; i < loading.diags.count; i++)
		strbuf_printf(&text, "%s%s", i || good ? " " : "", loading.diags.items[i].code);
	expect_text(strbuf_text(&text), expected);
	strbuf_finish(&text);
	finish_yaml(&loading, &tree);
}

Test(yaml, gives_every_key_and_value_its_place)
{
	expect_tree("a: b", "{@1:1+1 a@1:1+1:b@1:4+1 }");
	expect_tree("a:\n  - bc\n  - 'd''e'\n", "{@1:1+1 a@1:1+1:[@2:3+1 bc@2:5+2 d'e@3:5+6 ] }");
	expect_tree("{a: [b, \"c\"], d: }",
		    "{@1:1+18 a@1:2+1:[@1:5+8 b@1:6+1 c@1:9+3 ] d@1:15+1:@1:18+1 }");
	/* columns are code points */
	expect_tree("\xe6\x97\xa5: \xc3\xa9\xc3\xa9",
		    "{@1:1+1 \xe6\x97\xa5@1:1+1:\xc3\xa9\xc3\xa9@1:4+2 }");
	/* over several lines: the first character */
	expect_tree("a: >\n  b\n  c\n", "{@1:1+1 a@1:1+1:b c\n@1:4+1 }");
	expect_tree("a: [b,\n c]", "{@1:1+1 a@1:1+1:[@1:4+1 b@1:5+1 c@2:2+1 ] }");
	/* a byte order mark is no column, and lines may end in CRLF */
	expect_tree("\xef\xbb\xbf"
		    "a: b\r\nc: d\r\n",
		    "{@1:1+1 a@1:1+1:b@1:4+1 c@2:1+1:d@2:4+1 }");
}

Test(yaml, follows_aliases_and_merges)
{
	expect_tree("[&x abc, *x]", "[@1:1+12 abc@1:5+3 abc@1:5+3 ]");
	expect_tree("[&x 'abc']", "[@1:1+10 abc@1:5+5 ]");
	/* the latest anchor of a name counts */
	expect_tree("[&x a, &x b, *x]", "[@1:1+16 a@1:5+1 b@1:11+1 b@1:11+1 ]");
	expect_tree("[&x {a: b}, {<<: *x, c: d}]",
		    "[@1:1+27 {@1:2+9 a@1:6+1:b@1:9+1 } {@1:13+14 c@1:22+1:d@1:25+1 "
		    "a@1:6+1:b@1:9+1 } ]");
	/* the mapping's own keys first, then the sources in their order */
	expect_tree("{<<: [{a: 1, b: 2}, {b: 3, c: 4}], c: 5}",
		    "{@1:1+40 c@1:36+1:5@1:39+1 a@1:8+1:1@1:11+1 b@1:14+1:2@1:17+1 }");
	expect_tree("{'<<': a}", "{@1:1+9 <<@1:2+4:a@1:8+1 }");
	/* an alias may be a key, as long as it stands for a scalar */
	expect_tree("{&x a: 1, b: {*x : 2}}",
		    "{@1:1+22 a@1:5+1:1@1:8+1 b@1:11+1:{@1:14+8 a@1:5+1:2@1:20+1 } }");
	expect_tree("{&x a: 1, *x : 2}", "{@1:1+17 a@1:5+1:1@1:8+1 a@1:5+1:2@1:16+1 } T009");
	expect_tree("[&x [a], {*x : 2}]", "[@1:1+18 [@1:2+6 a@1:6+1 ] {@1:10+8 } ] T010");
}

Test(yaml, refuses_what_makes_yaml_a_trap)
{
	expect_tree("", "T003");
	expect_tree("# nothing\n", "T003");
	expect_tree("~", "T003");
	expect_tree("a\n--- b\n", "T004");
	expect_tree("{a: 1, a: 2}", "{@1:1+12 a@1:2+1:1@1:5+1 a@1:8+1:2@1:11+1 } T009");
	expect_tree("{[a]: 1, b: 2}", "{@1:1+14 b@1:10+1:2@1:13+1 } T010");
	expect_tree("[*x]", "[@1:1+4 @1:2+2 ] T011");
	expect_tree("&x [*x]", "[@1:1+7 @1:5+2 ] T012");
	expect_tree("!t a", "a@1:4+1 T013");
	expect_tree("{<<: a}", "{@1:1+7 } T014");
	expect_tree("{<<: *x}", "{@1:1+8 } T011");
	expect_tree("\"a\\0b\"", "a@1:1+6 T002");
	expect_tree("[a, \xff]", "T002");
	expect_tree("a: \x01", "T002");
	expect_tree("a: [", "T001");
	/* nothing stands behind the colon, not even a NUL: for ASan to see */
	expect_tree("a: [b, c:", "T001");
}

/* Up to eight keys are compared one by one; more are sorted. */
Test(yaml, finds_duplicates_among_many_keys)
{
	struct loading loading;
	struct strbuf text = {0};
	struct yaml_tree tree;

	for (int i = 0; i < 3000; i++)
		strbuf_printf(&text, "key%d: %d\n", i % 1500, i);
	cr_assert(read_yaml(&loading, text.text, text.length, &tree));
	cr_expect(loading.diags.errors == 1500);
	cr_expect(loading_line(&loading, loading.diags.items[0].at) == 1501);
	cr_expect(loading_line(&loading, loading.diags.items[0].related) == 1);
	cr_expect(loading_line(&loading, loading.diags.items[7].at) == 1508);
	cr_expect(loading_line(&loading, loading.diags.items[7].related) == 8);
	strbuf_finish(&text);
	finish_yaml(&loading, &tree);
}

/* Reads a text that consists of the same part, count times, between two others. */
static void expect_limit(const char *start, const char *part, size_t count, const char *end,
			 const char *expected)
{
	const size_t size = strlen(part);
	struct strbuf text = {0};
	struct loading loading;
	struct yaml_tree tree;
	size_t first;

	strbuf_puts(&text, start);
	first = text.length;
	strbuf_fill(&text, ' ', count * size);
	for (size_t i = 0; i < count; i++)
		memcpy(text.text + first + i * size, part, size);
	strbuf_puts(&text, end);
	read_yaml(&loading, text.text, text.length, &tree);
	expect_text(loading.diags.count ? loading.diags.items[0].code : "", expected);
	strbuf_finish(&text);
	finish_yaml(&loading, &tree);
}

Test(yaml, keeps_its_limits)
{
	expect_limit("", "[", YAML_DEPTH_MAX, "", "T001"); /* not closed, but not too deep */
	expect_limit("", "[", YAML_DEPTH_MAX + 1, "", "T006");
	expect_limit("", "[", 100000, "", "T006");
	expect_limit("[&a b", ", *a", YAML_ALIASED_MAX, "]", "");
	expect_limit("[&a b", ", *a", YAML_ALIASED_MAX + 1, "]", "T008");
	expect_limit("[", "&a b, ", YAML_ANCHORS_MAX, "c]", "");
	expect_limit("[", "&a b, ", YAML_ANCHORS_MAX + 1, "c]", "T008");
	expect_limit("[", "a,", YAML_NODES_MAX, "]", "T007");
}

/* Aliases of aliases: what they stand for counts, not how many they are. */
Test(yaml, counts_what_aliases_repeat)
{
	expect_tree("{a: &a [x], b: &b [*a, *a], c: *b}",
		    "{@1:1+34 a@1:2+1:[@1:5+6 x@1:9+1 ] b@1:13+1:[@1:16+11 [@1:5+6 x@1:9+1 ] "
		    "[@1:5+6 x@1:9+1 ] ] c@1:29+1:[@1:16+11 [@1:5+6 x@1:9+1 ] [@1:5+6 x@1:9+1 ] "
		    "] }");
	/* five times ten thousand, and that twice: the second time is too much */
	expect_limit("- &a [", "x,", 9999, "]\n- &b [*a,*a,*a,*a,*a]\n", "");
	expect_limit("- &a [", "x,", 9999, "]\n- &b [*a,*a,*a,*a,*a]\n- *b\n", "T008");
}

struct part_row {
	const char *yaml; /* one scalar */
	size_t offset;
	size_t length;
	uint32_t column;
	uint32_t columns;
};

Test(yaml, finds_parts_of_scalars)
{
	static const struct part_row rows[] = {
		{"abc -> def", 7, 3, 8, 3},         /* plain */
		{"'abc -> def'", 7, 3, 9, 3},       /* quoted */
		{"\"abc -> def\"", 7, 3, 9, 3},     /* quoted twice */
		{"'a''b -> c'", 6, 1, 1, 11},       /* a doubled quote: all of it */
		{"\"a\\x41 -> c\"", 6, 1, 1, 12},   /* escapes: all of it */
		{"\xc3\xa9\xc3\xa9 b", 5, 1, 4, 1}, /* code points, not bytes */
		{"abc", 3, 0, 4, 1},                /* behind its end */
		{"a\n b", 2, 1, 1, 1},              /* over several lines: its start */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct part_row *row = &rows[i];
		struct loading loading;
		struct yaml_tree tree;
		struct position at;

		cr_assert(read_yaml(&loading, row->yaml, strlen(row->yaml), &tree), "%s",
			  row->yaml);
		at = sources_position(&loading.sources,
				      yaml_part(tree.nodes, row->offset, row->length));
		cr_expect(at.column == row->column && at.length == row->columns, "%s: %u+%u",
			  row->yaml, at.column, at.length);
		finish_yaml(&loading, &tree);
	}
}

Test(yaml, knows_null)
{
	static const struct {
		const char *yaml;
		bool null;
	} rows[] = {{"[]", false},   {"''", false},  {"'~'", false},
		    {"nULL", false}, {"[a]", false}, {"none", false}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct loading loading;
		struct yaml_tree tree;

		cr_assert(read_yaml(&loading, rows[i].yaml, strlen(rows[i].yaml), &tree));
		cr_expect(yaml_is_null(&tree, tree.nodes) == rows[i].null, "%s", rows[i].yaml);
		finish_yaml(&loading, &tree);
	}
	expect_tree("null", "T003");
	expect_tree("Null", "T003");
	expect_tree("NULL", "T003");
}

/* U+0085, a line break of YAML 1.1, is the only one of the control characters from U+0080 on that a file may have. */
Test(yaml, next_line_is_text)
{
	expect_tree("a: 'b\xc2\x85'", "{@1:1+1 a@1:1+1:b @1:4+1 }");
	expect_tree("# \xc2\x85\na: b", "{@3:1+1 a@3:1+1:b@3:4+1 }");
	expect_tree("a: 'b\xc2\x84'", "T002");
}
