// SPDX-License-Identifier: Apache-2.0
/** Chips emulated by QEMU, with the image for a board: finds QEMU on this machine, and runs one chip. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Two networks that the radio finds; both are open, and lead to this machine. */
export const WIFI_NAME = 'PICSimLabWifi';
export const OTHER_WIFI_NAME = 'MasseyWifi';
/** The loopback of this machine, as the chip sees it. */
export const HOST_ADDRESS = '192.168.4.2';

export const MAC = '020000f7ac70';

/** A chip that QEMU emulates. */
export interface Emulated {
  /** The model, as the board reports it. */
  readonly name: string;
  /** The revision that follows the model in the output of `show`. */
  readonly revision: string;
  /** The board of the SDK that an image is built for. */
  readonly board: string;
  readonly program: string;
  /** Machine of PICSimLab's fork: its radio leads to QEMU's user network. */
  readonly withWifi: string;
  readonly without: string;
  readonly radio: string;
  readonly fuses: string;
  /** Contents of its fuses, by position in their file. */
  readonly fuseBytes: Readonly<Record<number, readonly number[]>>;
}

/** The MAC in the order of the fuses: the last byte first. */
const MAC_BYTES = [...Buffer.from(MAC, 'hex').reverse()];

/** The known chips; the first one that a QEMU supports is used. */
export const CHIPS: Readonly<Record<string, Emulated>> = {
  esp32c3: {
    name: 'ESP32-C3',
    revision: '0.3',
    board: 'esp32/esp32c3',
    program: 'qemu-system-riscv32',
    withWifi: 'esp32c3-picsimlab',
    without: 'esp32c3',
    radio: 'esp32c3_wifi',
    fuses: 'nvram.esp32c3.efuse',
    fuseBytes: { 24: MAC_BYTES, 38: [0x0c] },
  },
  esp32: {
    name: 'ESP32',
    revision: '0.0',
    board: 'esp32/nodemcu',
    program: 'qemu-system-xtensa',
    withWifi: 'esp32-picsimlab',
    without: 'esp32',
    radio: 'esp32_wifi',
    fuses: 'nvram.esp32.efuse',
    // The checksum of the address follows it; without it, ESP-IDF does not start.
    fuseBytes: { 4: [...MAC_BYTES, 0xc2] },
  },
};

/** A QEMU program that emulates such a chip. */
export interface Qemu {
  readonly chip: Emulated;
  readonly program: string;
  readonly machine: string;
  readonly hasWifi: boolean;
}

/**
 * Finds the first chip of the table that a QEMU supports: one of the programs in `FRACTUS_QEMU` (several as in a path),
 * or on the path. `FRACTUS_CHIP`, as `esp32`, allows only that chip. Otherwise returns one line that says what is
 * missing.
 */
export function findQemu(): Qemu | string {
  const wanted = process.env['FRACTUS_CHIP'];
  const chips = wanted ? [CHIPS[wanted]].filter((each) => each !== undefined) : Object.values(CHIPS);
  if (chips.length === 0) return `FRACTUS_CHIP is ${wanted}; it may be ${Object.keys(CHIPS).join(' or ')}`;
  const named = process.env['FRACTUS_QEMU']?.split(path.delimiter).filter((each) => each !== '') ?? [];
  const programs = named.length > 0 ? named : chips.map(({ program }) => program);
  const found = programs.map((program) => ({ program, machines: machinesOf(program) }));
  for (const chip of chips) {
    for (const { program, machines } of found) {
      const machine = [chip.withWifi, chip.without].find((name) => machines?.includes(name));
      if (machine !== undefined) return { chip, program, machine, hasWifi: machine === chip.withWifi };
    }
  }
  const names = chips.map(({ name }) => `an ${name}`).join(' or ');
  const which = found.filter(({ machines }) => machines !== undefined).map(({ program }) => program);
  return which.length === 0
    ? `there is no ${programs.join(' and no ')}; the QEMU of Espressif can emulate ${names}, or PICSimLab's, which has Wi-Fi too; FRACTUS_QEMU names the program`
    : `${which.join(' and ')} cannot emulate ${names}; the QEMU of Espressif can, or PICSimLab's, which has Wi-Fi too`;
}

/** The machines of a QEMU program; undefined when it cannot be run. */
function machinesOf(program: string): string[] | undefined {
  const { error, stdout } = spawnSync(program, ['-M', 'help'], { encoding: 'utf8' });
  return error === undefined ? stdout.split('\n').map((line) => line.split(' ')[0] ?? '') : undefined;
}

const FUSE_BYTES = 1024;

export interface ChipOptions {
  readonly qemu: Qemu;
  /** File of the whole flash; the chip writes to it. */
  readonly flash: string;
  /** A program with arguments that runs QEMU. */
  readonly runner?: readonly string[] | undefined;
  onLine?(line: string): void;
  /** Output as it comes, a character a byte. */
  onText?(text: string): void;
  onEnd?(reason: string): void;
}

/** An emulated chip, on or off. */
export class Chip {
  /** Lines of output, without line ends. */
  readonly lines: string[] = [];
  /** All output, unchanged. */
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
    writeFileSync(fuses, fuseBytes(qemu.chip));
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
    const network = `user,model=${qemu.chip.radio},id=wifi,net=192.168.4.0/24,host=${HOST_ADDRESS}`;
    return [
      ...['-M', qemu.machine, '-display', 'none', '-monitor', 'none', '-icount', 'shift=3'],
      ...['-drive', `file=${flash},if=mtd,format=raw`],
      ...['-drive', `file=${fuses},if=none,format=raw,id=efuse`],
      ...['-global', `driver=${qemu.chip.fuses},property=drive,value=efuse`],
      ...['-serial', 'stdio'],
      ...(qemu.hasWifi ? ['-nic', network] : ['-nic', 'none']),
    ];
  }

  /** Types a line at its UART. */
  type(line: string): void {
    this.send(`${line}\r`);
  }

  send(bytes: string | Uint8Array): void {
    this.#process?.stdin?.write(bytes);
  }

  /** Cuts the power at once. */
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
    this.#options.onText?.(text);
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.lines.push(line);
      this.#options.onLine?.(line);
    }
  }
}

function fuseBytes({ fuseBytes }: Emulated): Buffer {
  const fuses = Buffer.alloc(FUSE_BYTES);
  for (const [at, bytes] of Object.entries(fuseBytes)) fuses.set(bytes, Number(at));
  return fuses;
}
