// SPDX-License-Identifier: Apache-2.0
/** Guide step 4: fragments that the object has taken are not sent again. */

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
import type { World } from '../../../tools/simulate/machine/world.ts';
import { bodyOf, calls, createSettled, objectOf, settle } from '../scene.ts';

const objects = '/inventory/managedObjects';
const stored = 'acknowledged';

/** A board with these children; the app declares the fragments of `scene` at that start. */
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

/** Restarts the device; returns the names of the fragments that each object was sent. */
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

test('a start sends only what differs from the fragments taken last, for each device separately', (t) => {
  const { scene, world } = create(t);
  const board = objectOf(world).id;
  const child = childOf(world).id;
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  scene.declared = { x_A: { a: 2 }, x_B: 'b', x_C: null };
  t.deepEqual(reboot(world), { [board]: ['x_A', 'x_C'], [child]: ['x_A', 'x_C'] });
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  // A fragment that is no longer declared stays there: it is not sent when it comes back.
  scene.declared = { x_B: 'b' };
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
  scene.declared = { x_A: { a: 2 }, x_B: 'b' };
  t.deepEqual(reboot(world), { [board]: [], [child]: [] });
});

test('fragments that were not taken are sent again', (t) => {
  const { scene, world } = create(t, []);
  scene.declared = { x_A: { a: 3 } };
  world.platform.order({ kind: 'dropBefore', method: 'PUT', path: `${objects}/*` });
  const said = reboot(world)[objectOf(world).id];
  t.deepEqual(said, ['x_A', 'x_A']);
  t.like(objectOf(world).fragments, { x_A: { a: 3 } });
});

test('a deleted object is created again with all fragments, and a new object in its place gets all', (t) => {
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

test('changes by a person stay; the command "inventory" sends all fragments again', (t) => {
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

test('at run time a changed fragment is sent, and frequent changes cost one write to flash', (t) => {
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

test('an app that changes its own object in place declares nothing; declaring it again counts', (t) => {
  const { scene, world } = create(t, []);
  const mine = { a: 1 };
  scene.board?.fragment('x_A', mine);
  mine.a = 2;
  scene.board?.fragment('x_A', mine);
  world.run(2000);
  t.like(objectOf(world).fragments, { x_A: { a: 2 } });
});

test('a fragment set during the update of the start is still sent by the next start', (t) => {
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

test('with the maximum of children, fragments that do not fit on flash are sent at each start, and the value stays small', (t) => {
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

test('a damaged stored value costs one update with all fragments', (t) => {
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
