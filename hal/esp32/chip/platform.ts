// SPDX-License-Identifier: Apache-2.0

import 'system';
import Analog from 'embedded:io/analog';
import Digital from 'embedded:io/digital';
import PWM from 'embedded:io/pwm';
import Serial from 'embedded:io/serial';
import WiFi from 'embedded:network/interface/wifi';
import keyValue, { type Storage } from 'embedded:storage/key-value';
// biome-ignore lint/style/useNodejsImportProtocol: it is a module of the SDK
import Net from 'net';
import Timer from 'timer';
import type { ResetCause, Sensor } from '../../hal.ts';
import { pollInput } from '../console/input.ts';
import { WifiLink } from '../network/wifi-link.ts';
import type { KeyValues, Platform } from '../platform.ts';
import { readBus } from '../sensors/connect.ts';
import type { Connectors, IoClass, SerialIo } from '../sensors/part.ts';
import { openFlash, openModules } from './partition.ts';
import { createChipSensor, createFirmware, createLight, createWatchdog, functions, sleep } from './services.ts';

/*
 * The services of a chip. Where the SDK has no module, the functions of ESP-IDF under `ffi` in the manifest are called.
 */

/** ESP_MAC_WIFI_STA */
const STATION = 0;
/** MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT */
const INTERNAL_BYTES = (1 << 11) | (1 << 2);
const DNS_PORT = 53;
/** Bytes of an entry of NVS, and entries in a page. */
const ENTRY_BYTES = 32;
const PAGE_ENTRIES = 126;

/** Models by esp_chip_model_t; images use other numbers, esp_chip_id_t: tools/moddable/firmware/firmware-file.ts. */
const CHIP_MODELS: Readonly<Record<number, string>> = {
  1: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  12: 'ESP32-C2',
  13: 'ESP32-C6',
  16: 'ESP32-H2',
};

/** Reset causes by esp_reset_reason_t. */
const RESET_CAUSES: readonly ResetCause[] = [
  'unknown',
  'power-on',
  'power-on',
  'software',
  'panic',
  'watchdog',
  'watchdog',
  'watchdog',
  'deep-sleep',
  'brownout',
  'unknown',
  'unknown',
  'unknown',
  'unknown',
  'brownout',
  'panic',
];

class NvsValues implements KeyValues {
  readonly #storage: Storage;

  constructor(space: string) {
    this.#storage = keyValue.open({ path: space, format: 'buffer' });
  }

  read(name: string): ArrayBuffer | undefined {
    return this.#storage.read(name);
  }

  /**
   * Refuses a value that might not fit, with one entry for a header and one lost entry in each page. When ESP-IDF 6.0
   * has no room for all of the new value, it deletes the old one: its clean-up looks for the new chunks under the
   * numbers of the old value (`writeMultiPageBlob`).
   */
  write(name: string, value: Uint8Array): void {
    const [, , available = 0, all = 0] = readStats();
    const pages = all / PAGE_ENTRIES;
    // Without statistics, the write is tried.
    if (all > 0 && available < value.length / ENTRY_BYTES + 2 * pages + 2) throw new Error('there is no room');
    this.#storage.write(name, value);
  }

  delete(name: string): void {
    this.#storage.delete(name);
  }

  names(): string[] {
    return [...this.#storage];
  }

  freeBytes(): number {
    return (readStats()[2] ?? 0) * ENTRY_BYTES;
  }
}

/**
 * The result of nvs_get_stats: entries used, free, available, in total, and the number of spaces; zeros when it fails.
 */
function readStats(): Uint32Array {
  const stats = new Uint32Array(5);
  functions().nvs_get_stats('nvs', stats.buffer);
  return stats;
}

/** The SDK's provider leaves out PWM on some boards with a C3, and all but I²C on the M5NanoC6. */
function connectors({ i2c }: Readonly<Record<string, unknown>>): Connectors {
  const every = { Analog, Digital, PWM, Serial: Serial as unknown as IoClass<SerialIo> };
  return { ...every, ...device.io, bus: readBus(i2c) ?? device.I2C?.default };
}

const platform: Platform = {
  /** The result of esp_chip_info: model, features (32 bits each), revision (16 bits, major × 100 + minor), cores. */
  readChip() {
    const info = new DataView(new ArrayBuffer(16));
    functions().esp_chip_info(info.buffer);
    const revision = info.getUint16(8, true);
    const model = CHIP_MODELS[info.getUint32(0, true)] ?? 'ESP32';
    return { model, revision: `${Math.floor(revision / 100)}.${revision % 100}` };
  },

  readMac() {
    const mac = new ArrayBuffer(6);
    functions().esp_read_mac(mac, STATION);
    let text = '';
    for (const byte of new Uint8Array(mac)) text += byte.toString(16).padStart(2, '0');
    return text;
  },

  readResetCause: () => RESET_CAUSES[functions().esp_reset_reason()] ?? 'unknown',
  freeBytes: () => functions().esp_get_free_heap_size(),
  largestFreeBlockBytes: () => functions().heap_caps_get_largest_free_block(INTERNAL_BYTES),
  fillRandom: (into) => functions().esp_fill_random(into, into.byteLength),

  print(line) {
    this.write(`${line}\r\n`);
  },

  write(what) {
    const bytes = typeof what === 'string' ? ArrayBuffer.fromString(what) : (what.slice().buffer as ArrayBuffer);
    functions().fractus_console_write(bytes, bytes.byteLength);
  },

  listen: (onBytes) => pollInput((into) => functions().fractus_console_read(into, into.byteLength), onBytes),

  restart: () => functions().esp_restart(),

  /** The IPv4 servers from DHCP: the SDK's UDP sockets are IPv4 only. */
  nameServers: () =>
    (Net.get('DNS') ?? []).filter((each) => !each.includes(':')).map((address) => ({ address, port: DNS_PORT })),

  resolve: (host, onResolved) => System.resolve(host, onResolved),
  openFlash,
  openModules,
  openValues: (space) => new NvsValues(space),
  createLink: (config) =>
    new WifiLink({
      config,
      createRadio: (onChanged) => new WiFi({ onChanged }),
      setPowerSave: (mode) => void functions().esp_wifi_set_ps(mode),
      report: (line) => platform.print(`error: ${line}`),
      setTimer: (act, ms) => Timer.set(act, ms),
      clearTimer: (timer) => Timer.clear(timer),
    }),

  connectors,

  createServices(expectRestart) {
    if (functions().fractus_values_erased() !== 0) {
      platform.print('error: NVS could not read its partition: settings or credentials may be lost');
    }
    // The engine calls `abort` before it gives up, perhaps without memory, so nothing is allocated.
    const abort = (why: string, error: unknown) =>
      functions().esp_system_abort(error instanceof Error ? error.message : why);
    Object.assign(globalThis, { abort });
    return { firmware: createFirmware(expectRestart), sleep, watchdog: createWatchdog() };
  },

  createLight: (config) => createLight(config['led'], connectors(config)),

  createSensors(): Record<string, Sensor> {
    const chip = createChipSensor();
    return chip === undefined ? {} : { chip };
  },

  createActuators: () => ({}),
};

export default platform;
