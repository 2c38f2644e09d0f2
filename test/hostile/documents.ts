// SPDX-License-Identifier: Apache-2.0
/** JSON that no platform sends: broken, deep, huge, of the wrong shape, full of names. */

import { answerOf } from './nonsense.ts';

/** The same answer with another body. */
export function withBody(real: Buffer, body: string | Uint8Array): Buffer {
  const head = real.toString('latin1', 0, real.indexOf('\r\n\r\n') + 2);
  const fields = head
    .slice(head.indexOf('\r\n') + 2)
    .replace(/(content-length|transfer-encoding): .*\r\n/gi, '')
    .replace(/content-type: .*\r\n/gi, '');
  return answerOf(head.slice(9, 12), `${fields}Content-Type: application/json\r\n`, body);
}

/** The body of an answer, in whatever framing. */
export function bodyOf(real: Buffer): string {
  const [head = '', body = ''] = split(real.toString('utf8'));
  if (!/transfer-encoding: chunked/i.test(head)) return body;
  let text = '';
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.slice(at, line), 16);
    if (!(size > 0)) return text;
    text += body.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}

function split(text: string): string[] {
  const at = text.indexOf('\r\n\r\n');
  return [text.slice(0, at), text.slice(at + 4)];
}

function nested(levels: number, open: string, close: string): string {
  return open.repeat(levels) + close.repeat(levels);
}

function names(count: number): string {
  return Array.from({ length: count }, (_, i) => `"n${i}":${i}`).join();
}

const long = 'x'.repeat(1_048_576);

/** Bodies that are no document of the platform whatever was asked. */
export const rubbish: Readonly<Record<string, string | Uint8Array>> = {
  'nothing but blanks': '   \r\n\t ',
  'an open brace': '{',
  'an open string': '{"id":"',
  'an open escape': '{"id":"\\u00',
  'a comma too many': '{"id":"1",}',
  'two documents': '{}{}',
  'single quotes': "{'id':'1'}",
  'a comment': '/* */ {}',
  'a byte order mark': '\ufeff{}',
  NaN: '{"id":NaN}',
  'a control character in a string': '{"id":"\u0001"}',
  zeros: new Uint8Array(300),
  'bytes that are no UTF-8': Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0xc0, 0x80, 0x7d),
  'UTF-16': Buffer.from('{"id":"1"}', 'utf16le'),
  null: 'null',
  true: 'true',
  'a number': '-1.5e-300',
  'a number without an end': '9'.repeat(100_000),
  'a string': '"operations"',
  'an empty object': '{}',
  'an array of null': '[null,null]',
  'an array of arrays': '[[],[[]]]',
  'an array of numbers': `[${'1,'.repeat(10_000)}1]`,
  '33 arrays': nested(33, '[', ']'),
  '1,000 arrays': nested(1000, '[', ']'),
  '100,000 arrays': nested(100_000, '[', ']'),
  '100,000 arrays that stay open': '['.repeat(100_000),
  '33 objects': nested(33, '{"a":', '}').replace('{"a":}', '{"a":1}'),
  '100,000 objects': nested(100_000, '{"a":', '}').replace('{"a":}', '{"a":1}'),
  'a string of a megabyte': `{"x":"${long}"}`,
  'a name of a megabyte': `{"${long}":1}`,
  '10,000 members': `{${names(10_000)}}`,
  '10,000 objects': `[${'{"a":1},'.repeat(10_000)}{}]`,
};

/** A member more that is nobody's business, first or last. */
export const strangers: Readonly<Record<string, string>> = {
  '31 levels': `"zz":${nested(27, '[', ']')}`,
  '33 levels': `"zz":${nested(33, '[', ']')}`,
  '1,000 levels of either kind': `"zz":${nested(500, '[{"a":', '}]').replace('{"a":}', '{"a":"]}"}')}`,
  '100,000 levels': `"zz":${nested(100_000, '[', ']')}`,
  'a string of 5 KB': `"zz":"${long.slice(0, 5000)}"`,
  'a megabyte': `"zz":"${long}"`,
  'a megabyte of escapes': `"zz":"${'\\u00e9\\\\'.repeat(130_000)}"`,
  'a name of 5 KB': `"${long.slice(0, 5000)}":1`,
  '1,000 members': names(1000),
  '10,000 members': names(10_000),
  'odd names': '"":1,"\\u0000":2,"__proto__":{"id":"5"},"constructor":3,"\\ud800":4,"length":5',
  'odd values': '"a":1e999,"b":-0,"c":"\\u0000\\ud83d\\ude00\\udead","d":[],"e":{},"f":1E-400',
};

/** Values that stand where something else belongs, and cannot be taken for it. */
export const wrong: Readonly<Record<string, string>> = {
  nothing: '',
  null: 'null',
  true: 'true',
  'a fraction': '1.5',
  'below zero': '-1',
  'beyond all numbers': '1e999',
  'an empty text': '""',
  'a path': '"../../x?y#z"',
  'a line break': '"1\\r\\nHost: x"',
  'U+0000': '"\\u0000"',
  'a lone surrogate': '"\\ud800"',
  '100 KB': `"${long.slice(0, 100_000)}"`,
  'an array': '["1"]',
  'an object': '{"x":1}',
  'a deep array': nested(100, '[', ']'),
};

type Path = readonly (string | number)[];

/** Where the values of a document stand, all levels. */
export function pathsOf(value: unknown, most = 4): Path[] {
  if (most === 0 || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const step = Array.isArray(value) ? Number(name) : name;
    return [[step], ...pathsOf(member, most - 1).map((rest) => [step, ...rest])];
  });
}

/** The document with other text in the place of one value, if it has it; without the member when there is no text. */
export function replaced(document: unknown, path: Path, text: string): string {
  const marker = '\u0001here';
  const copy = structuredClone(document);
  let parent: Record<string | number, unknown> | undefined = copy as Record<string, unknown>;
  for (const step of path.slice(0, -1)) parent = parent?.[step] as Record<string, unknown> | undefined;
  if (parent === undefined) return JSON.stringify(document);
  const last = path.at(-1) ?? 0;
  if (text === '' && !Array.isArray(parent)) delete parent[last];
  else parent[last] = marker;
  return JSON.stringify(copy).replace(JSON.stringify(marker), () => text || 'null');
}

/** The document, the elements of its lists and what is pushed get one member more, before their own or behind them. */
export function withStranger(text: string, member: string, where: 'first' | 'last'): string {
  const document: unknown = JSON.parse(text);
  const print = (value: unknown, isNoted: boolean): string => {
    if (Array.isArray(value)) return `[${value.map((each) => print(each, true)).join()}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const own = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${print(each, name === 'data')}`);
    if (isNoted) own.splice(where === 'first' ? 0 : own.length, 0, member);
    return `{${own.join()}}`;
  };
  return print(document, true);
}
