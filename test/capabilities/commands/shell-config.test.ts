// SPDX-License-Identifier: Apache-2.0
/** `shell()`: its command `config`. */

import test from 'ava';
import { configuration, restart, shell } from '../../../src/capabilities/index.ts';
import { withSettings } from '../../../src/parts/settings.ts';
import { order, runToEnd } from '../../agent/operations/operating.ts';
import { calls, objectOf, settle } from '../../agent/scene.ts';
import { answer, config, createScene, say } from './shell-scene.ts';

const settings = withSettings(
  {
    acme_mode: { kind: 'choice', choices: ['warm', 'cold'], value: 'warm', meaning: 'how', remote: true },
    acme_note: { kind: 'text', value: 'none', meaning: 'a note', remote: true },
    acme_pin: { kind: 'text', value: 'the-pin-4711', meaning: 'a secret', secret: true },
  },
  () => {},
);

test('config shows the keys that may change and nothing else: no secret, no address', (t) => {
  const world = createScene(t, { app: settings });
  const text = answer(world, 'config');
  t.is(text, config(world));
  t.is(answer(world, 'config get'), text);
  t.is(answer(world, 'config get measurementInterval'), 'measurementInterval=60\n');
  t.is(answer(world, 'config get acme_mode'), 'acme_mode=warm\n');
  for (const key of [
    'url',
    'bootstrapPassword',
    'acme_pin',
    'constructor',
    '#',
    'measurementInterva',
    'x'.repeat(500),
  ]) {
    const reason = say(world, `config get ${key}`).failureReason ?? '';
    t.regex(reason, /^config: ".*" is not allowed; allowed: measurementInterval, .*, acme_mode, acme_note$/);
    t.false(reason.includes('4711'));
  }
  t.regex(say(world, 'config erase').failureReason ?? '', /^config: allowed are config, config get, config set$/);
});

test('config set works like c8y_Configuration: in force, on the platform, and after a restart', (t) => {
  const world = createScene(t, { app: settings });
  const operation = order(world, {
    c8y_Configuration: { config: '# of the office\nmeasurementInterval=77\nacme_note=a b\n' },
  });
  runToEnd(world, [operation]);
  for (const [text, line] of [
    ['config set measurementInterval 30', 'measurementInterval=30'],
    ['config set acme_mode=cold', 'acme_mode=cold'],
    ['config set acme_note = x=y  z', 'acme_note=x=y  z'],
  ] as const) {
    t.is(answer(world, text), `${line}\n`);
    t.true(config(world).split('\n').includes(line));
    t.is(config(world), answer(world, 'config'));
  }
  t.true(config(world).startsWith('# of the office\nmeasurementInterval=30\nacme_note=x=y  z\nacme_mode=cold\n'));
  const { requests } = world;
  const [last] = [say(world, 'config set pollTimeout 60')];
  const [inventory] = calls(world, 'PUT', `/inventory/managedObjects/${objectOf(world).id}`, requests);
  const end = calls(world, 'PUT', `/devicecontrol/operations/${last?.id}`, requests).at(-1);
  t.true((inventory?.number ?? Infinity) < (end?.number ?? 0), 'the inventory before the end');
  const before = config(world);
  world.device.reboot();
  settle(world);
  t.is(config(world), before);
  t.is(answer(world, 'config'), before);
});

test('config set of a key that is not allowed changes nothing and names the allowed ones', (t) => {
  const world = createScene(t, { app: settings });
  answer(world, 'config set measurementInterval 77');
  const before = config(world);
  for (const [args, reason] of [
    ['', /^config: "" is not allowed; allowed: measurementInterval, /],
    ['measurementInterval', /^measurementInterval: "" is not allowed; allowed: a whole number/],
    ['measurementInterval 0', /^measurementInterval: "0" is not allowed/],
    ['measurementInterval 5\npollTimeout=5', /^measurementInterval: control characters are not allowed$/],
    ['acme_mode tepid', /^acme_mode: "tepid" is not allowed; allowed: warm or cold$/],
    ['url https://elsewhere.example', /^config: "url" is not allowed/],
    ['acme_pin 1234', /^config: "acme_pin" is not allowed/],
    ['# 1', /^config: "#" is not allowed/],
    ['__proto__ 1', /^config: "__proto__" is not allowed/],
  ] as const) {
    const operation = say(world, `config set ${args}`);
    t.is(operation.status, 'FAILED', args);
    t.regex(operation.failureReason ?? '', reason);
    t.is(config(world), before);
    t.is(answer(world, 'config'), before);
  }
  world.device.machine.flash.refusing = true;
  t.regex(say(world, 'config set measurementInterval 88').failureReason ?? '', /the flash refuses the configuration/);
  world.device.machine.flash.refusing = false;
  t.is(answer(world, 'config'), before);
});

test('a text with unknown keys of an earlier firmware does not stop config set', (t) => {
  const world = createScene(t, { app: settings });
  world.device.powerCut();
  const kept = '# old=1\nold=2\nmeasurementInterval=77\n';
  world.device.machine.flash.values.set('runtime', Buffer.from(kept));
  world.device.start();
  settle(world);
  t.is(answer(world, 'config set acme_mode cold'), 'acme_mode=cold\n');
  t.true(config(world).startsWith('# old=1\nmeasurementInterval=77\nacme_mode=cold\n'));
});

test('without the configuration capability the inventory has no configuration, also after config set', (t) => {
  const world = createScene(t, { capabilities: [restart, shell()] });
  t.is(answer(world, 'config set measurementInterval 77'), 'measurementInterval=77\n');
  t.false(Object.hasOwn(objectOf(world).fragments, configuration.name));
});
