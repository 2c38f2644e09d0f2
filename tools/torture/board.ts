// SPDX-License-Identifier: Apache-2.0
/**
 * A virtual board that is going to be killed: the agent on Node or XS, its flash in a directory, and a sensor that counts.
 * Every sample is noted in a file of its own before the agent has it, so that afterwards it is known what there was.
 */

import type { Firmware, Hal } from '../../hal/hal.ts';
import { Flash } from '../../hal/node/flash.ts';
import type { RawConfig } from '../../src/index.ts';
import { NodeProgram, type Panic, type Program, XsProgram, type XsProgramOptions } from '../cli/programs.ts';
import { VirtualDevice } from '../cli/virtual-device.ts';
import { lastNote, noteSample } from './samples.ts';

/** What the board is told on its command line, as JSON. */
export interface BoardOrders {
  readonly dataDir: string;
  /** File in which the samples are noted, one a line. */
  readonly samples: string;
  readonly config: RawConfig;
  readonly firmware: Firmware;
  /** Absent: Node. */
  readonly xs?: Pick<XsProgramOptions, 'host' | 'bundle'> | undefined;
}

/** The program with the sensor that counts. */
class Counting implements Program {
  readonly #program: Program;
  readonly #path: string;
  #count: number;

  constructor(program: Program, path: string) {
    this.#program = program;
    this.#path = path;
    this.#count = lastNote(path).sample;
  }

  boot(hal: Hal): Promise<void> {
    const hygrometer = {
      sample: () => {
        this.#count += 1;
        noteSample(this.#path, this.#count);
        return { humidity: this.#count };
      },
    };
    return this.#program.boot({ ...hal, sensors: { hygrometer } });
  }

  stop(timeoutMs: number): Promise<boolean> {
    return this.#program.stop(timeoutMs);
  }
}

function run({ dataDir, samples, config, firmware, xs }: BoardOrders): void {
  const log = (level: string, line: string) => void process.stdout.write(`${level} ${line}\n`);
  const flash = new Flash({ dataDir, report: (line) => log('warn', line) });
  const onPanic = (panic: Panic) => device.panic(panic);
  const onExit = (error: Error) => device.fail(error);
  const program = xs === undefined ? new NodeProgram(config) : new XsProgram({ ...xs, config, onPanic, onExit });
  const device: VirtualDevice = new VirtualDevice({
    flash,
    program: new Counting(program, samples),
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
