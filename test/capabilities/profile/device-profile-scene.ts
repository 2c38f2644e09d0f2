// SPDX-License-Identifier: Apache-2.0
/** A board that takes all parts of a profile, with profiles for it and operators who assign them. */

import type { ExecutionContext } from 'ava';
import { CAPABILITIES, configurationFiles, deviceProfile, software } from '../../../src/capabilities/index.ts';
import type { App } from '../../../src/index.ts';
import type { JsonObject, Operation } from '../../../tools/platform/model.ts';
import { createOperation } from '../../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { objectOf, settle } from '../../agent/scene.ts';
import { CAPACITY_BYTES as FIRMWARE_BYTES, fileOf, imageOf } from '../firmware/firmware-scene.ts';
import { createScene as createBoard, isEnded, listed, minuteMs, modOf, upload } from '../software/software-scene.ts';

export const PROFILE = { profileName: 'winter', profileId: '60238' };

export function createScene(t: ExecutionContext, options: WorldOptions = {}, app: App = () => {}): World {
  const capabilities = [...CAPABILITIES, software(), ...configurationFiles(), deviceProfile()];
  return createBoard(t, { capabilities, machine: { firmwareBytes: FIRMWARE_BYTES }, ...options }, app);
}

export const firmwareOf = (world: World, version = '2.0.0', image = imageOf(version, 3000)) => ({
  firmware: { name: 'fractus', version, url: upload(world, fileOf(version, image)), isPatch: false },
});
export const softwareOf = (world: World, bytes = modOf(1), more: JsonObject = {}) => ({
  software: [{ name: 'cellar', version: '1.0', url: upload(world, bytes), softwareType: 'mod', ...more }],
});
export const configurationOf = (world: World, ...texts: string[]) => ({
  configuration: texts.map((text) => ({ name: 'cold', type: 'agent', url: upload(world, text) })),
});
export const everything = (world: World): JsonObject => ({
  ...configurationOf(world, 'measurementInterval=77\n'),
  ...softwareOf(world),
  ...firmwareOf(world),
});

export function order(world: World, profile: JsonObject, beside: JsonObject = PROFILE): Operation {
  return createOperation(world.platform, objectOf(world).id, { ...beside, c8y_DeviceProfile: profile });
}

export function toEnd(world: World, operation: Operation): Operation {
  world.runUntil(() => isEnded(operation), 600 * minuteMs);
  settle(world);
  return operation;
}

export const profile = (world: World) => objectOf(world).fragments['c8y_Profile'];
export const config = (world: World) =>
  String((objectOf(world).fragments['c8y_Configuration'] as JsonObject)['config']);
const version = (world: World) => (objectOf(world).fragments['c8y_Firmware'] as JsonObject)['version'];

/** Checks that all parts are in force. */
export function isWhole(t: ExecutionContext, world: World, what: string): void {
  t.is(world.device.machine.hal?.board.firmware.version, '2.0.0', what);
  t.is(version(world), '2.0.0', what);
  t.deepEqual(listed(world), ['cellar 1.0'], what);
  t.regex(config(world), /^measurementInterval=77$/m, what);
  t.deepEqual(profile(world), { ...PROFILE, profileExecuted: true }, what);
}
