// SPDX-License-Identifier: Apache-2.0
/** A virtual board of the desk: its program, the actions on it, and its reports. */

import type { Clock, Hal, LogLevel, Sensor } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { createSensors } from '../../hal/node/sensors.ts';
import type { RawConfig } from '../../src/index.ts';
import { LiveApp } from '../device/live-app.ts';
import type { Panic, Program } from '../device/programs.ts';
import { VirtualDevice } from '../device/virtual-device.ts';
import type { BoardNote, Content, FiguresNote, Told } from '../platform/messages.ts';
import type { TracedHal } from '../trace.ts';
import { LitThermometer } from './lamp.ts';
import { fillOf, PluggedSensor, SampleTimes, WatchedFlash } from './switches.ts';
import { tables } from './tables.ts';
import '../trace.ts';

export interface DeskBoardOptions {
  readonly name: string;
  readonly seed: number;
  readonly app: string | undefined;
  readonly runtime: 'node' | 'xs' | undefined;
  readonly config: RawConfig;
  /** Flash of this board; default: new flash. */
  readonly flash?: Flash;
  /** Files by name, for example a certificate. */
  readonly resources?: Readonly<Record<string, Uint8Array>>;
  say(content: Content, told?: Told): void;
  /** Called with a line about a build or a missing tool. */
  report(line: string): void;
}

export class DeskBoard {
  readonly name: string;
  readonly flash: Flash;
  readonly watchedFlash: WatchedFlash;
  readonly sensors: Readonly<Record<string, PluggedSensor>>;
  readonly samples = new SampleTimes();
  readonly #options: DeskBoardOptions;
  readonly #thermometer: LitThermometer;
  readonly #live: LiveApp;
  readonly #entered = tables.map(({ states }) => new Array<number>(states.length).fill(0));
  readonly #states = tables.map(() => -1);
  #device: VirtualDevice | undefined;
  #program: Program | undefined;
  #engine = '';
  #power: 'on' | 'off' = 'off';
  #link: 'up' | 'down' = 'up';
  #boots = 0;
  #resetCause = '';
  #waiting = 0;
  #litAtMs = Number.NEGATIVE_INFINITY;
  #isNoted = false;
  #objectId: string | undefined;

  constructor(options: DeskBoardOptions) {
    const { name, seed, app, runtime, config, report } = options;
    this.name = name;
    this.flash = options.flash ?? new Flash();
    this.watchedFlash = new WatchedFlash(this.flash.region);
    this.#options = options;
    const sensors = createSensors(hostClock, seed);
    this.#thermometer = new LitThermometer(sensors['thermometer'], hostClock);
    const all: Readonly<Record<string, Sensor>> = { ...sensors, thermometer: this.#thermometer };
    this.sensors = Object.fromEntries(
      Object.entries(all).map(([key, sensor]) => [key, new PluggedSensor(sensor, () => this.samples.note())]),
    );
    this.#live = new LiveApp({
      app,
      runtime,
      config,
      isTraced: true,
      wrap: (program) => this.#wrap(program),
      onTrouble: (error) => this.#hear('error', error.message),
      onFallback: report,
      report,
      onPanic: (panic) => this.#device?.panic(panic),
      onExit: (error) => this.#device?.fail(error),
    });
  }

  /** Builds the program. @throws Error when it cannot run */
  async prepare(): Promise<void> {
    const { program, firmware, runImage, engine } = await this.#live.choose();
    this.#engine = engine;
    this.#device = new VirtualDevice({
      flash: this.flash,
      ...{ program, firmware, runImage },
      resources: this.#options.resources ?? {},
      log: (level, line) => this.#hear(level, line),
    });
  }

  /** The board authenticates with a certificate, and uses tokens. */
  get isCertified(): boolean {
    return this.#options.config['auth'] === 'certificate';
  }

  get engine(): string {
    return this.#engine;
  }

  get objectId(): string | undefined {
    return this.#objectId;
  }

  set objectId(id: string | undefined) {
    this.#objectId = id;
    this.#note();
  }

  get isOn(): boolean {
    return this.#power === 'on';
  }

  get boots(): number {
    return this.#boots;
  }

  get isLit(): boolean {
    return hostClock.ticks() - this.#litAtMs < litMs;
  }

  /** Starts the board; rejects when it cannot continue. */
  start(): Promise<never> {
    if (this.#device === undefined) throw new Error(`${this.name} is not prepared`);
    this.#device.start();
    return this.#device.failure;
  }

  watch(): void {
    if (this.#device !== undefined) this.#live.watch(this.#device);
  }

  panic(panic: Panic): void {
    this.#device?.panic(panic);
  }

  async stop(): Promise<void> {
    this.#live.close();
    await this.#device?.stop();
    this.flash.close();
  }

  cutPower(): void {
    this.#device?.cutPower();
    this.#power = 'off';
    this.#states.fill(-1);
    this.#tell('the power is cut', 'bad');
  }

  powerOn(): void {
    if (this.#power === 'off') this.#device?.start();
  }

  switchLink(up: boolean): void {
    this.#link = up ? 'up' : 'down';
    this.#device?.switchLink(up);
    this.#tell(up ? 'the link is up again' : 'the link goes down', up ? 'good' : 'bad');
  }

  plug(sensor: string, isIn: boolean): void {
    const found = this.sensors[sensor];
    if (found === undefined) throw new RangeError(`${sensor}: one of ${Object.keys(this.sensors).join(', ')} expected`);
    found.isPlugged = isIn;
    this.#tell(isIn ? `the ${sensor} is plugged in again` : `the ${sensor} is pulled out`, isIn ? 'good' : 'bad');
  }

  refuseFlash(isRefusing: boolean): void {
    this.watchedFlash.isRefusing = isRefusing;
    this.#tell(
      isRefusing ? 'the flash refuses to be written' : 'the flash takes data again',
      isRefusing ? 'bad' : 'good',
    );
  }

  light(): void {
    this.#litAtMs = hostClock.ticks();
    this.#thermometer.light();
    const told = { who: 'somebody', text: 'holds a lamp to the thermometer', mood: 'busy', more: [] } as const;
    this.#say({ kind: 'board', board: this.note() }, told);
  }

  /** The state of the board, for a page that connects. */
  note(): BoardNote {
    const { name, sensors } = this;
    return {
      board: name,
      engine: this.#engine,
      ...(this.#objectId !== undefined && { objectId: this.#objectId }),
      power: this.#power,
      link: this.#link,
      boots: this.#boots,
      resetCause: this.#resetCause,
      unplugged: Object.keys(sensors).filter((key) => sensors[key]?.isPlugged === false),
      isLit: this.isLit,
      isFlashRefusing: this.watchedFlash.isRefusing,
      tables: Object.fromEntries(
        tables.map((table, index) => [
          table.name,
          { state: this.#states[index] ?? -1, entered: this.#entered[index]?.slice() ?? [] },
        ]),
      ),
      waiting: this.#waiting,
    };
  }

  async figures(): Promise<FiguresNote> {
    const { store } = this.flash;
    const used = store.keys().reduce((sum, key) => sum + (store.get(key)?.length ?? 0), 0);
    const heap = this.isOn ? await this.#program?.measure?.()?.catch(() => undefined) : undefined;
    return {
      board: this.name,
      ...(heap !== undefined && {
        slots: heap.slots,
        slotLimit: heap.slotLimit,
        chunkBytes: heap.chunkBytes,
        chunkByteLimit: heap.chunkByteLimit,
        collections: heap.collections,
      }),
      storeUsedBytes: used,
      storeBytes: used + store.freeBytes(),
      wear: this.watchedFlash.wear.slice(),
      fill: fillOf(this.watchedFlash),
    };
  }

  #wrap(program: Program): Program {
    this.#program = program;
    return {
      boot: (hal) => {
        this.#boots = hal.board.bootCount;
        this.#resetCause = hal.board.resetCause;
        this.#power = 'on';
        this.#states.fill(-1);
        this.#tell(`starts for the ${ordinal(this.#boots)} time (${this.#resetCause})`, 'plain');
        return program.boot(this.#traced(hal));
      },
      stop: (timeoutMs) => program.stop(timeoutMs),
    };
  }

  #traced(hal: Hal): TracedHal {
    return {
      ...hal,
      flash: this.watchedFlash,
      sensors: this.sensors,
      trace: (table, state, waiting) => {
        this.#states[table] = state;
        const entered = this.#entered[table];
        if (entered !== undefined) entered[state] = (entered[state] ?? 0) + 1;
        this.#waiting = waiting;
        this.#note();
      },
    };
  }

  /** Reports the state once for many quick changes. */
  #note(): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    setTimeout(() => {
      this.#isNoted = false;
      this.#say({ kind: 'board', board: this.note() });
    }, noteMs).unref();
  }

  /** Handles a line of the log. The platform's side already reports progress, so only warnings and errors are told. */
  #hear(level: LogLevel, line: string): void {
    const [text = '', ...more] = line.split('\n');
    const told: Told | undefined =
      level === 'info' ? undefined : { who: 'board', text, mood: level === 'error' ? 'bad' : 'busy', more };
    this.#say({ kind: 'line', board: this.name, level, text: line }, told);
  }

  #say(content: Content, told?: Told): void {
    this.#options.say(content, told && { ...told, of: `esp32-${this.flash.mac}` });
  }

  #tell(text: string, mood: Told['mood']): void {
    this.#say({ kind: 'board', board: this.note() }, { who: 'board', text, mood, more: [] });
  }
}

/** The host's clock, which always knows the time and continues while the board is off. */
const hostClock: Clock = { ticks: () => performance.now(), now: () => Date.now(), set: () => {} };

function ordinal(number: number): string {
  const ending = /1\d$/.test(String(number)) ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${ending}`;
}

const noteMs = 100;
const litMs = 45_000;
