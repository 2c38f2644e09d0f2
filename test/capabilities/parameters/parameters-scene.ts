// SPDX-License-Identifier: Apache-2.0
/** A plant with two sets of parameters, and operators who change them. */

import type { ExecutionContext } from 'ava';
import { parameterSet, parameters } from '../../../src/capabilities/index.ts';
import type { App } from '../../../src/index.ts';
import type { Json, JsonObject, Operation } from '../../../tools/platform/model.ts';
import { eventsOf } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled, objectOf } from '../../agent/scene.ts';

export const LIMITS = {
  high: { kind: 'number', least: -40, most: 125.5, value: 80 },
  samples: { kind: 'integer', least: 1, most: 60, value: 10 },
  mode: { kind: 'choice', choices: ['warm', 'cold'], value: 'warm' },
  label: { kind: 'text', mostChars: 20, value: 'attic' },
  on: { kind: 'flag', value: true },
} as const;

export const START = { high: 80, samples: 10, mode: 'warm', label: 'attic', on: true };

/** The app's use of its values, and its exceptions. */
export class Plant {
  /** The values in the order in which they were applied. */
  readonly limits: JsonObject[] = [];
  readonly pump: JsonObject[] = [];
  refuses: ((values: JsonObject) => string | undefined) | undefined;

  readonly sets = [
    parameterSet('acme_Limits', LIMITS, (values) => this.#take(this.limits, { ...values })),
    parameterSet('acme_Pump', { speed: { kind: 'integer', least: 0, most: 9, value: 1 } }, ({ speed }) =>
      this.#take(this.pump, { speed }),
    ),
  ];

  readonly app: App = (board) => board.operation(parameters(...this.sets));

  #take(applied: JsonObject[], values: JsonObject): void {
    applied.push(values);
    const reason = this.refuses?.(values);
    if (reason !== undefined) throw new Error(reason);
  }
}

export function createScene(t: ExecutionContext): { world: World; plant: Plant } {
  const plant = new Plant();
  return { plant, world: createSettled(t, { app: plant.app }) };
}

export function asked(sets: Readonly<Record<string, Json>>): JsonObject {
  const marks = Object.keys(sets).map((name) => [`c8y_ParameterUpdate_${name}`, {}]);
  return { c8y_ParameterUpdate: {}, ...Object.fromEntries(marks), ...sets };
}

export function update(world: World, fragments: JsonObject): Operation {
  const operation = order(world, fragments);
  runToEnd(world, [operation]);
  return operation;
}

export const shown = (world: World, name = 'acme_Limits') => objectOf(world).fragments[name];
export const told = (world: World) =>
  eventsOf(world.platform, objectOf(world).id).filter(({ fragments }) => fragments['type'] === 'c8y_ParameterUpdate');
