// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Client } from '../../src/base/client.ts';
import { ClientLine } from '../../src/base/client-line.ts';

function client(stateName: string, dueTicks = 0, patientTicks?: number): Client {
  return { stateName, dueTicks, patientTicks, following: undefined, isRetry: dueTicks > 0 } as Client;
}

function takeAll(line: ClientLine, ticks: number): string[] {
  const names: string[] = [];
  for (let next = line.take(ticks); next !== undefined; next = line.take(ticks)) names.push(next.stateName);
  return names;
}

test('clients are served in the order of their arrival, each once, the patient one last', (t) => {
  const line = new ClientLine();
  const [poll, first, second] = [client('poll', 0, 0), client('first'), client('second')];
  for (const each of [poll, first, second, first]) line.put(each);
  t.deepEqual(takeAll(line, 0), ['first', 'second', 'poll']);
  t.is(line.first, undefined);
});

test('a client whose pause is not over lets the others go first', (t) => {
  const line = new ClientLine();
  for (const each of [client('broken', 60_000), client('well'), client('alone', 5000)]) line.put(each);
  t.true(line.isTroubled);
  t.deepEqual(takeAll(line, 0), ['well']);
  t.is(line.dueTicks, 5000);
  t.deepEqual(takeAll(line, 60_000), ['broken', 'alone']);
  t.is(line.dueTicks, Infinity);
});

test('the patient client has its turn after five seconds, whoever else waits', (t) => {
  const line = new ClientLine();
  line.put(client('poll', 0, 1000));
  for (const name of ['a', 'b']) line.put(client(name));
  t.is(line.take(5999)?.stateName, 'a');
  t.is(line.take(6000)?.stateName, 'poll');
  t.is(line.take(6000)?.stateName, 'b');
});

test('a client that leaves the queue is not served, and the others are', (t) => {
  const line = new ClientLine();
  const [a, b, c] = [client('a'), client('b'), client('c')];
  for (const each of [a, b, c]) line.put(each);
  line.remove(b);
  line.remove(b);
  t.deepEqual(takeAll(line, 0), ['a', 'c']);
});
