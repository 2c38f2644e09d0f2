// SPDX-License-Identifier: Apache-2.0
/** What is called at module level, on a desk and in tests: as on a board, with a look at the arguments first. */

import { type MeasurementDefinition, measurement as make } from '../../src/cumulocity/measurement.ts';
import { withSettings as makeWithSettings } from '../../src/parts/settings.ts';
import { hasOnly, isFlag, isFunction, isText, membersOf, refuse } from './arguments.ts';

const EXAMPLE = "{ type: 'acme_Air', fragments: { acme_Air: { T: { of: 'temperature', unit: '°C' } } } }";
const SERIES_EXAMPLE = "{ of: 'temperature', unit: '°C', decimals: 1 }";

/** Members of a setting by its kind. */
const SETTING: Readonly<Record<string, readonly string[]>> = {
  integer: ['kind', 'least', 'most', 'value', 'unit', 'meaning', 'remote'],
  choice: ['kind', 'choices', 'value', 'meaning', 'remote'],
  text: ['kind', 'value', 'secret', 'meaning', 'remote'],
};

/** @throws RangeError for a member that does not exist, a missing one, or one of the wrong type */
export const measurement: typeof make = (definition) => {
  lookAt(definition);
  return make(definition);
};

/** @throws RangeError as `measurement` */
export const withSettings: typeof makeWithSettings = (settings, run) => {
  for (const [name, setting] of Object.entries(membersOf('withSettings', settings, 'settings by name'))) {
    const what = `setting ${name}`;
    const { kind, meaning, remote, secret } = membersOf(what, setting, '{ kind, value, meaning }');
    const names = typeof kind === 'string' && Object.hasOwn(SETTING, kind) ? SETTING[kind] : undefined;
    if (names === undefined) refuse(`${what}: kind`, kind, Object.keys(SETTING).join(', '));
    hasOnly(what, setting, names);
    isText(`${what}: meaning`, meaning);
    isFlag(`${what}: remote`, remote ?? false);
    isFlag(`${what}: secret`, secret ?? false);
  }
  isFunction('withSettings: the app', run);
  return makeWithSettings(settings, run);
};

function lookAt(definition: MeasurementDefinition): void {
  const { type, fragments } = hasOnly('measurement', definition, ['type', 'fragments'], EXAMPLE);
  isText('measurement: its type', type);
  const what = `measurement ${type}`;
  for (const [fragment, named] of Object.entries(membersOf(`${what}: fragments`, fragments, EXAMPLE))) {
    for (const [name, each] of Object.entries(membersOf(`${what}: ${fragment}`, named, `{ T: ${SERIES_EXAMPLE} }`))) {
      const series = `${what}: ${fragment}.${name}`;
      const { of, unit, decimals } = hasOnly(series, each, ['of', 'unit', 'decimals'], SERIES_EXAMPLE);
      isText(`${series}: of`, of);
      if (unit !== undefined) isText(`${series}: unit`, unit);
      if (decimals !== undefined && !Number.isInteger(decimals)) refuse(`${series}: decimals`, decimals, '0 to 6');
    }
  }
}
