// What our JSON Schema does in editors: yaml-language-server, asked by LSP, completes keys and words,
// finds errors and explains keys. What it has to know is read off the schema: that the schema has
// every key is for tests/unit/test_schema.c.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Editor } from './editor.mjs';
import { choices, mappings, target, topology } from './places.mjs';

const house = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tunplan-'));
const file = join(folder, 'tunplan.schema.json');
writeFileSync(file, execFileSync(process.env.TUNPLAN ?? join(house, 'build/tunplan'), ['schema']));
const schema = JSON.parse(readFileSync(file, 'utf8'));
const editor = new Editor(folder, file);

// Node.js does not end while the server runs: not even when something here throws.
process.on('uncaughtExceptionMonitor', () => editor.kill());
process.on('exit', () => rmSync(folder, { recursive: true }));

await editor.start();

// LSP's kinds of completions.
const PROPERTY = 10;
const VALUE = 12;

// Every test is over long before that, unless the server does not answer.
const timeout = 30_000;

// The server takes its time before it looks for errors, so all texts are given to it at once.
function testErrors(title, text, check, name) {
	const errors = editor.errors(text, name);
	test(title, { timeout }, async () => check(await errors));
}

// The keys that are offered at the cursor.
async function keysAt(text) {
	const items = await editor.complete(text);
	return items.filter(({ kind }) => kind === PROPERTY).map(({ label }) => label);
}

// The words that are offered at the cursor; those that are no words in YAML 1.1 have quotes.
async function wordsAt(text) {
	const items = await editor.complete(text);
	const words = items.filter(({ kind, label }) => kind === VALUE && !label.startsWith('- '));
	return words.map(({ label }) => label.replace(/^"(.*)"$/, '$1'));
}

// What is shown for the key under the cursor, without the backslashes of Markdown.
async function explanation(text) {
	const shown = await editor.hover(text);
	return shown.replace(/\\(?=[^A-Za-z0-9\s])/g, '');
}

function sameSet(found, expected) {
	assert.deepEqual([...found].sort(), [...expected].sort());
}

test('all mappings of the schema have a place in a topology', () => {
	const places = mappings(schema).map((place) => place.schema);
	const tables = Object.values(schema.definitions).filter(({ properties }) => properties);
	assert.deepEqual(new Set(places), new Set(tables));
	assert(places.length >= 16, `${places.length} mappings`);
	assert(choices(schema).length >= 20, `${choices(schema).length} choices`);
});

for (const { schema: mapping, path } of mappings(schema)) {
	const place = path.join('.') || 'the top level';
	const { text, gap } = topology(path);
	const before = path.length ? text + gap : '';

	test(`keys are completed in ${place}`, { timeout }, async () => {
		sameSet(await keysAt(`${before}¦`), Object.keys(mapping.properties));
	});

	test(`keys are explained in ${place}`, { timeout }, async () => {
		for (const [key, value] of Object.entries(mapping.properties)) {
			const { description, title } = target(value, schema);
			const shown = await explanation(`${before}${key}¦: \n`);
			assert(shown.includes(description ?? title), `${key}: ${shown}`);
		}
	});

	const wrong = `${text}${gap}misspelt: 1\n`;
	testErrors(`a misspelt key is an error in ${place}`, wrong, (errors) => {
		const line = wrong.split('\n').findIndex((each) => each.includes('misspelt'));
		const others = errors.filter(({ message }) => !message.startsWith('Missing property'));
		assert.deepEqual(others, [{ line, message: 'Property misspelt is not allowed.' }]);
	});
}

for (const { words, path } of choices(schema)) {
	test(`words are completed in ${path.join('.')}`, { timeout }, async () => {
		sameSet(await wordsAt(`${topology(path).text} ¦`), words.map(String));
	});
}

test('half a key is completed', { timeout }, async () => {
	const host = Object.keys(schema.definitions.host.properties);
	sameSet(await keysAt('tunplan: 1\nhosts:\n  a:\n    ss¦\n'), host);
	sameSet(await keysAt('tunplan: 1\nhosts: {a: {ss¦}}\n'), host);
});

test('what is there already is not offered', { timeout }, async () => {
	const keys = await keysAt('tunplan: 1\nhosts:\n  a:\n    vlans: [b]\n    jump: no\n    ¦\n');
	const rest = Object.keys(schema.definitions.host.properties);
	sameSet(
		keys,
		rest.filter((key) => key !== 'vlans' && key !== 'jump'),
	);
});

// With values, which have more to say than keys alone.
const explained = [
	['host', 'jump', 'hosts: {a: {ju¦mp: yes}}'],
	['host', 'vlans', 'hosts: {a: {vl¦ans: [b, c]}}'],
	['host', 'ssh', 'hosts: {a: {ss¦h: none}}'],
	['host', 'ssh', 'hosts: {a: {ss¦h: {user: b}}}'],
	['ssh', 'port', 'hosts: {a: {ssh: {po¦rt: 2222}}}'],
	['sshd', 'AllowTcpForwarding', 'hosts: {a: {sshd: {Allow¦TcpForwarding: local}}}'],
	['service', 'encrypted', 'hosts: {a: {services: {b: {port: 80, encryp¦ted: tls}}}}'],
	['tunnel', 'ingress', 'tunnels: {a: {in¦gress: 80, egress: b:80}}'],
	['tunnel', 'via', 'tunnels: {a: {ingress: 80, egress: b:80, vi¦a: c}}'],
];

for (const [definition, key, text] of explained) {
	test(`a key is explained: ${text}`, { timeout }, async () => {
		const shown = await explanation(`tunplan: 1\n${text}\n`);
		assert(shown.includes(schema.definitions[definition].properties[key].description), shown);
		assert(!shown.includes('||'), shown);
	});
}

const good = ['examples', 'tests/golden/good']
	.flatMap((room) => readdirSync(join(house, room)).map((name) => `${room}/${name}`))
	.map((path) => (path.endsWith('.yaml') ? path : `${path}/tunplan.yaml`))
	.filter((path) => existsSync(join(house, path)));

test('there are examples', () => assert(good.length >= 11, `${good.length} files`));

for (const path of good) {
	testErrors(`there is no error in ${path}`, readFileSync(join(house, path), 'utf8'), (errors) =>
		assert.deepEqual(errors, []),
	);
}

// Each on one line, and wrong as that definition says.
const wrong = [
	['port', 'hosts: {a: {services: {web: http}}}'],
	['port', 'hosts: {a: {services: {web: {port: http}}}}'],
	['port', 'hosts: {a: {ssh: {port: "808000"}}}'],
	['none', 'hosts: {a: {ssh: nobody}}'],
	['host-name', 'hosts: {a b: {ssh: none}}'],
	['name', 'vlans: {a b: null}'],
	['range', 'vlans: {a: 10.0.0.0-33}'],
	['tunnel-string', 'tunnels: {a: 8080 - web:80}'],
	['tunnel-string', 'tunnels: {a: [8080 -> web:80, 8081 web:81]}'],
	['egress', 'tunnels: {a: {ingress: 80, egress: web}}'],
	['rule-string', 'reachability: [{deny: a to b}]'],
];

for (const [definition, text] of wrong) {
	const { patternErrorMessage, anyOf } = schema.definitions[definition];
	const message = patternErrorMessage ?? anyOf?.[0].errorMessage;

	testErrors(`an error is in our words: ${text}`, `tunplan: 1\n${text}\n`, (errors) => {
		assert.match(message, /^this is not ./);
		assert.deepEqual(errors, [{ line: 1, message }]);
	});
}

testErrors(
	'a number that is no port is an error',
	'tunplan: 1\nhosts: {a: {ssh: {port: 80800}}}\n',
	(errors) => {
		assert.equal(errors.length, 1);
		assert.match(errors[0].message, /65535/);
	},
);

// As the manual has it: the file is not one of those that the settings give the schema to.
const manual = readFileSync(join(house, 'topology/tunplan.5.scd'), 'utf8');
const [line] = /^# yaml-language-server: .*$/m.exec(manual);
testErrors(
	'a file can name its schema',
	`${line}\ntunplan: 1\nhots: {}\n`,
	(errors) => assert.deepEqual(errors, [{ line: 2, message: 'Property hots is not allowed.' }]),
	'lab.yaml',
);
testErrors(
	'a file without schema has no errors',
	'hots: {}\n',
	(errors) => assert.deepEqual(errors, []),
	'other.yaml',
);

test('the server ends when it is told to', { timeout }, async () => {
	assert.equal(await editor.stop(), 0);
});
