// SPDX-License-Identifier: Apache-2.0
/** What must not compile of an author's tests. Nothing of this runs, as in `app.ts`. */

import { createOperation, World } from 'fractus/test';

export function worlds(): void {
  const world = new World({ seed: 3, config: { measurementInterval: '5' }, app: () => {} });
  world.connect().toUpperCase();
  // @ts-expect-error: values of a configuration are texts
  new World({ config: { measurementInterval: 5 } });
  // @ts-expect-error: there is no such option
  new World({ speed: 3 });
  // @ts-expect-error: answers come whole, at random or byte by byte
  new World({ pieces: 'many' });
  // @ts-expect-error: time passes in milliseconds
  world.run('1h');
  // @ts-expect-error: a condition has a limit
  world.runUntil(() => true);
  // @ts-expect-error: an operation is made of fragments
  world.operate('c8y_Restart');
  // @ts-expect-error: what was measured stays
  world.measurements.push();
  // @ts-expect-error: an operation is of a device
  createOperation(world.platform, { c8y_Restart: {} });
}
