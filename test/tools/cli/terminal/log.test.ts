// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { logLine, wantsColour } from '../../../../tools/terminal/log.ts';

const at = new Date(2026, 0, 4, 9, 5, 7);

test('time, level, text', (t) => {
  t.is(logLine('info', 'listening', { at }), '09:05:07 info  listening');
  t.is(logLine('error', 'Temperatur über 60 °C', { at }), '09:05:07 error Temperatur über 60 °C');
});

test('nothing that came over the network steers a terminal', (t) => {
  t.is(logLine('warn', 'a\u001b[2Jb\nc\r\u009bd', { at }), '09:05:07 warn  a?[2Jb?c??d');
});

test('colour only where somebody sees it', (t) => {
  t.true(logLine('error', 'text', { at, colour: true }).includes('\u001b[31m'));
  const terminal = { isTTY: true } as NodeJS.WriteStream;
  t.true(wantsColour(terminal, {}));
  t.false(wantsColour(terminal, { NO_COLOR: '1' }));
  t.false(wantsColour(terminal, { TERM: 'dumb' }));
  t.true(wantsColour(terminal, { TERM: 'dumb', FORCE_COLOR: '1' }));
  const pipe = { isTTY: false } as NodeJS.WriteStream;
  t.false(wantsColour(pipe, {}));
  t.true(wantsColour(pipe, { FORCE_COLOR: '1' }));
  t.false(wantsColour(pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }));
});
