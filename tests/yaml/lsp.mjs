// The Language Server Protocol, as an editor speaks it with a server: JSON-RPC over the standard
// streams of a process that this starts.
//
// https://microsoft.github.io/language-server-protocol/

import { spawn } from 'node:child_process';
import { once } from 'node:events';

// Cuts what a server writes into messages: a header that says how many bytes, then so many of JSON.
class Messages {
	#bytes = Buffer.alloc(0);

	// Takes some bytes and yields the messages that are complete with them.
	*add(bytes) {
		this.#bytes = Buffer.concat([this.#bytes, bytes]);
		for (;;) {
			const start = this.#bytes.indexOf('\r\n\r\n') + 4;
			if (start < 4) return;
			const header = this.#bytes.toString('latin1', 0, start);
			const end = start + Number(/Content-Length: (\d+)/i.exec(header)[1]);
			if (this.#bytes.length < end) return;
			const body = this.#bytes.toString('utf8', start, end);
			this.#bytes = this.#bytes.subarray(end);
			yield JSON.parse(body);
		}
	}
}

export class Server {
	#process;
	#handlers; // by method: they answer what the server asks and hear what it tells
	#waiting = new Map(); // id -> {resolve, reject}: requests without an answer yet
	#last = 0;

	constructor(command, args, handlers) {
		const messages = new Messages();
		this.#handlers = handlers;
		this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#process.stdout.on('data', (bytes) => {
			for (const message of messages.add(bytes)) this.#receive(message);
		});
		this.#process.on('exit', (status, signal) => {
			const error = new Error(`the server has ended: ${signal ?? status}`);
			for (const { reject } of this.#waiting.values()) reject(error);
		});
	}

	// Asks the server for something; resolves with its answer.
	request(method, params) {
		const id = ++this.#last;
		this.#send({ id, method, params });
		return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
	}

	// Tells the server something.
	notify(method, params) {
		this.#send({ method, params });
	}

	// Has the server end itself; resolves with its exit status.
	async stop() {
		const ended = once(this.#process, 'exit');
		await this.request('shutdown');
		this.notify('exit');
		const [status] = await ended;
		return status;
	}

	kill() {
		this.#process.kill();
	}

	#send(message) {
		const body = JSON.stringify({ jsonrpc: '2.0', ...message });
		this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
	}

	#receive({ id, method, params, result, error }) {
		if (method) {
			const answer = this.#handlers[method]?.(params) ?? null;
			if (id !== undefined) this.#send({ id, result: answer });
			return;
		}
		const { resolve, reject } = this.#waiting.get(id);
		this.#waiting.delete(id);
		if (error) reject(new Error(error.message));
		else resolve(result);
	}
}
