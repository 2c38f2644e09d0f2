// SPDX-License-Identifier: Apache-2.0

import { type App, type AppBoard, measurement } from 'fractus';
import { type Port, RtuMaster } from './rtu.ts';

/** An electricity meter on the line: an Eastron SDM120, or one with the same registers. */
export interface Meter {
  /** The number printed on the meter, which identifies it at any place. */
  readonly serialNumber: string;
  readonly name: string;
  /** Its address on the line, 1 to 247. */
  readonly unit: number;
}

const POLL_MS = 10_000;
/** Rounds without an answer until a meter is out of reach. */
const SILENT = 3;

/** The values of a meter, by their names in a sample: each is a float, here the first of its two input registers. */
const REGISTERS = { voltage: 0x0000, power: 0x000c, energy: 0x0156 } as const;
type Value = keyof typeof REGISTERS;
const VALUES = Object.keys(REGISTERS) as readonly Value[];

const ELECTRICITY = measurement<Value>({
  type: 'acme_Electricity',
  fragments: {
    acme_Electricity: {
      U: { of: 'voltage', unit: 'V', decimals: 1 },
      P: { of: 'power', unit: 'W', decimals: 1 },
      A: { of: 'energy', unit: 'kWh', decimals: 2 },
    },
  },
});

/** A gateway whose meters are child devices, read over Modbus RTU. */
export function createApp(meters: readonly Meter[], open: (onReadable: () => void) => Port): App {
  return (board) => {
    const line = new RtuMaster(board.hal, open);
    const readers = meters.map((meter) => new Reader(board, line, meter));
    const timer = board.hal.createTimer(() => {
      timer.start(POLL_MS);
      for (const reader of readers) reader.poll();
    });
    timer.start(0);
  };
}

/** One meter: the child device, and the meter's latest values. */
class Reader {
  readonly #board: AppBoard;
  readonly #line: RtuMaster;
  readonly #meter: Meter;
  readonly #child: ReturnType<AppBoard['child']>;
  /** Filled during a round; complete when `#fresh`. */
  readonly #sample: Record<Value, number> = { voltage: NaN, power: NaN, energy: NaN };
  /** The latest round is complete, and was not sampled yet. */
  #fresh = false;
  /** Values that the current round still waits for. */
  #awaited = 0;
  #trouble = '';
  #silent = 0;
  /** Undefined: unknown since the start. */
  #isReachable: boolean | undefined;

  constructor(board: AppBoard, line: RtuMaster, meter: Meter) {
    const { serialNumber, name } = meter;
    this.#board = board;
    this.#line = line;
    this.#meter = meter;
    this.#child = board.child(serialNumber, {
      name,
      type: 'acme_Meter',
      externalId: { type: 'acme_Meter', id: serialNumber },
      hardware: { model: 'SDM120', serialNumber },
    });
    this.#child.sensor({ reports: ELECTRICITY, sensor: { sample: () => this.#take() } });
  }

  /** Asks for all values, unless a round is under way. */
  poll(): void {
    if (this.#awaited > 0) return;
    this.#trouble = '';
    for (const value of VALUES) {
      const onAnswer = (answer: number, trouble: string) => this.#onAnswer(value, answer, trouble);
      if (this.#line.ask({ unit: this.#meter.unit, register: REGISTERS[value], onAnswer })) this.#awaited++;
      else this.#trouble = 'too many questions wait';
    }
  }

  /** Values are taken once: a silent meter has none. */
  #take(): Readonly<Record<Value, number>> | undefined {
    const isFresh = this.#fresh;
    this.#fresh = false;
    return isFresh ? this.#sample : undefined;
  }

  #onAnswer(value: Value, answer: number, trouble: string): void {
    this.#sample[value] = answer;
    if (trouble !== '') this.#trouble = trouble;
    this.#awaited--;
    if (this.#awaited > 0) return;
    this.#fresh = this.#trouble === '';
    this.#silent = this.#fresh ? 0 : this.#silent + 1;
    if (this.#fresh) this.#tell(true);
    else if (this.#silent === SILENT) this.#tell(false);
  }

  /** Also reports the first answer, because an earlier alarm may be over. */
  #tell(isReachable: boolean): void {
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    this.#child.reachable(isReachable);
    if (!isReachable) this.#board.hal.log('warn', `meter ${this.#meter.serialNumber}: ${this.#trouble}`);
  }
}
