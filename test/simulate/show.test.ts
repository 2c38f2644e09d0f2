// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readSimulateArguments } from '../../tools/simulate/arguments.ts';
import { parseFaults } from '../../tools/simulate/faults/fault.ts';
import { simulatedIdentity } from '../../tools/simulate/machine/identity.ts';
import { Recorder } from '../../tools/simulate/recorder.ts';
import { serveLife } from '../../tools/simulate/show.ts';
import { troubledLife } from '../../tools/simulate/suites/network.ts';
import { runTrial } from '../../tools/simulate/trial.ts';

const identity = await simulatedIdentity();

test('a life that is recorded is the same to the byte', (t) => {
  for (const seed of [3, 12]) {
    const trial = troubledLife(seed);
    const alone = runTrial(trial, { identity, digest: true });
    const watched = runTrial(trial, { identity, digest: true, recorder: new Recorder('') });
    t.is(watched.digest, alone.digest);
  }
  const thrown = { scenario: 'restart', seed: 3, faults: parseFaults('call 40 throws') };
  const alone = runTrial(thrown, { identity, digest: true });
  t.is(runTrial(thrown, { identity, digest: true, recorder: new Recorder('') }).digest, alone.digest);
});

test('the recording has everything in its order: exchanges, states, faults, the end', (t) => {
  const recorder = new Recorder('--scenario cold --seed 3');
  const trial = { scenario: 'cold', seed: 3, faults: parseFaults('exchange 9 after-send, exchange 4 reset') };
  const verdict = runTrial(trial, { identity, recorder });
  recorder.conclude(verdict);
  const { messages } = recorder;
  t.like(messages[0], { kind: 'reset', recording: '--scenario cold --seed 3' });
  t.is(messages.at(-1)?.kind, 'live');
  t.true(messages.every(({ timeMs }, i) => timeMs >= (messages[i - 1]?.timeMs ?? 0)));
  const struck = messages.flatMap((each) => (each.kind === 'struck' ? [each.fault] : []));
  t.deepEqual(struck, ['exchange 9 after-send', 'exchange 4 reset']);
  const asked = new Set(messages.flatMap((each) => (each.kind === 'exchange' ? [each.exchange.request] : [])));
  t.is(asked.size, verdict.requests);
  const powers = messages.flatMap((each) => (each.kind === 'board' ? [each.board.power] : []));
  t.deepEqual([powers[0], powers.includes('off'), powers.at(-1)], ['on', true, 'on']);
  const listening = messages.some(
    (each) => each.kind === 'board' && each.board.tables['listen']?.entered.some((count) => count > 1),
  );
  t.true(listening, 'the tables tell where they are');
  t.true(messages.some((each) => each.kind === 'verdict' && each.held));
});

test('a life that is over can be viewed, but not changed', async (t) => {
  const { server } = await serveLife({ scenario: 'command', seed: 1, faults: [] }, 0);
  t.teardown(() => server.close());
  const ask = (path: string, method = 'GET') => fetch(`${server.url}${path}`, { method });
  const page = await fetch(server.url, { headers: { Accept: 'text/html' } });
  t.regex(await page.text(), /desk\.js/);
  const { requests } = (await (await ask('/emulator/requests')).json()) as { requests: { number: number }[] };
  const one = await ask(`/emulator/requests/${requests[0]?.number}`);
  t.like(await one.json(), { request: { headers: { host: 'platform.test' } } });
  const { tables } = (await (await ask('/emulator/tables')).json()) as { tables: readonly object[] };
  t.true(tables.length > 0);
  for (const [path, method] of [
    ['/emulator/breaches', 'DELETE'],
    ['/emulator/faults', 'POST'],
    ['/inventory/managedObjects', 'GET'],
  ] as const) {
    t.is((await ask(path, method)).status, 409, path);
  }
  const foreign = await fetch(`${server.url}/emulator/requests/1`, { headers: { Origin: 'http://evil.test' } });
  t.is(foreign.status, 403);
});

test('--show is for one life', (t) => {
  t.is(readSimulateArguments(['--scenario', 'cold', '--seed', '3', '--show', '--port', '8080']).showPort, 8080);
  t.is(readSimulateArguments(['--scenario', 'cold']).showPort, undefined);
  for (const args of [
    ['--show'],
    ['--scenario', 'plain', '--show'],
    ['--scenario', 'cold', '--seeds', '1..2', '--show'],
  ])
    t.throws(() => readSimulateArguments(args), { message: /--show: allowed only for one life/ });
  t.throws(() => readSimulateArguments(['--scenario', 'cold', '--show', '--port', '70000']), { message: /--port/ });
});
