// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { AlarmRecord } from '../../../tools/platform/model.ts';
import { alarmsOf } from '../../../tools/platform/operator.ts';
import type { World, WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { createSettled, objectOf } from '../scene.ts';
import { Author, quiet } from './reporting.ts';

export const path = '/alarm/alarms';

export const type = 'x_Leak';

export function createAuthored(t: ExecutionContext, options: WorldOptions = {}): { author: Author; world: World } {
  const author = new Author();
  const world = createSettled(t, { app: author.app, ...options, config: { ...quiet, ...options.config } });
  return { author, world };
}

export function alarms(world: World, of = type): AlarmRecord[] {
  return alarmsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === of);
}

/** The states of the alarms, in order. */
export function states(world: World, of = type): unknown[] {
  return alarms(world, of).map(({ fragments }) => fragments['status']);
}

export function requests(world: World, since = 0): string[] {
  return world.exchanges
    .filter((each) => each.number > since && each.path.startsWith(path))
    .map(({ method }) => method);
}

export function raise(author: Author, text = 'It leaks'): void {
  author.device.alarm(type, 'MAJOR', text);
}
