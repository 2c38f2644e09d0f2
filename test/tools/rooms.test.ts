// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { circlesOf, faultsOf } from '../../tools/rooms.ts';

const everywhere = () => true;
const imports = (file: string, name: string) => faultsOf(file, `import { x } from '${name}';`, everywhere);

test('a room imports what stands below it', (t) => {
  t.deepEqual(imports('src/json/read.ts', '../bytes/text.ts'), []);
  t.deepEqual(imports('src/json/read.ts', './grammar.ts'), []);
  t.deepEqual(imports('src/agent/agent.ts', '../core.ts'), []);
});

test('a room imports nothing from above, from beside, or from a place without a room', (t) => {
  t.deepEqual(imports('src/bytes/text.ts', '../json/read.ts'), [
    'src/bytes/text.ts: imports src/json/read.ts; src/bytes stands below src/json',
  ]);
  t.is(imports('src/agent/records/a.ts', '../check/b.ts').length, 1);
  t.is(imports('src/agent/agent.ts', '../parts/life.ts').length, 1);
  t.is(imports('hal/node/a.ts', '../../tools/places.ts').length, 1);
  t.is(imports('tools/lean/a.ts', '../../test/b.ts').length, 1);
});

test('a capability knows neither agent nor HTTP, and the agent knows no capability', (t) => {
  t.is(imports('src/capabilities/logs.ts', '../agent/uplink/authority.ts').length, 1);
  t.is(imports('src/capabilities/logs.ts', '../base/outcome.ts').length, 1);
  t.is(imports('src/capabilities/relays/relay.ts', '../../http/request.ts').length, 1);
  t.is(imports('src/agent/agent.ts', '../capabilities/logs.ts').length, 1);
});

test('each file has a room', (t) => {
  t.deepEqual(faultsOf('src/new/a.ts', '', everywhere), ['src/new/a.ts: has no place in the plan of tools/rooms.ts']);
});

test('all forms of an import count, and texts with imports of other projects do not', (t) => {
  const file = 'src/bytes/text.ts';
  const forms = ["export * from '../json/a.ts'", "await import('../json/a.ts')", "import '../json/a.ts'"];
  for (const form of forms) t.is(faultsOf(file, form, everywhere).length, 1, form);
  t.deepEqual(
    faultsOf(file, forms.join('\n'), () => false),
    [],
  );
});

test('what stands in one folder forms no circle, also where none of its files does', (t) => {
  t.deepEqual(
    circlesOf([
      ['tools/x/a/one.ts', 'tools/x/b/two.ts'],
      ['tools/x/a/one.ts', 'tools/x/b/three.ts'],
      ['tools/x/b/deep/four.ts', 'tools/x/end.ts'],
      ['tools/x/end.ts', 'tools/x/a/five.ts'],
      ['tools/y/one.ts', 'tools/x/end.ts'],
    ]),
    [
      'tools/x: goes in a circle: tools/x/a/one.ts imports tools/x/b/two.ts, tools/x/b/deep/four.ts imports tools/x/end.ts, tools/x/end.ts imports tools/x/a/five.ts',
    ],
  );
});

test('a way down through several folders is no circle', (t) => {
  t.deepEqual(
    circlesOf([
      ['tools/x/a.ts', 'tools/y/a.ts'],
      ['tools/x/b.ts', 'tools/y/b.ts'],
      ['tools/y/a.ts', 'tools/z.ts'],
      ['tools/x/a.ts', 'tools/z.ts'],
      ['tools/x/a.ts', 'tools/x/b.ts'],
    ]),
    [],
  );
});
