// SPDX-License-Identifier: Apache-2.0
/** A bundle for XS whose children, alarms, templates and operations come and go, as an operator orders. */

import { createXsHal } from '../../hal/xs/xs.ts';
import { type App, type AppChild, createAgent, measurement } from '../../src/index.ts';

const WARMTH = measurement({ type: 'x_Warmth', fragments: { x_Warmth: { T: { of: 'temperature' } } } });

const app: App = (board) => {
  const { thermometer } = board.hal.sensors;
  if (thermometer !== undefined) board.sensor({ reports: WARMTH, sensor: thermometer });
  board.operation({
    name: 'x_Fails',
    run: () => {
      throw new Error('it does not work\nfor a reason of two lines');
    },
  });
  let guests = 0;
  let guest: AppChild | undefined;
  board.command({
    name: 'come',
    help: 'a child comes, with all that one may have',
    run() {
      const id = `guest-${++guests}`;
      const child = board.child(id, { type: 'x_Guest' });
      child.sensor({
        // Made anew each time, as an app does that builds its sensors where it needs them.
        reports: measurement({ type: 'x_Heat', fragments: { x_Heat: { T: { of: 'heat', unit: 'C', decimals: 1 } } } }),
        sensor: { sample: () => ({ heat: 20 }) },
      });
      child.operation({ name: 'x_Blink', run: (operation) => operation.succeed() });
      child.measure('x_Once', { x_Once: { N: { value: guests } } });
      child.event('x_Came', `${id} came`);
      child.alarm(`x_Child${guests % 7}`, 'MINOR', 'it is here');
      child.fragment('x_Since', guests);
      board.alarm(`x_Wave${guests}`, 'WARNING', 'this wave');
      guest = child;
      return id;
    },
  });
  board.command({
    name: 'go',
    help: 'it goes; half of its alarms nobody clears',
    run() {
      board.clear(`x_Wave${guests}`);
      if (guests % 2 === 0) guest?.clear(`x_Child${guests % 7}`);
      guest?.remove();
      guest = undefined;
      return 'gone';
    },
  });
};

/** Called by the XS host at each start of the machine. */
export function main(): void {
  const hal = createXsHal();
  hal.run(createAgent({ hal, config: hal.config, app }));
}
