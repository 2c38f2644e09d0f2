// SPDX-License-Identifier: Apache-2.0
/*
 * Calibration and raw readings of two Bosch parts, and what their data sheets make of them: the formulas here are the
 * referee, the SDK's drivers have their own.
 */

export interface Word {
  readonly at: number;
  readonly value: number;
  readonly bytes: 1 | 2;
}

const word = (at: number, value: number): Word => ({ at, value, bytes: 2 });
const byte = (at: number, value: number): Word => ({ at, value, bytes: 1 });

/** The worked example of BST-BMP280-DS001 §3.12, with its results. */
export const BMP280 = {
  coefficients: [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000].map((value, i) =>
    word(0x88 + 2 * i, value),
  ),
  temperature: 519_888,
  pressure: 415_148,
  celsius: 25.08,
  pascal: 100_653.27,
};

const T = { t1: 26_125, t2: 26_370, t3: 3 };
const P = { p1: 35_893, p2: -10_423, p3: 88, p4: 5934, p5: -161, p6: 30, p7: 49, p8: -530, p9: -1939, p10: 30 };
const H = { h1: 763, h2: 1011, h3: 0, h4: 45, h5: 20, h6: 120, h7: -100 };

/** A part of the shelf. */
export const BME680 = {
  coefficients: [
    word(0xe9, T.t1),
    word(0x8a, T.t2),
    byte(0x8c, T.t3),
    word(0x8e, P.p1),
    word(0x90, P.p2),
    byte(0x92, P.p3),
    word(0x94, P.p4),
    word(0x96, P.p5),
    byte(0x98, P.p7),
    byte(0x99, P.p6),
    word(0x9c, P.p8),
    word(0x9e, P.p9),
    byte(0xa0, P.p10),
    byte(0xe4, H.h3),
    byte(0xe5, H.h4),
    byte(0xe6, H.h5),
    byte(0xe7, H.h6),
    byte(0xe8, H.h7),
  ],
  h1: H.h1,
  h2: H.h2,
  temperature: 483_000,
  pressure: 355_000,
  humidity: 21_000,
};

/** The formulas of BST-BME680-DS001 §3.3. */
export function bme680Values(): { temperature: number; pressure: number; humidity: number } {
  const { t1, t2, t3 } = T;
  const adc = BME680;
  const t = adc.temperature / 16384 - t1 / 1024;
  const fine = t * t2 + (adc.temperature / 131072 - t1 / 8192) ** 2 * t3 * 16;
  const temperature = fine / 5120;

  const { p1, p2, p3, p4, p5, p6, p7, p8, p9, p10 } = P;
  let a = fine / 2 - 64_000;
  let b = a * a * (p6 / 131_072);
  b += a * p5 * 2;
  b = b / 4 + p4 * 65_536;
  a = ((p3 * a * a) / 16_384 + p2 * a) / 524_288;
  a = (1 + a / 32_768) * p1;
  const raw = ((1_048_576 - adc.pressure - b / 4096) * 6250) / a;
  const correction = (p9 * raw * raw) / 2_147_483_648 + raw * (p8 / 32_768) + (raw / 256) ** 3 * (p10 / 131_072);
  const pressure = raw + (correction + p7 * 128) / 16;

  const { h1, h2, h3, h4, h5, h6, h7 } = H;
  const x = adc.humidity - (h1 * 16 + (h3 / 2) * temperature);
  const y = x * ((h2 / 262_144) * (1 + (h4 / 16_384) * temperature + (h5 / 1_048_576) * temperature * temperature));
  const humidity = y + (h6 / 16_384 + (h7 / 2_097_152) * temperature) * y * y;
  return { temperature, pressure, humidity };
}
