// SPDX-License-Identifier: Apache-2.0

import type { NetworkErrorKind, Target } from '../../../hal/hal.ts';
import { pattern } from './peer.ts';
import { assert, type Check, equal, type Scene, throwsRangeError } from './scene.ts';

/** How connections come about, fail and end. */
export const connectionChecks: readonly Check[] = [
  {
    name: 'connection: refused',
    run: (scene) => expectFailure(scene, scene.targets.refusing, ['refused']),
  },
  {
    name: 'connection: the name is unknown',
    run: (scene) => expectFailure(scene, scene.targets.unknown, ['dns']),
  },
  {
    name: 'connection: no host or an impossible port is a RangeError',
    async run({ hal, targets }) {
      const { host } = targets.peer;
      for (const target of [
        { host, port: 0 },
        { host, port: 65_536 },
        { host, port: 1.5 },
        { host: '', port: 80 },
      ]) {
        throwsRangeError(() => hal.network.connect(target, SILENT), `${target.host}:${target.port}`);
      }
    },
  },
  {
    name: 'connection: broken off by the other side',
    async run(scene) {
      const probe = scene.connect(scene.targets.peer, 'send:1 await:1 reset');
      await scene.until('data', () => probe.readable === 1);
      probe.write(pattern(0, 1));
      await scene.until('the error', () => probe.over);
      equal(probe.events.at(-1), scene.ending('error reset'), 'the last event');
      equal(probe.write(pattern(0, 5)), 0, 'write after the failure');
      await scene.settle();
      probe.close();
    },
  },
  {
    name: 'connection: close() right after connect()',
    async run(scene) {
      for (const target of [scene.targets.peer, scene.targets.refusing, scene.targets.unknown]) {
        const probe = scene.connect(target);
        probe.close();
        probe.close();
        await scene.settle();
        equal(probe.events.length, 0, 'events');
      }
    },
  },
  {
    name: 'connection: close() inside of any callback is the end',
    async run(scene) {
      for (const event of ['open', 'writable', 'readable']) {
        const probe = scene.connect(scene.targets.peer, 'send:100000 end');
        let closed = false;
        probe.onEvent = (name) => {
          if (name !== event) return;
          probe.close();
          closed = true;
        };
        await scene.until(event, () => closed);
        await scene.settle();
        equal(probe.read(10).length, 0, `bytes read after close() in ${event}`);
        equal(probe.write(pattern(0, 10)), 0, `bytes written after close() in ${event}`);
        probe.close();
      }
    },
  },
  {
    name: 'connection: close() inside of onEnd and onError',
    async run(scene) {
      for (const target of [scene.targets.peer, scene.targets.refusing]) {
        const probe = scene.connect(target, 'end');
        probe.onEvent = () => {
          if (probe.over) probe.close();
        };
        await scene.until('the end', () => probe.over);
        await scene.settle();
      }
    },
  },
  {
    name: 'connection: the other side learns of close()',
    async run(scene) {
      const first = scene.connect(scene.targets.peer, 'tag:learns send:1');
      await scene.until('data', () => first.readable === 1);
      const second = scene.connect(scene.targets.peer, 'closed:learns send:1');
      await scene.settle();
      equal(second.readable, 0, 'bytes before the close');
      first.close();
      await scene.until('the word of the peer', () => second.readable === 1);
    },
  },
  {
    name: 'connection: many, one after the other',
    async run(scene) {
      for (let round = 0; round < 60; round++) {
        const probe = scene.connect(scene.targets.peer, 'send:3 end');
        await scene.until('the end', () => probe.over);
        equal(probe.readable, 3, 'bytes');
        probe.close();
      }
    },
  },
  {
    name: 'connection: another one may be opened and closed in a callback',
    async run(scene) {
      const second: { over: boolean } = { over: false };
      const first = scene.connect(scene.targets.peer, 'send:1');
      first.onEvent = (event) => {
        if (event !== 'readable') return;
        first.close();
        scene.connect(scene.targets.peer).close();
        const probe = scene.connect(scene.targets.peer, 'end');
        probe.onEvent = () => {
          second.over = probe.over;
        };
      };
      await scene.until('the second', () => second.over);
    },
  },
  {
    name: 'link: reset() takes it down and up, connections fail, new ones come up',
    async run(scene) {
      const { network } = scene.hal;
      assert(network.up, 'the link is not up');
      assert(network.address !== undefined && network.address !== '', 'no address');
      assert(network.signalDbm === undefined || network.signalDbm < 0, `signal ${network.signalDbm} dBm`);
      const changes: boolean[] = [];
      network.onChange((up) => {
        scene.callback('onChange', () => {
          equal(network.up, up, 'up inside of onChange');
          changes.push(up);
        });
      });
      const probe = scene.connect(scene.targets.peer, 'send:1');
      await scene.until('data', () => probe.readable === 1);
      scene.call(() => network.reset());
      await scene.until('down', () => changes.length === 1);
      equal(network.address, undefined, 'the address while it is down');
      await expectFailure(scene, scene.targets.peer, ['unreachable']);
      await scene.until('up', () => changes.length === 2);
      equal(changes.join(), 'false,true', 'changes');
      // While it is down, it cannot go down; it comes up once.
      scene.call(() => network.reset());
      await scene.until('down again', () => changes.length === 3);
      scene.call(() => network.reset());
      await scene.until('up again', () => changes.length === 4);
      await scene.settle();
      equal(changes.join(), 'false,true,false,true', 'changes');
      equal(probe.events.at(-1), 'error closed', 'the last event of the old connection');
      const next = scene.connect(scene.targets.peer, 'send:1');
      await scene.until('data again', () => next.readable === 1);
    },
  },
];

const SILENT = { onOpen() {}, onReadable() {}, onWritable() {}, onEnd() {}, onError() {} };

/** The attempt ends in one error, outside of the call, and nothing comes up before. */
export async function expectFailure(scene: Scene, target: Target, kinds: readonly NetworkErrorKind[]): Promise<void> {
  const probe = scene.connect(target);
  await scene.until('a failure', () => probe.over);
  await scene.settle();
  assert(probe.error !== undefined && kinds.includes(probe.error), `${probe.events.join(', ')}, not ${kinds.join()}`);
  equal(probe.events.length, 1, 'events');
  equal(probe.write(pattern(0, 5)), 0, 'bytes taken after the failure');
}
