// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FIRST_SLOTS } from '../../hal/common/slots.ts';
import { buildForModdable } from '../../tools/moddable/bundle.ts';
import { readPartitions, TABLES } from '../../tools/moddable/firmware/partitions.ts';
import { bundle } from '../../tools/moddable/modules.ts';
import { findSdk, type McconfigOptions, mcconfig, ROOT, type Sdk, simulatorLibrary } from '../../tools/moddable/sdk.ts';
import { ARCHIVE_FILE, Screen, Simulator } from '../../tools/moddable/simulator.ts';
import type { Platform } from '../../tools/platform/platform.ts';

const found = await findSdk();
if (typeof found === 'string') throw new Error(found);

export const sdk: Sdk = found;

/** What has been compiled is kept between runs; what was made of something else is made anew. One for each copy of package and SDK. */
const COPY = createHash('sha256').update(`${ROOT}\0${sdk.directory}`).digest('hex').slice(0, 8);
const DIRECTORY = path.join(tmpdir(), `fractus-moddable-${process.getuid?.() ?? 0}-${COPY}`);

/** Builds a firmware for the simulator; returns what the simulator loads. */
export async function buildFirmware(name: string, options: Partial<McconfigOptions> = {}): Promise<string> {
  await buildForModdable();
  if (options.project !== undefined) await buildForModdable(options.project);
  const all = { sdk, platform: 'lin', output: path.join(DIRECTORY, name), ...options };
  console.log(`    compiling ${name} …`);
  await mcconfig(all);
  return simulatorLibrary(all);
}

/** Bundles what the manifests of tests name: sources by their path in build/moddable-test. */
export async function buildTestModules(modules: Readonly<Record<string, string>>): Promise<void> {
  const directory = path.join(ROOT, 'build', 'moddable-test');
  mkdirSync(directory, { recursive: true });
  for (const [name, source] of Object.entries(modules)) {
    writeFileSync(path.join(directory, `${name}.js`), await bundle(source));
  }
}

/** Writes the files of a test's firmware to where its manifest looks for them, with nothing else beside them. */
export function writeData(name: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const folder = path.join(ROOT, 'build', 'moddable-test', `${name}-data`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
}

/** What a new device of this platform is configured with to ask for credentials. */
export function bootstrapConfig({ core }: Platform): Readonly<Record<string, string>> {
  const { tenant, name, password = '' } = core.bootstrap;
  return { bootstrapUser: `${tenant}/${name}`, bootstrapPassword: password };
}

/** A new directory for the files of a test. */
export function directory(name: string): string {
  const result = path.join(DIRECTORY, name);
  mkdirSync(result, { recursive: true });
  return result;
}

export interface BoardOptions {
  readonly screen: Screen;
  readonly library: string;
  /** As if it had been set on this board. */
  readonly config: Readonly<Record<string, string>>;
  /** DNS servers, with their ports. Absent: names are left to the host. */
  readonly nameServers?: readonly string[];
  /** Lies in the slot for modules. */
  readonly archive?: Uint8Array | undefined;
  /** The firmware has just been installed, and is on trial at its first start. */
  readonly isNew?: boolean | undefined;
  readonly survivesAborts?: boolean | undefined;
}

const TABLE = readPartitions(readFileSync(TABLES[4] as string, 'utf8'));
/** Of a board with 4 MB of flash. */
export const ARCHIVE_PARTITION_BYTES = TABLE.find(({ name }) => name === 'xs')?.bytes ?? 0;

let boards = 0;

/** A simulated board with an empty flash but for its configuration; it has to be started. */
export class Board {
  readonly simulator: Simulator;
  /** Rejects when the machine fails, with all it has printed. */
  readonly failure: Promise<never>;
  readonly #flash: string;
  readonly #failures: string[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor({ screen, library, config, nameServers = [], archive, isNew, survivesAborts }: BoardOptions) {
    boards += 1;
    const flash = path.join(DIRECTORY, 'flash', `${process.pid}-${boards}`);
    mkdirSync(flash, { recursive: true });
    // No test goes beyond this machine.
    const lines = Object.entries({ ntpServers: 'none', ...config }).map(([key, value]) => `${key}=${value}`);
    writeFileSync(path.join(flash, 'fractus-hal=config'), lines.join('\n'));
    writeFileSync(path.join(flash, 'name-servers'), nameServers.join('\n'));
    this.#flash = flash;
    if (archive !== undefined) this.putArchive(archive);
    let fail = (_error: Error) => {};
    this.failure = new Promise((_, reject) => {
      fail = reject;
    });
    // Whoever waits for it hears of it.
    this.failure.catch(() => {});
    if (isNew === true)
      writeFileSync(path.join(flash, 'lin=slots'), JSON.stringify({ ...FIRST_SLOTS, other: 'starts' }));
    this.simulator = new Simulator({
      sdk,
      survivesAborts,
      screen,
      library,
      flash,
      onLine: () => this.#look(),
      onFailure: (reason) => {
        this.#failures.push(reason);
        fail(new Error(`${reason}\n${this.simulator.lines.join('\n')}`));
        this.#look();
      },
    });
  }

  /** As a programmer writes it to the partition. */
  putArchive(archive: Uint8Array): void {
    const partition = new Uint8Array(ARCHIVE_PARTITION_BYTES).fill(0xff);
    partition.set(archive);
    writeFileSync(path.join(this.#flash, ARCHIVE_FILE), partition);
  }

  /** The first bytes of that partition. */
  archive(byteLength: number): Buffer {
    return readFileSync(path.join(this.#flash, ARCHIVE_FILE)).subarray(0, byteLength);
  }

  /** Resolves when a line is there that matches; rejects when the machine fails, with all it has printed. */
  line(pattern: RegExp, limitMs = 60_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#failures.push(`no line ${pattern}`);
        look();
      }, limitMs);
      const look = () => {
        const line = this.simulator.lines.find((line) => pattern.test(line));
        const failure = this.#failures[0];
        if (line === undefined && failure === undefined) return;
        clearTimeout(patience);
        this.#listeners.splice(this.#listeners.indexOf(look), 1);
        if (line !== undefined) resolve(line);
        else reject(new Error(`${failure}\n${this.simulator.lines.join('\n')}`));
      };
      this.#listeners.push(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#listeners]) look();
  }
}

export { Screen };
