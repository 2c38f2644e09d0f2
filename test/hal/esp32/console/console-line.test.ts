// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { readSettings } from '../../../../hal/esp32/config.ts';
import { LineEditor } from '../../../../hal/esp32/console/line-editor.ts';
import { utf8 } from '../../../../src/bytes/text.ts';
import fc from '../../../support/property.ts';
import { createConsole } from '../typing.ts';

/** Types bytes into an editor; returns the lines and the echo. */
function edit(...parts: readonly (string | readonly number[])[]) {
  const lines: string[] = [];
  let echo = '';
  const editor = new LineEditor({
    write: (text) => (echo += text),
    onLine: (line) => lines.push(line),
    hides: (begun) => begun === 'pw=',
  });
  for (const part of parts) editor.take(typeof part === 'string' ? utf8(part) : Uint8Array.from(part));
  return { lines, echo };
}

test('lines end by CR, LF or both', (t) => {
  t.deepEqual(edit('a\rb\nc\r\nd\n\re\r').lines, ['a', 'b', 'c', 'd', '', 'e']);
});

test('backspace takes a whole character, and never more than there is', (t) => {
  t.deepEqual(edit('caf\u00e9', [0x7f, 0x08], 'b\u{1f321}', [0x7f, 0x7f, 0x7f], 'x\r').lines, ['cx']);
  t.deepEqual(edit([0x7f, 0x7f], 'x\r').lines, ['x']);
});

test('arrows and other keys are no characters', (t) => {
  t.deepEqual(edit('a\u001b[Ab\u001bOPc\u001b[3~d\r').lines, ['abcd']);
});

test('Ctrl-C and Ctrl-U begin again', (t) => {
  t.deepEqual(edit('abc', [3], 'de', [0x15], 'f\r').lines, ['f']);
});

test('characters of several bytes are echoed whole, in whatever pieces they come', (t) => {
  const bytes = [...utf8('\u00e9\u6e29\u{1f321}')];
  t.is(edit(...bytes.map((byte) => [byte])).echo, '\u00e9\u6e29\u{1f321}');
});

test('hidden characters appear as stars, also after some were deleted', (t) => {
  t.is(edit('pw=ab', [0x7f], 'cd\r').echo, 'pw=**\b \b**\r\n');
  t.is(edit('pw=a', [0x7f, 0x7f, 0x7f], 'xy\r').echo, 'pw=*\b \b\b \b\b \bxy\r\n');
});

test('a line that is too long is refused as a whole, and the next one is taken', (t) => {
  const { lines, echo } = edit(`${'x'.repeat(5000)}\rnext\r`);
  t.deepEqual(lines, ['', 'next']);
  t.regex(echo, /a line has at most 1100 bytes/);
});

test('whatever comes in, it goes on, says little, and works when the noise is over', (t) => {
  const noise = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(noise, (chunks) => {
      const scene = createConsole();
      let bytes = 0;
      for (const chunk of chunks) {
        scene.take(chunk);
        bytes += chunk.length;
      }
      // Each line has an answer, the longest of which is that of help.
      t.true(scene.all().length < 500 + bytes * 60, `${scene.all().length} of ${bytes}`);
      // An escape sequence may be open, and the noise may have begun one.
      scene.take(Uint8Array.of(0x6d, 0x03));
      t.regex(scene.type('set wifiPassword hunter2-hunter2'), /kept/);
      t.false(scene.all().includes('hunter2'));
      t.deepEqual(readSettings(scene.values)['wifiPassword'], 'hunter2-hunter2');
    }),
    { numRuns: 300 },
  );
});

test('half a character is ignored, and does not reach the next line', (t) => {
  const { values, type, take } = createConsole();
  take(Uint8Array.from([...utf8('wifiName=Bar'), 0xe6, 0xb8, 0x0d]));
  t.regex(readSettings(values)['wifiName'] ?? '', /^Bar\ufffd+$/);
  type('wifiName=Barn');
  t.is(readSettings(values)['wifiName'], 'Barn');
});
