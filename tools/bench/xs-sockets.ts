// SPDX-License-Identifier: Apache-2.0
/** Measures a measurement's cost with real TCP between XS and the emulator's server; only the clock is virtual. */

import { setTimeout } from 'node:timers/promises';
import { VirtualTime } from '../../hal/fake/time.ts';
import type { Network } from '../../hal/hal.ts';
import { NodeNetwork } from '../../hal/node/network.ts';
import { startServer } from '../platform/server.ts';
import { allocatedBytes } from '../xs/figures.ts';
import type { Values } from './metrics.ts';
import type { XsProgram } from './xs-costs.ts';
import { createPlatform, inXsWorld, type XsWorld } from './xs-world.ts';

const WINDOW_BYTES = 4096;
const WARM_UP = 20;
/** Virtual time that passes at once while sockets may be busy; deadlines are much longer. */
const SLICE_MS = 50;
/** Longest wait in real time. */
const PATIENCE_MS = 30_000;

export async function measureOverSockets({ host, bundle }: XsProgram, count: number): Promise<Values> {
  const time = new VirtualTime();
  const platform = createPlatform(time);
  const server = await startServer({ platform });
  const onThrown = (error: unknown) => {
    throw error;
  };
  const sockets = new NodeNetwork({ resource: () => undefined, windowBytes: WINDOW_BYTES, onThrown });
  const heard = { count: 0 };
  const network = listeningNetwork(sockets, () => heard.count++);
  const options = { host, bundle, time, platform, network, config: { url: server.url } };
  try {
    return await inXsWorld(options, async (world) => {
      await world.boot();
      await waitReal(async () => {
        await world.run(SLICE_MS);
        return world.measurements > 0 && world.listening;
      });
      for (let i = 0; i < WARM_UP; i++) await measureOnce(world, heard);
      await world.figures({ mark: true });
      const before = world.measurements;
      for (let i = 0; i < count; i++) await measureOnce(world, heard);
      const bytes = allocatedBytes(await world.figures()) / (world.measurements - before);
      return { 'xs.allocated_per_measurement_socket_bytes': bytes };
    });
  } finally {
    sockets.close();
    await server.close();
  }
}

/** Lets a second pass with one sample, and waits until the answer has reached XS. */
async function measureOnce(world: XsWorld, heard: { readonly count: number }): Promise<void> {
  const { measurements } = world;
  const answers = heard.count;
  await world.run(1000);
  await waitReal(async () => world.measurements > measurements && heard.count > answers);
  await world.machine.settle();
}

/** The network, with a callback for each answer. */
function listeningNetwork(network: Network, onHeard: () => void): Network {
  return {
    up: true,
    address: undefined,
    signalDbm: undefined,
    onChange: (listener) => network.onChange(listener),
    reset: () => network.reset(),
    connect: (target, handler) =>
      network.connect(target, {
        onOpen: () => handler.onOpen(),
        onReadable: (bytes) => {
          onHeard();
          handler.onReadable(bytes);
        },
        onWritable: (bytes) => handler.onWritable(bytes),
        onEnd: () => handler.onEnd(),
        onError: (kind, detail) => handler.onError(kind, detail),
      }),
  };
}

async function waitReal(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('bench: the sockets are silent');
    await setTimeout(1);
  }
}
