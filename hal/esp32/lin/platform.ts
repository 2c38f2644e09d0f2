// SPDX-License-Identifier: Apache-2.0

import type { Directory } from 'embedded:storage/files';
import FFI from 'mc/ffi';
import Modules from 'modules';
// biome-ignore lint/style/useNodejsImportProtocol: it is a module of the SDK
import Net from 'net';
import Timer from 'timer';
import { utf8 } from '../../../src/bytes/text.ts';
import { createRandom } from '../../common/random.ts';
import { bootSlots, FIRST_SLOTS, type SlotRecord, VirtualSlots } from '../../common/slots.ts';
import { type Backing, DEFAULT_CAPACITY_BYTES, Values } from '../../common/values.ts';
import { pollInput } from '../console/input.ts';
import type { KeyValues, Link, Platform } from '../platform.ts';
import { FilePartition, partitionIo } from './partition.ts';

/*
 * Stand-ins for the parts of a board that the SDK's simulator on Linux lacks: key-value storage and raw flash (files
 * instead), Wi-Fi (the network of the host instead), the DNS servers of DHCP (a file instead; without it, only the
 * host's resolver is asked), a restart (the process ends, and its parent starts it again), sensors.
 */

/** The exit code of the process when the agent wants a restart. */
const RESTART_EXIT_CODE = 64;
/** Names of values for the next start. */
const RESTARTED = 'restarted';
const MAC = 'mac';
const SLOTS = 'slots';
/**
 * Files that hold partitions, and their sizes in sectors. That of `MODULES` is as on a board with 4 MB; the program that
 * starts the simulator puts the archive into it.
 */
const FLASH = 'flash.bin';
const FLASH_SECTORS = 16;
const MODULES = 'modules.xsa';
const MODULES_SECTORS = 16;
/** The slot size of a 4 MB flash with two slots. */
const SLOT_BYTES = 0x1e_0000;
/** A file with lines of address, colon and port. */
const NAME_SERVERS = 'name-servers';
const STDIN = 0;
const STDOUT = 1;
/** fcntl: F_SETFL, O_NONBLOCK */
const SET_FLAGS = 4;
const NON_BLOCKING = 0o4000;
/** Time for which `reset()` keeps the link down. */
const RESET_MS = 100;

let ffi: FFI | undefined;
/** Values by space, so that all users of a space share them. */
let spaces: Record<string, FileValues> | undefined;
let directory: Directory | undefined;

function functions(): FFI {
  ffi ??= new FFI();
  return ffi;
}

/** The home directory. Its module opens it when it is loaded, which is not possible during preloading. */
function home(): Directory {
  directory ??= Modules.importNow('embedded:storage/files') as Directory;
  return directory;
}

/** One file per value; its name is the space, `=`, and the name of the value. */
class Files implements Backing {
  readonly #space: string;

  constructor(space: string) {
    this.#space = space;
  }

  load(): Map<string, Uint8Array> {
    const values = new Map<string, Uint8Array>();
    const prefix = `${this.#space}=`;
    // An empty path, because without a path a second scan continues where the first has ended.
    for (const name of home().scan('')) {
      if (!name.startsWith(prefix) || name.endsWith('~')) continue;
      const file = home().openFile({ path: name, mode: 'r' });
      const { size } = file.status();
      values.set(name.slice(prefix.length), size === 0 ? new Uint8Array(0) : new Uint8Array(file.read(size, 0)));
      file.close();
    }
    return values;
  }

  write(name: string, value: Uint8Array): boolean {
    const path = `${this.#space}=${name}`;
    const file = home().openFile({ path: `${path}~`, mode: 'w' });
    if (value.length > 0) file.write(value.slice().buffer, 0);
    file.flush();
    file.close();
    home().move(`${path}~`, path);
    return true;
  }

  remove(name: string): boolean {
    home().delete(`${this.#space}=${name}`);
    return true;
  }
}

class FileValues implements KeyValues {
  readonly #values: Values;

  constructor(space: string) {
    const backing = new Files(space);
    this.#values = new Values(backing, DEFAULT_CAPACITY_BYTES, backing.load());
  }

  read(name: string): ArrayBuffer | undefined {
    return this.#values.get(name)?.slice().buffer;
  }

  write(name: string, value: Uint8Array): void {
    if (!this.#values.set(name, value)) throw new Error('there is no room');
  }

  delete(name: string): void {
    this.#values.delete(name);
  }

  names(): string[] {
    return this.#values.keys();
  }

  freeBytes(): number {
    return this.#values.freeBytes();
  }
}

/** The network of the host: always up, except for a moment after `reset()`. */
class HostLink implements Link {
  up = true;
  #onChange: (() => void) | undefined;

  get address(): string | undefined {
    return this.up ? Net.get('IP') : undefined;
  }

  get signalDbm(): undefined {
    return undefined;
  }

  start(onChange: () => void): void {
    this.#onChange = onChange;
  }

  reset(): void {
    Timer.set(() => this.#switch(false));
    Timer.set(() => this.#switch(true), RESET_MS);
  }

  close(): void {
    this.#onChange = undefined;
  }

  #switch(up: boolean): void {
    this.up = up;
    this.#onChange?.();
  }
}

/** A bootloader whose record is a file; installed firmware is discarded. */
function createFirmware(onRestart: () => void): VirtualSlots {
  const values = new FileValues('lin');
  const keep = (record: SlotRecord) => {
    values.write(SLOTS, utf8(JSON.stringify({ ...record })));
    return true;
  };
  const kept = values.read(SLOTS);
  const record = bootSlots(kept === undefined ? FIRST_SLOTS : (JSON.parse(String.fromArrayBuffer(kept)) as SlotRecord));
  keep(record);
  const restart = () => {
    onRestart();
    platform.restart();
  };
  return new VirtualSlots({ capacityBytes: SLOT_BYTES, record, keep, restart });
}

const platform: Platform = {
  readChip: () => ({ model: 'ESP32 (simulator)', revision: '1.0' }),

  readMac() {
    const values = new FileValues('lin');
    let mac = values.read(MAC);
    if (mac === undefined) {
      mac = new ArrayBuffer(6);
      functions().getentropy(mac, 6);
      // Locally administered (IEEE 802 §8.4), like those of virtual machines.
      new Uint8Array(mac)[0] = 0x02;
      values.write(MAC, new Uint8Array(mac));
    }
    let text = '';
    for (const byte of new Uint8Array(mac)) text += byte.toString(16).padStart(2, '0');
    return text;
  },

  readResetCause() {
    const values = new FileValues('lin');
    if (values.read(RESTARTED) === undefined) return 'power-on';
    values.delete(RESTARTED);
    return 'software';
  },

  freeBytes: () => undefined,
  largestFreeBlockBytes: () => undefined,

  fillRandom(into) {
    // getentropy gives no more than 256 bytes at once.
    for (let at = 0; at < into.byteLength; at += 256) {
      const part = new ArrayBuffer(Math.min(256, into.byteLength - at));
      if (functions().getentropy(part, part.byteLength) !== 0) throw new Error('no entropy');
      new Uint8Array(into).set(new Uint8Array(part), at);
    }
  },

  print(line) {
    this.write(`${line}\n`);
  },

  write(what) {
    const bytes = typeof what === 'string' ? ArrayBuffer.fromString(what) : (what.slice().buffer as ArrayBuffer);
    functions().write(STDOUT, bytes, bytes.byteLength);
  },

  listen(onBytes) {
    functions().fcntl(STDIN, SET_FLAGS, NON_BLOCKING);
    pollInput((into) => functions().read(STDIN, into, into.byteLength), onBytes);
  },

  restart() {
    new FileValues('lin').write(RESTARTED, new Uint8Array(1));
    functions()._exit(RESTART_EXIT_CODE);
  },

  nameServers() {
    let text = '';
    try {
      const file = home().openFile({ path: NAME_SERVERS, mode: 'r' });
      text = String.fromArrayBuffer(file.read(file.status().size, 0));
      file.close();
    } catch {
      // There is no such file.
    }
    return text.split('\n').flatMap((line) => {
      const [address = '', port] = line.split(':');
      return port === undefined ? [] : { address, port: Number(port) };
    });
  },

  resolve(host, onResolved) {
    // RFC 6761 §6.3. The resolver would return an IPv6 address, which its sockets cannot use.
    if (host === 'localhost' || host.endsWith('.localhost')) Timer.set(() => onResolved(host, '127.0.0.1'));
    else Net.resolve(host, onResolved);
  },

  openFlash: () => new FilePartition(home(), FLASH, FLASH_SECTORS),
  openModules: () => partitionIo(new FilePartition(home(), MODULES, MODULES_SECTORS)),
  openValues(space) {
    spaces ??= {};
    spaces[space] ??= new FileValues(space);
    return spaces[space];
  },
  createLink: () => new HostLink(),
  connectors: () => undefined,
  createLight: () => undefined,
  createServices: (expectRestart) => ({ firmware: createFirmware(() => expectRestart(true)) }),

  createSensors() {
    const random = createRandom(1);
    return { thermometer: { sample: () => ({ temperature: 20 + random() }) } };
  },

  createActuators: () => ({}),
};

export default platform;
