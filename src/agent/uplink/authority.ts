// SPDX-License-Identifier: Apache-2.0

import type { Target } from '../../../hal/hal.ts';
import type { Base, Memory } from '../../base/base.ts';
import type { Requests } from './requests.ts';

/** The identity of this device on the platform, and the way to prove it: credentials or a token. */
export interface Authority {
  /** Gets credentials or a token; `Uplink.onCredentials` follows, perhaps after days. */
  start(): void;
  /** A request was answered with 401. True: a newer token is being fetched. */
  denied(): boolean;
  /** A request has succeeded. */
  accepted(): void;
  /** The link is back. */
  wake(): void;
  /** Ends the session with the platform, if there is one; takes a second at most. */
  logOut(onLoggedOut: () => void): void;
}

/** Makes lines to the platform, for an authority that needs its own. */
export interface Lines {
  /** The new line sends nothing before `identify` and `release`. */
  line(name: string, target: Target): Requests;
}

/** A part that authenticates the device otherwise than by credentials. */
export interface AuthorityPart {
  /** For `auth=certificate`. */
  readonly certificate: (agent: AuthorityBase, lines: Lines) => Authority;
}

/** The services of the agent that an authority uses: lines to the platform, and the receiver of new credentials. */
export interface AuthorityBase extends Base, Memory {
  readonly stopped: boolean;
  readonly uplink: {
    readonly requests: Requests;
    /** From now on requests are sent as the bootstrap user, only to get the credentials. */
    onBootstrap(authorization: Uint8Array): void;
    /** From now on requests are sent as this device. `authority` handles a later 401; undefined: none is needed. */
    onCredentials(user: string, authorization: Uint8Array, authority: Authority | undefined): void;
    /** From now on the poll is sent with this value; other requests keep theirs for the moment. */
    pollAs(authorization: Uint8Array): void;
    /** Makes a line of the bootstrap user, which asks for credentials while the other lines go on. */
    bootstrapLine(authorization: Uint8Array): Requests;
    /** The credentials are accepted: the authority is no longer needed. */
    onProven(): void;
  };
}
