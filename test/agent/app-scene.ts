// SPDX-License-Identifier: Apache-2.0

import type { ExecutionContext } from 'ava';
import type { World, WorldOptions } from '../../tools/simulate/machine/world.ts';
import { Author, quiet } from './records/reporting.ts';
import { createSettled } from './scene.ts';

export function createAuthored(t: ExecutionContext, options: WorldOptions = {}): { author: Author; world: World } {
  const author = new Author();
  const world = createSettled(t, { app: author.app, ...options, config: { ...quiet, ...options.config } });
  return { author, world };
}

/** Requests of the device, without polls and heartbeats. */
export function sentSince(world: World, before: number): string[] {
  return world.exchanges
    .filter(({ number, path, body }) => number > before && !path.startsWith('/notification') && body !== '{}')
    .map(({ method, path, body }) => `${method} ${path} ${body}`);
}

export const names = [
  '',
  ' ',
  'a b',
  'a.b',
  'a,b',
  'a*',
  '[a]',
  '(a)',
  'a@b',
  '$a',
  'a/b',
  'a\tb',
  'a\nb',
  'a"b',
  'a\\b',
  'x'.repeat(300),
];
