// SPDX-License-Identifier: Apache-2.0

import test, { type ExecutionContext } from 'ava';
import { THOROUGH } from '../support/thorough.ts';
import type { Life } from './life.ts';
import { breathe, type Recorded, Reference } from './reference.ts';
import { type Ending, endings } from './wire.ts';

/** The connection ends after so many bytes of one answer. */
function cut({ network, world }: Life, number: number, offset: number, how: Ending): void {
  let isCut = false;
  network.meddler = (transit, bytes) => {
    const left = offset - transit.sentBytes;
    if (transit.number !== number || left > bytes.length || isCut) {
      transit.send(bytes);
      return;
    }
    isCut = true;
    transit.send(bytes.subarray(0, left));
    transit.cut(how);
    // The platform believes that it has been heard.
    world.platform.forgive(world.device.user);
  };
}

/** An odd number meets both halves of every line end. */
const STEP_BYTES = THOROUGH ? 1 : 47;
/** What is the same with one connection, or for the second time, need not be tried so often again. */
const STEP_AGAIN_BYTES = THOROUGH ? 96 : 380;
/** What was lost is asked for once more, and a dead poll may cost its session. */
const moreRequests = 20;

/** Cuts an answer at offset after offset; each cut is a life of its own. */
async function cutAll(t: ExecutionContext, reference: Reference, recorded: Recorded, step: number): Promise<void> {
  const { number, phase, answer } = recorded;
  const lengthBytes = answer.length;
  const troubles: string[] = [];
  let cuts = 0;
  for (let offset = 0; offset <= lengthBytes; offset += step) {
    await breathe();
    const isEdge = offset === 0 || offset + step > lengthBytes;
    for (const how of endings) {
      if (!isEdge && how !== endings[(offset / step) % endings.length]) continue;
      cuts += 1;
      const trouble = reference.troubleWith({
        phase,
        moreRequests,
        disturb: (life) => cut(life, number, offset, how),
      });
      if (trouble !== undefined) troubles.push(`${how} after ${offset} bytes: ${trouble}`);
    }
  }
  t.log(`${cuts} cuts in ${lengthBytes} bytes, ${troubles.length} ended badly`);
  t.deepEqual(troubles.slice(0, 3), []);
}

for (const connections of ['2', '1']) {
  const reference = new Reference({ connections });
  const { answers, firsts } = reference;
  test.serial(`connections=${connections}: a life has answers of all kinds`, (t) => {
    t.true(firsts.length >= 18, firsts.map(({ kind }) => kind).join('\n'));
  });
  for (const answer of answers) {
    const step = firsts.includes(answer) && connections === '2' ? STEP_BYTES : STEP_AGAIN_BYTES;
    test.serial(`connections=${connections}: answer ${answer.number}, to ${answer.kind}, may end anywhere`, (t) =>
      cutAll(t, reference, answer, step),
    );
  }
}
