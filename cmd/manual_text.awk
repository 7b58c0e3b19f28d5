# Reads tunplan.1.scd and writes manual_text.c (manual.h): a row for each command of COMMANDS and each option
# of OPTIONS, as plain text of at most 80 columns. Run with LC_ALL=C: then every awk counts alike.

# An underscore between letters is one: allow_lints.
function is_inside_word(text, at) {
	return substr(text, at - 1, 1) ~ /[A-Za-z0-9]/ && substr(text, at + 1, 1) ~ /[A-Za-z0-9]/
}

# Without the marks of scdoc: *bold*, _underlined_, \escaped.
function plain(text,    out, c, i) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\\")
			out = out substr(text, ++i, 1)
		else if (c != "*" && (c != "_" || is_inside_word(text, i)))
			out = out c
	}
	return out
}

function wrapped(text,    words, count, i, line, out) {
	count = split(text, words, /[ \t]+/)
	line = words[1]
	for (i = 2; i <= count; i++) {
		if (length(line) + 1 + length(words[i]) > 80) {
			out = out line "\n"
			line = words[i]
		} else
			line = line " " words[i]
	}
	return out line
}

# As a string of C; "&" stands for what was matched.
function quoted(text) {
	gsub(/["\\]/, "\\\\&", text)
	gsub(/\n/, "\\n\"\n\t\t\"", text)
	return "\"" text "\""
}

function end_paragraph() {
	if (paragraph != "")
		body = body (body == "" ? "" : "\n\n") wrapped(paragraph)
	if (summary == "" && paragraph != "") {
		summary = paragraph
		sub(/ *[.,:;(].*/, "", summary)
	}
	paragraph = ""
}

function end_row(    name, arguments) {
	end_paragraph()
	name = heading
	if (table == "commands" && match(heading, / /)) {
		name = substr(heading, 1, RSTART - 1)
		arguments = substr(heading, RSTART + 1)
	}
	if (heading != "")
		print "\t{" quoted(name) ", " quoted(arguments) ", " quoted(summary) ",\n\t\t" quoted(body) "},"
	heading = body = summary = ""
}

function end_table() {
	end_row()
	if (table != "")
		print "\t{0},\n};"
	table = ""
}

function begin_table(name) {
	table = name
	print "\nconst struct manual_row manual_" name "[] = {"
}

BEGIN          { print "#include \"cmd/manual.h\"" }
/^# /          { end_table() }
/^# COMMANDS$/ { begin_table("commands") }
/^# OPTIONS$/  { begin_table("options") }
table == ""    { next }
/^\*/          { end_row(); heading = plain($0); gsub(/\.\.\./, "…", heading) }
/^\t/          { paragraph = paragraph (paragraph == "" ? "" : " ") plain(substr($0, 2)) }
/^$/           { end_paragraph() }
END            { end_table() }
