// SPDX-License-Identifier: Apache-2.0
/** What receivers say, well and badly. */

import test from 'ava';
import { Nmea } from '../../../../hal/esp32/gps/nmea.ts';
import fc from '../../../support/property.ts';

const GGA = '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n';
const RMC = '$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n';
/** Of a u-blox receiver without a view of the sky. */
const NO_FIX = [sentence('GNGGA,102411.00,,,,,0,00,99.99,,,,,,'), sentence('GNRMC,102411.00,V,,,,,,,161126,,,N')].join(
  '',
);

/** With the checksum that belongs to it. */
function sentence(text: string): string {
  let sum = 0;
  for (const byte of Buffer.from(text)) sum ^= byte;
  return `$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

function feed(nmea: Nmea, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  nmea.feed(bytes, bytes.length);
}

/** What there is after all of it. */
function read(...texts: (string | Uint8Array)[]) {
  const nmea = new Nmea();
  for (const text of texts) feed(nmea, text);
  const { latitude, longitude, altitude, speed, satellites, fix } = nmea;
  return { latitude, longitude, altitude, speed, satellites, fix };
}

const nothing = { latitude: NaN, longitude: NaN, altitude: NaN, speed: NaN, satellites: NaN, fix: NaN };
const munich = { latitude: 48.1173, longitude: 11.516_667 };

function isNear(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) < 0.000_01;
}

test('GGA tells the position, the altitude and the satellites', (t) => {
  const { latitude, longitude, altitude, speed, satellites, fix } = read(GGA);
  t.true(isNear(latitude, munich.latitude) && isNear(longitude, munich.longitude));
  t.deepEqual({ altitude, speed, satellites, fix }, { altitude: 545.4, speed: NaN, satellites: 8, fix: 1 });
});

test('RMC tells the position and the speed', (t) => {
  const { latitude, longitude, speed, altitude, fix } = read(RMC);
  t.true(isNear(latitude, munich.latitude) && isNear(longitude, munich.longitude));
  t.true(isNear(speed, 11.523_556));
  t.is(altitude, NaN);
  t.is(fix, 1);
});

test('GGA and RMC together tell altitude, speed and satellites', (t) => {
  const { altitude, speed, satellites } = read(GGA, RMC);
  t.true(isNear(speed, 11.523_556));
  t.deepEqual({ altitude, satellites }, { altitude: 545.4, satellites: 8 });
});

for (const talker of ['GP', 'GL', 'GA', 'GB', 'BD', 'GQ', 'QZ', 'GI', 'GN']) {
  test(`${talker} is a talker as any other`, (t) => {
    t.is(read(sentence(`${talker}GGA,1,4807.038,N,01131.000,E,4,12,0.9,545.4,M,46.9,M,,`)).fix, 1);
    t.is(read(sentence(`${talker}RMC,1,A,4807.038,N,01131.000,E,022.4,084.4,230394,,,A`)).fix, 1);
  });
}

const halves: readonly [string, number, number][] = [
  ['3351.504,S,15112.545,E', -33.8584, 151.209_083],
  ['4042.768,N,07400.360,W', 40.712_8, -74.006],
  ['0000.000,N,00000.000,E', 0, 0],
  ['9000.000,S,18000.000,W', -90, -180],
];
for (const [text, latitude, longitude] of halves) {
  test(`${text} is ${latitude}, ${longitude}`, (t) => {
    const found = read(sentence(`GPGGA,1,${text},1,08,0.9,-12.5,M,,M,,`));
    t.true(isNear(found.latitude, latitude) && isNear(found.longitude, longitude), JSON.stringify(found));
    t.is(found.altitude, -12.5);
  });
}

test('without a fix it says so, and nothing of before stays', (t) => {
  t.deepEqual(read(GGA, RMC, NO_FIX), { ...nothing, fix: 0, satellites: 0 });
  t.deepEqual(read(sentence('GNGGA,1,,,,,0,03,99.99,,,,,,')), { ...nothing, fix: 0, satellites: 3 });
  t.is(read(NO_FIX, GGA).fix, 1);
});

for (const [what, text] of Object.entries({
  'status V': 'GPRMC,1,V,4807.038,N,01131.000,E,022.4,084.4,230394,,,A',
  'mode N': 'GPRMC,1,A,4807.038,N,01131.000,E,022.4,084.4,230394,,,N',
  'quality 0': 'GPGGA,1,4807.038,N,01131.000,E,0,08,0.9,545.4,M,46.9,M,,',
  'dead reckoning': 'GPGGA,1,4807.038,N,01131.000,E,6,08,0.9,545.4,M,46.9,M,,',
  'a simulator': 'GPGGA,1,4807.038,N,01131.000,E,8,08,0.9,545.4,M,46.9,M,,',
  'no latitude': 'GPGGA,1,,,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'no half of the earth': 'GPGGA,1,4807.038,,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'another half': 'GPGGA,1,4807.038,X,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'too far north': 'GPGGA,1,9007.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'too far east': 'GPGGA,1,4807.038,N,18000.001,E,1,08,0.9,545.4,M,46.9,M,,',
  'sixty minutes': 'GPGGA,1,4860.000,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  letters: 'GPGGA,1,48O7.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'two points': 'GPGGA,1,4807.0.38,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,',
  'many digits': `GPGGA,1,4807.${'0'.repeat(20)},N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,`,
})) {
  test(`${what}: no position`, (t) => {
    const { latitude, longitude, fix } = read(sentence(text));
    t.deepEqual({ latitude, longitude, fix }, { latitude: NaN, longitude: NaN, fix: 0 });
  });
}

const damaged: Readonly<Record<string, string | Uint8Array>> = {
  'a wrong checksum': GGA.replace('*47', '*46'),
  'a checksum of one digit': GGA.replace('*47', '*4'),
  'no checksum': GGA.replace('*47', ''),
  'a checksum that is none': GGA.replace('*47', '*xx'),
  'a digit that has changed': GGA.replace('4807', '4817'),
  'a line that is cut': GGA.slice(0, 30),
  'a line without its beginning': GGA.slice(10),
  'the end of another one': `${GGA.slice(0, 30)}${NO_FIX.slice(20, 40)}\r\n`,
  'another kind': sentence('GPGSV,3,1,11,03,03,111,00,04,15,270,00,06,01,010,00,13,06,292,00'),
  'an owner of its own': sentence('PUBX,00,081350.00,4717.113210,N,00833.915187,E,546.589,G3,2.1,2.0'),
  'too few fields': sentence('GPGGA,1,4807.038,N,01131.000,E,1,08'),
  'too many fields': sentence(`GPGGA,1,4807.038,N,01131.000,E,1,08,0.9,545.4,M${','.repeat(30)}`),
  'a line without an end': `$GPGGA,${'1'.repeat(5000)}`,
  'a long line': sentence(`GPGGA,${'1'.repeat(200)},4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,`),
  'bytes of another protocol': Uint8Array.of(0xb5, 0x62, 0x01, 0x07, 0x5c, 0x00, 0x24, 0x47, 0xff, 0x0d, 0x0a),
  'a control character': GGA.replace(',08,', ',0\u00008,'),
  nothing: '\r\n$\r\n$*\r\n$*00\r\n',
};
for (const [what, text] of Object.entries(damaged)) {
  test(`${what} tells nothing, and the next sentence is read`, (t) => {
    t.deepEqual(read(text), nothing);
    t.is(read(text, GGA).fix, 1);
  });
}

test('a sentence may come in any pieces', (t) => {
  const whole = read(GGA, RMC);
  for (let size = 1; size < 40; size++) {
    const pieces = (GGA + RMC).match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    t.deepEqual(read(...pieces), whole, String(size));
  }
});

test('no input causes an exception, and each position is valid', (t) => {
  const parts = fc.constantFrom(...(GGA + RMC + NO_FIX), ',', '*', '$', '-', '.', '\u0000', '\u00ff');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 150 }), fc.boolean(), (bytes, isSound) => {
      const text = bytes.join('').replace(/[$\r\n*]/g, '');
      const { latitude, longitude, fix } = read(isSound ? sentence(text) : bytes.join(''));
      if (fix === 1) return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      return Number.isNaN(latitude) && Number.isNaN(longitude);
    }),
    { numRuns: 500 },
  );
  t.is(read(GGA).fix, 1);
});
