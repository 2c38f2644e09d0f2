// SPDX-License-Identifier: Apache-2.0

import type { Link } from '../platform.ts';

/** It is up with an address of each kind (the SDK waits for both). */
const ADDRESSED = 500;
const CONNECTING = 300;
/** How long an attempt may take until it has its addresses. */
const ATTEMPT_MS = 30_000;
/** Between attempts: doubled after each that has failed. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** How long `reset()` keeps it down. */
const RESET_MS = 1000;

/** wifi_ps_type_t, by what the key `wifiPowerSave` says. */
export const POWER_SAVE: Readonly<Record<string, number>> = { no: 0, min: 1, max: 2 };

/** A Wi-Fi network. */
export interface Access {
  readonly SSID: string;
  readonly password?: string;
}

/** The radio of the SDK (`embedded:network/interface/wifi`). */
export interface Radio {
  /** @throws Error while it is connecting */
  connect(access: Access): void;
  disconnect(): void;
  close(): void;
  /** 200 and less: off; 300: connecting; 400: associated; 500: has its addresses. */
  readonly connection: number;
  readonly address: string | undefined;
  readonly RSSI: number | undefined;
  /** Of the network that it has really joined. */
  readonly SSID: string | undefined;
}

/** What the part that changes networks needs of the link: `wifi-access.ts`, which is in no other firmware. */
export interface WifiAccessLink extends Link {
  /** Tried in turn. */
  networks: readonly Access[];
  /** Index of the one that is tried next; while the link is up, of the one that it has. */
  next: number;
  radio: Radio | undefined;
}

export interface WifiLinkOptions<Timer> {
  readonly config: Readonly<Record<string, unknown>>;
  createRadio(onChanged: () => void): Radio;
  /** As in `POWER_SAVE`; once there is a radio. */
  setPowerSave(mode: number): void;
  /** A line for a person. */
  report(line: string): void;
  setTimer(act: () => void, ms: number): Timer;
  clearTimer(timer: Timer): void;
}

/**
 * Wi-Fi that comes back: the SDK connects once, says nothing of a failure, and leaves the rest to others. Each attempt
 * has a deadline; the waits between them grow. Several networks are tried one after the other.
 *
 * Configuration: `wifiName` and `wifiPassword`, for more networks the same with a number behind it, and `wifiPowerSave`.
 */
export class WifiLink<Timer> implements WifiAccessLink {
  networks: readonly Access[];
  next = 0;
  radio: Radio | undefined;
  readonly #options: WifiLinkOptions<Timer>;
  #onChange: (() => void) | undefined;
  #up = false;
  /** Of the attempt under way, or of the wait for the next. */
  #timer: Timer | undefined;
  #waiting = false;
  #waitMs = FIRST_WAIT_MS;

  constructor(options: WifiLinkOptions<Timer>) {
    this.#options = options;
    this.networks = readNetworks(options.config);
  }

  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.radio?.address;
  }

  get signalDbm(): number | undefined {
    return this.radio?.RSSI;
  }

  start(onChange: () => void): void {
    this.#onChange = onChange;
    const { config, createRadio, report, setPowerSave } = this.#options;
    if (this.networks.length === 0) {
      report('wifiName: not set, so there is no network; at this console: set wifiName …');
      return;
    }
    this.radio = createRadio(() => this.#changed());
    const powerSave = String(config['wifiPowerSave']);
    if (Object.hasOwn(POWER_SAVE, powerSave)) setPowerSave(POWER_SAVE[powerSave] as number);
    this.#attempt();
  }

  reset(): void {
    if (this.radio === undefined) return;
    this.#waitMs = FIRST_WAIT_MS;
    this.#wait(RESET_MS);
    this.radio.disconnect();
    this.#show(false);
  }

  close(): void {
    this.#onChange = undefined;
    this.#stopTimer();
    this.radio?.close();
    this.radio = undefined;
  }

  /** From the SDK. It does not say what has changed in a way that could be relied on: the state does. */
  #changed(): void {
    if (this.radio === undefined) return;
    const up = this.radio.connection >= ADDRESSED;
    if (up) {
      this.#waitMs = FIRST_WAIT_MS;
      this.#stopTimer();
      this.#waiting = false;
      // When it is lost, this one is the first to be tried again.
      if (!this.#up) this.next = Math.max(0, this.next - 1);
    } else if (!this.#waiting) {
      if (this.radio.connection < CONNECTING) this.#retry();
      // Still there, but without an address.
      else if (this.#timer === undefined) this.#in(ATTEMPT_MS, () => this.#retry());
    }
    this.#show(up);
  }

  #attempt(): void {
    const network = this.networks[this.next % this.networks.length];
    if (network === undefined) return;
    this.next += 1;
    this.#waiting = false;
    this.#in(ATTEMPT_MS, () => this.#retry());
    try {
      this.radio?.connect(network);
    } catch {
      this.#retry();
    }
  }

  /** The attempt has failed, or the network is gone. After a round through all of them, the waits grow. */
  #retry(): void {
    const roundEnds = this.next % this.networks.length === 0;
    // Before it is told to disconnect: that is an event, too, and no second failure.
    this.#wait(roundEnds ? this.#waitMs : FIRST_WAIT_MS);
    if (roundEnds) this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    this.radio?.disconnect();
    this.#show(false);
  }

  #wait(ms: number): void {
    this.#waiting = true;
    this.#in(ms, () => this.#attempt());
  }

  #in(ms: number, act: () => void): void {
    this.#stopTimer();
    this.#timer = this.#options.setTimer(() => {
      this.#timer = undefined;
      act();
    }, ms);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#options.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #show(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#onChange?.();
  }
}

export function readNetworks(config: Readonly<Record<string, unknown>>): Access[] {
  const networks: Access[] = [];
  for (const number of ['', '2', '3']) {
    const SSID = config[`wifiName${number}`];
    const password = config[`wifiPassword${number}`];
    if (typeof SSID !== 'string' || SSID === '') continue;
    networks.push(typeof password === 'string' && password !== '' ? { SSID, password } : { SSID });
  }
  return networks;
}
