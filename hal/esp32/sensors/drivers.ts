// SPDX-License-Identifier: Apache-2.0
/// <reference path="../moddable.d.ts" />
import LIS3DH from 'embedded:sensor/Accelerometer/LIS3DH';
import { BME68x } from 'embedded:sensor/Barometer-Humidity-Temperature/BME68x';
import BMP280 from 'embedded:sensor/Barometer-Temperature/BMP280';
import SHT3x from 'embedded:sensor/Humidity-Temperature/SHT3x';
import TMP117 from 'embedded:sensor/Temperature/TMP117';
import { type DriverClass, type I2cSensorOptions, i2cSensor } from './bus.ts';
import type { Driver, I2cIo, SensorPart } from './part.ts';

/*
 * The module `fractus/sensors` of the manifest: the SDK's drivers for parts on I²C, with their values and units, and
 * the failures of each driver.
 */

export interface I2cOptions {
  readonly address?: number | undefined;
  readonly data?: number | undefined;
  readonly clock?: number | undefined;
}

const G = 9.80665;

/**
 * The SDK's driver keeps the gas heater on, which warms the sensor, and puts the part to sleep for good when the heater
 * is off. So each sample here is one forced measurement without heater, and sets the part up again, because it may have
 * lost power.
 */
class ForcedBme68x implements Driver {
  readonly #bme: BME68x;

  constructor(options: ConstructorParameters<DriverClass>[0]) {
    this.#bme = new BME68x(options);
  }

  sample(): unknown {
    const bme = this.#bme;
    if (new Uint8Array(bme.read(0xd0, 1))[0] !== 0x61) throw new Error('it is not a BME68x now');
    bme.set_conf(BME68X_CONF);
    bme.set_heatr_conf(BME68x.FORCED_MODE, BME68X_HEATER);
    bme.set_op_mode(BME68x.FORCED_MODE);
    // Waits for the result, at most 50 ms.
    return bme.get_data(BME68x.FORCED_MODE)?.[0];
  }

  close(): void {
    this.#bme.close();
  }
}

/**
 * Oversampling × 2, no filter. Plain numbers, because the constants of native classes are not available during
 * preloading.
 */
const BME68X_CONF = { filter: 0, odr: 8, os_hum: 2, os_pres: 2, os_temp: 2 };
const BME68X_HEATER = { enable: 0, heatr_temp: 0, heatr_dur: 0 };

const BME68X_PART: I2cSensorOptions<'I2C'> = {
  part: 'BME68x',
  driver: ForcedBme68x,
  io: 'I2C',
  kinds: ['thermometer', 'hygrometer', 'barometer'],
  values: {
    temperature: { from: 'temperature', least: -40, most: 85 },
    humidity: { from: 'humidity', least: 0, most: 100 },
    pressure: { from: 'pressure', least: 30_000, most: 110_000 },
  },
};

/** Temperature, humidity and pressure of a BME680 or BME688; default address 0x77. */
export function bme68x(options: I2cOptions = {}): SensorPart {
  return i2cSensor({ ...BME68X_PART, ...options });
}

const BMP280_PART: I2cSensorOptions<'I2C'> = {
  part: 'BMP280',
  driver: BMP280,
  io: 'I2C',
  kinds: ['thermometer', 'barometer'],
  values: {
    temperature: { from: 'thermometer.temperature', least: -40, most: 85 },
    pressure: { from: 'barometer.pressure', least: 30_000, most: 110_000 },
  },
  watch: watchBmp280,
};

/** Temperature and pressure; default address 0x76. */
export function bmp280(options: I2cOptions = {}): SensorPart {
  return i2cSensor({ ...BMP280_PART, ...options });
}

function watchBmp280(io: I2cIo): () => boolean {
  const register = new Uint8Array(1);
  const bytes = new Uint8Array(3);
  const read = (from: number) => {
    register[0] = from;
    io.write(register);
    io.read(bytes);
    return ((bytes[0] as number) << 16) | ((bytes[1] as number) << 8) | (bytes[2] as number);
  };
  return () => {
    if (read(0xd0) >> 16 !== 0x58) throw new Error('it is not a BMP280 now');
    if (((read(0xf4) >> 16) & 0x03) !== 0x03) throw new Error('it has lost its settings');
    // The value before the first measurement would read as some 20 °C.
    return read(0xfa) !== 0x800000;
  };
}

const SHT3X_PART: I2cSensorOptions<'I2C'> = {
  part: 'SHT3x',
  driver: SHT3x,
  io: 'I2C',
  kinds: ['thermometer', 'hygrometer'],
  values: {
    temperature: { from: 'thermometer.temperature', least: -40, most: 125 },
    humidity: { from: 'hygrometer.humidity', least: 0, most: 100 },
  },
};

/** Temperature and humidity of an SHT30, SHT31 or SHT35; default address 0x44. A sample blocks for 150 ms. */
export function sht3x(options: I2cOptions = {}): SensorPart {
  return i2cSensor({ ...SHT3X_PART, ...options });
}

const TMP117_PART: I2cSensorOptions<'SMBus'> = {
  part: 'TMP117',
  driver: TMP117,
  io: 'SMBus',
  kinds: ['thermometer'],
  values: { temperature: { from: 'temperature', least: -55, most: 150 } },
  watch: (io) => () => {
    // A bus that is stuck at 0 would read as 0 °C.
    if ((io.readUint16(0x0f, true) & 0x0fff) !== 0x117) throw new Error('it is not a TMP117 now');
    // The value before the first measurement.
    return io.readUint16(0x00, true) !== 0x8000;
  },
};

/** Temperature; default address 0x48. */
export function tmp117(options: I2cOptions = {}): SensorPart {
  return i2cSensor({ ...TMP117_PART, ...options });
}

const LIS3DH_PART: I2cSensorOptions<'SMBus'> = {
  part: 'LIS3DH',
  driver: LIS3DH,
  io: 'SMBus',
  kinds: ['accelerometer'],
  values: {
    x: { from: 'x', least: -4.1 * G, most: 4.1 * G },
    y: { from: 'y', least: -4.1 * G, most: 4.1 * G },
    z: { from: 'z', least: -4.1 * G, most: 4.1 * G },
  },
  watch: (io) => () => {
    if (io.readUint8(0x0f) !== 0x33) throw new Error('it is not a LIS3DH now');
    // The data rate in the first control register; 0 after a loss of power.
    if ((io.readUint8(0x20) & 0xf0) === 0) throw new Error('it has lost its settings');
    return (io.readUint8(0x27) & 0x08) !== 0;
  },
};

/** Acceleration along three axes in m/s², up to 4 g; default address 0x18. */
export function lis3dh(options: I2cOptions = {}): SensorPart {
  return i2cSensor({ ...LIS3DH_PART, ...options });
}

/** The parts by their names in the key `sensors`. */
const parts: Readonly<Record<string, (options?: I2cOptions) => SensorPart>> = { bme68x, bmp280, sht3x, tmp117, lis3dh };

export default parts;
