// SPDX-License-Identifier: Apache-2.0
/** Parts in the bundle of an app call the agent by the names that it has in its own bundle. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { renamedApart } from '../../../tools/lean/apart.ts';
import { coreNames, internalNames } from '../../../tools/lean/internal-names.ts';
import { ownModules, projectCode } from '../../../tools/moddable/modules.ts';
import { PARTS, ROOT } from '../../../tools/places.ts';

const NAMES = new Map([
  ['agent', 'e'],
  ['put', 't'],
]);

function renamed(code: string): string {
  const text = `// src/a.ts\n${code}\n// app.ts\n${code}\n// src/b.ts\n${code}`;
  const [, first = '', author = '', last = ''] = renamedApart(text, NAMES, (source) => source.startsWith('src/')).split(
    /\/\/ .*\n/,
  );
  if (author.trim() !== code || first.trim() !== last.trim()) throw new Error(`${first}|${author}|${last}`);
  return last;
}

test('members of our sources are renamed, and those of an author are not', (t) => {
  t.is(renamed('f(a.agent.x?.put);'), 'f(a.e.x?.t);');
  t.is(renamed('f({ agent: put, put() {}, get x() {} });'), 'f({ e: put, t() {}, get x() {} });');
  t.is(renamed('{ const { agent, put = 2 } = a; }'), '{ const { e: agent, t: put = 2 } = a; }');
  t.is(renamed('f({ agent, put });'), 'f({ e: agent, t: put });');
  t.is(renamed('f(class { put = 1; agent() {} static put() {} });'), 'f(class { t = 1; e() {} static t() {} });');
});

test('what only looks like a member stays', (t) => {
  for (const code of [
    'f(agent, put);',
    "f('agent', a['put'], a[agent], '.agent');",
    'f({ [put]: 1 }, class { [agent]() {} #put = 1; });',
    '{ let agent = (put) => put; }',
  ])
    t.is(renamed(code), code);
});

test('an author may use all of the names himself', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'fractus-apart-'));
  const names = [...coreNames().keys()];
  const app = `import { dutyCycle } from 'fractus/sleep';
import { life } from 'fractus/life';
import { ongoingEvent } from 'fractus/events';
import { ownObject } from 'fractus/object';
import { withSettings } from 'fractus/settings';
import { state } from 'fractus/state';
export const mine = { ${names.map((name) => `${name}: 1`).join(', ')} };
export default [dutyCycle, life, ongoingEvent, ownObject, withSettings, state];
`;
  writeFileSync(path.join(directory, 'main.ts'), app);
  const { code } = await projectCode(directory, path.join(directory, 'main.ts'));
  const parts = code.replace(/\b(\w+): 1\b/g, '');
  for (const name of names) {
    t.regex(code, new RegExp(`\\b${name}: 1\\b`), name);
    t.notRegex(parts, new RegExp(`\\.${name}\\b|[{,] *${name}[:(]`), name);
  }
  for (const name of ['agent', 'timers']) t.true(parts.includes(`.${internalNames().members.get(name)}`), name);
});

test('the agent calls what a part of an app may have itself', async (t) => {
  const { members, shared } = internalNames();
  const code = (await ownModules()).get('board') ?? '';
  const used = new Set(code.match(/(?<=\.)[\w$]+/g));
  const missing = [...shared.keys()].filter((name) => !used.has(members.get(name) ?? ''));
  t.deepEqual(missing, []);
});

test('the SDK finds parts in a form for a board where it resolves imports itself', async (t) => {
  const { exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, { readonly moddable?: string; readonly default?: string }>>;
  };
  const names = [...coreNames().keys()];
  const modules = await ownModules();
  let parts = 0;
  for (const [entry, { moddable = '' }] of Object.entries(exports)) {
    const source = PARTS[`fractus${entry.slice(1)}`];
    if (source?.startsWith(path.join(ROOT, 'src')) !== true) continue;
    parts++;
    t.is(moddable, `./build/moddable${entry.slice(1)}.js`);
    const code = modules.get(entry.slice(2)) ?? '';
    t.regex(code, /\.e\b/, entry);
    for (const name of names) t.notRegex(code, new RegExp(`\\.${name}\\b`), `${entry}: ${name}`);
  }
  t.is(parts, 6);
});

test('what the core is called is as short for all versions', (t) => {
  const names = coreNames();
  t.is(names.get('agent'), 'e');
  t.is(new Set(names.values()).size, names.size);
  const { members, shared } = internalNames();
  for (const [name, short] of members) if (!names.has(name)) t.false([...names.values()].includes(short), name);
  t.deepEqual([...shared], [...names]);
});

test('parts beside the agent write texts as bytes, not as places in their own buffer', async (t) => {
  const modules = await ownModules();
  t.regex(modules.get('board') ?? '', /\.\$put\(\d/);
  for (const part of ['events', 'life', 'object', 'settings', 'sleep', 'state']) {
    t.notRegex(modules.get(part) ?? '$put', /\$put/, part);
  }
});
