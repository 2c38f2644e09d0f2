import WiFi from 'embedded:network/interface/wifi';
import Timer, { type TimerId } from 'timer';
import type { Link } from '../platform.ts';

/** It is up with an address of each kind (the SDK waits for both). */
const ADDRESSED = 500;
/** How long an attempt may take until it has its addresses. */
const ATTEMPT_MS = 30_000;
/** Between attempts: doubled after each that has failed. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** How long `reset()` keeps it down. */
const RESET_MS = 1000;

interface Access {
  readonly SSID: string;
  readonly password?: string;
}

/**
 * Wi-Fi that comes back: the SDK connects once, says nothing of a failure, and leaves the rest to others. Each attempt
 * has a deadline; the waits between them grow. Several networks are tried one after the other.
 *
 * Configuration: `wifiName` and `wifiPassword`; several of each are separated by line ends.
 */
export class WifiLink implements Link {
  readonly #networks: readonly Access[];
  #wifi: WiFi | undefined;
  #onChange: (() => void) | undefined;
  #up = false;
  /** Of the attempt under way, or of the wait for the next. */
  #timer: TimerId | undefined;
  #waiting = false;
  #next = 0;
  #waitMs = FIRST_WAIT_MS;

  constructor(config: Readonly<Record<string, unknown>>) {
    this.#networks = readNetworks(config);
  }

  get up(): boolean {
    return this.#up;
  }

  get address(): string | undefined {
    return this.#wifi?.address;
  }

  get signalDbm(): number | undefined {
    return this.#wifi?.RSSI;
  }

  start(onChange: () => void): void {
    this.#onChange = onChange;
    if (this.#networks.length === 0) return;
    this.#wifi = new WiFi({ onChanged: () => this.#changed() });
    this.#attempt();
  }

  reset(): void {
    this.#waitMs = FIRST_WAIT_MS;
    this.#wifi?.disconnect();
    this.#wait(RESET_MS);
    this.#show(false);
  }

  close(): void {
    this.#onChange = undefined;
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#wifi?.close();
    this.#wifi = undefined;
  }

  /** From the SDK. It does not say what has changed in a way that could be relied on: the state does. */
  #changed(): void {
    if (this.#wifi === undefined) return;
    const up = this.#wifi.connection >= ADDRESSED;
    if (up) {
      this.#waitMs = FIRST_WAIT_MS;
      Timer.clear(this.#timer);
      this.#timer = undefined;
      this.#waiting = false;
    } else if (this.#wifi.connection < 300 && !this.#waiting) {
      this.#retry();
    }
    this.#show(up);
  }

  #attempt(): void {
    const network = this.#networks[this.#next % this.#networks.length];
    if (network === undefined) return;
    this.#next += 1;
    this.#waiting = false;
    this.#in(ATTEMPT_MS, () => this.#retry());
    try {
      // An attempt that is under way would make this one throw.
      this.#wifi?.disconnect();
      this.#wifi?.connect(network);
    } catch {
      this.#retry();
    }
  }

  /** The attempt has failed, or the network is gone. After a round through all of them, the waits grow. */
  #retry(): void {
    this.#wifi?.disconnect();
    const roundEnds = this.#next % this.#networks.length === 0;
    this.#wait(roundEnds ? this.#waitMs : FIRST_WAIT_MS);
    if (roundEnds) this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    this.#show(false);
  }

  #wait(ms: number): void {
    this.#waiting = true;
    this.#in(ms, () => this.#attempt());
  }

  #in(ms: number, act: () => void): void {
    Timer.clear(this.#timer);
    this.#timer = Timer.set(act, ms);
  }

  #show(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#onChange?.();
  }
}

function readNetworks({ wifiName, wifiPassword }: Readonly<Record<string, unknown>>): Access[] {
  if (typeof wifiName !== 'string' || wifiName === '') return [];
  const passwords = typeof wifiPassword === 'string' ? wifiPassword.split('\n') : [];
  return wifiName.split('\n').map((SSID, at) => {
    const password = passwords[at] ?? '';
    return password === '' ? { SSID } : { SSID, password };
  });
}
