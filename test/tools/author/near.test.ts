// SPDX-License-Identifier: Apache-2.0
/** What somebody may have meant. */

import test from 'ava';
import { didYouMean, nearest } from '../../../tools/author/near.ts';
import fc from '../../support/property.ts';

const NAMES = ['of', 'unit', 'decimals', 'reports', 'sensor', 'intervalS', 'timeoutMs', 'c8y_Command', 'c8y_Restart'];

test('a slip leads to the name that is meant', (t) => {
  for (const [given, meant] of [
    ['units', 'unit'],
    ['decimal', 'decimals'],
    ['desimals', 'decimals'],
    ['fo', 'of'],
    ['snesor', 'sensor'],
    ['REPORTS', 'reports'],
    ['interval', 'intervalS'],
    ['timeout', 'timeoutMs'],
    ['c8y_Comand', 'c8y_Command'],
    ['restart', 'c8y_Restart'],
    ['comand', 'c8y_Command'],
  ] as const) {
    t.is(nearest(given, NAMES), meant, given);
  }
  t.is(didYouMean('units', NAMES), '; did you mean unit?');
});

test('what is like none leads nowhere', (t) => {
  for (const given of ['', 'x', 'time', 'colour', 'fragments', 'toString', 'report a fault']) {
    t.is(nearest(given, NAMES), undefined, given);
  }
  t.is(didYouMean('colour', NAMES), '');
  t.is(nearest('unit', []), undefined);
});

test('each single slip in a longer name leads back to it', (t) => {
  const letters = fc.stringMatching(/^[a-z]{6,20}$/);
  fc.assert(
    fc.property(letters, fc.nat(), fc.constantFrom('lost', 'wrong', 'more', 'exchanged'), (name, place, slip) => {
      const at = place % (name.length - 1);
      const [head, tail] = [name.slice(0, at), name.slice(at)];
      const given = {
        lost: head + tail.slice(1),
        wrong: `${head}#${tail.slice(1)}`,
        more: `${head}#${tail}`,
        exchanged: `${head}${tail[1]}${tail[0]}${tail.slice(2)}`,
      }[slip];
      t.is(nearest(given, ['quite another', name, 'and one more']), name);
    }),
  );
});

test('a name of any length is bounded work', (t) => {
  t.is(nearest('x'.repeat(1_000_000), NAMES), undefined);
});
