// SPDX-License-Identifier: Apache-2.0
/** Which members keep their names on a board. */

import { readFileSync } from 'node:fs';
import test from 'ava';
import { coreNames, KEPT_NAMES } from '../../../tools/lean/internal-names.ts';
import { Flows } from '../../../tools/names/flows.ts';
import { coreNamesOf, keptNames } from '../../../tools/names/kept.ts';
import { surfaceOf } from '../../../tools/names/surface.ts';
import { Types } from '../../../tools/names/types.ts';
import { Uses } from '../../../tools/names/uses.ts';

test('the list of kept names is that of the sources', (t) => {
  t.timeout(180_000, 'the compiler looks at all sources');
  const { names, core, open, missing } = keptNames();
  t.deepEqual(readFileSync(KEPT_NAMES, 'utf8').trim().split('\n'), [...names.keys()], 'npm run names');
  t.deepEqual([...coreNames()], [...coreNamesOf(core, coreNames())], 'npm run names');
  for (const short of coreNames().values()) t.false(names.has(short), short);
  t.deepEqual([...open], [], 'a person has to look: tools/names/reviewed.ts');
  t.deepEqual([...missing], []);
  for (const name of ['sampleAll', 'sectorBytes', 'flashSectors']) t.true(names.has(name), name);
  for (const name of ['definition', 'channel', 'reconnect']) t.false(names.has(name), name);
});

/** Members with `in` stay: something takes or gives them by name. Those with `un` may be renamed. */
const SOURCE = `
declare function show(value: unknown): void;
declare function use(value: { readonly unUsed: number }): void;
interface Other { readonly unUsed: number; readonly unOther: number }
interface Given { readonly inGiven: number; readonly inside: readonly { readonly inDeep: number }[] }
interface Parsed { readonly inParsed: number; readonly inner?: { readonly inParsedToo: string } | undefined }
interface Called { readonly inCalled: number }
interface Passed { readonly unPassed: number }
interface Guarded { readonly inGuarded: number }
interface Curve { readonly unCurve: number }
interface Cast { readonly inCast: number }
interface Returned { readonly inReturned: number }
interface Listed { readonly inListed: number }
interface Holder { readonly unHeld: { readonly inHeld: number } }
interface Open { readonly unHeld: Readonly<Record<string, number>> }
type Alias = { readonly inAlias: number };
type Picked = { readonly inPicked: number; readonly unPicked: number };
class Base { unField = 1; #unSeen = 2; get unSeen(): number { return this.#unSeen; } }

export function all(other: Other, given: Given, alias: Alias, picked: Picked, base: Base, holder: Holder, list: Listed[]) {
  use(other);
  show(given);
  const parsed: Parsed = JSON.parse('');
  const record: Record<string, number> = { inRecord: 1 };
  const fromAlias: Record<string, number> = alias;
  const cast = record as unknown as Cast;
  const { inBound, ['inComputed']: computed } = record;
  const { unOther, unUsed: renamed } = other;
  const { unField = 2 } = base ?? {};
  const [first] = list;
  const same = base as unknown as { readonly unField: number };
  show(list as readonly unknown[]);
  Object.defineProperty(base, 'inDefined', { value: { inValue: 1 } });
  const quoted = { 'inQuoted': 1, unPlain: 2 };
  const open: Open = holder;
  return [parsed, fromAlias, cast, inBound, computed, unOther, renamed, unField, first, same, quoted, open,
    given['inGiven'], 'inAsked' in base, pick(picked, 'inPicked'), record['inKey']];
}
function pick<T, Name extends keyof T>(of: T, name: Name): T[Name] { return of[name]; }
function isGuarded(value: unknown): value is Guarded { return isGuarded(value); }
const curves: Readonly<Record<string, Curve>> = { '2a': { unCurve: 1 } };
function isCurve(value: Curve | Alias): value is Curve { return isCurve(value) && curves[0] === value; }
function call(listener: (called: Called) => void): void { call(listener); }
call((called: unknown) => show(called));
function passOn(listener: (passed: Passed) => void): void { passOn(listener); }
passOn((_passed: unknown) => {});
function names(which: 'inOne' | 'inTwo', of: Record<string, number>) { return of[which]; }
names('inOne', {});
function make(): unknown { const made: Returned = { inReturned: 1 }; return made; }
make();
for (const name in { inLoop: 1 }) show(name);
`;

function usesOf(text: string, passedOn: readonly string[] = []) {
  const types = new Types([], new Map([['src/a.ts', text]]));
  const flows = new Flows(types);
  const uses = new Uses(types, flows, { hidden: [], passedOn });
  uses.read('src/a.ts');
  return { types, kept: [...flows.kept.keys()], open: [...uses.open], missing: uses.missing };
}

test('a name of the core stays what it is, and a new one gets a name of its own', (t) => {
  const known = new Map([
    ['stop', '$t'],
    ['gone', 'e'],
  ]);
  t.deepEqual(
    [...coreNamesOf(['add', 'start', 'stop'], known)],
    [
      ['add', '$e'],
      ['start', '$n'],
      ['stop', '$t'],
    ],
  );
});

test('members stay that are texts somewhere, or of values without a type of their own', (t) => {
  t.timeout(60_000);
  const { kept, open } = usesOf(SOURCE);
  const members = new Set(SOURCE.match(/\b(?:in|un)[A-Z]\w+/g));
  t.true(members.size > 30, `${members.size}`);
  t.deepEqual(
    [...members].filter((name) => kept.includes(name)).sort(),
    [...members].filter((name) => name.startsWith('in')).sort(),
  );
  t.deepEqual(open, []);
});

test('what the compiler cannot tell is for a person', (t) => {
  t.timeout(60_000);
  const text = `interface Point { readonly x: number }
export function byText(of: Point, name: string): unknown { return of[name as never]; }
export function namesIn<T extends object>(of: T): string[] { return Object.keys(of); }
export function pass(of: Point): unknown { return of; }
`;
  const { kept, open } = usesOf(text);
  t.deepEqual(open, ['src/a.ts byText: src/a.ts:2', 'src/a.ts namesIn: src/a.ts:3']);
  t.true(kept.includes('x'));
  const reviewed = usesOf(text, ['src/a.ts pass', 'src/a.ts gone']);
  t.false(reviewed.kept.includes('x'));
  t.deepEqual(reviewed.missing, ['src/a.ts gone']);
});

test('authors see what can be reached from the exports', (t) => {
  t.timeout(60_000);
  const text = `interface Part { readonly unPart: number }
interface Options { readonly inOption?: string | undefined; readonly part?: Part }
class Hidden { inMethod(by: (inDeep: { readonly inCallback: number }) => void): Promise<{ inPromised: 1 }> { throw by; } #unSeen = 1; }
/** @internal */
export const unInternal = { unDeep: 1 };
interface Unreached { readonly unReached: number }
export type Named<T extends { readonly inBound: number }> = T | readonly { readonly inListed: T }[];
export const inValue: Readonly<Record<string, Hidden>> = {};
export function inFunction(options: Options): void { const it: Unreached = { unReached: 1 }; void [it, options]; }
`;
  const types = new Types([], new Map([['src/a.ts', `${text}export type { Part };`]]));
  const names = surfaceOf(types, ['src/a.ts'], [types.declared('src/a.ts', 'Part')]);
  const members = new Set(text.match(/\b(?:in|un)[A-Z]\w+/g));
  members.delete('inDeep');
  t.deepEqual(
    [...members].filter((name) => names.has(name)),
    [...members].filter((name) => name.startsWith('in')),
  );
});
