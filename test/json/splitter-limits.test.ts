// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import fc from '../support/property.ts';
import { isJson, smallValue } from './arbitrary.ts';
import { compact, type Element, feed, sizes, splitter } from './splitting.ts';

test('thousands of members: those beyond the buffer are left out, the text stays valid', (t) => {
  for (const memberDepth of [0, 1, 2, 3]) {
    for (const pad of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, { ['n'.repeat(pad)]: i }]));
      const split = splitter({ maxBytes: 512, memberDepth });
      t.true(feed(split, JSON.stringify([{ id: '1', data: many, end: 2 }, many, [many]])));
      t.true(split.splitter.end());
      t.is(split.elements.length, 3);
      for (const each of split.elements) {
        t.true(each.elided);
        t.true(isJson(each.text), each.text);
        t.true(each.text.length <= 512);
      }
      const first = JSON.parse(split.elements[0]?.text ?? '') as { id?: string } | null;
      if (memberDepth > 0) t.is(first?.id, '1');
      else t.is(first, null);
      t.is(split.elements[2]?.text, 'null');
    }
  }
});

test('an id that comes after many long values is kept', (t) => {
  const values = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`v${i}`, 'z'.repeat(100)]));
  const split = splitter({ maxBytes: 512 });
  t.true(feed(split, JSON.stringify([{ ...values, id: '9' }])));
  t.deepEqual(split.elements, [
    {
      text: JSON.stringify({ ...Object.fromEntries(Object.keys(values).map((name) => [name, null])), id: '9' }),
      elided: true,
    },
  ]);
});

test('the wanted member of an element that is too large is kept whole, at any position', (t) => {
  const foreign = fc.oneof(
    fc.string({ minLength: 600, maxLength: 1500 }),
    fc.array(fc.record({ step: fc.nat(), note: fc.string({ maxLength: 20 }) }), { minLength: 30, maxLength: 60 }),
  );
  const small = fc.array(fc.tuple(fc.string({ maxLength: 5 }), smallValue), { maxLength: 4 });
  const wanted = fc.oneof(
    fc.record({ config: fc.string({ minLength: 67, maxLength: 120 }) }),
    fc.string({ minLength: 67, maxLength: 300 }),
    fc.array(fc.nat(), { minLength: 20, maxLength: 40 }),
  );
  let elided = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2),
        fc.array(foreign, { minLength: 2, maxLength: 4 }),
        small,
        wanted,
        fc.nat(6),
        sizes,
        (memberDepth, large, few, value, place, cuts) => {
          const members: [string, unknown][] = [
            ...large.map((each, i): [string, unknown] => [`large${i}`, each]),
            ...few.map(([name, each]): [string, unknown] => [`s_${name}`, each]),
          ];
          members.splice(place, 0, ['w"ä', value]);
          members.push(['id', '4711']);
          const object = Object.fromEntries(members);
          const element = memberDepth === 1 ? object : { channel: '/1', data: object };
          const split = splitter({ maxBytes: 2048, memberDepth, keeps: 'w"ä' });
          t.true(feed(split, JSON.stringify([element]), cuts));
          const got = JSON.parse(split.elements[0]?.text ?? '') as Record<string, unknown> & { data: typeof object };
          const its = memberDepth === 1 ? got : got.data;
          t.deepEqual(its['w"ä'], value);
          t.is(its['id'], '4711');
          if (split.elements[0]?.elided) elided++;
        },
      ),
      { numRuns: 300 },
    ),
  );
  t.true(elided > 100, `${elided} were too large`);
});

test('a wanted member that does not fit is null, and leaves room for an id', (t) => {
  for (const length of [400, 440, 480, 2000]) {
    const split = splitter({ maxBytes: 512, keeps: 'w' });
    t.true(feed(split, JSON.stringify([{ a: 'y'.repeat(600), w: 'x'.repeat(length), id: '12345678901234567890' }])));
    const got = JSON.parse(split.elements[0]?.text ?? '') as Record<string, unknown>;
    t.is(got['id'], '12345678901234567890');
    t.is(got['w'], length === 400 ? 'x'.repeat(length) : null, `${length}`);
  }
});

test('an element that just fits is whole, one byte more and it is elided', (t) => {
  const fits = (length: number): Element | undefined => {
    const split = splitter({ maxBytes: 256 });
    feed(split, `[{"id":"1","v":"${'x'.repeat(length)}"}]`);
    return split.elements[0];
  };
  let length = 100;
  while (fits(length)?.elided === false) length++;
  t.true(length > 200, `${length}`);
  t.is(fits(length - 1)?.text, `{"id":"1","v":"${'x'.repeat(length - 1)}"}`);
  t.is(fits(length)?.text, '{"id":"1","v":null}');
});

test('the limit of size is the same in one piece and in many', (t) => {
  const element = (bytes: number) => `{"id":"1","v":"${'x'.repeat(bytes - 17)}"}`;
  for (const cuts of [[1 << 30], [1], [7, 100]]) {
    for (const [bytes, isWhole] of [
      [251, true],
      [252, true],
      [253, false],
    ] as const) {
      const split = splitter({ maxBytes: 256 });
      t.true(feed(split, `[${element(bytes)}]`, cuts));
      const text = isWhole ? element(bytes) : '{"id":"1","v":null}';
      t.deepEqual(split.elements, [{ text, elided: !isWhole }], `${bytes} in ${cuts}`);
    }
  }
});

test('an element that is too large keeps values of up to 66 bytes', (t) => {
  const long = 'y'.repeat(300);
  for (const length of [63, 64, 65]) {
    const split = splitter({ maxBytes: 256 });
    t.true(feed(split, JSON.stringify([{ long, id: 'x'.repeat(length) }])));
    const id = length <= 64 ? 'x'.repeat(length) : null;
    t.deepEqual(JSON.parse(split.elements[0]?.text ?? ''), { long: null, id }, `${length}`);
  }
});

test('however many numbers come first, an id that comes after them is kept', (t) => {
  const numbers = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, i]));
  const split = splitter({ maxBytes: 512 });
  t.true(feed(split, JSON.stringify([{ ...numbers, id: '4711' }])));
  t.is((JSON.parse(split.elements[0]?.text ?? '') as { id?: string }).id, '4711');
});

test('32 levels are read, also deeper ones are no reason to give the list up, however the text is cut', (t) => {
  const valid = true;
  for (const levels of [32, 33, 500]) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `[${open.repeat(levels - 1)}0${close.repeat(levels - 1)}]`;
      for (const cuts of [[1], [7], [1 << 30]]) {
        const split = splitter({});
        t.is(feed(split, text, cuts) && split.splitter.end(), valid, `${open} ${levels} ${cuts}`);
        const member = splitter({ listName: 'list' });
        const inMember = `{"list":[${open.repeat(levels - 2)}0${close.repeat(levels - 2)}]}`;
        t.is(feed(member, inMember, cuts) && member.splitter.end(), valid, `${open} ${levels} ${cuts}`);
      }
    }
  }
});

test('values deeper than 32 levels are left out of their element', (t) => {
  const nested = (levels: number, inside: string) => `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`;
  for (const inside of ['1', '"]}\\\\\\"[{"', '{"a":"}","b":[{}]}', '', '[[],[[]],{}]']) {
    for (const levels of [10, 29, 30, 31, 32, 40, 900]) {
      const deep = nested(levels, inside);
      const list = `[{"id":"1","deep":${deep},"end":true},${deep},{"id":"2"}]`;
      for (const size of [1, 7, 1 << 30]) {
        const split = splitter({});
        t.true(feed(split, list, [size]) && split.splitter.end());
        const [first, second, third] = split.elements;
        t.true(first?.text.startsWith('{"id":"1","deep":') && first.text.endsWith(',"end":true}'));
        if (levels > 31) t.deepEqual(first, { text: '{"id":"1","deep":null,"end":true}', elided: true });
        if (levels > 31) t.deepEqual(second, { text: 'null', elided: true });
        if (levels < 26) t.deepEqual([first?.elided, second], [false, { text: compact(deep), elided: false }]);
        t.deepEqual(third, { text: '{"id":"2"}', elided: false });
      }
    }
  }
});

test('the limit of depth is the same in one piece and in many', (t) => {
  const seen = new Set<boolean | undefined>();
  for (const listName of [undefined, 'list']) {
    for (let levels = 27; levels <= 34; levels++) {
      const element = `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
      const text = listName === undefined ? `[${element}]` : `{"list":[${element}]}`;
      const [whole, inPieces] = [[1 << 30], [1]].map((cuts) => {
        const split = splitter({ ...(listName !== undefined && { listName }) });
        t.true(feed(split, text, cuts));
        return split.elements;
      });
      t.deepEqual(whole, inPieces, `${listName} ${levels}`);
      seen.add(whole?.[0]?.elided);
    }
  }
  t.deepEqual([...seen], [false, true]);
});

test('a value that ends too early below 32 levels is not complete', (t) => {
  const split = splitter({});
  t.true(feed(split, `${'['.repeat(50)}${']'.repeat(49)}`));
  t.false(split.splitter.end());
});
