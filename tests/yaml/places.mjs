// Where in a topology the mappings and words of our JSON Schema stand: [{schema, path}], a path being
// the keys that lead there, and '-' for an entry of a list. Names of the user's choice are 'a'.

// Follows a reference.
export function target(schema, root) {
	return schema.$ref ? root.definitions[schema.$ref.replace('#/definitions/', '')] : schema;
}

// Yields the schemas that one place is judged by.
function* judges(schema, root) {
	const judge = target(schema, root);
	yield judge;
	for (const part of [judge.then ?? [], judge.allOf ?? [], judge.anyOf ?? []].flat())
		yield* judges(part, root);
}

// Yields [step, schema] for each way on from a place.
function* steps(judge) {
	yield* Object.entries(judge.properties ?? {});
	if (judge.items) yield ['-', judge.items];
	if (typeof judge.additionalProperties === 'object') yield ['a', judge.additionalProperties];
}

// Returns the places of all mappings with keys of ours, each once.
export function mappings(root) {
	const found = new Map(); // schema -> path
	const visit = (schema, path) => {
		for (const judge of judges(schema, root)) {
			if (found.has(judge)) continue;
			if (judge.properties) found.set(judge, path);
			for (const [step, next] of steps(judge)) visit(next, [...path, step]);
		}
	};
	visit(root, []);
	return [...found].map(([schema, path]) => ({ schema, path }));
}

// Returns the places of values that are one of a few words: [{words, path}].
export function choices(root) {
	const found = [];
	const visit = (schema, path) => {
		const all = [...judges(schema, root)];
		const words = all.flatMap((judge) => judge.enum ?? ('const' in judge ? [judge.const] : []));

		if (words.length && all.some(({ type }) => type === 'null')) words.push(null);
		if (words.length) found.push({ words, path });
		for (const { items } of all) if (items) visit(items, [...path, '-']);
	};
	for (const { schema, path } of mappings(root))
		for (const [key, value] of Object.entries(schema.properties)) visit(value, [...path, key]);
	return found;
}

// Returns a topology that ends at a place, and what stands between that and the first key of a mapping
// there.
export function topology(path) {
	let text = path[0] === 'tunplan' ? '' : 'tunplan: 1\n';
	let gap = '';
	let indent = '';

	for (const step of path) {
		text += gap + (step === '-' ? '-' : `${step}:`);
		indent += '  ';
		gap = step === '-' ? ' ' : `\n${indent}`;
	}
	return { text, gap };
}
