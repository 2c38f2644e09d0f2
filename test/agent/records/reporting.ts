// SPDX-License-Identifier: Apache-2.0
/** Shared by the tests of telemetry: a device whose app a test can call. */

import type { App, AppBoard, AppChild, RawConfig } from '../../../src/index.ts';
import type { JsonObject } from '../../../tools/platform/model.ts';
import { measurementsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import type { Exchange } from '../../../tools/simulate/wire/bridge.ts';
import { bodyOf, calls } from '../scene.ts';

/** The app of the current start, for a test that acts as the author. */
export class Author {
  board: AppBoard | undefined;
  #child: AppChild | undefined;

  readonly app: App = (board) => {
    this.board = board;
  };

  /** An app with a child. */
  withChild(id: string): App {
    return (board) => {
      this.app(board);
      this.#child = board.child(id, {});
    };
  }

  get child(): AppChild {
    if (this.#child === undefined) throw new Error('there is no child');
    return this.#child;
  }

  get device(): AppBoard {
    if (this.board === undefined) throw new Error('the device has not started');
    return this.board;
  }

  /** Measurements with consecutive numbers. */
  count(from: number, to: number): void {
    for (let n = from; n <= to; n++) this.device.measure('x_Count', { x_Count: { n: { value: n } } });
  }
}

/** Turns off all measurements except those of the test. */
export const quiet: RawConfig = { measurementInterval: '86400' };

/** The numbers of the arrived measurements, in order of arrival. */
export function counted(world: World): number[] {
  const numbers: number[] = [];
  for (const { fragments } of world.platform.core.measurements.values()) {
    const n = (fragments['x_Count'] as { n?: { value?: unknown } } | undefined)?.n?.value;
    if (typeof n === 'number') numbers.push(n);
  }
  return numbers;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

export function posts(world: World, since = 0): Exchange[] {
  return calls(world, 'POST', '/measurement/measurements', since);
}

/** The measurements of a request, one or many. */
export function itemsOf(exchange: Exchange): JsonObject[] {
  const body = bodyOf(exchange) as JsonObject;
  return Array.isArray(body['measurements']) ? (body['measurements'] as JsonObject[]) : [body];
}

/** The device's status of its queue. */
export function queue(world: World): { waiting: number; lost: number } {
  const lines = (world.device.agent as unknown as { status(): string }).status();
  const match = /queue: ([0-9]+) waiting, ([0-9]+) lost/.exec(lines);
  return { waiting: Number(match?.[1]), lost: Number(match?.[2]) };
}

/** The numbers of the child's arrived measurements. */
export function valvesOf(world: World, id: string): unknown[] {
  return measurementsOf(world.platform, id).map(
    ({ fragments }) => (fragments['x_Valve'] as { n: { value: unknown } } | undefined)?.n.value,
  );
}
