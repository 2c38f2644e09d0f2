// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import fc from 'fast-check';
import { ElementSplitter, elementList } from '../../src/json/splitter.ts';
import { brokenText, bytesOf, isJson, jsonText, smallValue } from './arbitrary.ts';

const RUNS = { numRuns: 2000 };

interface Element {
  text: string;
  elided: boolean;
}

function splitter(options: { listName?: string; maxBytes?: number; memberDepth?: number; keeps?: string }) {
  const elements: Element[] = [];
  const list = elementList({
    listName: options.listName === undefined ? undefined : bytesOf(options.listName),
    bufferBytes: 128,
    bufferMaxBytes: options.maxBytes ?? 100_000,
    memberDepth: options.memberDepth ?? 1,
  });
  const splitter = new ElementSplitter(list, {
    onElement(bytes, from, to, elided) {
      elements.push({ text: compact(Buffer.from(bytes.subarray(from, to)).toString()), elided });
    },
    keeps: (bytes, from, to) => options.keeps === JSON.parse(Buffer.from(bytes.subarray(from, to)).toString()),
  });
  return { splitter, elements };
}

type Split = ReturnType<typeof splitter>;

/** Feeds in pieces of the given sizes, over and over, out of a buffer that is overwritten at once. */
function feed({ splitter }: Split, text: string, sizes: readonly number[] = [1 << 30]): boolean {
  const bytes = bytesOf(text);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.min(sizes[i % sizes.length] ?? 1, bytes.length - at);
    const piece = new Uint8Array(size + 2).fill(0x22);
    piece.set(bytes.subarray(at, at + size), 1);
    const ok = splitter.feed(piece, 1, size + 1);
    piece.fill(0x7d);
    if (!ok) return false;
    at += size;
  }
  return true;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 2000 })), {
  minLength: 1,
  maxLength: 5,
});

/** JSON.parse keeps the last of two equal names, which a text can have; compare as texts without white space. */
function compact(text: string): string {
  let out = '';
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (inString && c === '\\') {
      out += c + (text[++i] ?? '');
      continue;
    }
    if (c === '"') inString = !inString;
    if (inString || !/[ \n\r\t]/.test(c)) out += c;
  }
  return out;
}

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

test('malformed is what JSON.parse calls so, or another shape, however small the buffer', (t) => {
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

test('what is elided is null, everything else is as it was', (t) => {
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

test('of an element too large the member that is wanted is kept whole, wherever it stands and whatever is around it', (t) => {
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

test('what is wanted but does not fit is null, and leaves room for an id', (t) => {
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

test('how much fits is the same in one piece and in many', (t) => {
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

test('of an element too large a value of 66 bytes is kept, and no longer one', (t) => {
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

test('another shape is malformed', (t) => {
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

test('a list that is not there, or is no array, has no elements', (t) => {
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

test('what lies deeper than 32 levels is left out of its element', (t) => {
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

test('how deep is too deep is the same in one piece and in many', (t) => {
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

test('what ends too early below 32 levels is not complete', (t) => {
  const split = splitter({});
  t.true(feed(split, `${'['.repeat(50)}${']'.repeat(49)}`));
  t.false(split.splitter.end());
});
