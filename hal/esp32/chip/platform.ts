// SPDX-License-Identifier: Apache-2.0

import 'system';
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
import { openFlash, openModules } from './partition.ts';
import { createChipSensor, createFirmware, createLight, createWatchdog, functions, sleep } from './services.ts';

/*
 * The services of a chip. What the SDK has no module for is asked of ESP-IDF, through the functions that the manifest
 * names under `ffi`.
 */

/** ESP_MAC_WIFI_STA */
const STATION = 0;
/** MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT */
const INTERNAL_BYTES = (1 << 11) | (1 << 2);
const DNS_PORT = 53;
/** Each entry of NVS, and how many there are in a page. */
const ENTRY_BYTES = 32;
const PAGE_ENTRIES = 126;

/** By esp_chip_model_t; an image has another number for them, esp_chip_id_t: tools/moddable/firmware-file.ts. */
const CHIP_MODELS: Readonly<Record<number, string>> = {
  1: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  12: 'ESP32-C2',
  13: 'ESP32-C6',
  16: 'ESP32-H2',
};

/** By esp_reset_reason_t. */
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
   * Refuses what might not fit, with an entry at the head and one left over in each page. ESP-IDF 6.0 deletes the old value where it
   * finds no room for all of the new one: what it takes back then, it looks for under the numbers of the old (`writeMultiPageBlob`).
   */
  write(name: string, value: Uint8Array): void {
    const [, , available = 0, all = 0] = readStats();
    const pages = all / PAGE_ENTRIES;
    // Where NVS does not tell, it is asked to try.
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

/** nvs_get_stats fills in: entries used, free, available, in all, and the number of spaces; zeros where it fails. */
function readStats(): Uint32Array {
  const stats = new Uint32Array(5);
  functions().nvs_get_stats('nvs', stats.buffer);
  return stats;
}

const platform: Platform = {
  /** esp_chip_info fills in: model, features (32 bits each), revision (16 bits, major × 100 + minor), cores. */
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

  /** Those of DHCP. The sockets of the SDK send datagrams over IPv4 only. */
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

  connectors: ({ i2c }) => ({ ...device.io, bus: readBus(i2c) ?? device.I2C?.default }),

  createServices(expectRestart) {
    // The engine calls it before it gives up: it may have no memory any more, so nothing is made.
    const abort = (why: string, error: unknown) =>
      functions().esp_system_abort(error instanceof Error ? error.message : why);
    Object.assign(globalThis, { abort });
    return { firmware: createFirmware(expectRestart), sleep, watchdog: createWatchdog() };
  },

  createLight: ({ led }) => createLight(led),

  createSensors(): Record<string, Sensor> {
    const chip = createChipSensor();
    return chip === undefined ? {} : { chip };
  },

  createActuators: () => ({}),
};

export default platform;
