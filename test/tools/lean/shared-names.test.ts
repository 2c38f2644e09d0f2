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

test('what an object literal may have is in no group, nor what a pattern replaces where it is missing', (t) => {
  const all = 'dim speed';
  t.deepEqual(grouped(PUMP, all), ['dim speed']);
  for (const use of [
    '({ dim: 1 })',
    '({ a, dim })',
    '({ dim() {} })',
    '({ get dim() {} })',
    'const { dim = 1 } = x',
    'const f = ({ dim }) => dim',
  ]) {
    t.deepEqual(grouped(`${PUMP}${use};`, all), ['speed'], use);
  }
  t.deepEqual(grouped(`${PUMP}const { dim, a: b } = x;`, all), ['dim speed']);
  t.deepEqual(grouped(`${PUMP}'it''s'; // { dim: 1 }`, all), ['dim speed']);
  t.deepEqual(grouped(`${PUMP}f('http://x', { a: 1, dim: 1 });`, all), ['speed']);
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
  const literal = new Set<string>();
  for (const { text } of outputFiles) {
    full(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
      const each = node as AnyNode;
      if (each.type === 'ClassDeclaration' || each.type === 'ClassExpression') {
        const known = classes.get(each.id?.name ?? '') ?? { bases: new Set(), own: new Set() };
        classes.set(each.id?.name ?? '', known);
        if (each.superClass?.type === 'Identifier') known.bases.add(each.superClass.name);
        for (const name of namesIn(each.body)) known.own.add(name);
      }
      if (each.type !== 'ObjectExpression' && each.type !== 'ObjectPattern') return;
      for (const it of each.properties) {
        if (it.type !== 'Property' || it.key.type !== 'Identifier' || it.computed) continue;
        if (each.type === 'ObjectExpression' || it.value.type === 'AssignmentPattern') literal.add(it.key.name);
      }
    });
  }
  t.true(classes.size > 150 && literal.size > 300, `${classes.size} ${literal.size}`);
  t.deepEqual([...literal].filter(isShared), []);
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
