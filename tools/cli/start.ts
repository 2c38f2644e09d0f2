// SPDX-License-Identifier: Apache-2.0
/** `fractus start`: an emulated platform and one virtual ESP32 on it, for somebody who watches. */

import { parseArgs } from 'node:util';
import type { Clock, LogLevel } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import { createSensors } from '../../hal/node/sensors.ts';
import { VERSION } from '../../src/version.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import { catchPanics } from './device.ts';
import { LiveApp } from './live-app.ts';
import { NodeProgram, type Panic, type Program, type ProgramChoice } from './programs.ts';
import { LitThermometer } from './show/climate.ts';
import { Operator } from './show/operator.ts';
import { type Happening, Screen } from './show/screen.ts';
import { tell } from './show/story.ts';
import { type Exchange, TappedPlatform } from './show/tap.ts';
import { untilSignal } from './signal.ts';
import { VirtualDevice } from './virtual-device.ts';

const USAGE = 'usage: fractus start [--app FILE [--watch]] [--port N] [--runtime node|xs]';

interface Arguments {
  readonly help: boolean;
  readonly port: number;
  readonly runtime: 'node' | 'xs' | undefined;
  /** A module of the author's. */
  readonly app: string | undefined;
  readonly watch: boolean;
}

/**
 * Runs platform and device until SIGINT or SIGTERM. Resolves with the exit code: 0 after an orderly end, 2 for bad
 * arguments, 1 when it cannot run, for example because the port is taken.
 */
export async function startCommand(args: string[]): Promise<number> {
  let options: Arguments;
  try {
    options = readArguments(args);
  } catch (error) {
    // What Node adds about options is of no use to somebody who has mistyped one.
    console.error(`fractus start: ${(error as Error).message.replace(/\. To specify .*/s, '')}`);
    console.error(USAGE);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    await new Show(options).run();
    return 0;
  } catch (error) {
    console.error(`fractus start: ${(error as Error).message}`);
    return 1;
  }
}

function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    strict: true,
    options: {
      port: { type: 'string', default: '0' },
      runtime: { type: 'string' },
      app: { type: 'string' },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { port, runtime, app, watch, help } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`--port: "${port}" is not allowed; allowed: 0 to 65535`);
  }
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'xs') {
    throw new Error(`--runtime: "${runtime}" is not allowed; allowed: node or xs`);
  }
  if (watch && app === undefined) throw new Error('--watch: there is nothing to watch; allowed: with --app');
  return { help, port: Number(port), runtime, app, watch };
}

/** Seconds between two samples: a watcher does not want to wait a minute. */
const MEASUREMENT_INTERVAL_S = 5;

class Show {
  readonly #options: Arguments;
  readonly #screen = new Screen(process.stdout);
  readonly #flash = new Flash();
  readonly #startedMs = Date.now();
  readonly #platform = new TappedPlatform(machineOptions({ accept: true }), (exchange) => this.#see(exchange));
  /** The weather outlives restarts of the board. */
  readonly #sensors = createSensors(hostClock, this.#startedMs);
  readonly #thermometer = new LitThermometer(this.#sensors['thermometer'], hostClock);
  #live: LiveApp | undefined;
  #operator: Operator | undefined;
  #device: VirtualDevice | undefined;
  #deviceObjectId: string | undefined;

  constructor(options: Arguments) {
    this.#options = options;
    this.#platform.core.onBreach = ({ rule, what }) => {
      this.#tell({ who: 'device', text: `breaks the protocol: ${rule}, ${what}`, mood: 'bad' });
    };
  }

  /** Resolves after an orderly end. */
  async run(): Promise<void> {
    const signal = untilSignal();
    const server = await startServer({ platform: this.#platform, port: this.#options.port });
    try {
      const choice = await Promise.race([this.#choose(server), signal]);
      if (!choice) return;
      this.#introduce(server, choice);
      const device = this.#createDevice(choice);
      device.start();
      if (this.#options.watch) this.#live?.watch(device);
      await Promise.race([device.failure, signal]);
    } finally {
      this.#live?.close();
      this.#operator?.stop();
      await this.#device?.stop();
      this.#flash.close();
      this.#conclude();
      await server.close();
    }
  }

  #choose(server: RunningServer): Promise<ProgramChoice> {
    this.#live = new LiveApp({
      app: this.#options.app,
      runtime: this.#options.runtime,
      wrap: (program) => this.#watched(program),
      onTrouble: (error) => this.#hear('error', error.message),
      config: {
        url: server.url,
        bootstrapPassword: this.#platform.core.bootstrap.password,
        measurementInterval: String(MEASUREMENT_INTERVAL_S),
      },
      onFallback: (line) => this.#screen.line(line),
      report: (line) => this.#screen.line(line),
      onPanic: (panic) => this.#device?.panic(panic),
      onExit: (error) => this.#device?.fail(error),
    });
    return this.#live.choose();
  }

  #createDevice({ program, firmware }: ProgramChoice): VirtualDevice {
    const onPanic = (panic: Panic) => this.#device?.panic(panic);
    if (program instanceof NodeProgram) catchPanics(onPanic);
    this.#device = new VirtualDevice({
      flash: this.#flash,
      program: this.#watched(program),
      firmware,
      resources: {},
      log: (level, line) => this.#hear(level, line),
    });
    return this.#device;
  }

  /** The program on a board that says when it starts and that somebody can warm. */
  #watched(program: Program): Program {
    return {
      boot: (hal) => {
        const { bootCount, resetCause } = hal.board;
        this.#tell({ who: 'board', text: `starts for the ${ordinal(bootCount)} time (${resetCause})` });
        return program.boot({ ...hal, sensors: { ...this.#sensors, thermometer: this.#thermometer } });
      },
      stop: (timeoutMs) => program.stop(timeoutMs),
    };
  }

  #introduce({ url }: RunningServer, { engine }: ProgramChoice): void {
    const { tenant, operator } = this.#platform.core;
    const login = `${tenant}/${operator.name}:${operator.password}`;
    // The tenant is empty and gives ids in order, so the next is the device's.
    const deviceId = Number(this.#platform.core.nextId()) + 1;
    const order = JSON.stringify({ deviceId: String(deviceId), c8y_Command: { text: 'help' } });
    for (const line of [
      `fractus ${VERSION}: a virtual ESP32 (${engine}),`,
      `and an emulated Cumulocity tenant at ${url}.`,
      'You see what the device asks of the platform over HTTP and what an operator has it do. Ctrl-C ends it.',
      'To send it an operation yourself:',
      `  curl -u ${login} -H 'Content-Type: application/json' \\`,
      `    -d '${order}' ${url}/devicecontrol/operations`,
      '',
    ]) {
      this.#screen.line(line);
    }
    this.#operator = new Operator({
      url,
      login,
      onWarm: () => {
        this.#thermometer.light();
        this.#tell({ who: 'somebody', text: 'holds a lamp to the thermometer', mood: 'busy' });
      },
      onError: (error) => this.#tell({ who: 'operator', text: `cannot send: ${error.message}`, mood: 'bad' }),
    });
  }

  #see(exchange: Exchange): void {
    const happening = tell(exchange);
    if (happening !== undefined) this.#screen.show(happening);
    if (this.#deviceObjectId !== undefined || exchange.path !== '/notification/operations') return;
    const [object] = this.#platform.core.objects.keys();
    this.#deviceObjectId = object;
    if (object !== undefined) this.#operator?.start(object);
  }

  /** What the device says of its progress is told from the platform's side. */
  #hear(level: LogLevel, line: string): void {
    if (level !== 'error') return;
    const [text = '', ...more] = line.split('\n');
    this.#tell({ who: 'board', text, mood: 'bad', more });
  }

  #tell(happening: Pick<Happening, 'who' | 'text'> & Partial<Happening>): void {
    this.#screen.show({ mood: 'plain', more: [], ...happening });
  }

  #conclude(): void {
    const { core, breaches } = this.#platform;
    const ended = (status: string) => [...core.operations.values()].filter((each) => each.status === status).length;
    const seconds = Math.round((Date.now() - this.#startedMs) / 1000);
    this.#screen.line('');
    this.#screen.line(
      `${seconds} s: measurements ${core.measurements.size}, operations successful ${ended('SUCCESSFUL')}, ` +
        `failed ${ended('FAILED')}, alarms ${core.alarms.size}, requests ${core.lastRequest}, ` +
        `breaches of protocol ${breaches.length}`,
    );
  }
}

/** The machine's own clock, which always knows the time: the world goes on while the board does not. */
const hostClock: Clock = { ticks: () => performance.now(), now: () => Date.now(), set: () => {} };

function ordinal(number: number): string {
  const ending = /1\d$/.test(String(number)) ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${ending}`;
}
