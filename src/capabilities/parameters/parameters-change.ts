// SPDX-License-Identifier: Apache-2.0

import type { Operation } from '../../capability.ts';
import { type KeepingHost, keepValue } from '../kept.ts';
import { atOnce, guarded, settle, tried } from '../later.ts';
import { KEPT, type ReadSet, type SetState, toText } from './parameter-values.ts';

interface ChangeOptions {
  /** The sets that the operation names. */
  readonly asked: readonly ReadSet[];
  /** All sets of the device. */
  readonly states: readonly SetState[];
  readonly host: KeepingHost;
  readonly childId: string;
  readonly operation: Operation;
  /** All values are in force and kept. */
  onEnd(): void;
}

/** Applies the sets of one operation, one after the other, and keeps them: all or none. */
export class Change {
  readonly #options: ChangeOptions;
  /** Number of sets that have got their new values. */
  #reached = 0;

  constructor(options: ChangeOptions) {
    this.#options = options;
    options.operation.onTimeout = () => this.takeBack('they took too long');
  }

  /** Applies the next set. */
  next(): void {
    const { asked, host, operation } = this.#options;
    const next = asked[this.#reached];
    if (next === undefined) {
      this.end();
      return;
    }
    this.#reached++;
    settle(
      host,
      () => next.state.set.apply(next.values, host),
      (reason) => {
        if (operation.finished) return;
        const wrong = reason ?? tried(() => verify(next, host));
        if (wrong === undefined) this.next();
        else this.takeBack(wrong);
      },
    );
  }

  private end(): void {
    const { asked, states, host, childId, operation, onEnd } = this.#options;
    for (const { state, values } of asked) state.values = values;
    const reason = tried(() => keepValue(host, KEPT, childId, toText(states)));
    if (reason !== undefined) this.takeBack(reason);
    else {
      operation.onTimeout = undefined;
      guarded(operation, onEnd);
    }
  }

  /** Applies the values before to the sets that were reached: all of them at once, because nothing waits any more. */
  private takeBack(reason: string): void {
    const { asked, host, operation } = this.#options;
    operation.onTimeout = undefined;
    let waiting = this.#reached;
    let second: string | undefined;
    for (const { state, before } of asked.slice(0, waiting)) {
      state.values = before;
      settle(
        host,
        () => state.set.apply(before, host),
        (refusal) => {
          second ??= refusal;
          if (--waiting > 0) return;
          const text = second === undefined ? reason : `${reason}; nor can the former ones be applied: ${second}`;
          if (operation.finished && second !== undefined) host.hal.log('error', `parameters: ${text}`);
          operation.fail(text);
        },
      );
    }
  }
}

/** @throws Error when the app uses other values than those that were applied */
function verify({ state, values }: ReadSet, host: KeepingHost): void {
  const { fragment, read } = state.set;
  const used = atOnce(`read of ${fragment}: it must return values`, read?.(host)) ?? {};
  for (const name of Object.keys(values)) {
    const value = used[name];
    if (value !== undefined && value !== values[name])
      throw new Error(`${fragment}.${name}: ${values[name]} was applied, and ${value} is in force`);
  }
}
