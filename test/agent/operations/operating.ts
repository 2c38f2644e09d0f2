// SPDX-License-Identifier: Apache-2.0
/** Shared by the tests of listening and of operations. */

import test, { type ExecutionContext } from 'ava';
import type { App, AppDevice, Operation } from '../../../src/index.ts';
import type { JsonObject, ManagedObject, Operation as PlatformOperation } from '../../../tools/platform/model.ts';
import { createOperation, findDevice } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import type { Exchange } from '../../../tools/simulate/wire/bridge.ts';
import { calls, objectOf } from '../scene.ts';

/** Runs a test with one connection and with two. */
export function testOnBoth(title: string, run: (t: ExecutionContext, config: { connections: string }) => void): void {
  for (const connections of ['1', '2']) test(`${title} (connections=${connections})`, (t) => run(t, { connections }));
}

/** An operation for the first device, as an operator creates it. */
export function order(world: World, fragments: JsonObject, deviceId: string = objectOf(world).id): PlatformOperation {
  return createOperation(world.platform, deviceId, fragments);
}

/** The object of the first device's child. */
export function childOf(world: World, id: string): ManagedObject {
  const object = findDevice(world.platform, `${world.device.deviceId}:${id}`);
  if (object === undefined) throw new Error(`child ${id} is not registered`);
  return object;
}

/** Creates `count` operations, with numbers. */
export function orderWork(world: World, count: number, deviceId?: string): PlatformOperation[] {
  return Array.from({ length: count }, (_, n) => order(world, { x_Work: { n } }, deviceId));
}

export function isEnded({ status }: PlatformOperation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}

/** Runs until all have ended, and some time longer to catch late effects. */
export function runToEnd(world: World, operations: readonly PlatformOperation[], withinMs = 120_000): void {
  world.runUntil(() => operations.every(isEnded), withinMs);
  world.run(5000);
}

/** Every status that the operation has had. */
export function statuses({ history }: PlatformOperation): string[] {
  return history.map(({ status }) => status);
}

/** Requests with a Bayeux message of this channel, such as `connect`. */
export function bayeux(world: World, channel: 'handshake' | 'subscribe' | 'connect', since = 0): Exchange[] {
  return calls(world, 'POST', '/notification/operations', since).filter(({ body }) =>
    body.includes(`"/meta/${channel}"`),
  );
}

/** Listings of operations in this status. */
export function listings(world: World, status: 'PENDING' | 'EXECUTING', since = 0): Exchange[] {
  return calls(world, 'GET', '/devicecontrol/operations', since).filter(({ path }) =>
    path.includes(`status=${status}`),
  );
}

/** Updates of operations, or of one. */
export function updates(world: World, id = '*', since = 0): Exchange[] {
  return calls(world, 'PUT', `/devicecontrol/operations/${id}`, since);
}

/** Matches the Bayeux messages of one channel, for faults. */
export function onChannel(channel: 'handshake' | 'subscribe' | 'connect') {
  return { path: '/notification/operations', channel: `/meta/${channel}` } as const;
}

/** A reply in the platform's wording, for answers that a test composes. */
export function reply(channel: 'handshake' | 'subscribe' | 'connect', more: JsonObject = {}): JsonObject {
  return { channel: `/meta/${channel}`, successful: true, ...more };
}

/**
 * An app whose devices take `x_Work {ms}`: done after so many milliseconds, at once without, never below 0. Remembers
 * what was begun and what is under way.
 */
export class Workshop {
  /** Ids of operations in the order in which their handlers were called. */
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  /** The most operations that ran at the same time, by device. */
  readonly atOnce = new Map<string, number>();
  readonly held = new Map<string, Operation>();
  readonly #running = new Map<string, number>();
  readonly #children: readonly string[];

  constructor(...children: readonly string[]) {
    this.#children = children;
  }

  readonly app: App = (board) => {
    this.#running.clear();
    this.#equip(board, '');
    for (const id of this.#children) this.#equip(board.child(id, {}), id);
  };

  #equip(device: AppDevice, name: string): void {
    device.operation({ name: 'x_Work', run: (operation) => this.#work(device, name, operation) });
  }

  #work(device: AppDevice, name: string, operation: Operation): void {
    this.begun.push(operation.id);
    const running = (this.#running.get(name) ?? 0) + 1;
    this.#running.set(name, running);
    this.atOnce.set(name, Math.max(running, this.atOnce.get(name) ?? 0));
    const end = () => {
      this.#running.set(name, (this.#running.get(name) ?? 0) - 1);
      this.ended.push(operation.id);
      operation.succeed();
    };
    const ms = operation.number('ms') ?? 0;
    if (ms > 0) device.hal.createTimer(end).start(ms);
    else if (ms === 0) end();
    else this.held.set(operation.id, operation);
  }
}

/** The time at which the current poll was sent. */
export function pollMs(world: World): number {
  return bayeux(world, 'connect').at(-1)?.atMs ?? 0;
}

/** Runs until the device polls again; returns how long that took. */
export function nextMs(world: World, withinMs: number): number {
  const before = world.requests;
  const since = world.time.nowMs;
  world.runUntil(() => bayeux(world, 'connect', before).length > 0, withinMs);
  return world.time.nowMs - since;
}

/** The first poll after a subscription is a short one: runs until it has been answered. */
export function prove(world: World): void {
  world.run(6000);
}
