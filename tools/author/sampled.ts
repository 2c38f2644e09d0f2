// SPDX-License-Identifier: Apache-2.0
/** What the sensors of an app give, watched on a desk and in tests. */

import type { Sensor } from '../../hal/hal.ts';
import type { SensorDefinition } from '../../src/api.ts';
import { shown } from './arguments.ts';
import { didYouMean } from './near.ts';

/** What one sensor has given since its first declaration, over restarts. */
interface Watched {
  readonly what: string;
  /** Names that the measurement reports. */
  readonly reported: readonly string[];
  /** Names by the alarm that follows them. */
  readonly ruled: ReadonlyMap<string, string>;
  readonly given: Set<string>;
}

/** In the place of a sensor: hands its samples on, and notes their names. */
export class WatchedSensor implements Sensor {
  readonly watches = new Set<Watched>();
  readonly #sensor: Sensor;

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
  }

  /** @throws RangeError for a promise, of which the agent would say that it has no numbers */
  sample(): ReturnType<Sensor['sample']> {
    const sample = this.#sensor.sample();
    if (typeof sample !== 'object' || sample === null) return sample;
    if (typeof (sample as { then?: unknown }).then === 'function')
      throw new RangeError(`sample() gives ${shown(sample)}; allowed: an object with numbers by name, at once`);
    for (const { reported, ruled, given } of this.watches) {
      for (const name of [...reported, ...ruled.values(), ...Object.keys(sample)]) if (name in sample) given.add(name);
    }
    return sample;
  }
}

/** The samples of one virtual board and its children. */
export class Samples {
  readonly #watched = new Map<string, Watched>();

  /**
   * The same definition, with a sensor that is watched.
   * @param stands the watched sensors of this device by their originals, since its start
   */
  watch(definition: SensorDefinition, stands: Map<Sensor, WatchedSensor>): SensorDefinition {
    const { reports, sensor, rules = [] } = definition;
    const what = `sensor for ${reports.type}`;
    const ruled = new Map(rules.map(({ type, of }) => [type, of]));
    // A copy: XS writes to what it turns into JSON, and a module's own constants are read-only.
    const key = JSON.stringify([what, [...reports.of], [...ruled]]);
    const watched = this.#watched.get(key) ?? { what, reported: reports.of, ruled, given: new Set<string>() };
    this.#watched.set(key, watched);
    const stand = stands.get(sensor) ?? new WatchedSensor(sensor);
    stands.set(sensor, stand);
    stand.watches.add(watched);
    return { ...definition, sensor: stand };
  }

  /** Of each sensor that has given something: the names that rules follow and no sample has, and misspelt names of series. */
  get troubles(): readonly string[] {
    return [...this.#watched.values()].flatMap(({ what, reported, ruled, given }) => {
      if (given.size === 0) return [];
      const names = [...given];
      const line = (name: string) => `no sample has ${name}; there are: ${names.join(', ')}${didYouMean(name, names)}`;
      const ofRules = [...ruled].filter(([, of]) => !given.has(of)).map(([type, of]) => `rule ${type}: ${line(of)}`);
      const ofSeries = reported.filter((name) => !given.has(name) && didYouMean(name, names) !== '').map(line);
      return [...ofRules, ...ofSeries].map((each) => `${what}: ${each}`);
    });
  }
}
