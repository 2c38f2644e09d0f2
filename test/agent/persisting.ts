// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { RawConfig } from '../../src/index.ts';
import type { World } from '../../tools/simulate/machine/world.ts';
import { Author, quiet } from './records/reporting.ts';
import { createSettled } from './scene.ts';

export const nor = {};

export const small = { sectorBytes: 512, sectors: 6 };

export function createAuthored(
  t: ExecutionContext,
  options: { config?: RawConfig; flash?: typeof small | object } = {},
) {
  const author = new Author();
  const { config, flash = nor } = options;
  const world = createSettled(t, { app: author.app, config: { ...quiet, ...config }, machine: { nor: flash } });
  return { author, world };
}

export function numbers(world: World): number[] {
  return [...world.platform.core.events.values()].flatMap(({ fragments }) => fragments['x_Number'] as number);
}

export function raw(world: World) {
  const { nor: flash } = world.device.machine;
  if (flash === undefined) throw new Error('there is no raw flash');
  return flash;
}
