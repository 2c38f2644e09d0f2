import test from 'ava';
import { order, runToEnd } from './operations/operating.ts';
import { createSettled, listening, objectOf } from './scene.ts';

const OPTIONAL = ['watchdog', 'firmware', 'modules', 'sleep'] as const;

test('a board without watchdog, firmware slots, modules and sleep: nothing is declared for them, nothing throws', (t) => {
  const bare = createSettled(t);
  for (const name of OPTIONAL) t.is(bare.device.machine.hal?.[name], undefined);
  const whole = createSettled(t, { machine: { watchdogMs: 10_000, firmwareBytes: 1000, sleeps: true } });
  for (const name of ['watchdog', 'firmware', 'sleep'] as const) t.not(whole.device.machine.hal?.[name], undefined);
  const operations = objectOf(bare).fragments['c8y_SupportedOperations'] as string[];
  for (const name of operations) {
    t.true((objectOf(whole).fragments['c8y_SupportedOperations'] as string[]).includes(name), name);
  }
  for (const name of ['c8y_Firmware', 'c8y_SoftwareUpdate', 'c8y_SoftwareList']) t.false(operations.includes(name));
  for (const world of [bare, whole]) {
    runToEnd(world, [order(world, { c8y_Command: { text: 'status' } }), order(world, { c8y_Restart: {} })]);
    world.runUntil(() => listening(world), 60_000);
    world.run(3_600_000);
    t.is(world.device.machine.restarts.length, 1, 'the one that was ordered');
    t.deepEqual(
      world.device.lines.filter((line) => line.startsWith('error')),
      [],
    );
  }
});
