// SPDX-License-Identifier: Apache-2.0

import type { Link } from '../platform.ts';

/** The radio is up with an address of each kind (the SDK waits for both). */
const ADDRESSED = 500;
const CONNECTING = 300;
/** Time for an attempt, until the radio has its addresses. */
const ATTEMPT_MS = 30_000;
/** Wait between attempts: doubled after each round that has failed. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Time for which `reset()` keeps the link down. */
const RESET_MS = 1000;

/** wifi_ps_type_t by the value of the key `wifiPowerSave`. */
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
  /** Name of the network that the radio has really joined. */
  readonly SSID: string | undefined;
}

/** The members of the link that `wifi-access.ts` uses, which only firmware with the capability `network` contains. */
export interface WifiAccessLink extends Link {
  /** Tried in turn. */
  networks: readonly Access[];
  /** Index of the network to try next; while the link is up, of the network that it has. */
  next: number;
  radio: Radio | undefined;
}

export interface WifiLinkOptions<Timer> {
  readonly config: Readonly<Record<string, unknown>>;
  createRadio(onChanged: () => void): Radio;
  /** Called with a value of `POWER_SAVE`, once there is a radio. */
  setPowerSave(mode: number): void;
  /** Called with a line for a person. */
  report(line: string): void;
  setTimer(act: () => void, ms: number): Timer;
  clearTimer(timer: Timer): void;
}

/**
 * Wi-Fi that reconnects: the SDK connects once, and neither reports a failure nor tries again. Each attempt has a
 * deadline; the waits between attempts grow. Several networks are tried one after the other.
 *
 * Configuration: `wifiName` and `wifiPassword`, for more networks the same with a number appended, and `wifiPowerSave`.
 */
export class WifiLink<Timer> implements WifiAccessLink {
  networks: readonly Access[];
  next = 0;
  radio: Radio | undefined;
  readonly #options: WifiLinkOptions<Timer>;
  #onChange: (() => void) | undefined;
  #up = false;
  /** Deadline of the current attempt, or wait for the next. */
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

  /** Called by the SDK. Its argument is not reliable, so the state of the radio is read. */
  #changed(): void {
    if (this.radio === undefined) return;
    const up = this.radio.connection >= ADDRESSED;
    if (up) {
      this.#waitMs = FIRST_WAIT_MS;
      this.#stopTimer();
      this.#waiting = false;
      // When the link is lost, this network is tried first.
      if (!this.#up) this.next = Math.max(0, this.next - 1);
    } else if (!this.#waiting) {
      if (this.radio.connection < CONNECTING) this.#retry();
      // The network is still there, but the address is lost.
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

  /**
   * Waits for the next attempt, after a failure or a lost network. After a round through all networks, the waits grow,
   * and a person is told once.
   */
  #retry(): void {
    const roundEnds = this.next % this.networks.length === 0;
    if (roundEnds && this.#waitMs === FIRST_WAIT_MS) {
      this.#options.report('Wi-Fi: no network joined; wrong name or password, out of reach, or not on 2.4 GHz');
    }
    // Before `disconnect`, which causes an event that must not count as a second failure.
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
