// SPDX-License-Identifier: Apache-2.0
/** A world whose device keeps a log, and what people get of it. */

import type { ExecutionContext } from 'ava';
import { app as usualApp } from '../../src/app.ts';
import { CAPABILITIES, logs } from '../../src/capabilities/index.ts';
import type { App } from '../../src/index.ts';
import type { EventRecord, Operation } from '../../tools/platform/model.ts';
import { createOperation } from '../../tools/platform/operator.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import { objectOf, settle } from '../agent/scene.ts';

const NOR = { sectors: 16, sectorBytes: 4096 };
/** As the device writes them: time, level, text. */
export const LINE = /^~?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info |warn |error|start) .*$/;

export interface Wish {
  readonly logFile?: string;
  readonly dateFrom?: string;
  readonly dateTo?: string;
  readonly searchText?: string;
  readonly maximumLines?: number | string;
}

/** A board with flash and a log, listening. `log` of its app's HAL is where `says` goes. */
export function createLogged(t: ExecutionContext, options: WorldOptions = {}): World {
  const world = new World({
    machine: { nor: NOR },
    capabilities: [...CAPABILITIES, logs()],
    ...options,
  });
  t.teardown(() => world.finish());
  world.start();
  settle(world);
  return world;
}

export function order(world: World, wish: Wish = {}): Operation {
  return createOperation(world.platform, objectOf(world).id, {
    c8y_LogfileRequest: { logFile: 'agent', ...wish },
  });
}

const isEnded = ({ status }: Operation) => status === 'SUCCESSFUL' || status === 'FAILED';

/** Orders a log and waits for the end. */
export function ask(world: World, wish: Wish = {}): Operation {
  const operation = order(world, wish);
  world.runUntil(() => isEnded(operation), 3_600_000);
  return operation;
}

/** The event that an operation says its file is at. */
export function eventOf(world: World, { fragments }: Operation): EventRecord | undefined {
  const { file = '' } = (fragments['c8y_LogfileRequest'] ?? {}) as { file?: string };
  const id = /^https:\/\/platform\.test\/event\/events\/(\d+)\/binaries$/.exec(file)?.[1];
  return world.platform.core.events.get(id ?? '');
}

export function fileOf(world: World, operation: Operation): string {
  return Buffer.from(eventOf(world, operation)?.binary?.bytes ?? []).toString('utf8');
}

/** The lines that people get, without the first one, which says what they are. */
export function linesOf(world: World, wish: Wish = {}): string[] {
  const operation = ask(world, wish);
  if (operation.status !== 'SUCCESSFUL') throw new Error(`${operation.status}: ${operation.failureReason}`);
  return fileOf(world, operation).trimEnd().split('\n').slice(1);
}

/** Has the program log a line. */
export function says(world: World, line: string, level: 'info' | 'warn' | 'error' = 'info'): void {
  world.device.machine.hal?.log(level, line);
}

/** An app that throws when it is told to. */
export function throwing(): { app: App; throw(): void } {
  let trap: (() => void) | undefined;
  return {
    app: (board) => {
      usualApp(board);
      const timer = board.hal.createTimer(() => {
        throw new Error('the app has a defect');
      });
      trap = () => timer.start(1000);
    },
    throw: () => trap?.(),
  };
}
