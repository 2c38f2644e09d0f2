// SPDX-License-Identifier: Apache-2.0
/** Kills a virtual board with `kill -9` repeatedly, and checks that nothing is lost or done twice. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { createRandom } from '../../hal/common/random.ts';
import { findApp } from '../author/app.ts';
import { buildAll } from '../build.ts';
import { bundleTool } from '../bundle.ts';
import { ROOT } from '../places.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { alarmsOf, createOperation, findDevice } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import { ALARM, CHILD, COUNTER, isAlarmed, WORK_MS } from './app.ts';
import type { BoardOrders } from './board.ts';
import { DEVICE, type Findings, judge, levelsOf, USER } from './judge.ts';
import { lastNumber, readNotes } from './notes.ts';
import { BoardProcess, pause } from './process.ts';

export interface TortureOptions {
  readonly runtime: 'node' | 'xs';
  readonly kills: number;
  /** Seed of the moments of the kills. */
  readonly seed: number;
  /** Changes of the board's program, on Node. */
  readonly plugins?: readonly Plugin[] | undefined;
}

export interface TortureResult extends Findings {
  readonly runtime: 'node' | 'xs';
  readonly kills: number;
}

/** Orders to the board in turn, in addition to work. */
const ORDERS: readonly JsonObject[] = [
  { c8y_Command: { text: 'status' } },
  { c8y_Restart: {} },
  { c8y_SendConfiguration: {} },
  { c8y_Configuration: { config: 'measurementInterval=1\npollTimeout=30' } },
  { c8y_Command: { text: 'help' } },
  { c8y_Configuration: { config: 'measurementInterval=1\npollTimeout=31' } },
];
const BOOTSTRAP = 'the-bootstrap-password';
/** Bounds of a board's run before a kill; each sensor is sampled every second. */
const SHORTEST_MS = 50;
const LONGEST_MS = 3500;
/** Every n-th kill comes during work; longest wait for the work. */
const AIM_EVERY = 3;
const AIM_MS = 20_000;
/** An order follows every n-th kill. */
const ORDER_EVERY = 4;

/** @throws Error about something that was lost, done twice, or did not recover */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { bundle, host } = await buildAll({ app: await findApp(join(ROOT, 'tools/torture/app.ts')) });
  if (options.runtime === 'xs' && !host.available) throw new Error(host.reason);
  const tool = await bundleTool('torture/board.ts', options.plugins);
  const dataDir = mkdtempSync(join(tmpdir(), 'fractus-torture-'));
  const platform = new Platform(
    machineOptions({
      accept: true,
      bootstrap: { tenant: 'management', user: 'devicebootstrap', password: BOOTSTRAP },
    }),
  );
  const server = await startServer({ platform });
  const orders: BoardOrders = {
    dataDir: join(dataDir, 'board'),
    notes: join(dataDir, 'notes'),
    firmware: bundle.firmware,
    config: {
      ...{ url: server.url, bootstrapPassword: BOOTSTRAP, deviceId: DEVICE },
      ...{ measurementInterval: '1', pollTimeout: '30', startSpread: '0' },
    },
    xs: options.runtime === 'xs' && host.available ? { host, bundle: bundle.path } : undefined,
  };
  const rack = new Rack(options, server, orders, tool.path);
  try {
    return await rack.run();
  } finally {
    rack.kill();
    await server.close();
    await tool.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

class Rack {
  readonly #options: TortureOptions;
  readonly #platform: Platform;
  readonly #orders: BoardOrders;
  readonly #random: () => number;
  readonly #operations: Operation[] = [];
  readonly #board: BoardProcess;

  constructor(options: TortureOptions, server: RunningServer, orders: BoardOrders, path: string) {
    this.#options = options;
    this.#platform = server.platform;
    this.#orders = orders;
    this.#board = new BoardProcess(path, orders);
    this.#random = createRandom(options.seed);
  }

  async run(): Promise<TortureResult> {
    const { kills, runtime } = this.#options;
    for (let kill = 1; kill <= kills; kill++) {
      this.#start();
      this.#order(kill);
      if (kill % AIM_EVERY === 0) await this.#amidWork();
      else await pause(SHORTEST_MS + this.#random() * (LONGEST_MS - SHORTEST_MS));
      this.kill();
      await this.#board.ended();
    }
    this.#start();
    await this.#board.until(() => this.#idOf(DEVICE) !== undefined, 'the device');
    const last = createOperation(this.#platform, this.#idOf(DEVICE) ?? '', { c8y_Command: { text: 'help' } });
    await this.#board.until(() => last.status === 'SUCCESSFUL', 'the last operation');
    await this.#board.until(() => this.#operations.every(isEnded), 'operations that end');
    await this.#board.until(() => this.#isLatest('board') && this.#isLatest(CHILD), 'the latest samples');
    await this.#board.until(() => this.#isAlarmRight, 'the alarm as it is wanted');
    const notes = readNotes(this.#orders.notes);
    const all = { platform: this.#platform, notes, kills: this.#board.kills, operations: this.#operations };
    return { runtime, kills, ...judge(all) };
  }

  /** Kills the board with its engine. */
  kill(): void {
    if (this.#board.kill()) this.#platform.forgive(USER);
  }

  #start(): void {
    this.#platform.forgive(USER);
    this.#board.start();
  }

  /** Waits until work is in progress, or until the wait is over. */
  async #amidWork(): Promise<void> {
    const endMs = performance.now() + AIM_MS;
    const executions = () => readNotes(this.#orders.notes).filter(({ what }) => what === COUNTER).length;
    const before = executions();
    while (executions() === before && performance.now() < endMs) await pause(20);
    await pause(this.#random() * WORK_MS);
  }

  /** Orders work for the board and its child in turn, and sometimes other operations. */
  #order(kill: number): void {
    const id = this.#idOf(kill % 2 === 0 ? DEVICE : `${DEVICE}:${CHILD}`);
    const board = this.#idOf(DEVICE);
    if (id === undefined || board === undefined) return;
    this.#operations.push(createOperation(this.#platform, id, { x_Work: {} }));
    if (kill % ORDER_EVERY > 0) return;
    const fragments = ORDERS[(kill / ORDER_EVERY) % ORDERS.length] ?? {};
    this.#operations.push(createOperation(this.#platform, board, fragments));
  }

  #idOf(externalId: string): string | undefined {
    return findDevice(this.#platform, externalId)?.id;
  }

  /** Whether the second-latest sample has arrived. */
  #isLatest(sensor: string): boolean {
    const taken = lastNumber(readNotes(this.#orders.notes), sensor);
    return taken > 0 && levelsOf(this.#platform, sensor).includes(taken - 1);
  }

  get #isAlarmRight(): boolean {
    const isActive = alarmsOf(this.#platform, this.#idOf(DEVICE) ?? '').some(
      ({ fragments }) => fragments['type'] === ALARM && fragments['status'] === 'ACTIVE',
    );
    return isActive === isAlarmed(lastNumber(readNotes(this.#orders.notes), 'board'));
  }
}

function isEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}
