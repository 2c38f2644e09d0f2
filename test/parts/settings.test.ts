// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { type LiveSettings, type Setting, type TextSetting, withSettings } from 'fractus/settings';
import { ConfigError, measurement } from '../../src/index.ts';
import { alarmsOf, createOperation } from '../../tools/platform/operator.ts';
import { World } from '../../tools/simulate/machine/world.ts';
import { calls, createSettled, logged, objectOf, settle } from '../agent/scene.ts';

const KEYS = {
  acme_delay: { kind: 'integer', least: 1, most: 600, value: 30, unit: 's', remote: true, meaning: 'Until the alarm.' },
  acme_mode: { kind: 'choice', choices: ['eco', 'fast'], value: 'eco', remote: true, meaning: 'How it works.' },
  acme_pin: { kind: 'text', value: '0000', secret: true, meaning: 'Of the door.' },
} as const;

interface Scene {
  settings: LiveSettings<typeof KEYS>;
  changes: number;
}

function createScene(t: Parameters<typeof createSettled>[0], config: Record<string, string> = {}) {
  const scene = { changes: 0 } as Scene;
  const app = withSettings(KEYS, (_board, settings) => {
    scene.settings = settings;
    settings.onChange(() => {
      scene.changes += 1;
    });
  });
  const world = createSettled(t, { app, config });
  const shown = () => (objectOf(world).fragments['c8y_Configuration'] as { config: string } | undefined)?.config;
  const configure = (text: string) => {
    const operation = createOperation(world.platform, objectOf(world).id, { c8y_Configuration: { config: text } });
    world.run(5000);
    return operation;
  };
  return { world, scene, shown, configure };
}

/** Updates of the inventory that show a configuration. */
function updates(world: World): number {
  return calls(world, 'PUT', '/inventory/managedObjects/*').filter(({ body }) => body.includes('c8y_Configuration'))
    .length;
}

test('values have their types: defaults, or the configuration of the firmware', (t) => {
  const { scene } = createScene(t);
  const delay: number = scene.settings.values.acme_delay;
  const mode: 'eco' | 'fast' = scene.settings.values.acme_mode;
  t.deepEqual([delay, mode, scene.settings.values.acme_pin], [30, 'eco', '0000']);
  t.is(scene.settings.values.measurementInterval, 60);
  const given = createScene(t, { acme_delay: '5', acme_pin: '1234' });
  t.deepEqual([given.scene.settings.values.acme_delay, given.scene.settings.values.acme_pin], [5, '1234']);
});

test('a value that is not allowed is refused as those of the agent are, and a secret is not quoted', (t) => {
  const app = withSettings(KEYS, () => {});
  const start = (config: Record<string, string>) => new World({ app, config }).start();
  const expected = (message: RegExp) => ({ message });
  t.throws(() => start({ acme_delay: '601' }), expected(/acme_delay: "601" .*a whole number from 1 to 600 \(s\)/));
  t.throws(() => start({ acme_mode: 'slow' }), expected(/acme_mode: "slow" .*allowed: eco or fast/));
  t.throws(() => start({ acme_dely: '3' }), expected(/acme_dely: there is no such key; there are: .*acme_delay/));
  const error = t.throws(() => start({ acme_pin: 'a\u0001secret' }));
  t.false(error?.message.includes('secret\u0001') || error?.message.includes('a?secret'));
});

test('remote ones are shown and changed by c8y_Configuration, others are not; the app is told', (t) => {
  const { world, scene, shown, configure } = createScene(t);
  t.regex(shown() ?? '', /acme_delay=30\nacme_mode=eco\n$/);
  t.notRegex(shown() ?? '', /acme_pin/);
  t.is(configure('acme_mode=fast\nmeasurementInterval=20\n').status, 'SUCCESSFUL');
  t.deepEqual([scene.changes, scene.settings.values.acme_mode, scene.settings.values.acme_delay], [1, 'fast', 30]);
  t.regex(shown() ?? '', /^acme_mode=fast\nmeasurementInterval=20\n/);
  for (const wrong of ['acme_mode=slow', 'acme_delay=0', 'acme_pin=1']) {
    t.is(configure(wrong).status, 'FAILED', wrong);
  }
  t.is(scene.changes, 1);
  world.device.reboot();
  settle(world);
  t.is(scene.settings.values.acme_mode, 'fast');
  t.is(scene.settings.values.measurementInterval, 20);
});

test('the app changes them in the same way: checked, kept, and shown on the platform', (t) => {
  const { world, scene, shown, configure } = createScene(t);
  configure('# by Ada\nmeasurementInterval=20\n');
  const before = updates(world);
  scene.settings.change({ acme_delay: 90, measurementInterval: 40 });
  t.is(scene.settings.values.acme_delay, 90, 'in force at once');
  world.run(5000);
  t.is(updates(world), before + 1);
  t.regex(shown() ?? '', /^# by Ada\nmeasurementInterval=40\nacme_delay=90\n/);
  t.is(scene.changes, 2);
  const refused = () => scene.settings.change({ acme_delay: 5, acme_pin: '1' });
  t.throws(refused, { instanceOf: ConfigError, message: /acme_pin: cannot be changed while the device runs/ });
  t.throws(() => scene.settings.change({ acme_delay: 601 }), { instanceOf: ConfigError });
  t.is(scene.settings.values.acme_delay, 90, 'nothing has changed');
  world.device.reboot();
  settle(world);
  t.is(scene.settings.values.acme_delay, 90);
  t.regex(shown() ?? '', /acme_delay=90\n/);
});

test('a key that only an earlier firmware had does not keep the app from changing others', (t) => {
  const { world, scene, shown } = createScene(t);
  world.device.powerCut();
  const kept = '# old_key=1\nold_key=2\nmeasurementInterval=20\n';
  world.device.machine.flash.values.set('runtime', Buffer.from(kept));
  world.device.start();
  settle(world);
  scene.settings.change({ acme_delay: 90 });
  world.run(5000);
  t.regex(shown() ?? '', /^# old_key=1\nmeasurementInterval=20\nacme_delay=90\n/);
});

test('a text of several lines changes no other key', (t) => {
  const settings: { live?: LiveSettings<{ readonly acme_text: TextSetting }> } = {};
  const text = { kind: 'text', value: 'a', remote: true, meaning: 'What is shown.' } as const;
  const world = createSettled(t, {
    app: withSettings({ acme_text: text }, (_board, live) => {
      settings.live = live;
    }),
  });
  const wrong = () => settings.live?.change({ acme_text: 'b\nmeasurementInterval=5' });
  t.throws(wrong, { instanceOf: RangeError, message: 'setting acme_text: control characters are not allowed' });
  t.like(settings.live?.values, { acme_text: 'a', measurementInterval: 60 });
  world.run(5000);
});

test('keys of an earlier firmware do not affect the other keys', (t) => {
  const { world, configure } = createScene(t);
  configure('acme_delay=77\nmeasurementInterval=20\n');
  const machine = { ...world.device.machine };
  const next = createSettled(t, { app: withSettings({}, () => {}) });
  for (const [name, value] of machine.flash.values)
    if (name === 'runtime') next.device.machine.flash.values.set(name, value);
  next.device.reboot();
  settle(next);
  const { config } = objectOf(next).fragments['c8y_Configuration'] as { config: string };
  t.regex(config, /measurementInterval=20\n/);
  t.notRegex(config, /acme_/);
  t.false(logged(next, 'the stored configuration is not used'));
});

const integer = { kind: 'integer', least: 1, most: 9, value: 5, meaning: '' } as const;
for (const [name, setting] of [
  ['delay', integer],
  ['acme-delay', integer],
  ['acme_delay', { ...integer, value: 10 }],
  ['acme_delay', { ...integer, value: 1.5 }],
  ['acme_delay', { ...integer, least: -1 }],
  ['acme_mode', { kind: 'choice', choices: ['a'], value: 'b', meaning: '' }],
  ['acme_pin', { kind: 'text', value: 'x', secret: true, remote: true, meaning: '' }],
] as const) {
  test(`a definition that makes no sense is found on the desk: ${name} ${JSON.stringify(setting)}`, (t) => {
    t.throws(() => withSettings({ [name]: setting as Setting }, () => {}), {
      instanceOf: RangeError,
      message: new RegExp(`^setting ${name}: `),
    });
  });
}

test('a rule follows a setting when its sensor is declared again', (t) => {
  const tank = { sample: () => ({ level: 15 }) };
  const reports = measurement({ type: 'acme_Tank', fragments: { acme_Tank: { level: { of: 'level', unit: '%' } } } });
  const limit = {
    kind: 'integer',
    least: 0,
    most: 100,
    value: 20,
    unit: '%',
    remote: true,
    meaning: 'Empty.',
  } as const;
  const app = withSettings({ acme_limit: limit }, (board, settings) => {
    const declare = () => {
      const below = settings.values.acme_limit;
      const rule = { of: 'level', below, type: 'acme_Empty', severity: 'MAJOR', text: 'Empty' } as const;
      board.sensor({ reports, sensor: tank, rules: [rule] });
    };
    declare();
    settings.onChange(() => {
      board.removeSensor(tank);
      declare();
    });
  });
  const world = createSettled(t, { app, config: { measurementInterval: '10' } });
  const { id } = objectOf(world);
  const statuses = () => alarmsOf(world.platform, id).map(({ fragments }) => fragments['status']);
  world.run(30_000);
  t.deepEqual(statuses(), ['ACTIVE']);
  createOperation(world.platform, id, { c8y_Configuration: { config: 'acme_limit=10' } });
  world.run(30_000);
  t.deepEqual(statuses(), ['CLEARED']);
});
