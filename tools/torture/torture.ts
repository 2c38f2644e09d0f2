// SPDX-License-Identifier: Apache-2.0
/** Kills a virtual board with `kill -9` again and again, and looks whether anything was lost or done twice. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../hal/common/random.ts';
import { buildAll } from '../build.ts';
import { bundleTool } from '../bundle.ts';
import type { JsonObject, Operation } from '../platform/model.ts';
import { createOperation, findDevice, measurementsOf, objectsOf } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import type { BoardOrders } from './board.ts';
import { lastNote } from './samples.ts';

export interface TortureOptions {
  readonly runtime: 'node' | 'xs';
  readonly kills: number;
  /** Of the moments. */
  readonly seed: number;
  readonly onKill?: ((kill: number) => void) | undefined;
}

export interface TortureResult {
  readonly runtime: 'node' | 'xs';
  readonly kills: number;
  readonly samples: number;
  readonly operations: number;
  /** Samples that were being taken when the board was killed, and were not stored yet. */
  readonly unfinished: number;
  readonly repeated: number;
}

/** What people order, in turns. */
const ORDERS: readonly JsonObject[] = [
  { c8y_Command: { text: 'status' } },
  { c8y_Restart: {} },
  { c8y_SendConfiguration: {} },
  { c8y_Configuration: { config: 'measurementInterval=1\npollTimeout=30\n' } },
];
const DEVICE = 'tortured';
const BOOTSTRAP = 'the-bootstrap-password';
/** Life of a board before it is killed; a sample is taken each second. */
const SHORTEST_MS = 50;
const LONGEST_MS = 3500;
/** Whatever was noted longer ago has to be on flash. */
const STORING_MS = 300;
const PATIENCE_MS = 60_000;
/** Why an operation may fail here: whatever else is said is a fault. */
const REASONS: readonly RegExp[] = [
  /^the device restarted before the operation was (begun|finished)$/,
  /^the device lost power before it could restart as asked$/,
  /^the device did not restart$/,
];
/** Every so many kills people order something. */
const ORDER_EVERY = 4;

/** @throws Error that says what was lost, was done twice, or did not come back */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { bundle, host } = await buildAll();
  if (options.runtime === 'xs' && !host.available) throw new Error(host.reason);
  const tool = await bundleTool('torture/board.ts');
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
    samples: join(dataDir, 'samples'),
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
  readonly #path: string;
  readonly #random: () => number;
  readonly #operations: Operation[] = [];
  /** The samples that were noted right before the board was killed: they may not have come to flash. */
  readonly #lastOnes = new Set<number>();
  #child: ChildProcess | undefined;
  /** What the board has said since it was started last. */
  #lines = '';

  constructor(options: TortureOptions, server: RunningServer, orders: BoardOrders, path: string) {
    this.#options = options;
    this.#platform = server.platform;
    this.#orders = orders;
    this.#path = path;
    this.#random = createRandom(options.seed);
  }

  async run(): Promise<TortureResult> {
    const { kills, onKill } = this.#options;
    for (let kill = 1; kill <= kills; kill++) {
      this.#start();
      if (kill % ORDER_EVERY === 0) this.#order(kill);
      await pause(SHORTEST_MS + this.#random() * (LONGEST_MS - SHORTEST_MS));
      this.kill();
      const killedMs = Date.now();
      await this.#ended();
      const { sample, atMs } = lastNote(this.#orders.samples);
      if (killedMs - atMs < STORING_MS) this.#lastOnes.add(sample);
      onKill?.(kill);
    }
    this.#start();
    const last = await this.#last();
    await this.#until(() => last.status === 'SUCCESSFUL', 'the last operation');
    await this.#until(() => this.#operations.every(isEnded), 'operations that end');
    const stored = lastNote(this.#orders.samples).sample;
    await this.#until(() => this.#values.includes(stored + 1), 'the latest sample');
    return this.#judge(stored);
  }

  /** Power off, for the engine as well. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null) return;
    try {
      // It leads a group of its own.
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It had ended already.
    }
    this.#platform.forgive(`device_${DEVICE}`);
  }

  #start(): void {
    this.#platform.forgive(`device_${DEVICE}`);
    this.#lines = '';
    const child = spawn(process.execPath, [this.#path, JSON.stringify(this.#orders)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#lines = `${this.#lines}${text}`.slice(-4000);
      });
    }
    this.#child = child;
  }

  #ended(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }

  #order(kill: number): void {
    const device = findDevice(this.#platform, DEVICE);
    if (device === undefined) return;
    const fragments = ORDERS[(kill / ORDER_EVERY) % ORDERS.length] ?? {};
    this.#operations.push(createOperation(this.#platform, device.id, fragments));
  }

  async #last(): Promise<Operation> {
    await this.#until(() => findDevice(this.#platform, DEVICE) !== undefined, 'the device');
    const id = findDevice(this.#platform, DEVICE)?.id ?? '';
    return createOperation(this.#platform, id, { c8y_Command: { text: 'help' } });
  }

  /** In the order they came. */
  get #values(): number[] {
    const id = findDevice(this.#platform, DEVICE)?.id ?? '';
    return measurementsOf(this.#platform, id).map(
      ({ fragments }) => (fragments['c8y_HumidityMeasurement'] as { h: { value: number } }).h.value,
    );
  }

  #judge(stored: number): TortureResult {
    const values = this.#values;
    const seen = new Set(values);
    let unfinished = 0;
    for (let sample = 1; sample <= stored; sample++) {
      if (seen.has(sample)) continue;
      if (!this.#lastOnes.has(sample)) throw new Error(`sample ${sample} of ${stored} is lost`);
      unfinished += 1;
    }
    const firsts = [...seen];
    if (firsts.some((value, at) => at > 0 && value < (firsts[at - 1] ?? 0))) throw new Error('samples out of order');
    for (const { id, history, status, failureReason = '' } of this.#operations) {
      const ends = history.filter((each) => each.status === 'SUCCESSFUL' || each.status === 'FAILED');
      if (ends.length !== 1) throw new Error(`operation ${id}: ${history.map((each) => each.status).join(', ')}`);
      if (status === 'FAILED' && !REASONS.some((each) => each.test(failureReason))) {
        throw new Error(`operation ${id} has failed: ${failureReason}`);
      }
    }
    const devices = objectsOf(this.#platform, `device_${DEVICE}`).length;
    if (devices !== 1) throw new Error(`${devices} managed objects`);
    const [breach] = this.#platform.breaches;
    if (breach !== undefined) throw new Error(`breach of ${breach.rule}: ${breach.what} (${breach.request})`);
    const { runtime, kills } = this.#options;
    const operations = this.#operations.length;
    return { runtime, kills, samples: stored, operations, unfinished, repeated: values.length - seen.size };
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!condition()) {
      if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}\n${this.#lines}`);
      await pause(20);
    }
  }
}

function isEnded({ status }: Operation): boolean {
  return status === 'SUCCESSFUL' || status === 'FAILED';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
