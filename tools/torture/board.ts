// SPDX-License-Identifier: Apache-2.0
/**
 * A virtual board that will be killed: the agent on Node or XS, its flash in a directory, and counting sensors and an
 * output. A file records each sample and execution before the agent receives it, so that they are known afterwards.
 */

import type { Actuator, Firmware, Hal, Sensor } from '../../hal/hal.ts';
import type { RawConfig } from '../../src/index.ts';
import { NodeProgram, type Program, XsProgram, type XsProgramOptions } from '../device/programs.ts';
import { app, COUNTER, COUNTER_SCALE, SENSORS } from './app.ts';
import { lastNumber, note, readNotes } from './notes.ts';
import { runBoard } from './run-board.ts';

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
  runBoard({
    dataDir,
    firmware,
    programs(ends) {
      const program = xs === undefined ? new NodeProgram(config, app) : new XsProgram({ ...xs, config, ...ends });
      return { program: new Counting(program, notes) };
    },
  });
}

run(JSON.parse(process.argv[2] ?? '') as BoardOrders);
