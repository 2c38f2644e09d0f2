// SPDX-License-Identifier: Apache-2.0
/** Enrolment while the power fails: never without a usable certificate, once there is one. */

import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { ENROL, EnrolWorld, REENROL, renewing, UNIT_MS } from './scene.ts';

const POINTS = ['before', 'half', 'after'] as const;
/** Candidate, current, and the candidate goes. */
const WRITES = 3;

const slotWrites = (world: EnrolWorld, n: number, point: (typeof POINTS)[number]) => {
  let left = n;
  world.device.machine.flash.onWrite = (name) => (name.startsWith('enrolled') && --left === 0 ? point : undefined);
};

for (const point of POINTS) {
  test(`first certificate: the power goes at each write, ${point}`, (t) => {
    for (let n = 1; n <= WRITES; n++) {
      const world = new EnrolWorld();
      slotWrites(world, n, point);
      world.start();
      world.runUntil(() => !world.device.powered, 60_000);
      world.device.start();
      world.run(60_000);
      const isLost = world.slot('enrolled') === undefined;
      t.is(isLost, n === 1 && !world.polled, `${n}`);
      // The one-time password is used up, and the certificate with it.
      if (isLost) world.register();
      world.runUntil(() => world.polled, 120_000);
      t.is(world.slot('enrolled-new'), undefined, `${n}`);
      t.is(world.events.filter((type) => type === 'fractus_CertificateEnrolled').length <= 1, true);
      t.deepEqual(world.leaks, []);
      world.finish();
    }
  });

  test(`renewal: the power goes at each write, ${point}`, (t) => {
    for (let n = 1; n <= WRITES; n++) {
      const { world, first } = renewing();
      slotWrites(world, n, point);
      world.runUntil(() => !world.device.powered, 3 * UNIT_MS);
      t.notThrows(() => new X509Certificate(world.slot('enrolled') ?? ''), 'a certificate is there, whole');
      world.device.start();
      world.runUntil(() => world.polled, 120_000);
      world.run(2 * UNIT_MS);
      t.not(world.serial(), first, `${n}`);
      t.is(world.slot('enrolled-new'), undefined, `${n}`);
      t.is(world.sent(ENROL).length, 1, `${n}: no other password`);
      t.true(world.sent(REENROL).length <= 2, `${n}`);
      world.finish();
    }
  });
}

for (const when of ['onRequest', 'onApplied'] as const) {
  test(`renewal: the power goes with each request of it, ${when}`, (t) => {
    for (const path of [REENROL, accessTokenPath]) {
      const { world, first } = renewing();
      world[when] = () => true;
      world.runUntil(() => world.sent(REENROL).length > 0 || path === REENROL, 3 * UNIT_MS);
      let isCut = false;
      world.onRequest = ({ path: asked }) => {
        if (isCut || !asked.startsWith(path) || when === 'onApplied') return true;
        isCut = true;
        world.device.powerCut();
        return false;
      };
      world.onApplied = () => {
        const last = world.exchanges.at(-1)?.path ?? '';
        if (isCut || !last.startsWith(path) || when === 'onRequest') return;
        isCut = true;
        world.device.powerCut();
      };
      world.runUntil(() => isCut, 3 * UNIT_MS);
      world.device.start();
      world.runUntil(() => world.polled, 120_000);
      world.run(2 * UNIT_MS);
      t.not(world.serial(), first);
      t.is(world.sent(ENROL).length, 1);
      world.finish();
    }
  });
}
