import test from 'ava';
import { createWorld, listening, settle } from './scene.ts';

/** A board that starts with a new firmware. */
function createTrial(t: Parameters<typeof createWorld>[0]) {
  const world = createWorld(t, { machine: { firmwareBytes: 1000 } });
  const { machine } = world.device;
  machine.slots = { other: 'starts', onTrial: false, rolledBack: false };
  return { world, machine };
}

test('a new firmware is kept once it listens for operations', (t) => {
  const { world, machine } = createTrial(t);
  world.start();
  t.true(machine.hal?.firmware?.onTrial);
  settle(world);
  t.false(machine.hal?.firmware?.onTrial);
  t.is(world.device.lines.filter((line) => line.includes('the new firmware is kept')).length, 1);
  machine.reboot();
  t.false(machine.hal?.firmware?.rolledBack);
});

test('one that does not reach its platform is given up at the next restart', (t) => {
  const { world, machine } = createTrial(t);
  world.network.decide = () => 'hang';
  world.start();
  world.run(600_000);
  t.true(machine.hal?.firmware?.onTrial);
  machine.reboot();
  t.true(machine.hal?.firmware?.rolledBack);
  world.network.decide = () => 'accept';
  world.runUntil(() => listening(world), 600_000);
  t.true(machine.hal?.firmware?.rolledBack);
});
