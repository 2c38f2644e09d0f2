// SPDX-License-Identifier: Apache-2.0
/** A bundle for XS whose app uses the whole interface for authors, as operations tell it. */

import { createXsHal } from '../../hal/xs/xs.ts';
import { type App, type AppChild, type Capability, createAgent, measurement } from '../../src/index.ts';

const WARMTH = measurement({
  type: 'x_Warmth',
  fragments: { x_Warmth: { T: { of: 'temperature', unit: '°C', decimals: 1 } } },
});
const BROKEN = measurement({ type: 'x_Broken', fragments: { x_Broken: { v: { of: 'value' } } } });

/** Finishes its operation now, later, never, or wrongly. */
const work: Capability = {
  name: 'x_Work',
  inventory: () => ({ x_Workshop: { tools: ['saw', 'file'] } }),
  timeoutMs: 20_000,
  run(operation, { hal }) {
    operation.fragment('x_Done', {
      text: operation.text('text') ?? null,
      number: operation.number('number') ?? null,
      flag: operation.flag('flag') ?? null,
    });
    switch (operation.text('how')) {
      case 'later':
        hal.createTimer(() => operation.succeed()).start(3000);
        return;
      case 'never':
        return;
      case 'throw':
        throw new Error('a tool broke');
      default:
        operation.succeed();
    }
  },
};

const switches: Capability = {
  name: 'c8y_RelayArray',
  run(operation) {
    const states = operation.texts();
    if (states === undefined) return operation.fail('not a list of texts');
    operation.fragment('c8y_RelayArray', states);
    operation.succeed();
  },
};

const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  const rule = { of: 'temperature', above: 40, back: 35, type: 'x_Hot', severity: 'MAJOR', text: 'Too warm' } as const;
  if (thermometer !== undefined) board.sensor({ reports: WARMTH, sensor: thermometer, rules: [rule] });
  const samples: (Record<string, unknown> | undefined)[] = [undefined, { value: NaN }, { value: 'x' }, {}];
  let turn = 0;
  const sample = () => {
    turn += 1;
    if (turn % 5 === 0) throw new Error('the bus is stuck');
    return samples[turn % 5];
  };
  board.sensor({ reports: BROKEN, sensor: { sample } });
  board.operation(work);
  board.fragment('x_Stock', { cups: 5 });
  let child: AppChild | undefined;
  const add = () => {
    const added = board.child('valve', { name: 'Valve', type: 'x_Valve', hardware: { model: 'V1' } });
    if (thermometer !== undefined) added.sensor({ reports: WARMTH, sensor: thermometer });
    added.operation(switches);
    child = added;
  };
  add();
  const deeds: Readonly<Record<string, () => void>> = {
    add,
    remove: () => child?.remove(),
    silent: () => child?.reachable(false),
    back: () => child?.reachable(true),
    event: () => board.event('x_Sale', 'Tea “sold” ☕', { x_Sale: { drink: 'tea', price: [1, 2.5, null, true] } }),
    childEvent: () => child?.event('x_Opened', 'opened'),
    position: () => board.position(51.2277, 6.7735, 38),
    measure: () => board.measure('x_Steam', { x_Steam: { T: { value: 96.5, unit: 'C' } } }),
    alarm: () => board.alarm('x_Jam', 'CRITICAL', 'A cup is stuck', { x_Jam: { slot: 3 } }),
    clear: () => board.clear('x_Jam'),
    fragment: () => board.fragment('x_Stock', { cups: 4 }),
  };
  board.command({
    name: 'do',
    help: 'does one of the deeds',
    run(deed) {
      const act = deeds[deed];
      if (act === undefined) throw new Error(`no such deed: ${deed}`);
      act();
      return `${deed} done`;
    },
  });
};

/** Called by the XS host at each start of the machine. */
export function main(): void {
  const hal = createXsHal();
  hal.run(createAgent({ hal, config: hal.config, app }));
}
