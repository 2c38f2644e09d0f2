// SPDX-License-Identifier: Apache-2.0

import type { Target } from '../../../hal/hal.ts';
import type { Base, Memory } from '../base/base.ts';
import type { Requests } from './requests.ts';

/** Who this device is to the platform, and how it proves it. */
export interface Authority {
  /** Gets what requests need; `Uplink.onCredentials` follows, perhaps after days. */
  start(): void;
  /** A request was answered with 401. True: something newer is on its way. */
  denied(): boolean;
  /** A request has succeeded. */
  accepted(): void;
  /** The link is back. */
  wake(): void;
  /** Ends the session with the platform, if there is one; takes a second at most. */
  logOut(onLoggedOut: () => void): void;
}

/** Makes lines to the platform, for who needs one of its own. */
export interface Lines {
  /** It sends nothing before it is told as whom, and released. */
  line(name: string, target: Target): Requests;
}

/** What proves who the device is in another way than by credentials. */
export interface AuthorityPart {
  /** For `auth=certificate`. */
  readonly certificate: (agent: AuthorityBase, lines: Lines) => Authority;
}

/** What an authority needs of the agent: lines to the platform, and who is told as whom requests go out. */
export interface AuthorityBase extends Base, Memory {
  readonly stopped: boolean;
  readonly uplink: {
    readonly requests: Requests;
    /** Requests go out as the bootstrap user: for the credentials, and for nothing else. */
    onBootstrap(authorization: Uint8Array): void;
    /** Requests go out as this device. `authority`: who has to be asked when they are refused, if anybody. */
    onCredentials(user: string, authorization: Uint8Array, authority: Authority | undefined): void;
    /** The poll goes out with other credentials before the rest does. */
    pollAs(authorization: Uint8Array): void;
    /** Another line to the platform, for who asks for credentials while the others go on. */
    bootstrapLine(authorization: Uint8Array): Requests;
    /** The credentials are good: nobody has to watch over them. */
    onProven(): void;
  };
}
