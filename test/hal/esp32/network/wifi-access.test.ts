// SPDX-License-Identifier: Apache-2.0
/** Another network in the place of the one that is configured: on trial in RAM, kept as the console keeps it. */

import test from 'ava';
import { boardConfig, PROVISIONED, readSettings, writeSettings } from '../../../../hal/esp32/config.ts';
import { WifiAccess } from '../../../../hal/esp32/network/wifi-access.ts';
import { MemoryValues } from '../../../support/memory-values.ts';
import { World } from './wifi-world.ts';

/** In the firmware, with a second one. */
const MANIFEST = { wifiName: 'House', wifiPassword: 'bread-and-butter', wifiName2: 'Yard' };
const HOUSE = { name: 'House', password: 'bread-and-butter' };
const BARN = { name: 'Barn', password: 'hay & straw' };

function create(values = new MemoryValues()) {
  const config = () => boardConfig(MANIFEST, values);
  const world = new World(config());
  const access = new WifiAccess({
    link: world.link,
    reset: () => world.link.reset(),
    config,
    set: (settings) => writeSettings(values, { ...readSettings(values), ...settings }),
  });
  for (const name of ['House/bread-and-butter', 'Barn/hay & straw', 'Open/undefined']) world.reachable.add(name);
  world.start();
  const text = () => Buffer.from(values.kept.get(PROVISIONED) ?? []).toString();
  return { world, access, values, text };
}

test('each start begins with the kept network, followed by the others', (t) => {
  const { world, access, values, text } = create();
  writeSettings(values, { url: 'https://acme.example.com' });
  t.deepEqual([access.name, access.isKept(HOUSE), access.isKept(BARN)], ['House', true, false]);
  access.join(BARN);
  t.deepEqual([world.link.up, access.name, access.status], [false, undefined, 'searching']);
  world.pass(1000);
  t.deepEqual([world.link.up, access.name, access.status], [true, 'Barn', 'addressed']);
  t.deepEqual(world.changes, [true, false, true]);
  t.is(values.writes, 1, 'in RAM alone');
  t.true(access.isKept(HOUSE));
  t.true(access.confirm());
  t.is(values.writes, 2, 'name and password with one write');
  t.is(text(), 'url=https://acme.example.com\nwifiName=Barn\nwifiPassword=hay & straw');
  t.deepEqual([access.isKept(HOUSE), access.isKept(BARN)], [false, true]);
  access.rollBack();
  t.is(access.name, 'Barn', 'nothing is on trial');
  // What is configured besides is there still.
  world.reachable.delete('Barn/hay & straw');
  world.reachable.add('Yard');
  world.radio.change(200);
  world.pass(40_000);
  t.is(access.name, 'Yard');
  const { access: next } = create(values);
  t.is(next.name, 'Barn');
});

test('after a failed trial the former network is back, and nothing is written', (t) => {
  const { world, access, values } = create();
  for (const network of [BARN, { name: 'Nowhere' }, { ...BARN, password: 'straw & hay' }]) {
    access.join(network);
    world.pass(100_000);
    t.is(world.link.up, network === BARN);
    access.rollBack();
    world.pass(1000);
    t.deepEqual([access.name, access.isKept(HOUSE), values.writes], ['House', true, 0]);
  }
  t.deepEqual(
    [...new Set(world.radio.attempts)],
    ['House/bread-and-butter', 'Barn/hay & straw', 'Nowhere', 'Barn/straw & hay'],
  );
});

test('attempts that the network ends are counted while another one is on trial; those that take too long are not', (t) => {
  const { world, access } = create();
  const wrong = { ...BARN, password: 'straw & hay' };
  world.radio.refuses = true;
  access.join(wrong);
  t.is(access.refusals, 0);
  world.pass(1000);
  t.is(access.refusals, 1);
  // Waits of 1, 2, 4 and 8 s between them.
  world.pass(16_000);
  t.is(access.refusals, 5);
  access.join(BARN);
  world.pass(1000);
  t.deepEqual([access.name, access.refusals], ['Barn', 0]);
  access.join(wrong);
  world.radio.refuses = false;
  world.pass(100_000);
  t.is(access.refusals, 0, 'a network that says nothing');
  access.rollBack();
  world.pass(1000);
  t.deepEqual([access.name, access.refusals], ['House', 0]);
  t.is(world.link.radio, world.radio, 'nothing stands between link and radio any more');
});

test('the former network is the last one in use, not the first', (t) => {
  const { world, access } = create();
  world.reachable.clear();
  world.reachable.add('Yard');
  world.radio.change(200);
  world.pass(40_000);
  t.is(access.name, 'Yard');
  access.join(BARN);
  world.pass(5000);
  access.rollBack();
  const { length } = world.radio.attempts;
  world.pass(1000);
  t.deepEqual(world.radio.attempts.slice(length), ['Yard']);
});

test('an open network hides the password of the firmware', (t) => {
  const { world, access, values, text } = create();
  access.join({ name: 'Open' });
  world.pass(1000);
  t.true(access.confirm());
  t.is(text(), 'wifiName=Open\nwifiPassword=');
  t.true(access.isKept({ name: 'Open' }));
  t.deepEqual(create(values).world.radio.attempts, ['Open']);
});

test('a flash that refuses: it is on trial still, and can be left', (t) => {
  const { world, access, values } = create();
  access.join(BARN);
  world.pass(1000);
  values.refuses = true;
  t.false(access.confirm());
  values.refuses = false;
  access.rollBack();
  world.pass(1000);
  t.deepEqual([access.name, access.isKept(HOUSE)], ['House', true]);
});

test('a late address belongs to the former network', (t) => {
  const { world, access } = create();
  access.join(BARN);
  world.radio.change(500);
  t.is(access.name, 'House');
  world.radio.change(200);
  world.pass(5000);
  t.is(access.name, 'Barn');
});

test('joined without an address it says so', (t) => {
  const { world, access } = create();
  access.join({ name: 'Mute' });
  world.pass(1000);
  t.is(access.status, 'searching');
  world.radio.change(400);
  t.is(access.status, 'joined');
});

test('one after the other: the first of all comes back', (t) => {
  const { world, access } = create();
  access.join({ name: 'Open' });
  world.pass(1000);
  access.join(BARN);
  world.pass(1000);
  t.is(access.name, 'Barn');
  access.rollBack();
  world.pass(1000);
  t.is(access.name, 'House');
});
