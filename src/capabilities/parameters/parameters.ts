// SPDX-License-Identifier: Apache-2.0

import { reasonOf } from '../../bytes/text.ts';
import type { AgentHost, Capability, Host, Operation } from '../../capability.ts';
import { checkFragment } from '../../cumulocity/inventory.ts';
import type { DeadlineOwner } from '../../timers/timers.ts';
import { type KeepingHost, recallValue } from '../kept.ts';
import { settle } from '../later.ts';
import {
  changed,
  KEPT,
  type ParameterValues,
  type ReadSet,
  readSets,
  recallSets,
  type SetState,
  toText,
  type WholeOperation,
} from './parameter-values.ts';
import { Change } from './parameters-change.ts';
import type { ParameterSet } from './parameters-set.ts';

const FRAGMENT = 'c8y_ParameterUpdate';
const CHANGED = 'Parameters have been changed';

/** The device of the parameters. */
interface ParametersDevice {
  readonly childId: string;
  event(type: string, text: string, fragments: Readonly<Record<string, ParameterValues>>): void;
}

/** The agent, as far as parameters use it. */
interface ParametersHost extends KeepingHost {
  readonly board: AgentHost['board'] & ParametersDevice;
  /** The agent runs without the app, which has crashed too often. */
  readonly isSafe: boolean;
}

/**
 * `c8y_ParameterUpdate {}` with `c8y_ParameterUpdate_<set> {}` and `<set> {"name": value}` next to it: values that an
 * app has declared are checked, applied and kept as a whole, or nothing changes. Each set is a fragment of the
 * inventory. A child has values of its own.
 * @throws RangeError for two sets of the same name, and for sets that cannot be fragments or are too large together
 */
export function parameters(...sets: readonly ParameterSet[]): Capability {
  const names = sets.map(({ fragment }) => fragment);
  for (const set of sets) {
    if (names.indexOf(set.fragment) !== names.lastIndexOf(set.fragment)) {
      throw new RangeError(`parameters ${set.fragment}: the set is listed twice`);
    }
  }
  // Checks that all sets fit together, because they are kept as a whole.
  toText(sets.map((set) => ({ set, values: checked(set) })));
  return {
    name: FRAGMENT,
    isPossible: () => sets.length > 0,
    begin: (host: Host, device) => new Parameters(sets, host as ParametersHost, device as ParametersDevice | undefined),
    run: (operation) => operation.fail('it has not begun'),
  };
}

/** The values of a definition. @throws RangeError when they cannot be a fragment of a device */
function checked({ fragment, parameters }: ParameterSet): ParameterValues {
  const values = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  checkFragment(fragment, values);
  return values;
}

/** The sets of one device in one start. */
class Parameters implements Capability, DeadlineOwner {
  readonly name = FRAGMENT;
  readonly repeatable = true;
  readonly #host: ParametersHost;
  readonly #device: ParametersDevice | undefined;
  readonly #states: readonly SetState[];

  constructor(sets: readonly ParameterSet[], host: ParametersHost, device: ParametersDevice | undefined) {
    this.#host = host;
    this.#device = device;
    this.#states = recallSets(sets, recallValue(host, KEPT, device?.childId ?? ''));
    host.timers.create(this).start(0);
  }

  inventory() {
    return Object.fromEntries(this.#states.map(({ set, values }) => [set.fragment, values]));
  }

  run(operation: Operation): void {
    const asked = readSets((operation as Operation & WholeOperation).bytes, this.#states);
    if (typeof asked === 'string') {
      operation.fail(asked);
      return;
    }
    // The board's own capabilities are made before there is a board.
    const device = this.#device ?? this.#host.board;
    const onEnd = () => tell(asked, operation, this.#host, device);
    new Change({ asked, states: this.#states, host: this.#host, childId: device.childId, operation, onEnd }).next();
  }

  /** Applies the kept values after the declarations of the app, unless the app has crashed too often. */
  onDeadline(): void {
    if (this.#host.isSafe) return;
    for (const { set, values } of this.#states) {
      settle(
        this.#host,
        () => set.apply(values, this.#host),
        (reason) => {
          if (reason !== undefined)
            this.#host.hal.log('error', `parameters ${set.fragment} are not applied: ${reason}`);
        },
      );
    }
  }
}

function tell(asked: readonly ReadSet[], operation: Operation, host: AgentHost, device: ParametersDevice): void {
  for (const { state } of asked) operation.fragment(state.set.fragment, state.values);
  const news = asked.filter(changed);
  if (news.length > 0) {
    const fragments = Object.fromEntries(news.map(({ state }) => [state.set.fragment, state.values]));
    try {
      device.event(FRAGMENT, CHANGED, fragments);
    } catch (error) {
      // The values may be too large for an event; they are in force, and in the inventory.
      host.hal.log('warn', `parameters: no event was sent: ${reasonOf(error)}`);
    }
  }
  operation.succeed();
}
