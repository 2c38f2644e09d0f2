// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../../hal/fake/machine.ts';
import { Op } from '../../../hal/xs/protocol.ts';
import { HalServer } from '../../../tools/xs/hal-server.ts';

test('timers go off in the order in which they are due, however late XS is heard', (t) => {
  const machine = new FakeMachine();
  const hal = machine.boot();
  const fired: number[] = [];
  const event = (op: number, id: number) => void (op === Op.TimerFired && fired.push(id));
  const server = new HalServer({ hal, config: {}, event, onStopped: () => t.fail() });
  const bornTicks = hal.clock.ticks();
  const start = (id: number, delayMs: number) =>
    server.handle({ op: Op.TimerStart, id, arg: 1, value: bornTicks + delayMs, payload: Buffer.alloc(0) });
  start(60, 60);
  machine.time.run(40);
  for (const delayMs of [50, 0, 2 ** 53]) start(delayMs, delayMs);
  machine.time.run(30);
  t.deepEqual(fired, [0, 50, 60]);
  server.close();
});
