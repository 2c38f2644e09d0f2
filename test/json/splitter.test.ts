// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import fc from '../support/property.ts';
import { brokenText, bytesOf, isJson, jsonText, smallValue } from './arbitrary.ts';
import { compact, feed, sizes, splitter } from './splitting.ts';

const RUNS = { numRuns: 2000 };

test('the elements of an array come one by one, however it is cut', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(jsonText, { maxLength: 5 }),
        fc.constantFrom('', ' ', '\n\t'),
        sizes,
        (texts, space, cuts) => {
          const split = splitter({});
          t.true(
            feed(split, `${space}[${space}${texts.map((each) => `${each}${space}`).join(`,${space}`)}]${space}`, cuts),
          );
          t.true(split.splitter.end());
          t.deepEqual(
            split.elements,
            texts.map((each) => ({ text: compact(new TextDecoder().decode(bytesOf(each))), elided: false })),
          );
        },
      ),
      RUNS,
    ),
  );
});

test('the elements of a member come one by one, whatever is around it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), jsonText), { maxLength: 3 }),
        fc.array(jsonText, { maxLength: 4 }),
        fc.array(fc.tuple(fc.string(), jsonText), { maxLength: 3 }),
        fc.constantFrom('"list"', '"\\u006cist"', '"l\\u0069st" '),
        sizes,
        (before, texts, after, name, cuts) => {
          const member = ([key, value]: [string, string]) => `${JSON.stringify(`x${key}`)}:${value}`;
          const text = `{${[...before.map(member), `${name}: [${texts.join(' , ')}]`, ...after.map(member)].join(',')}}`;
          const split = splitter({ listName: 'list' });
          t.true(feed(split, text, cuts));
          t.true(split.splitter.end());
          t.deepEqual(
            split.elements.map((each) => each.text),
            texts.map((each) => compact(new TextDecoder().decode(bytesOf(each)))),
          );
        },
      ),
      RUNS,
    ),
  );
});

test('malformed text is that which JSON.parse refuses, or another shape, with any size of buffer', (t) => {
  let good = 0;
  let bad = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(brokenText, fc.boolean(), fc.constantFrom(128, 100_000), sizes, (raw, wrap, maxBytes, cuts) => {
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(wrap ? `[${raw}]` : raw));
        const split = splitter({ maxBytes, memberDepth: 2 });
        const fed = feed(split, text, cuts);
        const wanted = isJson(text) && text.trimStart().startsWith('[');
        if (wanted) good++;
        else bad++;
        return (fed && split.splitter.end()) === wanted && split.elements.every((each) => isJson(each.text));
      }),
      { numRuns: 6000 },
    ),
  );
  t.true(good > 500 && bad > 500, `${good} good, ${bad} bad`);
});

test('a member list is malformed when JSON.parse says so, too', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(brokenText, sizes, (raw, cuts) => {
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(`{"a":1,"operations":${raw}}`));
        const split = splitter({ listName: 'operations', maxBytes: 128 });
        const fed = feed(split, text, cuts);
        return (fed && split.splitter.end()) === isJson(text) && split.elements.every((each) => isJson(each.text));
      }),
      { numRuns: 4000 },
    ),
  );
});

test('elided values are null, all others are unchanged', (t) => {
  const member = fc.tuple(fc.string({ maxLength: 5 }), smallValue);
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 6 }),
        fc.array(member, { maxLength: 6 }),
        fc.constantFrom('"', '{"a":[', 'é'),
        fc.nat(5),
        fc.nat(6),
        sizes,
        (outer, inner, kind, place, id, cuts) => {
          const large =
            kind === '"' ? 'y'.repeat(5000) : kind === 'é' ? ['é"\\'.repeat(1000)] : { a: Array(900).fill({ b: 1 }) };
          // A small member each, wherever it stands, and a large one, wherever it stands.
          const data = inner.map(([name, value]): [string, unknown] => [`i_${name}`, value]);
          data.splice(place, 0, ['large', large]);
          data.splice(id, 0, ['id', '4711']);
          const element = Object.fromEntries([
            ...outer.map(([name, value]): [string, unknown] => [`o${name}`, value]),
            ['data', Object.fromEntries(data)],
            ['id', 'm1'],
          ]);
          const split = splitter({ maxBytes: 2048, memberDepth: 2 });
          t.true(feed(split, JSON.stringify([element, { after: 1 }]), cuts));
          t.is(split.elements.length, 2);
          t.deepEqual(split.elements[1], { text: '{"after":1}', elided: false });
          t.true(split.elements[0]?.elided);
          const got = JSON.parse(split.elements[0]?.text ?? '') as Record<string, unknown> & {
            data: Record<string, unknown>;
          };
          t.is(got['id'], 'm1');
          t.is(got.data['id'], '4711');
          t.is(got.data['large'], null);
          t.deepEqual(Object.keys(got), Object.keys(element));
          t.deepEqual(Object.keys(got.data), Object.keys(element['data'] as object));
          for (const [name, value] of Object.entries(got.data)) {
            const was = (element['data'] as Record<string, unknown>)[name];
            if (value === null) t.true(was === null || bytesOf(JSON.stringify(was)).length > 66);
            else t.deepEqual(value, JSON.parse(JSON.stringify(was)));
          }
        },
      ),
      { numRuns: 500 },
    ),
  );
});

test('white space without end costs nothing', (t) => {
  const split = splitter({});
  t.true(feed(split, ' '.repeat(100_000)));
  t.false(split.splitter.end());
  t.true(feed(split, '[ {"a" : 1} '));
  t.true(feed(split, ' \r\n\t'.repeat(20_000)));
  t.true(feed(split, ']'));
  t.true(split.splitter.end());
  t.deepEqual(split.elements, [{ text: '{"a":1}', elided: false }]);
});

test('a text without the list that was asked for is malformed', (t) => {
  for (const text of ['{}', '1', '"a"', 'null', '', ' ', '<html>', '[] []', '[1] 2', '[1,]', '[,1]', '\ufeff[]']) {
    const split = splitter({});
    const fed = feed(split, text);
    t.false(fed && split.splitter.end(), text);
  }
  for (const text of ['[]', '1', '"operations"', '{"operations":[}', '{"operations":[1}']) {
    const split = splitter({ listName: 'operations' });
    const fed = feed(split, text);
    t.false(fed && split.splitter.end(), text);
  }
});

test('a list that is missing, or not an array, has no elements', (t) => {
  for (const text of [
    '{}',
    '{"operations":{"operations":[1]}}',
    '{"operations":1}',
    '{"x":[[1],"operations",[2]]}',
    '{"operation":[1],"operationss":[2]}',
  ]) {
    const split = splitter({ listName: 'operations' });
    t.true(feed(split, text), text);
    t.true(split.splitter.end(), text);
    t.deepEqual(split.elements, [], text);
  }
});

test('malformed stays malformed until reset', (t) => {
  const split = splitter({});
  t.false(feed(split, '[1}'));
  t.false(feed(split, '[2]'));
  t.false(split.splitter.end());
  split.splitter.reset();
  t.true(feed(split, '[3]'));
  t.true(split.splitter.end());
  t.deepEqual(
    split.elements.map((each) => each.text),
    ['3'],
  );
});

test('reset in the middle of anything starts over', (t) => {
  const text = '[{"a":{"b":["\\u00e9",1.5e3,true]},"c":"d"},[null],-1]';
  for (let cut = 0; cut <= text.length; cut++) {
    const split = splitter({});
    feed(split, text.slice(0, cut));
    split.splitter.reset();
    split.elements.length = 0;
    t.true(feed(split, text, [1]));
    t.true(split.splitter.end());
    t.deepEqual(
      split.elements.map((each) => each.text),
      ['{"a":{"b":["\\u00e9",1.5e3,true]},"c":"d"}', '[null]', '-1'],
    );
  }
});
