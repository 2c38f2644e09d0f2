// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readArguments } from '../../tools/bench/bench.ts';
import { METRICS } from '../../tools/bench/metrics.ts';
import { jsonLines, valuesTable } from '../../tools/bench/tables.ts';

const FRACTUS = fileURLToPath(new URL('../../tools/fractus.js', import.meta.url));

test('arguments that are unknown or contradict each other are refused', (t) => {
  t.regex(readArguments(['--nonsense']) as string, /^Unknown option '--nonsense'$/);
  t.regex(readArguments(['extra']) as string, /extra/);
  t.is(readArguments(['--json', '--profile']), 'more than one of --json, --profile and --ratchet; allowed: one');
  t.like(readArguments(['--json']), { json: true, profile: false, ratchet: false });
});

test('a refusal ends with 2 and the usage', (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [FRACTUS, 'bench', '--nonsense'], {
    encoding: 'utf8',
  });
  t.is(status, 2);
  t.is(stdout, '');
  t.regex(stderr, /^fractus bench: Unknown option '--nonsense'\n\nusage: fractus bench/);
});

test('with --json each metric that was measured is an object on a line', (t) => {
  const lines = jsonLines({ 'bundle.bytes': 7, 'xs.growth_10k_bytes': 0 });
  t.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { metric: 'xs.growth_10k_bytes', value: 0, unit: 'B' },
      { metric: 'bundle.bytes', value: 7, unit: 'B' },
    ],
  );
});

test('the table says which goals are met', (t) => {
  const lines = valuesTable({ 'xs.growth_10k_bytes': 0, 'bundle.bytes': 115_001, 'bundle.gzip_bytes': 1 }).split('\n');
  t.is(lines.length, 4);
  t.regex(lines[1] ?? '', /^xs\.growth_10k_bytes +0 +B +≤ 0 +met$/);
  t.regex(lines[2] ?? '', /^bundle\.bytes +115,001 +B +≤ 115,000 +missed$/);
  t.regex(lines[3] ?? '', /^bundle\.gzip_bytes +1 +B$/);
});

test('no two metrics have the same name', (t) => {
  const names = METRICS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
});
