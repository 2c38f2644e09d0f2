// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../../src/bytes/text.ts';
import type { App, AppBoard } from '../../../src/index.ts';
import type { Hal, ResetCause } from '../../hal.ts';
import type { KeyValues, PartitionIo } from '../platform.ts';
import { REFUSED, readArchiveId } from './archive.ts';

/**
 * The default export of a mod: an app that is installed later. It replaces the firmware's app, which it may call in
 * order to extend it.
 */
export type Mod = (board: AppBoard, app: App) => void;

/** The SDK's `modules`. */
export interface ModulesIo {
  /** Names of the modules in the archive that was present at the start. */
  readonly archive: readonly string[];
  /** The default export. @throws the module's error */
  importNow(name: string): unknown;
}

export interface ModOptions {
  /** The app of the firmware. */
  readonly app: App;
  /** The partition of the archive; undefined: there is none. */
  readonly slot: PartitionIo | undefined;
  readonly modules: ModulesIo;
  /** The space of the HAL's own values. */
  readonly values: KeyValues;
}

/** The name of the mod's module, as the SDK's documentation gives it. */
const NAME = 'mod';
const STORED = 'mod';
const ALARM = 'fractus_ModLeftOut';
/**
 * After this many crashes in a row, the mod is left out. One more crash leads to the agent's safe mode, without any
 * app.
 */
const MOST = 2;
/** After this long without a crash, the mod or the app counts as stable. */
const CALM_MS = 600_000;
const REASON_MAX_CHARS = 100;

/** A record that exists while a mod causes trouble, or has just done so. */
interface Trouble {
  /** The id of the archive. */
  readonly id: string;
  readonly crashes: number;
  readonly reason: string;
}

const NO_TROUBLE: Trouble = { id: '', crashes: 0, reason: '' };

/**
 * The app of a board with a mod slot: the mod, or the firmware's own app when the mod does not load, throws or crashes.
 * The agent's safe mode calls neither. Nothing is written to flash while there is no trouble.
 */
export function withMod(options: ModOptions): App {
  const { settings } = options.app;
  const app: App = (board) => new Start(board, options).run();
  // A mod cannot add settings: they are read before it is loaded.
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
    if (id === REFUSED) this.#blame('the engine refuses it: it is damaged, or for another firmware');
    else this.#try();
  }

  #try(): void {
    const { hal } = this.#board;
    let { crashes, reason } = this.#before?.id === this.#id ? this.#before : NO_TROUBLE;
    if (crashes < MOST && isCrash(hal.board.resetCause)) {
      crashes += 1;
      reason = `its last starts have crashed (${hal.board.resetCause})`;
      // Before the import. A count that cannot be written is taken as the maximum, so one crash is enough.
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
      // The mod may declare a better name itself.
      this.#board.software('mod', this.#id);
      mod(this.#board, this.#options.app);
    } catch (error) {
      // The mod may have declared some things already, which cannot be taken back.
      hal.log('error', `the mod has thrown: ${describe(error)}`);
      if (!this.#remember(MOST, describe(error))) throw error;
      // At once, before the declared things start to work.
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
    // After that, the next start tries the mod again, and one more crash is enough to leave it out.
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

  /** Writes the trouble record; false: the flash refuses. */
  #remember(crashes: number, reason: string): boolean {
    const { values } = this.#options;
    const { id, crashes: known, reason: knownReason } = recall(values) ?? NO_TROUBLE;
    // An unchanged record is not written again: flash wears.
    if (id === this.#id && known === crashes && knownReason === reason) return true;
    try {
      values.write(STORED, utf8(`${crashes} ${this.#id} ${reason}`));
      return true;
    } catch {
      return false;
    }
  }
}

/** @throws Error when the archive has no mod, or the mod's own error */
function load(modules: ModulesIo): Mod {
  if (!modules.archive.includes(NAME)) throw new Error(`it has no module "${NAME}"`);
  const mod = modules.importNow(NAME);
  if (typeof mod !== 'function') throw new TypeError('its default export is not a function');
  return mod as Mod;
}

function isCrash(cause: ResetCause): boolean {
  return cause === 'panic' || cause === 'watchdog';
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'it throws a non-Error';
  return text.slice(0, REASON_MAX_CHARS);
}

/** Reads the trouble record: crashes, archive id and reason, separated by blanks. */
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
