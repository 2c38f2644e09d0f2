// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import type { BoardNote } from '../../../../tools/platform/messages.ts';
import { Desk } from '../desk.ts';

const boardNote: BoardNote = {
  board: 'esp32-1',
  engine: 'node',
  power: 'on',
  link: 'up',
  boots: 1,
  resetCause: 'power-on',
  unplugged: [],
  isLit: false,
  isFlashRefusing: false,
  tables: {},
  waiting: 0,
};

/** A device with a board of this process, and all sentences about it. */
function createStory() {
  const desk = new Desk();
  const { user, id } = desk.device('d1');
  const witness = desk.platform.watch();
  const told: string[] = [];
  witness.journal.read((message) => message.told !== undefined && told.push(message.told.text));
  return {
    desk,
    told,
    /** So many measurements in one request. */
    send(count: number) {
      const one = {
        source: { id },
        time: new Date(desk.time.nowMs).toISOString(),
        type: 'c8y_Air',
        c8y_Air: { T: { value: 20.5, unit: '°C' } },
      };
      const body = count === 1 ? one : { measurements: Array.from({ length: count }, () => one) };
      desk.send('POST', '/measurement/measurements', { as: user, body });
    },
    look: () => desk.send('GET', `/inventory/managedObjects/${id}`, { as: user }),
    /** The board says how many records wait. */
    wait: (waiting: number) => witness.say({ kind: 'board', board: { ...boardNote, objectId: id, waiting } }),
  };
}

test('an outage is told from the first failure over each retry with its wait to the way back', (t) => {
  const { desk, send, told } = createStory();
  desk.platform.order({ kind: 'dropBefore', times: 2 });
  send(1);
  desk.time.advance(2000);
  send(1);
  desk.time.advance(30_000);
  send(1);
  t.deepEqual(told, [
    'measurements: gets no answer',
    'measurements: tries again after 2.0 s, gets no answer',
    'is back after 32 s: 2 requests had failed',
    'measures Air T 20.5 °C',
  ]);
});

test('what a board keeps meanwhile is told, and the way back when all of it has come', (t) => {
  const { desk, send, look, wait, told } = createStory();
  desk.platform.order({ kind: 'dropBefore', times: 2 });
  send(1);
  wait(1);
  desk.time.advance(5000);
  send(1);
  wait(16);
  desk.time.advance(20_000);
  look();
  send(10);
  desk.time.advance(100);
  send(6);
  send(2);
  t.deepEqual(told, [
    'measurements: gets no answer',
    'measurements: tries again after 5.0 s, gets no answer; 1 record waiting',
    'sends 10 measurements in 1 request',
    'is back after 25 s: 16 records sent in 2 requests',
    'measures Air T 20.5 °C, Air T 20.5 °C',
  ]);
});

test('records that never come hold the way back up for half a minute', (t) => {
  const { desk, look, wait, told } = createStory();
  desk.platform.order({ kind: 'dropBefore' });
  look();
  wait(3);
  const sentences: number[] = [];
  for (let seconds = 0; seconds < 60; seconds += 10) {
    desk.time.advance(10_000);
    look();
    sentences.push(told.length);
  }
  t.deepEqual(sentences, [1, 1, 1, 2, 2, 2]);
  t.deepEqual(told.slice(1), ['is back after 10 s: 1 request had failed']);
});
