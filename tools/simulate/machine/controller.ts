// SPDX-License-Identifier: Apache-2.0
/** A child with software and parameters of its own. */

import { childSoftware, type PackageSink, parameterSet, parameters } from '../../../src/capabilities/index.ts';
import type { AppDevice } from '../../../src/index.ts';
import type { JsonObject } from '../../platform/model.ts';

/** Name of its parameters, and their initial values. */
export const CHILD_SET = 'x_Meter';
export const CHILD_AT_FIRST = { pulses: 100 };
/** The package to install on it. */
export const TARIFF = { name: 'tariff', version: '2.0' };

/** The state of the child, which has its own power supply. */
export class Controller {
  readonly packages = new Map<string, { readonly version: string; readonly content: Uint8Array }>();
  applied: JsonObject = {};

  /** @param isPowered false: the board has no power, so its calls have no effect */
  declare(child: AppDevice, isPowered: () => boolean): void {
    child.operation(
      childSoftware({
        installed: () => [...this.packages].map(([name, { version }]) => ({ name, version })),
        install: ({ name, version }) => this.take(name, version, isPowered),
        remove: (name) => void (isPowered() && this.packages.delete(name)),
      }),
    );
    const set = parameterSet(
      CHILD_SET,
      { pulses: { kind: 'integer', least: 1, most: 1000, value: CHILD_AT_FIRST.pulses } },
      (values) => {
        if (isPowered()) this.applied = { ...values };
      },
    );
    child.operation(parameters(set));
  }

  private take(name: string, version: string, isPowered: () => boolean): PackageSink {
    let pieces: Uint8Array[] = [];
    return {
      begin() {
        pieces = [];
      },
      write: (bytes) => void pieces.push(bytes.slice()),
      end: () => void (isPowered() && this.packages.set(name, { version, content: Buffer.concat(pieces) })),
      abort: () => {},
    };
  }
}
