// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { renderTerminal } from '../../../tools/docs/terminal.ts';

test('each piece of a line stands in its column, in its colour', (t) => {
  const svg = renderTerminal('\u001b[2m11:00\u001b[22m  \u001b[32mdone\u001b[39m\n', { title: 'a & b' });
  const pieces = [...svg.matchAll(/<text x="([\d.]+)".*? fill="([^"]+)">([^<]+)</g)].map(([, ...piece]) => piece);
  const [title, dim, green] = pieces;
  t.is(title?.[2], 'a &amp; b');
  t.deepEqual(dim, ['18.0', '#7d8590', '11:00']);
  t.deepEqual(green, ['76.8', '#7ee787', 'done']);
});

test('unknown escape sequences are refused', (t) => {
  t.throws(() => renderTerminal('\u001b[2J', { title: '' }), { message: /unknown escape sequence/ });
});
