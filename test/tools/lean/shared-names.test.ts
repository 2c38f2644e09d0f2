// SPDX-License-Identifier: Apache-2.0
/** Members share a name on a board only if no object has both, and nobody looks for one in an object that may have the other. */

import { readFileSync } from 'node:fs';
import { type AnyNode, type ClassBody, parse } from 'acorn';
import { full } from 'acorn-walk';
import test from 'ava';
import { build } from 'esbuild';
import { internalNames, namingSources } from '../../../tools/lean/internal-names.ts';
import { sharingGroups } from '../../../tools/lean/shared-names.ts';
import { ROOT } from '../../../tools/places.ts';

const grouped = (source: string, names: string) =>
  sharingGroups(names.split(' '), [source]).map((group) => group.join(' '));

const PUMP = `export class Pump extends Part<Map<string, number>> {
  speed = 0;
  stop(): void {
    this.turn(this.speed, limits.least);
  }
}
class Part<T> {
  readonly owner: T;
  turn(by: number, least: number): void {}
}
abstract class Lamp {
  dim(): void {}
  abstract light: number;
}
`;

test('members of classes that have nothing to do with each other share names', (t) => {
  t.deepEqual(grouped(PUMP, 'dim light owner speed stop turn'), ['owner dim', 'speed light', 'stop', 'turn']);
});

test('members of a class and its base keep names of their own', (t) => {
  for (const group of grouped(PUMP, 'owner speed stop turn')) t.false(group.includes(' '), group);
});

test('members of an object literal keep names of their own, and share those of other objects', (t) => {
  const all = 'dim speed stop';
  t.deepEqual(grouped(PUMP, all), ['speed dim', 'stop']);
  for (const use of ['({ dim: 1, speed: 2 })', '({ a, dim, b: [{ c }], speed })', 'f({ dim() {}, get speed() {} })']) {
    t.deepEqual(grouped(`${PUMP}${use};`, all), ['speed', 'dim stop'], use);
  }
  for (const use of [
    '({ dim: 1 })',
    '({ dim, a: { speed } })',
    'f(dim, speed); f({ dim: f(a, speed) })',
    `'it''s'; // { dim: 1, speed: 2 }`,
    `/[{'"]/.test('{'); f('http://x', { dim: [1, speed] })`,
  ]) {
    t.deepEqual(grouped(`${PUMP}${use};`, all), ['speed dim', 'stop'], use);
  }
  t.throws(() => grouped('f({ a: 1 ]);', 'a'), { message: /^\]/ });
});

test('what a pattern replaces where it is missing, or stands next to a spread, is in no group', (t) => {
  const all = 'dim speed';
  for (const use of [
    'const { dim = 1 } = x',
    'const f = ({ dim = 1 }) => dim',
    '({ ...x, dim })',
    '({ dim: 1, ...x })',
  ]) {
    t.deepEqual(grouped(`${PUMP}${use};`, all), ['speed'], use);
  }
  t.deepEqual(grouped(`${PUMP}const { dim, a: b } = f(...x, { speed });`, all), ['dim speed']);
  t.deepEqual(sharingGroups(['dim', 'speed', 'stop'], [PUMP], ['f({ speed });']), [['dim', 'stop']]);
});

test('what an object may lack is in no group', (t) => {
  const all = 'dim speed';
  t.deepEqual(grouped(`${PUMP}interface A {\n  dim?: number;\n}`, all), ['speed']);
  t.deepEqual(grouped(`${PUMP}interface A {\n  dim?(): void;\n}`, all), ['speed']);
  t.deepEqual(grouped(`${PUMP}lamp.dim?.();`, all), ['speed']);
  t.deepEqual(grouped(`${PUMP}interface A {\n  dim: number;\n}\nlet a: Partial<A>;`, all), ['speed']);
  t.deepEqual(grouped(`${PUMP}interface A {\n  dim: number;\n}\nlet a: A;`, all), ['dim speed']);
});

test('a base that is no name is refused', (t) => {
  t.throws(() => grouped('class A extends (b) {\n  c = 1;\n}\n', 'c'), { message: /class A/ });
});

/** As above, but from the syntax tree of all modules. */
test('in our sources, no object has two members of one name', async (t) => {
  const { members } = internalNames();
  const count = new Map<string, number>();
  for (const short of members.values()) count.set(short, (count.get(short) ?? 0) + 1);
  const isShared = (name: string) => (count.get(members.get(name) ?? '') ?? 0) > 1;
  t.true([...members.keys()].filter(isShared).length > 300);

  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: namingSources().filter((file) => /(?<!\.d)\.ts$/.test(file)),
    write: false,
    outdir: 'nowhere',
    target: 'esnext',
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
  });
  const classes = new Map<string, { bases: Set<string>; own: Set<string> }>();
  let literals = 0;
  const alone = new Set<string>();
  const spread = new Set<AnyNode>();
  const mixed: string[] = [];
  for (const { path, text } of outputFiles) {
    full(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
      const each = node as AnyNode;
      if (each.type === 'ClassDeclaration' || each.type === 'ClassExpression') {
        const known = classes.get(each.id?.name ?? '') ?? { bases: new Set(), own: new Set() };
        classes.set(each.id?.name ?? '', known);
        if (each.superClass?.type === 'Identifier') known.bases.add(each.superClass.name);
        for (const name of namesIn(each.body)) known.own.add(name);
      }
      if (each.type !== 'ObjectExpression' && each.type !== 'ObjectPattern') return;
      const spreads = each.properties.filter((it) => it.type === 'SpreadElement');
      const hasSpread = spreads.length > 0 || spread.has(each);
      for (const { argument } of spreads) spread.add(argument.type === 'LogicalExpression' ? argument.right : argument);
      const unknown = spreads.filter(
        ({ argument: { type } }) => type !== 'ObjectExpression' && type !== 'LogicalExpression',
      );
      if (unknown.length > 1 && /\bsrc\//.test(path)) mixed.push(text.slice(each.start, each.end));
      const owners = new Map<string, string>();
      for (const it of each.properties) {
        if (it.type !== 'Property' || it.key.type !== 'Identifier' || it.computed) continue;
        const { name } = it.key;
        if (hasSpread || it.value.type === 'AssignmentPattern') alone.add(name);
        const short = members.get(name);
        if (short === undefined || each.type === 'ObjectPattern') continue;
        t.is(owners.get(short) ?? name, name);
        owners.set(short, name);
        literals++;
      }
    });
  }
  t.true(classes.size > 150 && literals > 400, `${classes.size} ${literals}`);
  t.deepEqual([...alone].filter(isShared), []);
  t.deepEqual(mixed, ['{ ...this.#fragments, ...fragments }'], 'where names of fragments stand, which are never ours');
  const all = (name: string): string[] => {
    const { bases, own } = classes.get(name) ?? { bases: [], own: [] };
    return [...own, ...[...bases].flatMap(all)];
  };
  for (const name of classes.keys()) {
    const owners = new Map<string, string>();
    for (const member of new Set(all(name))) {
      const short = members.get(member);
      if (short === undefined) continue;
      t.is(owners.get(short), undefined, `${name}.${member}`);
      owners.set(short, member);
    }
  }
  const optional = namingSources().flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/^ +readonly (\w+)\?:/gm),
  ]);
  t.true(optional.length > 30);
  for (const [, name = ''] of optional) t.false(isShared(name), name);
});

function namesIn({ body }: ClassBody): string[] {
  return body.flatMap((each) =>
    each.type !== 'StaticBlock' && each.key.type === 'Identifier' && !each.computed ? [each.key.name] : [],
  );
}
