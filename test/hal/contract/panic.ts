// SPDX-License-Identifier: Apache-2.0

import type { StreamHandler } from '../../../hal/hal.ts';
import type { RebootCheck } from './reboot.ts';
import { ascii, equal, type Scene } from './scene.ts';

const LETTERS = ascii('send:10 end\n');

/** What a callback throws ends this start, wherever it is called from: all of them, to be run as `rebootChecks`. */
export const panicChecks: readonly RebootCheck[] = [
  panic('onTimeout', (scene, thrown) => scene.hal.createTimer(thrown).start(1)),
  panic('onChange', ({ hal }, thrown) => {
    hal.network.onChange(thrown);
    hal.network.reset();
  }),
  panic('onOpen', (scene, thrown) => connect(scene, { onOpen: thrown })),
  panic('onWritable', (scene, thrown) => connect(scene, { onWritable: thrown })),
  panic('onReadable', (scene, thrown) => connect(scene, { onReadable: thrown })),
  panic('onEnd', (scene, thrown) => connect(scene, { onEnd: thrown, onError: thrown })),
  panic('onError', ({ hal, targets }, thrown) => {
    hal.network.connect(targets.refusing, { ...SILENT, onError: thrown });
  }),
];

/** Each is called no more once one of them has thrown. */
function panic(callback: string, provoke: (scene: Scene, thrown: () => never) => void): RebootCheck {
  const message = `contract: out of ${callback}`;
  return {
    name: `panic: what ${callback} throws is a restart, and nothing is called any more`,
    reason: `a callback has thrown: RangeError: ${message}`,
    async before(scene) {
      let hasThrown = false;
      const later = scene.hal.createTimer(() => {
        if (hasThrown) scene.breaches.push('a timer was called after the end');
        later.start(1);
      });
      later.start(1);
      provoke(scene, () => {
        hasThrown = true;
        throw new RangeError(message);
      });
    },
    async after({ hal }) {
      equal(hal.board.resetCause, 'panic', 'reset cause');
    },
  };
}

const SILENT: StreamHandler = { onOpen() {}, onReadable() {}, onWritable() {}, onEnd() {}, onError() {} };

/** To a peer that says something and hangs up. */
function connect({ hal, targets }: Scene, handler: Partial<StreamHandler>): void {
  const stream = hal.network.connect(targets.peer, {
    ...SILENT,
    onWritable: () => void stream.write(LETTERS, 0, LETTERS.length),
    onReadable: (count) => void stream.read(new Uint8Array(count), 0, count),
    ...handler,
  });
}
