// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { CAPABILITIES } from '../../src/capabilities/index.ts';
import { COMMANDS } from '../../tools/cli/main.ts';
import { findTables } from '../../tools/docs/diagrams.ts';
import { readPages } from '../../tools/docs/pages.ts';
import { checkFault } from '../../tools/platform/faults.ts';

const ROOT = new URL('../../', import.meta.url);
const pages = await readPages();

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

for (const { path, url, current, wanted } of pages) {
  test(`${path}: generated parts are up to date (npm run docs)`, (t) => {
    t.is(current, wanted);
  });

  test(`${path}: links lead somewhere`, (t) => {
    for (const [, link = ''] of current.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? url : new URL(file, url);
      t.true(existsSync(target), link);
      if (anchor !== undefined) t.true(anchorsOf(readFileSync(target, 'utf8')).has(anchor), link);
    }
    t.pass();
  });
}

const SOURCE = /`((?:src|hal|tools|test|kit|desk|examples)\/[\w./-]+\.(?:ts|tsx|js|c|json))`/g;

for (const { path, current } of [...pages, { path: 'CONTRIBUTING.md', current: read('CONTRIBUTING.md') }]) {
  test(`${path}: the sources that it names are there`, (t) => {
    for (const [, source = ''] of current.matchAll(SOURCE)) {
      // A name in capitals is one to choose.
      if (!/\bNAME\b/.test(source)) t.true(existsSync(new URL(source, ROOT)), source);
    }
    t.pass();
  });
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = page.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => toAnchor(heading)));
}

function toAnchor(heading: string): string {
  const text = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\- _]/gu, '');
  return text.replaceAll(' ', '-');
}

test('each page says first whom it is for', (t) => {
  for (const { path, current } of pages.slice(1)) t.regex(current, /^# .+\n\nFor [^#]+?\n\n/, path);
});

test('the README leads to every page', (t) => {
  const [readme] = pages;
  for (const { path } of pages.slice(1)) t.true(readme?.current.includes(`(${path})`), path);
});

test('every table of the agent has a diagram, and its outcomes lead to states', async (t) => {
  const tables = await findTables();
  const page = read('docs/state-machines.md');
  t.true(tables.length > 5);
  for (const { name, states } of tables) {
    t.true(page.includes(`## ${name}\n`), name);
    for (const { on } of states) for (const to of Object.values(on)) t.true(to !== undefined && to < states.length);
  }
});

test('each dependency has its line', (t) => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const listed = [...read('docs/dependencies.md').matchAll(/^- `([^`]+)`: /gm)].map(([, name]) => name);
  t.deepEqual(listed.sort(), Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('each built-in operation is described', (t) => {
  for (const { name } of CAPABILITIES)
    t.regex(read('docs/operations.md'), new RegExp(`^\\*\\*\`${name}\`\\*\\* `, 'm'));
});

test('each command is described, in the order in which the command line lists them', (t) => {
  const [, table = ''] = /\n## The commands\n(.*?)\n## /s.exec(read('docs/getting-started.md')) ?? [];
  const described = [...table.matchAll(/^\| `(\w+)[^|]*\|/gm)].map(([, name]) => name);
  t.deepEqual(described, Object.keys(COMMANDS));
});

test('each service of the HAL is described', (t) => {
  const [, body = ''] = /export interface Hal \{(.*?)\n\}/s.exec(read('hal/hal.ts')) ?? [];
  const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:]/gm)].map(([, name]) => name);
  t.true(members.length > 10);
  const page = read('docs/porting.md');
  for (const name of members) t.true(page.includes(`\`${name}\``), name);
});

test('each kind of misbehaviour is described', (t) => {
  const error = t.throws(() => checkFault({ kind: 'none' }), { instanceOf: RangeError });
  const [, kinds = ''] = /one of (.*) expected/.exec(error.message) ?? [];
  const page = read('docs/emulator.md');
  t.true(kinds.includes('dropAfter'));
  for (const kind of kinds.split(', ')) t.true(page.includes(`\`${kind}\``), kind);
});
