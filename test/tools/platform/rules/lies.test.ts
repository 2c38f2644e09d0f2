// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { Lie } from '../../../../tools/platform/lies.ts';
import { createBinary } from '../../../../tools/platform/operator.ts';
import { scene } from './fault-scene.ts';

const FILE = Buffer.from('0123456789'.repeat(100));
const ranged = { range: 'bytes=600-' };

/** What each lie makes of the file, or of its part from byte 600 on. */
const LIED: readonly [Lie, Readonly<Record<string, string>>, readonly [number, string, string | undefined, number]][] =
  [
    ['longer', {}, [200, '1500', undefined, 1000]],
    ['short', {}, [200, '500', undefined, 500]],
    ['other-tag', ranged, [206, '400', 'bytes 600-999/1000', 400]],
    ['weak-tag', ranged, [206, '400', 'bytes 600-999/1000', 400]],
    ['other-start', ranged, [206, '400', 'bytes 599-998/1000', 400]],
    ['other-total', ranged, [206, '400', 'bytes 600-999/1500', 400]],
    ['as-whole', ranged, [200, '400', 'bytes 600-999/1000', 400]],
    ['short-part', ranged, [206, '200', 'bytes 600-999/1000', 200]],
    ['surplus', ranged, [206, '800', 'bytes 600-999/1000', 800]],
  ];

for (const [about, headers, expected] of LIED) {
  test(`a lie about a file: ${about}`, (t) => {
    const { desk, user } = scene();
    const path = `/inventory/binaries/${createBinary(desk.platform, FILE).id}`;
    const get = (sent: Readonly<Record<string, string>>) => desk.send('GET', path, { as: user, headers: sent });
    const tag = get({}).headers['ETag'];
    desk.platform.order({ kind: 'lie', about });
    const { status, headers: said, pieces, isDropped } = get(headers);
    const { length } = Buffer.concat(pieces);
    t.deepEqual([status, said['Content-Length'] ?? '', said['Content-Range'], length], [...expected]);
    t.is(isDropped, about === 'longer');
    const tags: Partial<Record<Lie, string>> = { 'other-tag': '"another"', 'weak-tag': `W/${tag}` };
    t.is(said['ETag'], tags[about] ?? tag);
    t.deepEqual(Buffer.concat(get({}).pieces), FILE);
  });
}
