// SPDX-License-Identifier: Apache-2.0
/** A child whose app has handlers for every capability: a controller behind a bus. */

import type { ExecutionContext } from 'ava';
import {
  childFirmware,
  childSoftware,
  configurationFiles,
  type InstalledPackage,
  type PackageSink,
  parameterSet,
  parameters,
  type WantedPackage,
} from '../../../src/capabilities/index.ts';
import type { App, AppBoard, AppChild } from '../../../src/index.ts';
import type { Json, JsonObject, Operation } from '../../../tools/platform/model.ts';
import { createBinary } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { childOf, order, runToEnd } from '../../agent/operations/operating.ts';
import { createSettled } from '../../agent/scene.ts';

export const KID = 'kid';
export const VALUES = { high: 80, on: true };
const LIMITS = {
  high: { kind: 'integer', least: 0, most: 100, value: 80 },
  on: { kind: 'flag', value: true },
} as const;

/** A controller behind a bus; its state survives restarts of the board. */
export class Controller {
  readonly packages = new Map<string, { version: string; content: string }>();
  runs = { name: 'plc', version: '1' };
  readonly applied: JsonObject[] = [];
  recipe = Buffer.from('the first');
  /** Its answers at the begin of a file and at its end. */
  refuses: string | undefined;
  endsWith: () => Promise<void> | void = () => {};
  aborted = 0;
  pieces = 0;
  /** Bytes that it has taken of all files. */
  taken = 0;
  maxBytes: number | undefined;
  /** Further declarations. */
  more: (child: AppChild) => void = () => {};

  installed(): InstalledPackage[] {
    return [...this.packages].map(([name, { version }]) => ({ name, version }));
  }

  take(put: (content: string) => void): PackageSink {
    let content = '';
    const { maxBytes } = this;
    return {
      ...(maxBytes !== undefined && { maxBytes }),
      begin: () => {
        content = '';
        if (this.refuses !== undefined) throw new Error(this.refuses);
      },
      write: (bytes) => {
        this.pieces++;
        this.taken += bytes.length;
        content += Buffer.from(bytes).toString('latin1');
      },
      end: () => {
        const late = this.endsWith();
        if (late === undefined) return put(content);
        return late.then(() => put(content));
      },
      abort: () => void this.aborted++,
    };
  }

  install({ name, version }: WantedPackage): PackageSink {
    if (name === 'forbidden') throw new Error('not here');
    return this.take((content) => void this.packages.set(name, { version, content }));
  }

  remove(name: string): void {
    if (name === 'rooted') throw new Error('it is rooted');
    this.packages.delete(name);
  }

  readonly app: App = (board: AppBoard) => {
    const child = board.child(KID, { name: KID, firmware: { name: 'unknown', version: '0' } });
    child.operation(childSoftware(this));
    child.operation(
      childFirmware({
        installed: () => this.runs,
        install: ({ name, version }) =>
          this.take((content) => {
            if (content !== 'dud') this.runs = { name, version };
          }),
      }),
    );
    child.operation(parameters(parameterSet('acme_Limits', LIMITS, (values) => void this.applied.push({ ...values }))));
    const file = {
      type: 'recipe',
      maxBytes: 1000,
      read: () => this.recipe,
      apply: (bytes: Uint8Array) => {
        this.recipe = Buffer.from(bytes);
      },
    };
    for (const each of configurationFiles(file)) child.operation(each);
    this.more(child);
  };
}

export function createScene(
  t: ExecutionContext,
  controller = new Controller(),
): { world: World; controller: Controller } {
  const world = createSettled(t, { app: controller.app });
  world.run(10_000);
  return { world, controller };
}

export const shown = (world: World, name: string) => childOf(world, KID).fragments[name];
export const url = (world: World, content: string | Uint8Array) =>
  `https://platform.test/inventory/binaries/${createBinary(world.platform, Buffer.from(content)).id}`;
export const pack = (world: World, name: string, version: string, content = 'abc'): JsonObject => ({
  ...{ name, version, url: url(world, content), softwareType: 'plc', action: 'install' },
});

export function operate(world: World, fragments: JsonObject): Operation {
  const operation = order(world, fragments, childOf(world, KID).id);
  runToEnd(world, [operation], 900_000);
  return operation;
}

export const update = (world: World, ...packages: Json[]) => operate(world, { c8y_SoftwareUpdate: packages });
export const asked = (values: JsonObject): JsonObject => ({
  ...{ c8y_ParameterUpdate: {}, c8y_ParameterUpdate_acme_Limits: {}, acme_Limits: values },
});
