// SPDX-License-Identifier: Apache-2.0
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
  leave(onLeft: () => void): void;
}
