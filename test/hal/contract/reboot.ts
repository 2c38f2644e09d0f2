// SPDX-License-Identifier: Apache-2.0

import { flashOf, program, read } from './flash.ts';
import { pattern } from './peer.ts';
import { ascii, assert, type Check, equal, equalBytes } from './scene.ts';

/** Two lives of one machine: `before` asks for a restart at its end, `after` runs in the next life. */
export interface RebootCheck {
  readonly name: string;
  /** What `before` gives to `restart`. */
  readonly reason: string;
  readonly before: Check['run'];
  readonly after: Check['run'];
}

/** To be run on one machine, one after the other; the same flash throughout. */
export const flashRebootChecks: readonly RebootCheck[] = [
  {
    name: 'restart: raw flash is as it was',
    reason: 'contract: flash',
    async before(scene) {
      const flash = flashOf(scene);
      assert(flash.erase(0) && flash.erase(3), 'erase');
      assert(program(flash, 3 * flash.sectorBytes + 16, pattern(0, 48)), 'program');
      scene.hal.restart('contract: flash');
    },
    async after(scene) {
      const flash = flashOf(scene);
      const expected = new Uint8Array(80).fill(0xff);
      expected.set(pattern(0, 48), 16);
      equalBytes(read(flash, 3 * flash.sectorBytes, 80), expected, 'what was programmed, and around it');
    },
  },
];

/** The same, for any machine. */
export const rebootChecks: readonly RebootCheck[] = [
  {
    name: 'restart: values and identity survive, the boot counter grows',
    reason: 'contract: values',
    async before({ hal }) {
      assert(hal.store.set('first', pattern(0, 4000)), 'set');
      assert(hal.store.set('second', pattern(0, 1)), 'set');
      assert(hal.store.set('second', new Uint8Array(0)), 'set again');
      assert(hal.store.set('third', pattern(0, 9)) && hal.store.delete('third'), 'delete');
      assert(hal.store.set('board', new Uint8Array([hal.board.bootCount])), 'set');
      assert(hal.store.set('mac', ascii(hal.board.mac)), 'set');
      hal.restart('contract: values');
    },
    async after({ hal }) {
      equal(hal.store.keys().sort().join(), 'board,first,mac,second', 'keys');
      equalBytes(hal.store.get('first'), pattern(0, 4000), 'a large value');
      equalBytes(hal.store.get('second'), new Uint8Array(0), 'an empty value');
      const [bootCount = 0] = hal.store.get('board') ?? [];
      assert(hal.board.bootCount > bootCount, `boot count ${hal.board.bootCount} after ${bootCount}`);
      equalBytes(hal.store.get('mac'), ascii(hal.board.mac), 'MAC');
      equal(hal.board.resetCause, 'software', 'reset cause');
    },
  },
  {
    name: 'restart: nothing is called back any more',
    reason: 'contract: silence',
    async before(scene) {
      const { hal, targets } = scene;
      let restarted = false;
      const breach = (what: string) => {
        if (restarted) scene.breaches.push(`${what} was called after restart()`);
      };
      const probe = scene.connect(targets.peer, 'send:10 await:1 send:10');
      probe.onEvent = breach;
      await scene.until('data', () => probe.readable === 10);
      hal.createTimer(() => breach('onTimeout')).start(0);
      hal.network.onChange(() => breach('onChange'));
      hal.network.connect(targets.refusing, {
        onOpen: () => breach('onOpen'),
        onReadable: () => breach('onReadable'),
        onWritable: () => breach('onWritable'),
        onEnd: () => breach('onEnd'),
        onError: () => breach('onError'),
      });
      probe.write(pattern(0, 1));
      restarted = true;
      scene.call(() => hal.restart('contract: silence'));
    },
    async after(scene) {
      const probe = scene.connect(scene.targets.peer, 'send:1');
      await scene.until('data in the new life', () => probe.readable === 1);
    },
  },
];
