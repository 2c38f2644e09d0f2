// SPDX-License-Identifier: Apache-2.0

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

/**
 * `c8y_ParameterUpdate {}` with `c8y_ParameterUpdate_<set> {}` and `<set> {"name": value}` beside it: values that an app has declared, checked,
 * applied and kept as a whole, or nothing changes. They are in the inventory, each set a fragment.
 * @throws RangeError for two sets of the same name
 */
export function parameters(...sets: readonly ParameterSet[]): Capability {
  const names = sets.map(({ fragment }) => fragment);
  for (const set of sets) {
    if (names.indexOf(set.fragment) !== names.lastIndexOf(set.fragment)) {
      throw new RangeError(`parameters ${set.fragment}: the set is there twice`);
    }
  }
  return withStates(sets, []);
}

function withStates(sets: readonly ParameterSet[], before: readonly SetState[]): Capability {
  let states = before;
  return {
    name: FRAGMENT,
    repeatable: true,
    isPossible(host: Host) {
      states = restore(sets, host as AgentHost);
      return sets.length > 0;
    },
    // Follows at once where it stands in a list, which several boards of a process may have.
    begin: () => withStates(sets, states),
    inventory: () => Object.fromEntries(states.map(({ set, values }) => [set.fragment, values])),
    run(operation, host: Host) {
      const asked = readSets((operation as Operation & WholeOperation).bytes, states);
      if (typeof asked === 'string') return operation.fail(asked);
      change(asked, states, host as AgentHost);
      tell(asked, operation, host as EventHost);
    },
  };
}

/** What is in force of each set after a start: what was kept, where it is allowed still. */
function restore(sets: readonly ParameterSet[], host: AgentHost): readonly SetState[] {
  const kept = host.recall(STORED) ?? '';
  const states = recallSets(sets, kept);
  for (const state of states) {
    try {
      state.set.apply(state.values, host);
    } catch (error) {
      host.hal.log('error', `parameters ${state.set.fragment} are not applied: ${reasonOf(error)}`);
    }
  }
  return states;
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

interface EventHost extends AgentHost {
  readonly board: AgentHost['board'] & {
    event(type: string, text: string, fragments: Readonly<Record<string, ParameterValues>>): void;
  };
}

function tell(asked: readonly ReadSet[], operation: Operation, host: EventHost): void {
  for (const { state } of asked) operation.fragment(state.set.fragment, state.values);
  const news = asked.filter(changed);
  if (news.length > 0) {
    host.board.event(
      FRAGMENT,
      CHANGED,
      Object.fromEntries(news.map(({ state }) => [state.set.fragment, state.values])),
    );
  }
  operation.succeed();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it threw what is no Error';
}
