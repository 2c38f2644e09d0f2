// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { FakeMachine } from '../../hal/fake/machine.ts';
import { createNodeHal } from '../../hal/node/node.ts';

const FORGED = 'operation x\nerror: forged \u001b[2J\r\u0085\u2028\u202eend';
const ESCAPED = String.raw`operation x\u000aerror: forged \u001b[2J\u000d\u0085\u2028\u202eend`;

test('on Node a line stays one line, whatever is in it', (t) => {
  const lines: string[] = [];
  const hal = createNodeHal({ log: (_level, line) => lines.push(line) });
  t.teardown(() => hal.close());
  hal.log('info', FORGED);
  hal.log('info', 'ümläute, 温度, 🌡');
  t.deepEqual(lines, [ESCAPED, 'ümläute, 温度, 🌡']);
});

test('in virtual time a line stays one line, too', (t) => {
  const machine = new FakeMachine();
  machine.boot().log('info', FORGED);
  t.is(machine.lines.at(-1)?.line, ESCAPED);
});
