// SPDX-License-Identifier: Apache-2.0
/**
 * A virtual board that will be killed: the agent on Node or XS, its flash in a directory, and counting sensors and an
 * output. A file records each sample and execution before the agent receives it, so that they are known afterwards.
 */

import type { Actuator, Firmware, Hal, Sensor } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import type { RawConfig } from '../../src/index.ts';
import { NodeProgram, type Panic, type Program, XsProgram, type XsProgramOptions } from '../cli/device/programs.ts';
import { VirtualDevice } from '../cli/device/virtual-device.ts';
import { app, COUNTER, COUNTER_SCALE, SENSORS } from './app.ts';
import { lastNumber, note, readNotes } from './notes.ts';

/** The board's command line, as JSON. */
export interface BoardOrders {
  readonly dataDir: string;
  /** File of the notes. */
  readonly notes: string;
  readonly config: RawConfig;
  readonly firmware: Firmware;
  /** Undefined: Node. */
  readonly xs?: Pick<XsProgramOptions, 'host' | 'bundle'> | undefined;
}

/** Adds counting sensors and an output to a program. */
class Counting implements Program {
  readonly #program: Program;
  readonly #sensors: Readonly<Record<string, Sensor>>;
  readonly #actuators: Readonly<Record<string, Actuator>>;

  constructor(program: Program, path: string) {
    this.#program = program;
    const notes = readNotes(path);
    this.#sensors = Object.fromEntries(
      SENSORS.map((name) => {
        let level = lastNumber(notes, name);
        const sample = () => {
          level += 1;
          note(path, name, level);
          return { level };
        };
        return [name, { sample }];
      }),
    );
    this.#actuators = { [COUNTER]: { write: (value) => note(path, COUNTER, Math.round(value * COUNTER_SCALE)) } };
  }

  boot(hal: Hal): Promise<void> {
    return this.#program.boot({ ...hal, sensors: this.#sensors, actuators: this.#actuators });
  }

  stop(timeoutMs: number): Promise<boolean> {
    return this.#program.stop(timeoutMs);
  }
}

function run({ dataDir, notes, config, firmware, xs }: BoardOrders): void {
  const log = (level: string, line: string) => void process.stdout.write(`${level} ${line}\n`);
  const flash = new Flash({ dataDir, report: (line) => log('warn', line) });
  const onPanic = (panic: Panic) => device.panic(panic);
  const onExit = (error: Error) => device.fail(error);
  const program = xs === undefined ? new NodeProgram(config, app) : new XsProgram({ ...xs, config, onPanic, onExit });
  const device: VirtualDevice = new VirtualDevice({
    flash,
    program: new Counting(program, notes),
    firmware,
    resources: {},
    log,
  });
  device.failure.catch((error: Error) => {
    log('error', error.message);
    process.exit(1);
  });
  device.start();
}

run(JSON.parse(process.argv[2] ?? '') as BoardOrders);
