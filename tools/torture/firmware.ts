// SPDX-License-Identifier: Apache-2.0
/** Kills a virtual board with `kill -9` repeatedly during firmware updates, and checks what runs and what is reported. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { createRandom } from '../../hal/common/random.ts';
import { bundleTool } from '../bundle.ts';
import { createBinary, createOperation, findDevice } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import { buildXsHost } from '../xs/build.ts';
import type { FirmwareBoardOrders } from './firmware-board.ts';
import { FirmwareMaker, type Kind, NAME } from './firmware-images.ts';
import { type FirmwareFindings, judgeFirmware, type Update } from './firmware-judge.ts';
import { majorOf } from './firmware-notes.ts';
import { DEVICE, USER } from './judge.ts';
import { readNotes } from './notes.ts';
import { BoardProcess, pause } from './process.ts';

export interface FirmwareTortureOptions {
  readonly runtime: 'node' | 'xs';
  readonly kills: number;
  /** Seed of the moments of the kills. */
  readonly seed: number;
  /** Changes of the program that the board is made with, on Node. */
  readonly plugins?: readonly Plugin[] | undefined;
}

export interface FirmwareTortureResult extends FirmwareFindings {
  readonly kills: number;
}

/** Orders in turn. */
const KINDS: readonly Kind[] = ['unsigned', 'good', 'good', 'crashing', 'good', 'foreign', 'good'];
const BOOTSTRAP = 'the-bootstrap-password';
const HELLO = /listening for operations/;
/** Kills come anywhere in a run, amid a download, or amid a trial; bounds of their moments in it. */
const ANYWHERE_MS = 1500;
const DOWNLOAD_MS = 250;
const TRIAL_MS = 400;
/** Longest wait for a download or a trial. */
const AIM_MS = 20_000;

/** @throws Error about a wrong update, or a board that does not come back */
export async function tortureFirmware(options: FirmwareTortureOptions): Promise<FirmwareTortureResult> {
  const host = await buildXsHost();
  if (options.runtime === 'xs' && !host.available) throw new Error(host.reason);
  const tool = await bundleTool('torture/firmware-board.ts', options.plugins);
  const folder = mkdtempSync(join(tmpdir(), 'fractus-torture-'));
  const bootstrap = { tenant: 'management', user: 'devicebootstrap', password: BOOTSTRAP };
  const platform = new Platform(machineOptions({ accept: true, bootstrap }));
  const server = await startServer({ platform });
  let rack: Rack | undefined;
  try {
    const maker = await FirmwareMaker.create(folder);
    const orders: FirmwareBoardOrders = {
      dataDir: join(folder, 'board'),
      notes: join(folder, 'notes'),
      firmware: maker.madeFirmware,
      publicKey: maker.publicKey,
      config: { url: server.url, bootstrapPassword: BOOTSTRAP, deviceId: DEVICE, pollTimeout: '30', startSpread: '0' },
      xs: options.runtime === 'xs' && host.available ? { host, bundle: maker.made } : undefined,
    };
    rack = new Rack({ options, server, maker, orders, board: new BoardProcess(tool.path, orders) });
    return await rack.run();
  } finally {
    rack?.kill();
    await server.close();
    await tool.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface RackParts {
  readonly options: FirmwareTortureOptions;
  readonly server: RunningServer;
  readonly maker: FirmwareMaker;
  readonly orders: FirmwareBoardOrders;
  readonly board: BoardProcess;
}

class Rack {
  readonly #parts: RackParts;
  readonly #platform: Platform;
  readonly #board: BoardProcess;
  readonly #random: () => number;
  readonly #updates: Update[] = [];

  constructor(parts: RackParts) {
    this.#parts = parts;
    this.#platform = parts.server.platform;
    this.#board = parts.board;
    this.#random = createRandom(parts.options.seed);
  }

  async run(): Promise<FirmwareTortureResult> {
    const { kills } = this.#parts.options;
    this.#board.start();
    for (let kill = 0; kill < kills; kill++) {
      if (this.#isIdle) await this.#order(KINDS[this.#updates.length % KINDS.length] ?? 'good');
      await this.#moment(kill);
      this.kill();
      await this.#board.ended();
      this.#board.start();
    }
    await this.#board.until(() => this.#isIdle, 'the end of the last update');
    await this.#order('good');
    await this.#board.until(() => this.#isIdle, 'the end of an update without kills');
    if (this.#updates.at(-1)?.operation.status !== 'SUCCESSFUL')
      throw new Error('the board takes no firmware any more');
    await this.#board.until(() => this.#isTrue, 'an inventory that says what runs');
    const [breach] = this.#platform.breaches;
    if (breach !== undefined) throw new Error(`breach of ${breach.rule}: ${breach.what} (${breach.request})`);
    const { updates, notes, version } = { updates: this.#updates, notes: this.#notes, version: this.#version };
    return { kills, ...judgeFirmware({ updates, notes, version, kills: this.#board.kills }) };
  }

  /** Kills the board with its engine. */
  kill(): void {
    if (this.#board.kill()) this.#platform.forgive(USER);
  }

  /** Orders an update, once the board listens again and the inventory says what runs: each kill has left a board that works. */
  async #order(kind: Kind): Promise<void> {
    await this.#board.until(() => HELLO.test(this.#board.output), 'a board that listens');
    await this.#board.until(() => this.#isTrue, 'an inventory that says what runs');
    const { maker, server } = this.#parts;
    const { version, digest, file } = maker.make(kind, `${this.#updates.length + 2}.0.0`);
    const url = `${server.url}/inventory/binaries/${createBinary(this.#platform, file).id}`;
    const id = findDevice(this.#platform, DEVICE)?.id ?? '';
    const operation = createOperation(this.#platform, id, { c8y_Firmware: { name: NAME, version, url } });
    this.#updates.push({ kind, version, digest, operation });
  }

  /** Waits for the moment of a kill, which is one of this run of the board. */
  async #moment(kill: number): Promise<void> {
    const major = majorOf(this.#updates.at(-1)?.version ?? '');
    const since = this.#board.startMs;
    const runs = () => this.#notes.filter(({ atMs }) => atMs >= since);
    const isTrial = () => runs().some(({ number }) => number === major);
    const { isThere, withinMs } = [
      { isThere: () => runs().length > 0, withinMs: ANYWHERE_MS },
      { isThere: () => this.#isWritten(since) || isTrial(), withinMs: DOWNLOAD_MS },
      { isThere: isTrial, withinMs: TRIAL_MS },
    ][kill % 3] as { isThere: () => boolean; withinMs: number };
    const endMs = performance.now() + AIM_MS;
    while (!isThere() && !this.#isIdle && performance.now() < endMs) await pause(10);
    await pause(this.#random() * withinMs);
  }

  /** An image has been written to since then. */
  #isWritten(sinceMs: number): boolean {
    return ['a', 'b'].some((slot) => {
      const file = join(this.#parts.orders.dataDir, 'firmware', `${slot}.image`);
      return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= sinceMs;
    });
  }

  /** The latest update has ended. */
  get #isIdle(): boolean {
    const status = this.#updates.at(-1)?.operation.status;
    return status !== 'PENDING' && status !== 'EXECUTING';
  }

  get #isTrue(): boolean {
    return this.#version !== undefined && majorOf(this.#version) === this.#notes.at(-1)?.number;
  }

  get #notes() {
    return readNotes(this.#parts.orders.notes);
  }

  get #version(): string | undefined {
    const { c8y_Firmware: firmware } = findDevice(this.#platform, DEVICE)?.fragments ?? {};
    return (firmware as { readonly version?: string } | undefined)?.version;
  }
}
