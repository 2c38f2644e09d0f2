// SPDX-License-Identifier: Apache-2.0

import { reasonOf } from '../bytes/text.ts';
import { checkFragment } from '../cumulocity/inventory.ts';
import type { DeadlineOwner } from '../timers/timers.ts';
import type { AgentHost, Capability, Host, Operation } from './capability.ts';
import {
  changed,
  type ParameterValues,
  type ReadSet,
  readSets,
  recallSets,
  type SetState,
  toText,
  type WholeOperation,
} from './parameter-values.ts';
import type { ParameterSet } from './parameters-set.ts';

const FRAGMENT = 'c8y_ParameterUpdate';
/** All that is in force, by set and name. */
const STORED = 'parameters';
const CHANGED = 'Parameters have been changed';

/** The agent as parameters see it. */
interface ParametersHost extends AgentHost {
  readonly board: AgentHost['board'] & {
    event(type: string, text: string, fragments: Readonly<Record<string, ParameterValues>>): void;
  };
  /** It does without the app, which has crashed too often. */
  readonly isSafe: boolean;
}

/**
 * `c8y_ParameterUpdate {}` with `c8y_ParameterUpdate_<set> {}` and `<set> {"name": value}` beside it: values that an app has declared, checked,
 * applied and kept as a whole, or nothing changes. They are in the inventory, each set a fragment.
 * @throws RangeError for two sets of the same name, and for sets that are no fragments or too large together
 */
export function parameters(...sets: readonly ParameterSet[]): Capability {
  const names = sets.map(({ fragment }) => fragment);
  for (const set of sets) {
    if (names.indexOf(set.fragment) !== names.lastIndexOf(set.fragment)) {
      throw new RangeError(`parameters ${set.fragment}: the set is there twice`);
    }
  }
  // They are kept and shown as a whole.
  toText(sets.map((set) => ({ set, values: checked(set) })));
  return {
    name: FRAGMENT,
    isPossible: () => sets.length > 0,
    begin: (host: Host) => new Parameters(sets, host as ParametersHost),
    run: (operation) => operation.fail('it has not begun'),
  };
}

/** The values of a definition. @throws RangeError when they are no fragment of a device */
function checked({ fragment, parameters }: ParameterSet): ParameterValues {
  const values = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  checkFragment(fragment, values);
  return values;
}

/** The sets of one board in one start. */
class Parameters implements Capability, DeadlineOwner {
  readonly name = FRAGMENT;
  readonly repeatable = true;
  readonly #host: ParametersHost;
  readonly #states: readonly SetState[];

  constructor(sets: readonly ParameterSet[], host: ParametersHost) {
    this.#host = host;
    this.#states = recallSets(sets, host.recall(STORED) ?? '');
    host.timers.create(this).start(0);
  }

  inventory() {
    return Object.fromEntries(this.#states.map(({ set, values }) => [set.fragment, values]));
  }

  run(operation: Operation): void {
    const asked =
      operation.device.childId === ''
        ? readSets((operation as Operation & WholeOperation).bytes, this.#states)
        : 'parameters are those of the board, not of a child';
    if (typeof asked === 'string') {
      operation.fail(asked);
      return;
    }
    change(asked, this.#states, this.#host);
    tell(asked, operation, this.#host);
  }

  /** What was kept is applied when the app has declared what there is, and not when the app has crashed too often. */
  onDeadline(): void {
    if (this.#host.isSafe) return;
    for (const { set, values } of this.#states) {
      try {
        set.apply(values, this.#host);
      } catch (error) {
        this.#host.hal.log('error', `parameters ${set.fragment} are not applied: ${reasonOf(error)}`);
      }
    }
  }
}

/** All of them or none. @throws what `apply` has thrown, or that the flash refuses */
function change(asked: readonly ReadSet[], states: readonly SetState[], host: AgentHost): void {
  const before = states.map(({ values }) => values);
  try {
    for (const { state, values } of asked) {
      state.values = values;
      state.set.apply(values, host);
    }
    const text = toText(states);
    if (text !== (host.recall(STORED) ?? '') && !host.remember(STORED, text))
      throw new Error('the flash refuses the parameters: nothing has changed');
  } catch (error) {
    takeBack(asked, states, before, host, error);
    throw error;
  }
}

/** @throws Error when what was in force cannot be applied any more */
function takeBack(
  asked: readonly ReadSet[],
  states: readonly SetState[],
  before: readonly ParameterValues[],
  host: AgentHost,
  reason: unknown,
): void {
  for (let i = 0; i < states.length; i++) {
    const state = states[i] as SetState;
    const values = before[i] as ParameterValues;
    // One that was not reached has the same values still.
    if (state.values === values && !asked.some((each) => each.state === state)) continue;
    state.values = values;
    try {
      state.set.apply(values, host);
    } catch (error) {
      throw new Error(`${reasonOf(reason)}; nor can those before be applied: ${reasonOf(error)}`);
    }
  }
}

function tell(asked: readonly ReadSet[], operation: Operation, { board, hal }: ParametersHost): void {
  for (const { state } of asked) operation.fragment(state.set.fragment, state.values);
  const news = asked.filter(changed);
  if (news.length > 0) {
    const fragments = Object.fromEntries(news.map(({ state }) => [state.set.fragment, state.values]));
    try {
      board.event(FRAGMENT, CHANGED, fragments);
    } catch (error) {
      // They may be too large for an event; they are in force, and in the inventory.
      hal.log('warn', `parameters: no event tells of them: ${reasonOf(error)}`);
    }
  }
  operation.succeed();
}
