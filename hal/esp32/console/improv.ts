// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, utf8 } from '../../../src/bytes/text.ts';
import type { Hal, Timer } from '../../hal.ts';
import { checkSetting, readSettings, writeSettings } from '../config.ts';
import type { KeyValues } from '../platform.ts';

/** `IMPROV` and the protocol version. */
const MARK = [0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1];
/** Mark, type and length. */
const HEAD_BYTES = 9;
const LF = 0x0a;
const CR = 0x0d;
/** In place of the last byte: a packet has just ended. */
const NONE = 0;

const Kind = { State: 1, Error: 2, Command: 3, Result: 4 } as const;
const State = { Ready: 2, Provisioning: 3, Provisioned: 4 } as const;
const Command = { Wifi: 1, State: 2, Info: 3 } as const;
const Fault = { Packet: 1, Command: 2, Connect: 3 } as const;

/** Name of a value that exists over the restart after new settings. */
const ASKED = 'improv';
/** The browser waits for half a minute, including the restart. */
const LINK_SECONDS = 20;

export interface ImprovOptions {
  readonly hal: Hal;
  /** The space that holds the settings of this board. */
  readonly values: KeyValues;
  readonly deviceId: string;
  /** The page that the browser shows next. */
  readonly url: string;
  send(bytes: Uint8Array): void;
  /** Called with bytes that are not part of an Improv packet. */
  onOthers(bytes: Uint8Array): void;
}

/**
 * Improv Wi-Fi over serial (https://www.improv-wifi.com/serial): a web page sets the Wi-Fi of this board. A packet
 * begins at the start of a line; all other bytes go to the console.
 */
export class Improv {
  readonly #options: ImprovOptions;
  /** The current packet: the number of its bytes so far, and its content once the length is known. */
  #count = 0;
  #kind = 0;
  #packet: Uint8Array | undefined;
  #last = LF;
  #timer: Timer | undefined;

  constructor(options: ImprovOptions) {
    this.#options = options;
    try {
      if (options.values.read(ASKED) === undefined) return;
      options.values.delete(ASKED);
      this.#await(LINK_SECONDS);
    } catch {
      // A failing flash can only be reported at the console.
    }
  }

  take(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.#take(bytes[i] as number);
  }

  #take(byte: number): void {
    const at = this.#count;
    if (at < MARK.length) {
      if (byte === MARK[at] && (at > 0 || this.#last === LF || this.#last === CR || this.#last === NONE)) {
        this.#count += 1;
        return;
      }
      this.#count = 0;
      // The line feed after a packet is not typed input.
      if (this.#last !== NONE || byte !== LF) this.#options.onOthers(Uint8Array.from([...MARK.slice(0, at), byte]));
      this.#last = byte;
      return;
    }
    this.#count += 1;
    if (at === MARK.length) this.#kind = byte;
    else if (this.#packet === undefined) this.#packet = new Uint8Array(byte + 1);
    else this.#packet[at - HEAD_BYTES] = byte;
    if (this.#packet === undefined || this.#count < HEAD_BYTES + this.#packet.length) return;
    const packet = this.#packet;
    this.#count = 0;
    this.#packet = undefined;
    this.#last = NONE;
    this.#run(packet);
  }

  #run(packet: Uint8Array): void {
    const end = packet.length - 1;
    const head = [...MARK, this.#kind, end];
    const isWhole = (sum(head) + sum(packet.subarray(0, end))) % 256 === packet[end];
    if (!isWhole || this.#kind !== Kind.Command || packet[1] !== end - 2) this.#tell(Kind.Error, Fault.Packet);
    else if (packet[0] === Command.State) this.#showState();
    else if (packet[0] === Command.Info) this.#showInfo();
    else if (packet[0] === Command.Wifi) this.#setWifi(packet);
    else this.#tell(Kind.Error, Fault.Command);
  }

  #showState(): void {
    const { hal, url } = this.#options;
    if (this.#timer !== undefined) {
      this.#tell(Kind.State, State.Provisioning);
    } else if (hal.network.up) {
      this.#tell(Kind.State, State.Provisioned);
      this.#answer(Command.State, [url]);
    } else {
      this.#tell(Kind.State, State.Ready);
    }
  }

  #showInfo(): void {
    const { firmware, model } = this.#options.hal.board;
    this.#answer(Command.Info, [firmware.name, firmware.version, model, this.#options.deviceId]);
  }

  /** Stores the settings and restarts: only a restart uses them. */
  #setWifi(packet: Uint8Array): void {
    const { hal, values } = this.#options;
    try {
      const nameEnd = 3 + (packet[2] as number);
      const wifiName = decodeUtf8(packet, 3, nameEnd);
      const wifiPassword = decodeUtf8(packet, nameEnd + 1, packet.length - 1);
      checkSetting('wifiName', wifiName);
      if (wifiPassword !== '') checkSetting('wifiPassword', wifiPassword);
      // An open network needs an empty password: the firmware may set one.
      writeSettings(values, { ...readSettings(values), wifiName, wifiPassword });
      values.write(ASKED, Uint8Array.of(1));
    } catch {
      this.#tell(Kind.Error, Fault.Connect);
      return;
    }
    this.#tell(Kind.State, State.Provisioning);
    hal.restart('Wi-Fi was set by Improv');
  }

  /** Checks for a link once a second, and reports the result. */
  #await(seconds: number): void {
    const { hal, url } = this.#options;
    this.#timer = hal.createTimer(() => {
      this.#timer = undefined;
      if (hal.network.up) {
        this.#tell(Kind.State, State.Provisioned);
        this.#answer(Command.Wifi, [url]);
      } else if (seconds > 0) {
        this.#await(seconds - 1);
      } else {
        this.#tell(Kind.Error, Fault.Connect);
        this.#tell(Kind.State, State.Ready);
      }
    });
    this.#timer.start(1000);
  }

  #answer(command: number, texts: readonly string[]): void {
    const data: number[] = [];
    for (const text of texts) {
      const bytes = utf8(text.slice(0, 60));
      data.push(bytes.length, ...bytes);
    }
    this.#tell(Kind.Result, command, data.length, ...data);
  }

  /** Sends a packet on a line of its own, as the protocol requires. */
  #tell(kind: number, ...data: number[]): void {
    const packet = [...MARK, kind, data.length, ...data];
    this.#options.send(Uint8Array.from([LF, ...packet, sum(packet) % 256, LF]));
  }
}

function sum(bytes: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < bytes.length; i++) result += bytes[i] as number;
  return result;
}
