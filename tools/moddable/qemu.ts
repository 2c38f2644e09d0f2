// SPDX-License-Identifier: Apache-2.0
/** An emulated ESP32-C3 with the image that a board would get: what there is of it on this machine, and one chip of it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const PROGRAM = 'qemu-system-riscv32';
/** Of PICSimLab's fork: with a radio, behind which is QEMU's network for users. */
const WITH_WIFI = 'esp32c3-picsimlab';
const WITHOUT = 'esp32c3';

/** What the radio finds: an open network. */
export const WIFI_NAME = 'PICSimLabWifi';
/** The loopback of this machine, as the chip sees it. */
export const HOST_ADDRESS = '192.168.4.2';

/** A QEMU that has an ESP32-C3. */
export interface Qemu {
  readonly program: string;
  readonly machine: string;
  readonly hasWifi: boolean;
}

/** The QEMU that `FRACTUS_QEMU` names or that is on the path; one line that says what is missing. */
export function findQemu(): Qemu | string {
  const program = process.env['FRACTUS_QEMU'] || PROGRAM;
  const { error, stdout } = spawnSync(program, ['-M', 'help'], { encoding: 'utf8' });
  if (error !== undefined) {
    return `there is no ${program}; a QEMU with an ESP32-C3 is that of Espressif, or with Wi-Fi PICSimLab's; FRACTUS_QEMU says where it is`;
  }
  const machines = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  const machine = [WITH_WIFI, WITHOUT].find((name) => machines.includes(name));
  if (machine === undefined) return `${program} has no ESP32-C3; that of Espressif has, or with Wi-Fi PICSimLab's`;
  return { program, machine, hasWifi: machine === WITH_WIFI };
}

/** Where the fuses are in their file: MAC address, last byte first, and the revision of the chip (0.3). */
const FUSE_BYTES = 1024;
const MAC_AT = 0x18;
const REVISION = [0x26, 0x0c] as const;

export const MAC = '020000f7ac70';

export interface ChipOptions {
  readonly qemu: Qemu;
  /** All of its flash; what the chip writes stays in it. */
  readonly flash: string;
  /** What QEMU is run by: a program and its arguments, before those of QEMU. */
  readonly runner?: readonly string[] | undefined;
  onLine?(line: string): void;
  onEnd?(reason: string): void;
}

/** A chip with its power on or off. */
export class Chip {
  /** What it has said, without line ends. */
  readonly lines: string[] = [];
  /** The same, byte by byte. */
  text = '';
  readonly #options: ChipOptions;
  #process: ChildProcess | undefined;
  #rest = '';

  constructor(options: ChipOptions) {
    this.#options = options;
  }

  powerOn(): void {
    const { qemu, flash, runner = [], onEnd } = this.#options;
    const fuses = path.join(path.dirname(flash), 'fuses.bin');
    writeFileSync(fuses, fuseBytes());
    const [program = qemu.program, ...args] = [...runner, qemu.program, ...this.#arguments(fuses)];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('latin1').on('data', (text: string) => this.#take(text));
    }
    child.once('error', (error) => onEnd?.(error.message));
    child.once('exit', (code, signal) => {
      if (this.#process === child) onEnd?.(`QEMU has ended (${signal ?? code})`);
    });
  }

  #arguments(fuses: string): string[] {
    const { qemu, flash } = this.#options;
    const network = `user,model=esp32c3_wifi,id=wifi,net=192.168.4.0/24,host=${HOST_ADDRESS}`;
    return [
      ...['-M', qemu.machine, '-display', 'none', '-monitor', 'none', '-icount', 'shift=3'],
      ...['-drive', `file=${flash},if=mtd,format=raw`],
      ...['-drive', `file=${fuses},if=none,format=raw,id=efuse`],
      ...['-global', 'driver=nvram.esp32c3.efuse,property=drive,value=efuse'],
      ...['-serial', 'stdio'],
      ...(qemu.hasWifi ? ['-nic', network] : ['-nic', 'none']),
    ];
  }

  /** A line, at its UART. */
  type(line: string): void {
    this.send(`${line}\r`);
  }

  send(bytes: string | Uint8Array): void {
    this.#process?.stdin?.write(bytes);
  }

  /** Without a warning, at whatever it does. */
  async powerOff(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGKILL');
    });
  }

  #take(text: string): void {
    this.text += text;
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.lines.push(line);
      this.#options.onLine?.(line);
    }
  }
}

function fuseBytes(): Buffer {
  const fuses = Buffer.alloc(FUSE_BYTES);
  fuses.set(Buffer.from(MAC, 'hex').reverse(), MAC_AT);
  fuses[REVISION[0]] = REVISION[1];
  return fuses;
}
