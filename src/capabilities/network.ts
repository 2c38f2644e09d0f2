// SPDX-License-Identifier: Apache-2.0

import type { NetworkAccess, WifiNetwork } from '../../hal/hal.ts';
import { utf8 } from '../bytes/text.ts';
import type { AgentHost, Capability, Operation } from '../capability.ts';
import { valueAtPath } from '../json/path.ts';
import { Kind, kindAt } from '../json/scan.ts';
import { NetworkTrial, type TrialHost } from '../network/trial.ts';
import { whenKept } from './firmware/firmware.ts';

import { onlyForBoard } from './of-board.ts';

const FRAGMENT = 'c8y_Network';
const WIFI = 'fractus_WiFi';
/** The name for the id of the operation that was begun last. */
const WITNESS = 'network';
/** After the id: the requested network was kept before the operation. */
const WAS_KEPT = ' kept';
const TIMEOUT_MS = 3_600_000;
const TRIAL_S = 300;
const NAME_MAX_BYTES = 32;

/** Options of `network`. */
export interface NetworkOptions {
  /**
   * Seconds within which the platform must be reached over a new network, or it is given up: 60 to 900, default 300.
   */
  readonly trialS?: number;
}

/**
 * `c8y_Network {"fractus_WiFi": {"name","password"}}`: the device joins another Wi-Fi network, keeps it once the
 * platform has answered over it, and otherwise returns to the one before.
 * @throws RangeError when the time is not allowed
 */
export function network(options: NetworkOptions = {}): Capability {
  return networkBy(({ hal }) => hal.network.access, options);
}

/** As `network`, for a HAL whose part of it is in a module of its own, so that other firmware does not contain it. */
export function networkBy(
  accessOf: (host: AgentHost) => NetworkAccess | undefined,
  { trialS = TRIAL_S }: NetworkOptions,
): Capability {
  if (!(trialS >= 60 && trialS <= 900)) throw new RangeError('network: trialS is 60 to 900');
  return {
    name: FRAGMENT,
    isPossible: (host) => accessOf(host as AgentHost) !== undefined,
    begin(host, device) {
      onlyForBoard('network', device, '');
      return new Network(accessOf(host as AgentHost) as NetworkAccess, host as TrialHost, trialS * 1000);
    },
    run: (operation) => operation.fail('it has not begun'),
  };
}

/** The capability of one board in one start. */
class Network implements Capability {
  readonly name = FRAGMENT;
  readonly repeatable = true;
  readonly timeoutMs = TIMEOUT_MS;
  readonly #access: NetworkAccess;
  readonly #host: TrialHost;
  readonly #trialMs: number;

  constructor(access: NetworkAccess, host: TrialHost, trialMs: number) {
    this.#access = access;
    this.#host = host;
    this.#trialMs = trialMs;
  }

  /** The whole fragment, because an operation has only the changes. A computed name would stay in RAM for ever. */
  inventory() {
    const { board, network } = this.#host.hal;
    const { address } = network;
    const mac = board.mac.replace(/(..)(?=.)/g, '$1:');
    const { name } = this.#access;
    return {
      c8y_Network: {
        c8y_LAN: { name: 'Wi-Fi', enabled: 1, mac, ...(address !== undefined && { ip: address }) },
        ...(name !== undefined && { fractus_WiFi: { name } }),
      },
    };
  }

  run(operation: Operation): void {
    const wanted = wishOf(operation);
    if (typeof wanted === 'string') operation.fail(wanted);
    else if (this.#access.isKept(wanted) && this.#access.name === wanted.name) this.succeed(operation);
    // A firmware on trial must not be judged by a network that may not work.
    else whenKept(operation, this.#host, () => this.change(wanted, operation));
  }

  /** The restart has ended a trial. A network that was not kept before has passed it if it is kept now. */
  recover(operation: Operation): void {
    const wanted = wishOf(operation);
    const [id, ...wasKept] = this.#host.recall(WITNESS)?.split(' ') ?? [];
    if (typeof wanted === 'string' || id !== operation.id) this.run(operation);
    else if (this.#access.isKept(wanted) && (wasKept.length === 0 || this.#access.name === wanted.name))
      this.succeed(operation);
    else operation.fail(`the device restarted while ${quoted(wanted.name)} was on trial: it is on the former network`);
  }

  private change(wanted: WifiNetwork, operation: Operation): void {
    const access = this.#access;
    const host = this.#host;
    const note = operation.id + (access.isKept(wanted) ? WAS_KEPT : '');
    if (!host.remember(WITNESS, note)) {
      operation.fail('the flash refuses to note the change, so nothing was done');
      return;
    }
    host.once(operation);
    const before = access.name === undefined ? 'the former network' : quoted(access.name);
    const trial = new NetworkTrial(host, {
      access,
      wanted,
      trialMs: this.#trialMs,
      onEnd: (reason) => {
        if (reason === undefined) this.succeed(operation);
        else operation.fail(`${reason}: back to ${before}`);
      },
    });
    operation.onTimeout = () => trial.stop();
    trial.start();
  }

  private succeed(operation: Operation): void {
    operation.fragment(FRAGMENT, this.inventory().c8y_Network);
    operation.succeed();
  }
}

/** The requested network, or why it is refused. */
function wishOf(operation: Operation): WifiNetwork | string {
  for (const [name, reason] of REFUSED) if (isGiven(operation, name)) return `${name}: ${reason}`;
  if (!isGiven(operation, WIFI)) return `${WIFI}: missing; allowed: {"name", "password"}`;
  const name = operation.text(`${WIFI}.name`);
  const password = operation.text(`${WIFI}.password`);
  if (name === undefined || name === '' || utf8(name).length > NAME_MAX_BYTES || hasControls(name))
    return `${WIFI}.name: allowed are 1 to ${NAME_MAX_BYTES} bytes without control characters`;
  if (password === undefined ? isGiven(operation, `${WIFI}.password`) : !isPassword(password))
    return `${WIFI}.password: that value (a secret, not shown) is not allowed; allowed: 8 to 63 characters, 64 hex digits, or none for an open network`;
  return password ? { name, password } : { name };
}

/** Settings that the platform has forms for, and a board with Wi-Fi does not have. */
const REFUSED: readonly (readonly [name: string, reason: string])[] = [
  ['c8y_LAN', 'this device has its address from the network that it joins'],
  ['c8y_WAN', 'this device has no mobile network'],
  ['c8y_DHCP', 'this device gives no addresses to others'],
];

/** Whether the member exists and is not null. */
function isGiven(operation: Operation, path: string): boolean {
  const { bytes } = operation as Operation & { readonly bytes: Uint8Array };
  const at = valueAtPath(bytes, 0, bytes.length, `${FRAGMENT}.${path}`);
  return at >= 0 && kindAt(bytes, at) !== Kind.Null;
}

function isPassword(text: string): boolean {
  const { length } = utf8(text);
  return text === '' || (length >= 8 && length <= 63 && !hasControls(text)) || /^[0-9a-f]{64}$/i.test(text);
}

function hasControls(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
