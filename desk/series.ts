// SPDX-License-Identifier: Apache-2.0

/** A sample that arrives this much later than it was taken was taken offline. */
const LATE_MS = 9000;
const MOST_POINTS = 20_000;

/** One series of one device: ordered times in seconds, values, and marks of late samples. */
export class Series {
  readonly name: string;
  readonly unit: string;
  readonly times: number[] = [];
  readonly values: number[] = [];
  /** The values of late samples, which get marks of their own; null for the others. */
  readonly late: (number | null)[] = [];
  version = 0;

  constructor(name: string, unit: string) {
    this.name = name;
    this.unit = unit;
  }

  /** A readable name, as `Signal Strength`, without the parts that all names share. */
  get quantity(): string {
    const [fragment = ''] = this.name.split('.');
    const short = fragment.replace(/^c8y_/, '').replace(/Measurement$/, '');
    return short.replace(/([a-z])([A-Z])/g, '$1 $2');
  }

  /** Its name within the fragment, as `T`. */
  get symbol(): string {
    return this.name.slice(this.name.indexOf('.') + 1);
  }

  get title(): string {
    return `${this.quantity} ${this.symbol}`;
  }

  /** Formats a value with enough digits to distinguish it from the next. */
  format(value: number | undefined): string {
    if (value === undefined) return '–';
    return Math.abs(value) >= 1000 || this.#isWhole ? value.toFixed(0) : value.toFixed(1);
  }

  get #isWhole(): boolean {
    return this.values.slice(-10).every(Number.isInteger);
  }

  get last(): number | undefined {
    return this.values.at(-1);
  }

  add(sampledMs: number, value: number, arrivedMs: number): void {
    const time = sampledMs / 1000;
    let at = this.times.length;
    while (at > 0 && (this.times[at - 1] ?? 0) > time) at -= 1;
    this.times.splice(at, 0, time);
    this.values.splice(at, 0, value);
    this.late.splice(at, 0, arrivedMs - sampledMs > LATE_MS ? value : null);
    if (this.times.length > MOST_POINTS * 1.1) {
      for (const list of [this.times, this.values, this.late]) list.splice(0, list.length - MOST_POINTS);
    }
    this.version += 1;
  }

  /** Columns for a chart, with nulls in long gaps. */
  columns(): [number[], (number | null)[], (number | null)[]] {
    const usual = this.#usualStep();
    const times: number[] = [];
    const values: (number | null)[] = [];
    const late: (number | null)[] = [];
    this.times.forEach((time, i) => {
      const before = this.times[i - 1];
      if (before !== undefined && time - before > usual * 2.5) {
        times.push(before + usual);
        values.push(null);
        late.push(null);
      }
      times.push(time);
      values.push(this.values[i] ?? null);
      late.push(this.late[i] ?? null);
    });
    return [times, values, late];
  }

  #usualStep(): number {
    const recent = this.times.slice(-50);
    const steps = recent.slice(1).map((time, i) => time - (recent[i] ?? 0));
    return [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] || 5;
  }
}
