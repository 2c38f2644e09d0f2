// SPDX-License-Identifier: Apache-2.0
/** A device with a shell, and an operator who types into it. */

import type { ExecutionContext } from 'ava';
import { CAPABILITIES, shell } from '../../../src/capabilities/index.ts';
import type { Capability } from '../../../src/index.ts';
import type { JsonObject, Operation } from '../../../tools/platform/model.ts';
import type { World, WorldOptions } from '../../../tools/simulate/machine/world.ts';
import { order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled, objectOf } from '../../agent/scene.ts';

export const USUAL: readonly Capability[] = [...CAPABILITIES.filter(({ name }) => name !== 'c8y_Command'), shell()];

export function createScene(t: ExecutionContext, options: WorldOptions = {}): World {
  return createSettled(t, { capabilities: USUAL, ...options });
}

export function say(world: World, text: string): Operation {
  const operation = order(world, { c8y_Command: { text } });
  runToEnd(world, [operation]);
  return operation;
}

export function answer(world: World, text: string): string {
  const { status, failureReason, fragments } = say(world, text);
  if (status !== 'SUCCESSFUL') throw new Error(failureReason);
  return String((fragments['c8y_Command'] as JsonObject)['result']);
}

export const config = (world: World) =>
  String((objectOf(world).fragments['c8y_Configuration'] as JsonObject)['config']);
