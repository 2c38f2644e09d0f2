// SPDX-License-Identifier: Apache-2.0
/** A link over a radio that finds what a test says. */

import { type Access, type Radio, WifiLink } from '../../../../hal/esp32/network/wifi-link.ts';

/** A radio, and the networks that are in its reach. */
export class FakeRadio implements Radio {
  connection = 200;
  RSSI = -60;
  SSID: string | undefined;
  readonly attempts: string[] = [];
  /** Refuses who comes with another password, as an access point does: the attempt is over at once. */
  refuses = false;
  readonly #reachable: ReadonlySet<string>;
  readonly #onChanged: () => void;
  closed = false;

  constructor(reachable: ReadonlySet<string>, onChanged: () => void) {
    this.#reachable = reachable;
    this.#onChanged = onChanged;
  }

  get address(): string | undefined {
    return this.connection >= 500 ? '192.168.1.2' : undefined;
  }

  connect({ SSID, password }: Access): void {
    if (this.connection >= 300) throw new Error('already');
    this.attempts.push(password === undefined ? SSID : `${SSID}/${password}`);
    this.connection = 300;
    // A network that is out of reach says nothing, as with the SDK.
    if (!this.#reachable.has(SSID) && !this.#reachable.has(`${SSID}/${password}`)) {
      if (this.refuses) this.change(200);
      return;
    }
    this.SSID = SSID;
    this.change(500);
  }

  disconnect(): void {
    this.change(200);
  }

  close(): void {
    this.closed = true;
  }

  change(connection: number): void {
    this.connection = connection;
    this.#onChanged();
  }
}

export class World {
  nowMs = 0;
  readonly reachable = new Set<string>();
  readonly changes: boolean[] = [];
  readonly lines: string[] = [];
  readonly powerSave: number[] = [];
  readonly link: WifiLink<object>;
  #timer: { readonly dueMs: number; readonly act: () => void } | undefined;
  #radio: FakeRadio | undefined;

  constructor(config: Readonly<Record<string, unknown>>) {
    this.link = new WifiLink<object>({
      config,
      createRadio: (onChanged) => {
        this.#radio = new FakeRadio(this.reachable, onChanged);
        return this.#radio;
      },
      setPowerSave: (mode) => this.powerSave.push(mode),
      report: (line) => this.lines.push(line),
      setTimer: (act, ms) => {
        if (this.#timer !== undefined) throw new Error('a second timer');
        this.#timer = { dueMs: this.nowMs + ms, act };
        return this.#timer;
      },
      clearTimer: (timer) => {
        if (this.#timer === timer) this.#timer = undefined;
      },
    });
  }

  get radio(): FakeRadio {
    if (this.#radio === undefined) throw new Error('there is no radio yet');
    return this.#radio;
  }

  get idle(): boolean {
    return this.#timer === undefined;
  }

  start(): void {
    this.link.start(() => this.changes.push(this.link.up));
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let timer = this.#timer; timer !== undefined && timer.dueMs <= endMs; timer = this.#timer) {
      this.nowMs = timer.dueMs;
      this.#timer = undefined;
      timer.act();
    }
    this.nowMs = endMs;
  }
}
