// SPDX-License-Identifier: Apache-2.0
/** The interface of the virtual boards for the emulator's own API. */

/** A trial of a device or its platform, with its required result. */
export interface TrialDescription {
  readonly name: string;
  readonly group: 'platform' | 'link' | 'board';
  readonly title: string;
  readonly mustHappen: string;
  /** The command that is needed to run it; undefined: it runs here. */
  readonly needs?: string;
}

/** One of the agent's tables, in the form of a diagram. */
export interface TableDescription {
  readonly name: string;
  readonly states: readonly {
    readonly name: string;
    readonly step: string;
    readonly kind: 'waits' | 'acts' | 'asks';
    /** Targets with the outcomes that lead there. */
    readonly to: readonly (readonly [state: number, outcomes: readonly string[]])[];
  }[];
}

/** The virtual boards. All calls throw a RangeError for an impossible request. */
export interface Desk {
  readonly trials: readonly TrialDescription[];
  readonly tables: readonly TableDescription[];
  /** Acts on a board at once: `restart`, `cutPower`, `plug`, … */
  act(board: string, action: string, argument: string): void;
  /** Begins a trial; returns its number. */
  begin(name: string, board: string | undefined): number;
  /** Ends a trial early. */
  cancel(id: number): void;
}
