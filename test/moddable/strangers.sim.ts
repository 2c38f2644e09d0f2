// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type Chain, makeChains } from '../hal/esp32/tls/chains.ts';
import {
  certificateMessage,
  certificateRequest,
  done,
  honest,
  type ImpostorOptions,
  serveImpostor,
  serverHello,
} from '../hal/esp32/tls/impostor.ts';
import { until } from '../support/until.ts';
import { Board, buildFirmware, Screen } from './bench.ts';
import { divided, reduced, SMALL, writeWithCreation } from './memory/creation.ts';
import { makeKinds } from './memory/life.ts';

/** Servers that nobody knows yet, and a machine with three quarters of a C3's heap. */

const HEAD_ROOM_PERCENT = 25;
const TOO_MUCH_PERCENT = 60;
/** How often each is met. */
const MEETINGS = 3;
const PATIENCE_MS = 120_000;

const screen = await Screen.open();
const [kind] = await makeKinds();
const { chain, privateKey } = (await makeChains()).find(({ name }) => name === 'one intermediate') as Chain;
const libraries = { small: '', tiny: '' };

test.after.always(() => screen.close());

test.before(async () => {
  const project = fileURLToPath(new URL('memory', import.meta.url));
  const built = await buildFirmware('memory', { project, build: 'instrumented' });
  libraries.small = writeWithCreation(built, divided(reduced(SMALL, HEAD_ROOM_PERCENT)), 'small');
  libraries.tiny = writeWithCreation(built, divided(reduced(SMALL, TOO_MUCH_PERCENT)), 'tiny');
});

const filled = (length: number) => Buffer.alloc(length, 0x30);

const STRANGERS: readonly (Partial<ImpostorOptions> & { readonly name: string })[] = [
  {
    name: 'a request for certificates of 16 KB',
    flight: (parts) => [...honest(parts).slice(0, 3), certificateRequest([filled(16_360)]), done],
  },
  {
    name: 'the largest request for certificates that is taken',
    flight: (parts) => [...honest(parts).slice(0, 3), certificateRequest([filled(10_228)]), done],
  },
  {
    name: 'the most certificates, one key for all',
    flight: ({ random, certificates }) => [
      serverHello(random),
      certificateMessage(new Array<Buffer>(8).fill(certificates[1] as Buffer)),
    ],
  },
  {
    name: 'the largest certificate that is taken',
    flight: ({ random }) => [serverHello(random), certificateMessage([filled(10_234)])],
  },
  { name: 'records of 16 KB that never come', before: Buffer.from([22, 3, 3, 0x40, 0, 11, 0, 0x3f, 0xfc]) },
];

/** Resolves when it was met as often as it takes; rejects when the machine fails. */
async function meet(options: Partial<ImpostorOptions>, library: string): Promise<void> {
  const impostor = await serveImpostor({ chain, privateKey, ...options });
  let meetings = 0;
  impostor.server.on('connection', () => {
    meetings += 1;
  });
  const url = `https://device.example.localhost:${impostor.port}`;
  const bootstrap = { bootstrapUser: 't1/bootstrap', bootstrapPassword: 'any' };
  const config = { url, ca: kind?.ca ?? '', deviceId: 'stranger', ...bootstrap };
  const board = new Board({ screen, library, config });
  board.simulator.start();
  const lines = () => board.simulator.lines.join('\n');
  try {
    await Promise.race([until(() => meetings > MEETINGS, lines, PATIENCE_MS), board.failure]);
    if (board.simulator.restarts > 0) throw new Error(`it has restarted\n${lines()}`);
  } finally {
    await board.simulator.stop();
    impostor.server.close();
  }
}

for (const { name, ...options } of STRANGERS) {
  test.serial(`${name}: the board lives`, async (t) => {
    await t.notThrowsAsync(meet(options, libraries.small));
  });
}

test.serial('with three fifths less it does not: the limits are in force', async (t) => {
  await t.throwsAsync(meet(STRANGERS[3] ?? {}, libraries.tiny), { message: /aborted|ended/ });
});
