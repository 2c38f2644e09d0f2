// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../../src/bytes/text.ts';
import type { App, AppBoard } from '../../../src/index.ts';
import type { Hal, ResetCause } from '../../hal.ts';
import type { KeyValues } from '../platform.ts';
import type { PartitionIo } from './archive.ts';
import { REFUSED, readArchiveId } from './archive.ts';

/**
 * What a mod exports by default: an app that is installed later. It takes the place of the firmware's app, which it may
 * call to add to it.
 */
export type Mod = (board: AppBoard, app: App) => void;

/** The SDK's `modules`. */
export interface ModulesIo {
  /** Names of the modules in the archive that was there at the start. */
  readonly archive: readonly string[];
  /** The default export. @throws what the module throws */
  importNow(name: string): unknown;
}

export interface ModOptions {
  /** The firmware's own. */
  readonly app: App;
  /** Where the archive lies; undefined: there is no place for one. */
  readonly slot: PartitionIo | undefined;
  readonly modules: ModulesIo;
  /** A space of the HAL's own. */
  readonly values: KeyValues;
}

/** The module that is looked for, as the SDK's documentation names it. */
const NAME = 'mod';
const STORED = 'mod';
const ALARM = 'fractus_ModLeftOut';
/** So many crashes in a row are the mod's fault. One more leads to the agent's safe mode, without any app. */
const MOST = 2;
/** What goes on for so long is well. */
const CALM_MS = 600_000;
const REASON_MAX_CHARS = 100;

/** There while something is wrong with a mod, or has just been. */
interface Trouble {
  /** Of the archive that it is about. */
  readonly id: string;
  readonly crashes: number;
  readonly reason: string;
}

const NO_TROUBLE: Trouble = { id: '', crashes: 0, reason: '' };

/**
 * The app of a board on which a mod may be installed: the mod's, or, where that does not load, throws or crashes, the
 * firmware's own. In the agent's safe mode neither is called. Nothing is written while all is well.
 */
export function withMod(options: ModOptions): App {
  const { settings } = options.app;
  const app: App = (board) => new Start(board, options).run();
  // A mod has none of its own: it is there when they have been read already.
  return settings === undefined ? app : Object.assign(app, { settings });
}

class Start {
  readonly #board: AppBoard;
  readonly #options: ModOptions;
  readonly #before: Trouble | undefined;
  #id = '';

  constructor(board: AppBoard, options: ModOptions) {
    this.#board = board;
    this.#options = options;
    this.#before = recall(options.values);
  }

  run(): void {
    const id = readArchiveId(this.#options.slot);
    if (id === undefined) {
      if (this.#before !== undefined) this.#end();
      this.#options.app(this.#board);
      return;
    }
    this.#id = id;
    if (id === REFUSED) this.#blame('the engine has refused it: it is damaged, or not made for this firmware');
    else this.#try();
  }

  #try(): void {
    const { hal } = this.#board;
    let { crashes, reason } = this.#before?.id === this.#id ? this.#before : NO_TROUBLE;
    if (crashes < MOST && isCrash(hal.board.resetCause)) {
      crashes += 1;
      reason = `its last starts have crashed (${hal.board.resetCause})`;
      // Before the import. What cannot be kept cannot be counted: then one crash is enough.
      if (!this.#remember(crashes, reason)) crashes = MOST;
    }
    if (crashes < MOST) this.#load();
    else this.#leaveOut(reason);
  }

  #load(): void {
    let mod: Mod;
    try {
      mod = load(this.#options.modules);
    } catch (error) {
      this.#blame(describe(error));
      return;
    }
    const { hal } = this.#board;
    try {
      if (hal.modules !== undefined) hal.modules.runs = this.#id;
      // It may call itself something better.
      this.#board.software('mod', this.#id);
      mod(this.#board, this.#options.app);
    } catch (error) {
      // It has declared a part of what it wanted to, which cannot be taken back.
      hal.log('error', `the mod has thrown: ${describe(error)}`);
      if (!this.#remember(MOST, describe(error))) throw error;
      // At once: what was declared is not to be begun.
      (hal as Hal).restart('without the mod, which has thrown');
      return;
    }
    hal.log('info', 'the mod runs');
    if (recall(this.#options.values) !== undefined) hal.createTimer(() => this.#end()).start(CALM_MS);
  }

  #blame(reason: string): void {
    this.#remember(MOST, reason);
    this.#leaveOut(reason);
  }

  #leaveOut(reason: string): void {
    const { hal } = this.#board;
    hal.log('error', `the mod is left out: ${reason}`);
    this.#options.app(this.#board);
    this.#board.alarm(ALARM, 'MAJOR', `The mod is left out, the firmware's own app runs: ${reason}`);
    // From then on the next start tries it again, and one crash is enough.
    if (this.#id !== REFUSED) hal.createTimer(() => this.#remember(MOST - 1, reason)).start(CALM_MS);
  }

  #end(): void {
    try {
      this.#options.values.delete(STORED);
    } catch {
      // The next start tries again.
    }
    this.#board.clear(ALARM);
  }

  /** False: the flash refuses. */
  #remember(crashes: number, reason: string): boolean {
    const { values } = this.#options;
    const { id, crashes: known, reason: knownReason } = recall(values) ?? NO_TROUBLE;
    // Flash wears.
    if (id === this.#id && known === crashes && knownReason === reason) return true;
    try {
      values.write(STORED, utf8(`${crashes} ${this.#id} ${reason}`));
      return true;
    } catch {
      return false;
    }
  }
}

/** @throws Error when there is no mod in it, and what the mod throws */
function load(modules: ModulesIo): Mod {
  if (!modules.archive.includes(NAME)) throw new Error(`there is no module "${NAME}" in it`);
  const mod = modules.importNow(NAME);
  if (typeof mod !== 'function') throw new TypeError('its default export is no function');
  return mod as Mod;
}

function isCrash(cause: ResetCause): boolean {
  return cause === 'panic' || cause === 'watchdog';
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'what it throws is no Error';
  return text.slice(0, REASON_MAX_CHARS);
}

/** Crashes, archive and reason, with a blank between them. */
function recall(values: KeyValues): Trouble | undefined {
  try {
    const kept = values.read(STORED);
    if (kept === undefined) return undefined;
    const [crashes, id = '', ...reason] = decodeUtf8(new Uint8Array(kept), 0, kept.byteLength).split(' ');
    return { id, crashes: Number(crashes) || 0, reason: reason.join(' ') };
  } catch {
    return undefined;
  }
}
