// SPDX-License-Identifier: Apache-2.0
/** Guide step 4: what the object has taken is not said again. */

import test, { type ExecutionContext } from 'ava';
import type { AppBoard } from '../../../src/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import {
  bindExternalId,
  createObject,
  createOperation,
  deleteObject,
  findDevice,
  unbindExternalId,
  updateObject,
} from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/world.ts';
import { bodyOf, calls, createSettled, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const stored = 'acknowledged';

/** A board and `children` of them; what the app declares is what the scene says at that start. */
function create(t: ExecutionContext, children: readonly string[] = ['c']) {
  const scene: { declared: JsonObject; board: AppBoard | undefined } = {
    declared: { x_A: { a: 1 }, x_B: 'b' },
    board: undefined,
  };
  const world = createSettled(t, {
    app: (board) => {
      scene.board = board;
      for (const device of [board, ...children.map((id) => board.child(id, {}))]) {
        for (const [name, value] of Object.entries(scene.declared)) device.fragment(name, value);
      }
    },
  });
  return { scene, world };
}

function childOf(world: World, id = 'c') {
  const child = findDevice(world.platform, `${world.device.deviceId}:${id}`);
  if (child === undefined) throw new Error(`no child ${id}`);
  return child;
}

/** Starts anew; the names of the fragments that were said to each object then. */
function reboot(world: World, how: () => void = () => world.device.reboot()): Record<string, string[]> {
  const { requests } = world;
  how();
  settle(world);
  world.run(20_000);
  const said: Record<string, string[]> = {};
  for (const put of calls(world, 'PUT', `${objects}/*`, requests)) {
    const id = put.path.split('/')[3] ?? '';
    said[id] = [...(said[id] ?? []), ...Object.keys(bodyOf(put))];
  }
  return said;
}

test('a start says what differs from what was taken last, of each device by itself', (t) => {
  const { scene, world } = create(t);
  const board = objectOf(world).id;
  const child = childOf(world).id;
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  scene.declared = { x_A: { a: 2 }, x_B: 'b', x_C: null };
  t.deepEqual(reboot(world), { [board]: ['x_A', 'x_C'], [child]: ['x_A', 'x_C'] });
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  // What is declared no more stays there, so that it is nothing new when it comes back.
  scene.declared = { x_B: 'b' };
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  scene.declared = { x_A: { a: 2 }, x_B: 'b' };
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
});

test('what was not taken is said again', (t) => {
  const { scene, world } = create(t, []);
  scene.declared = { x_A: { a: 3 } };
  world.platform.order({ kind: 'dropBefore', method: 'PUT', path: `${objects}/*` });
  const said = reboot(world)[objectOf(world).id];
  t.deepEqual(said, ['x_A', 'x_A']);
  t.like(objectOf(world).fragments, { x_A: { a: 3 } });
});

test('an object that was deleted is made anew with all, and another one in its place gets all', (t) => {
  const { world } = create(t);
  world.device.powerCut();
  deleteObject(world.platform, objectOf(world).id);
  reboot(world, () => world.device.start());
  const all = ['x_A', 'x_B', 'c8y_SupportedOperations', 'c8y_Agent'];
  for (const name of all) t.true(name in objectOf(world).fragments, name);
  t.deepEqual(reboot(world), { [objectOf(world).id]: [], [childOf(world).id]: [] });
  world.device.powerCut();
  const other = createObject(world.platform, { name: 'empty', c8y_IsDevice: {} }, world.device.user);
  unbindExternalId(world.platform, world.device.deviceId);
  bindExternalId(world.platform, other.id, world.device.deviceId);
  const said = reboot(world, () => world.device.start());
  for (const name of all) t.true(said[other.id]?.includes(name), name);
});

test('what a person changes stays; the command "inventory" sends all again', (t) => {
  const { world } = create(t);
  const { id } = objectOf(world);
  updateObject(world.platform, id, { fragments: { x_B: 'edited', c8y_SupportedOperations: null } });
  reboot(world);
  t.like(objectOf(world).fragments, { x_B: 'edited' });
  const operation = createOperation(world.platform, id, { c8y_Command: { text: 'inventory' } });
  world.run(10_000);
  t.is(operation.status, 'SUCCESSFUL');
  t.like(objectOf(world).fragments, { x_B: 'b', x_A: { a: 1 } });
  t.true(Array.isArray(objectOf(world).fragments['c8y_SupportedOperations']));
  const said = reboot(world);
  t.deepEqual(said[id], []);
});

test('while it runs, a fragment is said when it has changed, and what changes often costs one write to the flash', (t) => {
  const { scene, world } = create(t, []);
  const { id } = objectOf(world);
  const { machine } = world.device;
  const say = (value: number) => {
    const { requests } = world;
    scene.board?.fragment('x_A', { a: value });
    world.run(2000);
    return calls(world, 'PUT', `${objects}/${id}`, requests).filter(({ body }) => body.includes('x_A')).length;
  };
  t.is(say(1), 0, 'it is there');
  const before = machine.flash.values.get(stored);
  t.is(say(5), 1);
  const after = machine.flash.values.get(stored);
  t.notDeepEqual(after, before);
  t.is(say(5), 0);
  for (let value = 6; value < 20; value++) t.is(say(value), 1);
  t.is(machine.flash.values.get(stored), after, 'not written again');
  t.deepEqual(reboot(world)[id], ['x_A'], 'what the start declares is not what was said last');
  t.like(objectOf(world).fragments, { x_A: { a: 1 } });
});

test('an app that changes its own object has said nothing; saying it counts', (t) => {
  const { scene, world } = create(t, []);
  const mine = { a: 1 };
  scene.board?.fragment('x_A', mine);
  mine.a = 2;
  scene.board?.fragment('x_A', mine);
  world.run(2000);
  t.like(objectOf(world).fragments, { x_A: { a: 2 } });
});

test('what the app says while the update of the start is under way is not lost to the next start', (t) => {
  const { scene, world } = create(t, []);
  scene.declared = { x_A: { a: 2 } };
  world.device.reboot();
  world.runUntil(() => calls(world, 'PUT', `${objects}/*`).length > 0, 60_000);
  scene.board?.fragment('x_A', { a: 3 });
  settle(world);
  t.like(objectOf(world).fragments, { x_A: { a: 3 } });
  t.deepEqual(reboot(world)[objectOf(world).id], ['x_A']);
  t.like(objectOf(world).fragments, { x_A: { a: 2 } });
});

test('as many children as there may be: what the flash does not hold is said at each start, and the value stays small', (t) => {
  const ids = Array.from({ length: 200 }, (_, i) => `c${i}`);
  const { world } = create(t, ids);
  world.run(60_000);
  const size = () => world.device.machine.flash.values.get(stored)?.length ?? 0;
  t.true(size() > 3000 && size() <= 3906, String(size()));
  const said = reboot(world);
  for (const id of ids) t.true((said[childOf(world, id).id]?.length ?? 0) > 0);
  t.true(size() <= 3906);
});

test('a child that is removed leaves nothing on flash', (t) => {
  const { scene, world } = create(t, []);
  const size = () => world.device.machine.flash.values.get(stored)?.length;
  const before = size();
  const child = scene.board?.child('passing', {});
  child?.fragment('x_A', 1);
  world.run(10_000);
  t.true((size() ?? 0) > (before ?? 0));
  child?.remove();
  world.run(10_000);
  t.is(size(), before);
});

test('a stored value that is damaged costs one update of all', (t) => {
  const { world } = create(t, []);
  const { values } = world.device.machine.flash;
  const bytes = values.get(stored)?.slice() ?? new Uint8Array(0);
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  world.device.powerCut();
  values.set(stored, bytes);
  const said = reboot(world, () => world.device.start());
  t.true(said[objectOf(world).id]?.includes('x_A'));
  t.deepEqual(reboot(world)[objectOf(world).id], []);
});
