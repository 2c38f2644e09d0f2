// SPDX-License-Identifier: Apache-2.0
/** The radio of virtual boards: what it joins, what it keeps, and what is reached over it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { NetworkErrorKind } from '../../../hal/hal.ts';
import { Flash } from '../../../hal/node/flash.ts';
import { createNodeHal, type NodeHal } from '../../../hal/node/node.ts';
import { DESK_POINTS } from '../../../hal/node/wifi.ts';
import { until } from '../../support/until.ts';

const BARN = { name: 'Barn', password: 'hay-and-straw' };

interface Scene {
  readonly hal: NodeHal;
  readonly links: boolean[];
}

function start(t: ExecutionContext, flash: Flash): Scene {
  const hal = createNodeHal({ flash, wifi: DESK_POINTS });
  const links: boolean[] = [];
  hal.network.onChange((up) => void links.push(up));
  t.teardown(() => hal.close());
  return { hal, links };
}

function accessOf({ hal }: Scene) {
  const { access } = hal.network;
  if (access === undefined) throw new Error('there is no radio');
  return access;
}

async function settled(scene: Scene, links: number, more: () => boolean = () => true): Promise<void> {
  await until(
    () => scene.links.length === links && more(),
    () => `the link: ${scene.links}`,
  );
}

/** How a connection to a server of this host goes. */
async function reach(t: ExecutionContext, { hal }: Scene): Promise<'open' | NetworkErrorKind> {
  const server = createServer((socket) => void socket.on('error', () => {}));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  t.teardown(() => void server.close());
  const { port } = server.address() as { port: number };
  return await new Promise((resolve) => {
    const stream = hal.network.connect(
      { host: '127.0.0.1', port },
      {
        onOpen() {
          stream.close();
          resolve('open');
        },
        onReadable() {},
        onWritable() {},
        onEnd() {},
        onError: (kind) => resolve(kind),
      },
    );
  });
}

test('a start has the first network; another one is on trial until it is kept, and each start begins with it then', async (t) => {
  const flash = new Flash();
  const first = start(t, flash);
  const access = accessOf(first);
  t.deepEqual([access.name, access.status, first.hal.network.up], ['House', 'addressed', true]);
  access.join(BARN);
  t.deepEqual([access.name, first.hal.network.up], [undefined, false], 'at once');
  await settled(first, 2);
  t.deepEqual([first.links, access.name, access.isKept(BARN)], [[false, true], 'Barn', false]);
  t.is(accessOf(start(t, flash)).name, 'House', 'as after a power cut');
  t.true(access.confirm());
  t.true(access.isKept(BARN));
  t.is(accessOf(start(t, flash)).name, 'Barn');
  access.rollBack();
  t.is(access.name, 'Barn', 'nothing is on trial');
});

test('a wrong password, a name that is not in reach and one without an address do not bring the link up; back is back', async (t) => {
  for (const [network, status] of [
    [{ name: 'Barn', password: 'straw-and-hay' }, 'searching'],
    [{ name: 'Barn', password: undefined }, 'searching'],
    [{ name: 'Yard', password: 'any-password' }, 'searching'],
    [{ name: 'constructor', password: undefined }, 'searching'],
    [{ name: 'Shed', password: 'rakes-and-spades' }, 'joined'],
  ] as const) {
    const scene = start(t, new Flash());
    const access = accessOf(scene);
    access.join(network);
    await settled(scene, 1, () => status === 'joined' || access.refusals > 0);
    t.deepEqual([access.status, scene.hal.network.up, access.name], [status, false, undefined]);
    access.rollBack();
    await settled(scene, 2);
    t.deepEqual([access.name, access.refusals, scene.links], ['House', 0, [false, true]]);
  }
});

test('a network without a route reaches nothing; a pulled cable is not a network', async (t) => {
  const scene = start(t, new Flash());
  t.is(await reach(t, scene), 'open');
  accessOf(scene).join({ name: 'Island', password: 'sand-and-stones' });
  await settled(scene, 2);
  t.is(accessOf(scene).status, 'addressed');
  t.is(await reach(t, scene), 'unreachable');
  scene.hal.network.switch(false);
  accessOf(scene).rollBack();
  await settled(scene, 3);
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.deepEqual([scene.links, scene.hal.network.up], [[false, true, false], false]);
  scene.hal.network.switch(true);
  await settled(scene, 4);
  t.is(await reach(t, scene), 'open');
});

test('it is kept in its directory, all or nothing; a file that is damaged counts as none', (t) => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'fractus-wifi-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const file = path.join(dataDir, 'wifi.json');
  const flash = new Flash({ dataDir });
  flash.wifi = BARN;
  flash.close();
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), BARN);
  const again = new Flash({ dataDir });
  t.deepEqual(again.wifi, BARN);
  again.close();
  for (const damage of ['{"name":', 'null', '{"name":5}']) {
    writeFileSync(file, damage);
    const damaged = new Flash({ dataDir });
    t.is(damaged.wifi, undefined, damage);
    damaged.close();
  }
  // What cannot be kept is on trial still.
  const full = new Flash();
  Object.defineProperty(full, 'wifi', {
    get: () => undefined,
    set() {
      throw new Error('full');
    },
  });
  const access = accessOf(start(t, full));
  access.join(BARN);
  t.false(access.confirm());
  t.false(access.isKept(BARN));
});

test('a board without Wi-Fi has no radio', (t) => {
  const hal = createNodeHal();
  t.teardown(() => hal.close());
  t.is(hal.network.access, undefined);
});
