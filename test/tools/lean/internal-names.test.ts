// SPDX-License-Identifier: Apache-2.0
/** What others name is called the same on a board. */

import test from 'ava';
import { FakeClock } from '../../../hal/fake/clock.ts';
import { VirtualTime } from '../../../hal/fake/time.ts';
import { createSensors } from '../../../hal/node/sensors.ts';
import { internalNames } from '../../../tools/lean/internal-names.ts';

test('sensors keep the names that machines give them, whatever else of ours is called the same', (t) => {
  const { members } = internalNames();
  const names = ['chip', ...Object.keys(createSensors(new FakeClock(new VirtualTime(), 0), 1))];
  t.true(names.includes('radio'));
  for (const name of names) t.false(members.has(name), name);
});

test('what authors see keeps its name; what stands next to it in a module need not', (t) => {
  const { members } = internalNames();
  // ConfigError, RawConfig and the options of `composeAgent`; `Host`, and what it takes.
  for (const name of ['key', 'capabilities', 'parts', 'text', 'unit', 'decimals']) t.false(members.has(name), name);
  // An app may put the state that `fractus/life` tells into an event, where each member gets a name of JSON.
  for (const name of ['connected', 'registered', 'timeKnown', 'allSent']) t.false(members.has(name), name);
  for (const name of ['writeBehindMs', 'progressTimeoutMs']) t.true(members.has(name), name);
});
