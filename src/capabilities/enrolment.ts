// SPDX-License-Identifier: Apache-2.0

import { Enroller } from '../enrolment/enroller.ts';
import type { EnrolmentBase } from '../enrolment/enroller-base.ts';
import { type Arithmetic, softArithmetic } from '../enrolment/p256.ts';
import { CURRENT } from '../enrolment/slots.ts';
import type { Capability, Host } from './capability.ts';

/**
 * The device gets its certificate by itself (EST, RFC 7030): the key is made on it, a one-time password (`bootstrapPassword`) gives
 * the first certificate, and another one takes its place before it ends. For `auth=certificate` with `certificate` and `privateKey`
 * both `enrolled`; with others it does nothing.
 */
export function enrolment(): Capability {
  return enrolmentWith(softArithmetic);
}

/** The same. @param arithmetic of P-256; @param prepare what has to be done first, whosever certificate it is */
export function enrolmentWith(arithmetic: Arithmetic, prepare?: (host: Host) => void): Capability {
  return {
    name: 'enrolment',
    /** No operation, so it is never possible: it takes its place before the start, and that is all. */
    isPossible(host: Host) {
      const agent = host as unknown as EnrolmentBase;
      const { config, uplink, started } = agent;
      if (!started) prepare?.(host);
      const isOwn = config.certificateAuth && config.certificate === CURRENT && config.privateKey === CURRENT;
      if (!isOwn || started || uplink.authority === undefined || uplink.authority instanceof Enroller) return false;
      uplink.authority = new Enroller(agent, uplink.authority, arithmetic);
      return false;
    },
    run() {},
  };
}
