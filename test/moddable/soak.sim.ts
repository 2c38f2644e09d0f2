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
import { Board, buildFirmware, Screen } from './bench.ts';

/** How long it runs; the longer, the smaller the leak that is seen. */
const SOAK_MS = Number(process.env['SOAK_SECONDS'] ?? 180) * 1000;
const OPERATION_MS = 5000;
/** A live heap of the same size can be met at moments that differ by a request under way. */
const TOLERANCE_SLOTS = 40;

test('a soak over TLS: measurements, operations and broken connections, and the heap stays flat', async (t) => {
  t.timeout(SOAK_MS + 400_000);
  const certificates = await createCertificates();
  const data = path.join(ROOT, 'build', 'moddable-test', 'agent-data');
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'ca.pem'), certificates.authority);
  const project = fileURLToPath(new URL('agent', import.meta.url));
  const library = await buildFirmware('soak', { project, build: 'instrumented' });
  const screen = await Screen.open();
  t.teardown(() => screen.close());
  const platform = new Platform(machineOptions({ accept: true }));
  const server = await startServer({ platform, tls: true, certificates });
  t.teardown(() => server.close());
  const { tenant, name, password = '' } = platform.core.bootstrap;
  const board = new Board({
    screen,
    library,
    config: {
      ...{ url: server.url, ca: 'ca.pem', deviceId: 'soak', measurementInterval: '1' },
      ...{ bootstrapUser: `${tenant}/${name}`, bootstrapPassword: password },
    },
  });
  t.teardown(() => board.simulator.stop());
  board.simulator.start();
  await board.line(/listening for operations/);
  const id = findDevice(platform, 'soak')?.id ?? '';
  const endMs = performance.now() + SOAK_MS;
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
  }
  const slotBytes = slotBytesOf(library);
  const samples = board.simulator.lines
    .map((line) => readSample(line, slotBytes))
    .filter((sample) => sample !== undefined);
  t.true(samples.length > SOAK_MS / 4000, `${samples.length} samples`);
  const third = Math.floor(samples.length / 3);
  const before = floor(samples.slice(third, 2 * third));
  const after = floor(samples.slice(2 * third));
  const peak = (of: (sample: EngineSample) => number) => Math.max(...samples.map(of));
  t.log(`${operations} operations, ${measurementsOf(platform, id).length} measurements`);
  t.log(`slots: least ${before.slots}, then ${after.slots}, most ${peak((each) => each.slots)}`);
  t.log(`chunks: least ${before.chunkBytes} B, then ${after.chunkBytes} B, most ${peak((each) => each.chunkBytes)} B`);
  t.log(`stack: most ${peak((each) => each.stackSlots)} slots; keys: ${samples.at(-1)?.keys}`);
  t.log(`collections: ${samples.reduce((sum, each) => sum + each.collections, 0)}`);
  t.true(after.slots <= before.slots + TOLERANCE_SLOTS, `${before.slots} slots, then ${after.slots}`);
  t.is(samples.at(-1)?.keys, samples[third]?.keys, 'names made while it ran');
  t.is(board.simulator.restarts, 0);
  t.deepEqual(platform.breaches, []);
});

/** The least of each: right behind a collection of garbage. */
function floor(samples: readonly EngineSample[]): Pick<EngineSample, 'slots' | 'chunkBytes'> {
  return {
    slots: Math.min(...samples.map(({ slots }) => slots)),
    chunkBytes: Math.min(...samples.map(({ chunkBytes }) => chunkBytes)),
  };
}
