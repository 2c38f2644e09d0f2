// SPDX-License-Identifier: Apache-2.0
/** `fractus start`: an emulated platform with virtual ESP32s, for a person who watches. */

import { parseArgs } from 'node:util';
import { Flash } from '../../hal/node/flash.ts';
import { VERSION } from '../../src/version.ts';
import { settingsOf } from '../author/app.ts';
import { DeskBoard } from '../desk/board.ts';
import { Boards } from '../desk/boards.ts';
import { loadPage } from '../desk/page.ts';
import { readBehaviour } from '../device/project-keys.ts';
import type { Told } from '../platform/messages.ts';
import { registerDevice } from '../platform/operator.ts';
import { Platform } from '../platform/platform.ts';
import { createCertificates, machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import { refusalOf } from '../terminal/command.ts';
import { unlessEnded, untilSignal } from '../terminal/signal.ts';
import { catchPanics } from './device.ts';
import { DeviceAuthority } from './show/certified.ts';
import { Operator } from './show/operator.ts';
import { type Manner, Screen } from './show/screen.ts';

const USAGE = `usage: fractus start [--app FILE [--watch]] [--manifest DIR] [--port N] [--runtime node|xs] [--devices N] [--certificate] [--wait] [--quiet|--json]

  --app FILE [--watch]  your app; --watch: restarts the boards with the new app when you save a file
  --manifest DIR        your project: uses the keys of its manifest.json, except those of the way to its platform
  --port N              port of the page; default: any free port
  --runtime node|xs     default: XS, or Node where XS cannot be built
  --devices N           number of virtual boards; default 1
  --certificate         boards use certificates and tokens in place of passwords
  --wait                devices wait until you accept them on the page; operations are not sent automatically
  --quiet               shows only the address of the page, and the counts at the end
  --json                shows each message as a line of JSON`;

interface Arguments {
  readonly help: boolean;
  readonly port: number;
  readonly runtime: 'node' | 'xs' | undefined;
  /** Path of the author's app. */
  readonly app: string | undefined;
  readonly watch: boolean;
  readonly devices: number;
  /** The configuration in a project's manifest. */
  readonly config: Readonly<Record<string, string>>;
  readonly certificate: boolean;
  /** Nothing is done automatically: a person operates the platform. */
  readonly wait: boolean;
  readonly manner: Manner;
}

/**
 * Runs platform and devices until SIGINT or SIGTERM. Resolves with the exit code: 0 after an orderly end, 2 for bad
 * arguments, 1 when it cannot run, for example because the port is taken.
 */
export async function startCommand(args: string[]): Promise<number> {
  let options: Arguments;
  try {
    options = await readArguments(args);
  } catch (error) {
    console.error(`fractus start: ${refusalOf(error, USAGE)}\n\n${USAGE}`);
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

async function readArguments(args: string[]): Promise<Arguments> {
  const { values } = parseArgs({
    args,
    strict: true,
    options: {
      port: { type: 'string', default: '0' },
      runtime: { type: 'string' },
      app: { type: 'string' },
      manifest: { type: 'string' },
      watch: { type: 'boolean', default: false },
      devices: { type: 'string', default: '1' },
      certificate: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { port, runtime, app, manifest, watch, devices, certificate, wait, quiet, json, help } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`--port: "${port}" is not allowed; allowed: 0 to 65535`);
  }
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'xs') {
    throw new Error(`--runtime: "${runtime}" is not allowed; allowed: node or xs`);
  }
  if (watch && app === undefined) throw new Error('--watch: not allowed without --app');
  if (!/^\d{1,3}$/.test(devices) || Number(devices) < 1 || Number(devices) > MOST_DEVICES) {
    throw new Error(`--devices: "${devices}" is not allowed; allowed: 1 to ${MOST_DEVICES}`);
  }
  if (quiet && json) throw new Error('--quiet: not allowed with --json');
  const manner = json ? 'json' : quiet ? 'quiet' : 'story';
  const config = readBehaviour(manifest, Number(devices), manifest === undefined ? [] : await settingsOf(app));
  return { help, port: Number(port), runtime, app, watch, devices: Number(devices), certificate, config, wait, manner };
}

/** Seconds between two samples, short enough for a person who watches. */
const MEASUREMENT_INTERVAL_S = 5;
/** More devices need `fractus fleet`. */
const MOST_DEVICES = 20;
const LOOK_MS = 300;
const BELOW = 'Below: the requests of the device to the platform, and the operations of an operator. Ctrl-C ends it.';

class Show {
  readonly #options: Arguments;
  readonly #screen: Screen;
  readonly #startedMs = Date.now();
  readonly #platform: Platform;
  readonly #boards: Boards;
  readonly #all: DeskBoard[] = [];
  #operator: Operator | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: Arguments) {
    this.#options = options;
    this.#screen = new Screen(process.stdout, options.manner, options.devices > 1);
    this.#platform = new Platform(machineOptions({ accept: !options.wait }));
    this.#platform.watch().journal.read((message) => this.#screen.read(message));
    this.#boards = new Boards(this.#platform);
    this.#platform.core.onBreach = ({ rule, what }) => {
      this.#tell({ who: 'device', text: `breaks the protocol: ${rule}, ${what}`, mood: 'bad' });
    };
  }

  /** Resolves after an orderly end. */
  async run(): Promise<void> {
    const signal = untilSignal();
    const page = await loadPage();
    const { port, certificate } = this.#options;
    const certificates = certificate ? { certificates: await createCertificates() } : {};
    const server = await startServer({ platform: this.#platform, port, page, ...certificates });
    let isShown = false;
    try {
      const prepared = await Promise.race([this.#prepare(server).catch(unlessEnded(signal)), signal]);
      if (!prepared) return;
      this.#introduce(server);
      isShown = true;
      const failures = this.#all.map((board) => board.start());
      if (this.#options.watch) for (const board of this.#all) board.watch();
      this.#looking = setInterval(() => this.#look(server), LOOK_MS).unref();
      await Promise.race([...failures, signal]);
    } finally {
      clearInterval(this.#looking);
      this.#operator?.stop();
      await this.#boards.stop();
      if (isShown) this.#conclude();
      await server.close();
    }
  }

  /** Creates the boards. Resolves to true; a signal resolves to undefined. */
  async #prepare(server: RunningServer): Promise<true> {
    const { app, runtime, devices, config } = this.#options;
    const { core } = this.#platform;
    const authority = this.#options.certificate ? await DeviceAuthority.create(this.#platform) : undefined;
    for (let i = 0; i < devices; i++) {
      const flash = new Flash();
      const certified = await authority?.certify(`esp32-${flash.mac}`, server);
      const board = new DeskBoard({
        name: `board-${i + 1}`,
        seed: this.#startedMs + i * 1000,
        app,
        runtime,
        config: {
          url: server.url,
          bootstrapPassword: core.bootstrap.password,
          measurementInterval: String(MEASUREMENT_INTERVAL_S),
          ...config,
          ...certified?.config,
        },
        flash,
        resources: certified?.resources ?? {},
        say: (content, told) => this.#platform.watch().say(content, told),
        report: (line) => i === 0 && this.#screen.line(line),
      });
      await board.prepare();
      if (this.#options.wait) registerDevice(this.#platform, `esp32-${board.flash.mac}`);
      this.#all.push(board);
      this.#boards.add(board);
    }
    // With Node, the agent runs in this process, so an uncaught exception is the agent's.
    if (this.#all[0]?.engine.startsWith('Node') === true) catchPanics((panic) => this.#all[0]?.panic(panic));
    return true;
  }

  #introduce({ url }: RunningServer): void {
    const [first] = this.#all;
    const what = this.#all.length === 1 ? 'a virtual ESP32' : `${this.#all.length} virtual ESP32s`;
    for (const line of [
      `fractus ${VERSION}: ${what} (${first?.engine}) and an emulated Cumulocity tenant.`,
      '',
      `  See it, and break it:  ${url}/`,
      '',
      this.#options.manner === 'quiet' ? 'Ctrl-C ends it.' : BELOW,
      '',
    ]) {
      this.#screen.line(line);
    }
  }

  /** Starts the automatic operator, once the first device listens. */
  #look(server: RunningServer): void {
    this.#boards.settle();
    const [first] = this.#all;
    if (this.#operator !== undefined || this.#options.wait || first?.objectId === undefined) return;
    const { core } = this.#platform;
    if (core.sessions.size === 0) return;
    const { tenant, operator } = core;
    this.#operator = new Operator({
      url: server.url,
      login: `${tenant}/${operator.name}:${operator.password}`,
      onWarm: () => first.light(),
      onError: (error) => this.#tell({ who: 'operator', text: `cannot send: ${error.message}`, mood: 'bad' }),
    });
    this.#operator.start(first.objectId);
  }

  #tell(told: Pick<Told, 'who' | 'text' | 'mood'>): void {
    this.#platform.watch().say({ kind: 'told' }, { more: [], ...told });
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
