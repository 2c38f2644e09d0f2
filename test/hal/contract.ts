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
import type { Check } from './contract/scene.ts';
import { storeChecks } from './contract/store.ts';
import { streamChecks } from './contract/streams.ts';
import { timerChecks } from './contract/timers.ts';

export { RESOURCE } from './contract/board.ts';
export { firmwareChecks, firmwareRebootChecks } from './contract/firmware.ts';
export { flashChecks } from './contract/flash.ts';
export { nameChecks } from './contract/names.ts';
export { panicChecks } from './contract/panic.ts';
export { flashRebootChecks, rebootChecks } from './contract/reboot.ts';
export { type Check, runCheck, Scene, type Targets, type TlsTargets } from './contract/scene.ts';
export { signatureChecks } from './contract/signatures.ts';
export { tlsChecks } from './contract/tls.ts';

export const checks: readonly Check[] = [
  ...boardChecks,
  ...timerChecks,
  ...storeChecks,
  ...streamChecks,
  ...connectionChecks,
];
