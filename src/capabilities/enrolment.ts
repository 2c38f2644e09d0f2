// SPDX-License-Identifier: Apache-2.0

import type { Capability, Host } from '../capability.ts';
import { Enroller } from '../enrolment/enroller.ts';
import type { EnrolmentBase } from '../enrolment/enroller-base.ts';
import { type Arithmetic, softArithmetic } from '../enrolment/p256.ts';
import { CURRENT } from '../enrolment/slots.ts';

/**
 * The device obtains its certificate by itself (EST, RFC 7030): it makes the key, a one-time password
 * (`bootstrapPassword`) gives the first certificate, and a new one replaces it before it expires. For
 * `auth=certificate` with `certificate` and `privateKey` both `enrolled`; otherwise it does nothing.
 */
export function enrolment(): Capability {
  return enrolmentWith(softArithmetic);
}

/** As `enrolment`. @param arithmetic of P-256 @param prepare runs first, for any certificate */
export function enrolmentWith(arithmetic: Arithmetic, prepare?: (host: Host) => void): Capability {
  return {
    name: 'enrolment',
    /** Not an operation, so it is never possible: it only installs the enroller before the start. */
    isPossible(host: Host) {
      const agent = host as unknown as EnrolmentBase;
      const { config, uplink, started } = agent;
      if (!started) prepare?.(host);
      const isOwn =
        config.certificateAuth && config.given('certificate') === CURRENT && config.given('privateKey') === CURRENT;
      if (!isOwn || started || uplink.authority === undefined || uplink.authority instanceof Enroller) return false;
      uplink.authority = new Enroller(agent, uplink.authority, arithmetic);
      return false;
    },
    run() {},
  };
}
