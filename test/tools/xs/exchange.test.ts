// SPDX-License-Identifier: Apache-2.0

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNodeHal } from '../../../hal/node/node.ts';
import { buildBundle } from '../../../tools/build.ts';
import type { XsFigures } from '../../../tools/xs/figures.ts';
import { createMachine, once, testOnXs } from '../../support/xs/harness.ts';

const bundle = await buildBundle({ entry: 'test/tools/xs/exchange-agent.ts', outfile: 'build/test/exchange.xs.js' });

testOnXs('samples, requests, responses, timers and clocks allocate nothing at all', async (t, host) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    request.on('data', (body) => bodies.push(body));
    request.on('end', () =>
      response.writeHead(201, { 'content-length': 2, 'x-some-header': 'x'.repeat(200) }).end('ok'),
    );
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());

  // Figures are asked for from within a sample, and taken when the event of that sample is over.
  const [warmUp, count] = [20, 1000];
  const first = once<Promise<XsFigures>>();
  const last = once<Promise<XsFigures>>();
  let samples = 0;
  const sample = { temperature: 0 };
  const thermometer = {
    sample: () => {
      samples += 1;
      if (samples === warmUp) first.resolve(machine.measure({ collect: true, mark: true }));
      if (samples === warmUp + count) last.resolve(machine.measure());
      sample.temperature = samples;
      return sample;
    },
  };
  const hal = createNodeHal({ sensors: { thermometer }, log: (_, line) => t.fail(line) });
  t.teardown(() => hal.close());
  const config = { port: String((server.address() as AddressInfo).port) };
  const { machine } = createMachine(t, { host, bundle: bundle.path, hal, config });
  await machine.boot();

  const before = await first.promise;
  const after = await last.promise;
  t.is(after.allocatedSlots, 0);
  t.is(after.allocatedChunkBytes, 0);
  t.is(after.collections, 0);
  t.is(after.keys, before.keys);
  t.true(after.events >= 2 * count, `${after.events}`);
  t.deepEqual(bodies.slice(0, 3), ['0001', '0002', '0003']);
});
