// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { AGENT_SPACE, FACTORY_SPACE, PROVISIONED } from '../../hal/esp32/config.ts';
import { type BuiltFlash, mergeFlash } from '../../tools/image/flash-image.ts';
import { nvsPartition } from '../../tools/image/nvs.ts';
import { frozen } from '../../tools/lean/nests.ts';
import { buildForModdable, buildProject } from '../../tools/moddable/bundle.ts';
import { builtDirectory, builtImage, forgetNames, IMAGE } from '../../tools/moddable/firmware/built.ts';
import type { ImageSize } from '../../tools/moddable/firmware/image.ts';
import type { Partition } from '../../tools/moddable/firmware/partitions.ts';
import { bundle } from '../../tools/moddable/modules.ts';
import { Chip, findQemu, type Qemu } from '../../tools/moddable/qemu.ts';
import { findSdk, mcconfig, ROOT, type Sdk } from '../../tools/moddable/sdk.ts';
import type { WebSerialPort } from '../support/improv-client.ts';

export const sdk = (await findSdk()) as Sdk;
export const qemu = findQemu() as Qemu;

export const BOARD = qemu.chip.board;
const DIRECTORY = path.join(tmpdir(), `fractus-chip-${process.getuid?.() ?? 0}`);

export interface Firmware extends BuiltFlash {
  readonly size: ImageSize;
  /** What goes into a slot. */
  readonly app: Buffer;
}

/** A new directory for the files of a test. */
export function directory(name: string): string {
  const result = path.join(DIRECTORY, name);
  mkdirSync(result, { recursive: true });
  return result;
}

/**
 * The project of an author with this main module, of this version. Those of the same name are compiled one over the other.
 * @param source of TypeScript; undefined: `build/main.js` is there already
 * @param more of its manifest
 */
export function writeProject(name: string, version: string, source: string | undefined, more: object = {}): string {
  const project = directory(path.join('projects', name));
  const manifest = {
    include: ['./build/fractus/manifest.json'],
    creation: { main: 'main' },
    modules: { main: './build/main' },
    preload: ['main'],
    ...more,
  };
  writeFileSync(path.join(project, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name, version }));
  if (source !== undefined) writeFileSync(path.join(project, 'main.ts'), source);
  else rmSync(path.join(project, 'main.ts'), { force: true });
  return project;
}

/** The same of a module of ours, which may do what no author's may. It has no state of its own. */
export async function writeOwnProject(name: string, module: string, more: object): Promise<string> {
  const project = writeProject(name, '1.0.0', undefined, more);
  const build = directory(path.join('projects', name, 'build'));
  writeFileSync(path.join(build, 'main.js'), frozen(await bundle(module)));
  return project;
}

/** Builds the image of a project for the chip that QEMU has, as `fractus build --board` does, with what was compiled before. */
export async function buildImage(project: string = ROOT): Promise<Firmware> {
  await buildForModdable();
  if (project !== ROOT) await buildForModdable(project);
  if (existsSync(path.join(project, 'main.ts'))) await buildProject(project);
  const output = path.join(project, 'build', 'firmware');
  forgetNames(output);
  const since = Date.now();
  await mcconfig({ sdk, project, platform: BOARD, output });
  const built = builtDirectory(output, since);
  return { ...mergeFlash(built), size: builtImage(output, since), app: readFileSync(path.join(built, IMAGE)) };
}

/** In real time: an emulated chip is slow where others work, too. */
const PATIENCE_MS = 300_000;

/** A board with a flash of its own, its power off. */
export class Board {
  readonly chip: Chip;
  readonly flash: string;
  readonly #partitions: readonly Partition[];
  #failure: string | undefined;
  #look = () => {};
  #page: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Its UART, as a page in a browser has it. */
  readonly port: WebSerialPort = {
    readable: new ReadableStream({
      start: (page) => {
        this.#page = page;
      },
      cancel: () => {
        this.#page = undefined;
      },
    }),
    writable: new WritableStream({ write: (bytes) => this.chip.send(bytes) }),
  };

  constructor(
    t: ExecutionContext,
    firmware: BuiltFlash,
    config: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string>> = {},
    runner?: readonly string[],
  ) {
    const directory = mkdtempSync(path.join(tmpdir(), 'fractus-chip-'));
    this.flash = path.join(directory, 'flash.bin');
    this.#partitions = firmware.partitions;
    writeFileSync(this.flash, firmware.image);
    this.set(config, files);
    this.chip = new Chip({
      qemu,
      flash: this.flash,
      runner,
      onLine: () => this.#look(),
      onText: (text) => this.#page?.enqueue(Buffer.from(text, 'latin1')),
      onEnd: (reason) => {
        this.#failure = reason;
        this.#look();
      },
    });
    t.teardown(async () => {
      await this.chip.powerOff();
      if (!t.passed) t.log(this.chip.text.slice(-4000));
      rmSync(directory, { recursive: true });
    });
  }

  partition(name: string): Partition {
    const found = this.#partitions.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no partition ${name}`);
    return found;
  }

  /**
   * As a factory does it; a setting without a value is not set.
   * @param kept values of the agent, as an earlier version has left them
   */
  set(
    config: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
    kept: Readonly<Record<string, string>> = {},
  ): void {
    // No test goes beyond this machine.
    const settings = Object.entries({ ntpServers: 'none', ...config }).filter(([, value]) => value !== '');
    const own = { [PROVISIONED]: settings.map(([key, value]) => `${key}=${value}`).join('\n'), ...files };
    const values = (texts: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
    const spaces = {
      [FACTORY_SPACE]: values(own),
      ...(Object.keys(kept).length > 0 && { [AGENT_SPACE]: values(kept) }),
    };
    this.put('nvs', nvsPartition(spaces, this.partition('nvs').bytes));
  }

  /** As a programmer does it, with the power off; the rest of the partition is erased. */
  put(name: string, bytes: Uint8Array): void {
    const whole = readFileSync(this.flash);
    const { offset, bytes: size } = this.partition(name);
    whole.fill(0xff, offset, offset + size).set(bytes, offset);
    writeFileSync(this.flash, whole);
  }

  /** Types a line; resolves with the number of a line that matches behind it. */
  async ask(line: string, pattern: RegExp, limitMs = PATIENCE_MS): Promise<number> {
    const from = this.chip.lines.length;
    this.chip.type(line);
    return await this.line(pattern, from, limitMs);
  }

  /** Resolves with the next line that matches, from `from` on, the number of a line. */
  line(pattern: RegExp, from = 0, limitMs = PATIENCE_MS): Promise<number> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        clearTimeout(patience);
        this.#look = () => {};
        if (error !== undefined) reject(error);
      };
      const patience = setTimeout(() => end(new Error(`no line ${pattern}`)), limitMs);
      this.#look = () => {
        const at = this.chip.lines.findIndex((line, number) => number >= from && pattern.test(line));
        if (at >= 0) {
          end();
          resolve(at + 1);
        } else if (this.#failure !== undefined) {
          end(new Error(`${this.#failure}, and no line ${pattern}`));
        }
      };
      this.#look();
    });
  }
}
