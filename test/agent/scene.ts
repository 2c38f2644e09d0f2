// SPDX-License-Identifier: Apache-2.0
/** Shared by the agent's tests in the simulated world. */

import type { ExecutionContext } from 'ava';
import type { Agent } from '../../src/agent/agent.ts';
import type { ManagedObject } from '../../tools/platform/model.ts';
import { objectsOf } from '../../tools/platform/operator.ts';
import type { Rule } from '../../tools/platform/rules.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import type { Exchange } from '../../tools/simulate/wire/bridge.ts';

/** A world with checks at the end of the test: no breach of protocol (except those allowed), no leaked secret. */
export function createWorld(t: ExecutionContext, options: WorldOptions = {}, allowed: readonly Rule[] = []): World {
  const world = new World(options);
  t.teardown(() => world.finish(allowed));
  return world;
}

/** Whether the platform holds a poll. */
export function listening(world: World): boolean {
  for (const session of world.platform.core.sessions.values()) if (session.hold !== undefined) return true;
  return false;
}

/** Runs until the device is registered and listens, from any state. */
export function settle(world: World, withinMs = 600_000): void {
  // The platform may still hold a poll of the previous start.
  const isBack = () => (world.device.agent as Agent | undefined)?.isListening === true;
  world.runUntil(() => world.object !== undefined && listening(world) && isBack(), withinMs);
  // The rest of a start: the first report and the listing of pending operations.
  world.run(2000);
}

/** A started world, settled. */
export function createSettled(t: ExecutionContext, options: WorldOptions = {}, allowed: readonly Rule[] = []): World {
  const world = createWorld(t, options, allowed);
  world.start();
  settle(world);
  return world;
}

/** Requests of a method to a path without query; `*` stands for one segment. */
export function calls(world: World, method: string, path: string, since = 0): Exchange[] {
  const pattern = new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]+')}$`);
  return world.exchanges.filter(
    (each) => each.number > since && each.method === method && pattern.test(each.path.split('?')[0] ?? ''),
  );
}

/** Stops the device; returns the number of connection attempts in the minute after that. */
export function triesAfterStop(world: World): number {
  let tries = 0;
  world.network.decide = () => {
    tries++;
    return 'accept';
  };
  world.stop();
  world.run(60_000);
  return tries;
}

/** Devices of the first device's user. */
export function owned(world: World): ManagedObject[] {
  return objectsOf(world.platform, world.device.user).filter(
    ({ fragments }) => fragments['c8y_IsDevice'] !== undefined,
  );
}

/** The object of the first device. Throws when there is none. */
export function objectOf(world: World): ManagedObject {
  const { object } = world;
  if (object === undefined) throw new Error('the device is not registered');
  return object;
}

/** Milliseconds between each request and the next. */
export function gaps(exchanges: readonly Exchange[]): number[] {
  return exchanges.slice(1).map(({ atMs }, i) => atMs - (exchanges[i]?.atMs ?? 0));
}

/** The body as JSON. */
export function bodyOf(exchange: Exchange | undefined): Record<string, unknown> {
  return JSON.parse(exchange?.body ?? '') as Record<string, unknown>;
}

/** Whether the log has a line with this text. */
export function logged(world: World, text: string | RegExp): boolean {
  return world.device.lines.some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)));
}
