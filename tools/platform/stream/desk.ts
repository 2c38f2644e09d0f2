// SPDX-License-Identifier: Apache-2.0
/** What the emulator's own API can ask of the virtual boards that run beside it. */

/** Something that can be done to a device or its platform, with what must come of it. */
export interface TrialDescription {
  readonly name: string;
  readonly group: 'platform' | 'link' | 'board';
  readonly title: string;
  readonly mustHappen: string;
  /** It cannot be done here: the command with which it can. */
  readonly needs?: string;
}

/** One of the agent's tables, as a diagram needs it. */
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

/** All of it throws a RangeError for what cannot be done. */
export interface Desk {
  readonly trials: readonly TrialDescription[];
  readonly tables: readonly TableDescription[];
  /** Does something to a board at once: `restart`, `cutPower`, `plug`, … */
  act(board: string, action: string, argument: string): void;
  /** Begins a trial; returns its number. */
  begin(name: string, board: string | undefined): number;
  /** Ends a trial early. */
  cancel(id: number): void;
}
