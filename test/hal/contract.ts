// SPDX-License-Identifier: Apache-2.0
/*
 * The contract of hal/hal.ts as checks that any HAL must pass, in any engine: they use nothing but the HAL, and peers
 * that do what the first line of a connection tells them (contract/peer.ts). A harness for a HAL
 * - provides a fresh machine with the resource RESOURCE, at best one for every check (`clock: the time is unknown…`
 *   needs one whose clock was never set, and is the first);
 * - lets a PeerServer listen and fills in Targets;
 * - calls `runCheck` for each of `checks`, of `flashChecks` where there is raw flash, of `firmwareChecks`
 *   where firmware can be replaced, of `signatureChecks` where signatures can be told, of `tlsChecks` where TLS can be had, of `nameChecks` where it can give the machine
 *   names with two addresses;
 * - plays `rebootChecks` and `panicChecks` (with raw flash `flashRebootChecks` too, with slots `firmwareRebootChecks`) on one machine: `before` in a Scene, then the restart it asks for, then `after` by `runCheck`.
 */
import { boardChecks } from './contract/board.ts';
import { connectionChecks } from './contract/connections.ts';
import { firmwareChecks, firmwareRebootChecks } from './contract/firmware.ts';
import { flashChecks } from './contract/flash.ts';
import { nameChecks } from './contract/names.ts';
import { panicChecks } from './contract/panic.ts';
import { flashRebootChecks, rebootChecks } from './contract/reboot.ts';
import type { Check } from './contract/scene.ts';
import { signatureChecks } from './contract/signatures.ts';
import { storeChecks } from './contract/store.ts';
import { streamChecks } from './contract/streams.ts';
import { timerChecks } from './contract/timers.ts';
import { tlsChecks } from './contract/tls.ts';

export { RESOURCE } from './contract/board.ts';
export { type Check, runCheck, Scene, type Targets, type TlsTargets } from './contract/scene.ts';

export const checks: readonly Check[] = [
  ...boardChecks,
  ...timerChecks,
  ...storeChecks,
  ...streamChecks,
  ...connectionChecks,
];

/** Of a machine that has everything: raw flash, slots for firmware, signatures, TLS, names with two addresses. */
export const allChecks: readonly Check[] = [
  ...checks,
  ...flashChecks,
  ...firmwareChecks,
  ...signatureChecks,
  ...tlsChecks,
  ...nameChecks,
];

/** Of a machine that has everything, and whose engine ends when a program panics. */
export const allReboots = [...rebootChecks, ...panicChecks, ...flashRebootChecks, ...firmwareRebootChecks];

export {
  firmwareChecks,
  firmwareRebootChecks,
  flashChecks,
  flashRebootChecks,
  panicChecks,
  rebootChecks,
  signatureChecks,
  tlsChecks,
};
