// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CAPACITY_BYTES, Values, volatile } from '../common/values.ts';
import type { ResetCause, Store, WifiNetwork } from '../hal.ts';
import { FileBacking, type Report, writeFileAtomically } from './files.ts';
import { ImageDirectory, ImageMemory } from './image-files.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import { FlashRegion } from './region.ts';
import { Slots } from './slots.ts';

/** Options of `Flash`. */
export interface FlashOptions {
  /** Absent: nothing outlives the process. */
  dataDir?: string | undefined;
  /** Twelve lower-case hex digits; absent: the MAC in the directory, at first a random locally administered one. */
  mac?: string | undefined;
  capacityBytes?: number | undefined;
  /** Gets a line for each problem with a file. */
  report?: Report | undefined;
}

interface Identity {
  readonly mac: string;
  readonly bootCount: number;
}

/**
 * The part of a virtual board that survives a restart: its identity, its boot counter, its stored values, its raw
 * flash, its firmware.
 */
export class Flash {
  readonly mac: string;
  readonly store: Store;
  readonly region: FlashRegion;
  /** The firmware that was installed in place of the program that the board was made with. */
  readonly slots: Slots;
  /** The cause of the next start. */
  resetCause: ResetCause = 'power-on';
  readonly #path: string | undefined;
  readonly #wifiPath: string | undefined;
  #wifi: WifiNetwork | undefined;
  readonly #lock: DirectoryLock | undefined;
  readonly #report: Report;
  #bootCount: number;

  /** @throws DirectoryBusyError when another device uses the directory; Error when it cannot be used at all. */
  constructor(options: FlashOptions = {}) {
    const { dataDir, capacityBytes = DEFAULT_CAPACITY_BYTES, report = () => {} } = options;
    checkMac(options.mac);
    this.#report = report;
    let identity: Partial<Identity> = {};
    if (dataDir === undefined) {
      this.store = new Values(volatile, capacityBytes);
      this.region = new FlashRegion(undefined, report);
      this.slots = new Slots(new ImageMemory(), report);
    } else {
      this.#lock = lockDirectory(dataDir);
      try {
        this.#path = join(dataDir, 'board.json');
        identity = readIdentity(this.#path, report);
        this.#wifiPath = join(dataDir, 'wifi.json');
        this.#wifi = readWifi(this.#wifiPath);
        const files = new FileBacking(join(dataDir, 'store'), report);
        this.store = new Values(files, capacityBytes, files.load());
        this.region = new FlashRegion(join(dataDir, 'flash.bin'), report);
        this.slots = new Slots(new ImageDirectory(join(dataDir, 'firmware')), report);
      } catch (error) {
        this.#lock.release();
        throw error;
      }
    }
    this.mac = options.mac ?? identity.mac ?? randomMac();
    this.#bootCount = identity.bootCount ?? 0;
  }

  /** Counts a start, durably, and returns the number of starts. */
  countBoot(): number {
    this.#bootCount += 1;
    const identity: Identity = { mac: this.mac, bootCount: this.#bootCount };
    try {
      if (this.#path !== undefined) writeFileAtomically(this.#path, Buffer.from(`${JSON.stringify(identity)}\n`));
    } catch (error) {
      this.#report(`board: the boot counter cannot be kept: ${(error as Error).message}`);
    }
    return this.#bootCount;
  }

  /** The network with which each start begins; undefined: the one that the board was flashed for. */
  get wifi(): WifiNetwork | undefined {
    return this.#wifi;
  }

  /** Keeps it, all or nothing. @throws Error when it cannot be kept */
  set wifi(network: WifiNetwork | undefined) {
    if (this.#wifiPath !== undefined) writeFileAtomically(this.#wifiPath, Buffer.from(JSON.stringify(network ?? null)));
    this.#wifi = network;
  }

  /** Releases the directory. */
  close(): void {
    this.region.close();
    this.#lock?.release();
  }
}

function readIdentity(path: string, report: Report): Partial<Identity> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') report(`board: ${(error as Error).message}`);
    return {};
  }
  // Searched instead of parsed, so that a damaged file still gives its readable parts.
  const mac = /"mac":\s*"([0-9a-f]{12})"/.exec(text)?.[1];
  const bootCount = /"bootCount":\s*(\d{1,15})\b/.exec(text)?.[1];
  if (mac === undefined) report(`board: ${path} is damaged: this board gets a new MAC`);
  return { ...(mac !== undefined && { mac }), ...(bootCount !== undefined && { bootCount: Number(bootCount) }) };
}

/** An unreadable file counts as missing. */
function readWifi(path: string): WifiNetwork | undefined {
  try {
    const { name, password } = JSON.parse(readFileSync(path, 'utf8')) as Partial<WifiNetwork>;
    return typeof name === 'string' ? { name, password } : undefined;
  } catch {
    return undefined;
  }
}

function checkMac(mac: string | undefined): void {
  if (mac !== undefined && !/^[0-9a-f]{12}$/.test(mac)) {
    throw new RangeError(`board: the MAC "${mac}" is not twelve lower-case hex digits`);
  }
}

/** Locally administered, unicast (IEEE 802 §8.4): never the MAC of real hardware. */
function randomMac(): string {
  const bytes = randomBytes(6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return bytes.toString('hex');
}
