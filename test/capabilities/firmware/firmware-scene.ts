// SPDX-License-Identifier: Apache-2.0
/** A device with two places for firmware on a tenant, files for it, and operations that order them. */

import { createHash, generateKeyPairSync } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { app as usualApp } from '../../../src/app.ts';
import { firmware } from '../../../src/capabilities/firmware/firmware.ts';
import type { Capability, RawConfig } from '../../../src/index.ts';
import type { SigningKey } from '../../../tools/moddable/firmware/firmware-signature.ts';
import type { Operation } from '../../../tools/platform/model.ts';
import { createBinary, createOperation } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { createWorld, objectOf, settle } from '../../agent/scene.ts';

const MODEL = 'ESP32 (fake)';
export const CAPACITY_BYTES = 50_000;

/** An image of a fake machine: it says who it is, and the rest is room. */
export function imageOf(version: string, bytes = 20_000): Buffer {
  return Buffer.from(JSON.stringify({ name: 'fractus', version }).padEnd(bytes));
}

interface HeadChanges {
  readonly magic?: string;
  readonly [line: string]: string | undefined;
}

/** A firmware file, wrong where `changes` says so. */
export function fileOf(version: string, image = imageOf(version), changes: HeadChanges = {}): Buffer {
  const lines = {
    name: 'fractus',
    version,
    model: MODEL,
    bytes: String(image.length),
    sha256: createHash('sha256').update(image).digest('hex'),
    ...changes,
  };
  const { magic = 'fractus firmware 1', ...rest } = lines as typeof lines & HeadChanges;
  const head = Object.entries(rest).filter(([, value]) => value !== undefined);
  return Buffer.concat([
    Buffer.from(`${magic}\n${head.map(([name, value]) => `${name} ${value}\n`).join('')}\n`),
    image,
  ]);
}

/** As `fractus sign --new-key` makes one, without the file. */
export function makeKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  return { privateKey, publicKey: point.toString('base64url') };
}

export function createScene(t: ExecutionContext, capability: Capability = firmware, config: RawConfig = {}): World {
  const world = createWorld(t, {
    config,
    machine: { firmwareBytes: CAPACITY_BYTES },
    app: (board) => {
      usualApp(board);
      board.operation(capability);
    },
  });
  world.start();
  settle(world);
  return world;
}

export function order(world: World, file: Uint8Array | string, wanted: Record<string, unknown> = {}): Operation {
  const path =
    typeof file === 'string'
      ? file
      : `https://platform.test/inventory/binaries/${createBinary(world.platform, file).id}`;
  const c8y_Firmware = { name: 'fractus', version: '2.0.0', url: path, ...wanted } as Record<string, string>;
  return createOperation(world.platform, objectOf(world).id, { c8y_Firmware });
}

const isEnded = ({ status }: Operation) => status === 'SUCCESSFUL' || status === 'FAILED';
export const statuses = ({ history }: Operation) => history.map(({ status }) => status);

export function runToEnd(world: World, operation: Operation, withinMs = 7_200_000): void {
  world.runUntil(() => isEnded(operation), withinMs);
  settle(world);
}
