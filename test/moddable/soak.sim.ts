// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type EngineSample, readSample, slotBytesOf } from '../../tools/moddable/instruments.ts';
import { ROOT } from '../../tools/moddable/sdk.ts';
import { createOperation, findDevice, measurementsOf } from '../../tools/platform/operator.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { createCertificates, machineOptions, startServer } from '../../tools/platform/server.ts';
import { until } from '../support/until.ts';
import { Board, bootstrapConfig, buildFirmware, Screen } from './bench.ts';
import { FigureReader, type Figures } from './memory/figures.ts';

/** How long it runs; the longer, the smaller the leak that is seen. */
const SOAK_MS = Number(process.env['SOAK_SECONDS'] ?? 180) * 1000;
const OPERATION_MS = 5000;
/** After so many operations the heap is looked at, without its garbage. */
const LOOK = 3;

test('a soak over TLS: measurements, operations and broken connections, and the heap stays flat', async (t) => {
  t.timeout(SOAK_MS + 400_000);
  const certificates = await createCertificates();
  const data = path.join(ROOT, 'build', 'moddable-test', 'memory-data');
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'ca.pem'), certificates.authority);
  const project = fileURLToPath(new URL('memory', import.meta.url));
  const library = await buildFirmware('memory-soak', { project, build: 'instrumented' });
  const screen = await Screen.open();
  t.teardown(() => screen.close());
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform, tls: true, certificates });
  t.teardown(() => server.close());
  const board = new Board({
    screen,
    library,
    config: {
      ...{ url: server.url, ca: 'ca.pem', deviceId: 'soak', measurementInterval: '1' },
      ...bootstrapConfig(platform),
    },
  });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/);
  const id = findDevice(platform, 'soak')?.id ?? '';
  const endMs = performance.now() + SOAK_MS;
  const slotBytes = slotBytesOf(library);
  const reader = new FigureReader(slotBytes);
  const looks: Figures[] = [];
  // Those of the start.
  await reader.take(board);
  let operations = 0;
  while (performance.now() < endMs) {
    if (operations % 4 === 3) platform.order({ channel: '/meta/connect', kind: 'dropAfter' });
    const operation = createOperation(platform, id, { c8y_Command: { text: 'help' }, [`c8y_Any${operations}`]: {} });
    await until(
      () => operation.status === 'SUCCESSFUL',
      () => JSON.stringify(operation.fragments),
      60_000,
    );
    operations += 1;
    await new Promise((resolve) => setTimeout(resolve, OPERATION_MS));
    if (operations % LOOK === 0) looks.push(await reader.take(board));
  }
  const samples = board.simulator.lines
    .map((line) => readSample(line, slotBytes))
    .filter((sample) => sample !== undefined);
  t.true(samples.length > SOAK_MS / 4000, `${samples.length} samples`);
  const third = Math.floor(looks.length / 3);
  const before = looks.slice(third, 2 * third);
  const after = looks.slice(2 * third);
  const most = (of: (sample: EngineSample) => number) => Math.max(...samples.map(of));
  const keys = samples.map((sample) => sample.keys);
  t.log(`${operations} operations, ${measurementsOf(platform, id).length} measurements`);
  t.log(`live slots: ${looks.map(({ liveSlots }) => liveSlots).join(' ')}`);
  t.log(`live chunks: ${looks.map(({ liveChunkBytes }) => liveChunkBytes).join(' ')} B`);
  t.log(`stack: most ${most((each) => each.stackSlots)} slots; names: ${keys.at(-1)}`);
  t.log(`collections: ${samples.reduce((sum, each) => sum + each.collections, 0)}`);
  for (const of of [(each: Figures) => each.liveSlots, (each: Figures) => each.liveChunkBytes]) {
    t.true(Math.min(...after.map(of)) <= Math.min(...before.map(of)), 'the live heap has grown');
  }
  t.is(keys.at(-1), keys[Math.floor(keys.length / 3)], 'names made while it ran');
  t.is(board.simulator.restarts, 0);
  t.deepEqual(platform.breaches, []);
});
