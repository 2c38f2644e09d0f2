// SPDX-License-Identifier: Apache-2.0

import type { App, Sensor } from 'fractus';
import { Nmea } from 'fractus/gps';
import { follow } from './app.ts';
import { TRACK } from './track.ts';

const LINE_MS = 5000;

/** A receiver that repeats recorded sentences, and begins again at the end. */
function createReplay(ticks: () => number): Sensor {
  const nmea = new Nmea();
  return {
    sample() {
      const sentence = `${TRACK[Math.floor(ticks() / LINE_MS) % TRACK.length]}\r\n`;
      const bytes = Uint8Array.from(sentence, (letter) => letter.charCodeAt(0));
      nmea.forget();
      nmea.feed(bytes, bytes.length);
      const { latitude, longitude, speed, fix } = nmea;
      return fix === 1 ? { latitude, longitude, speed } : undefined;
    },
  };
}

/** The tracker, moved along a recorded track: `npx fractus start --app examples/tracker/desk.ts`. */
export const app: App = (board) => {
  const { clock } = board.hal;
  follow(
    board,
    createReplay(() => clock.ticks()),
  );
};
