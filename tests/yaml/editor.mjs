// An editor with yaml-language-server and our schema, as far as it asks for completion, errors and
// what stands behind a key. Where the cursor is, a text has '¦'.

import { fileURLToPath, pathToFileURL } from 'node:url';
import { Server } from './lsp.mjs';

const program = fileURLToPath(
	new URL(
		'../../build/npm/node_modules/yaml-language-server/bin/yaml-language-server',
		import.meta.url,
	),
);

// Nothing is to be fetched from anywhere: no schemas but ours.
function settings(schema) {
	return {
		yaml: {
			completion: true,
			hover: true,
			validate: true,
			schemas: { [pathToFileURL(schema)]: ['tunplan*.yaml'] },
			schemaStore: { enable: false },
			kubernetesCRDStore: { enable: false },
		},
		http: {},
		'[yaml]': {},
		editor: { tabSize: 2 },
	};
}

const capabilities = {
	workspace: { configuration: true },
	textDocument: {
		completion: { completionItem: { snippetSupport: true } },
		hover: { contentFormat: ['markdown'] },
	},
};

export class Editor {
	#server;
	#settings;
	#folder; // where the files are said to be: they are never written
	#listeners = new Map(); // uri -> what takes its diagnostics
	#last = 0;

	constructor(folder, schema) {
		this.#folder = pathToFileURL(`${folder}/`);
		this.#settings = settings(schema);
		this.#server = new Server(process.execPath, [program, '--stdio'], {
			'workspace/configuration': ({ items }) =>
				items.map(({ section }) => this.#settings[section] ?? null),
			'textDocument/publishDiagnostics': ({ uri, diagnostics }) =>
				this.#listeners.get(uri)?.(diagnostics),
		});
	}

	// Starts the server; resolves when it has the settings, which it asks for in its own time.
	async start() {
		await this.#server.request('initialize', {
			processId: process.pid,
			rootUri: null,
			capabilities,
		});
		this.#server.notify('initialized', {});
		await this.#open('tunplan: 0\n', (uri) => this.#diagnostics(uri, (found) => found.length > 0));
	}

	stop() {
		return this.#server.stop();
	}

	kill() {
		this.#server.kill();
	}

	// Resolves with the completions at the cursor.
	complete(text) {
		return this.#at(text, 'textDocument/completion').then(({ items }) => items);
	}

	// Resolves with what is shown for the word under the cursor, as Markdown.
	hover(text) {
		return this.#at(text, 'textDocument/hover').then((hover) => hover?.contents.value ?? '');
	}

	// Resolves with the errors in a text: [{line, message}], lines from 0.
	errors(text, name) {
		return this.#open(
			text,
			async (uri) => {
				const found = await this.#diagnostics(uri, () => true);
				return found.map(({ range, message }) => ({ line: range.start.line, message }));
			},
			name,
		);
	}

	#at(text, method) {
		const before = text.slice(0, text.indexOf('¦')).split('\n');
		const position = { line: before.length - 1, character: before.at(-1).length };

		return this.#open(text.replace('¦', ''), (uri) =>
			this.#server.request(method, { textDocument: { uri }, position }),
		);
	}

	// Has a text open in a file of its own while ask(uri) is under way; resolves with what that does.
	async #open(text, ask, name = `tunplan${++this.#last}.yaml`) {
		const uri = new URL(name, this.#folder).href;

		this.#server.notify('textDocument/didOpen', {
			textDocument: { uri, languageId: 'yaml', version: 1, text },
		});
		try {
			return await ask(uri);
		} finally {
			this.#listeners.delete(uri);
			this.#server.notify('textDocument/didClose', { textDocument: { uri } });
		}
	}

	// Resolves with the next diagnostics of a file that are the wanted ones.
	#diagnostics(uri, wanted) {
		return new Promise((resolve) =>
			this.#listeners.set(uri, (found) => wanted(found) && resolve(found)),
		);
	}
}
