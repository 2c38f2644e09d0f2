// SPDX-License-Identifier: Apache-2.0

import type { App, AppBoard } from '../../../src/index.ts';
import { measurement } from '../../../src/index.ts';
import type { ManagedObject } from '../../../tools/platform/model.ts';
import { findDevice } from '../../../tools/platform/operator.ts';
import type { World } from '../../../tools/simulate/machine/world.ts';
import { objectOf } from '../scene.ts';

export const objects = '/inventory/managedObjects';

export const level = measurement({ type: 'level', fragments: { level: { L: { of: 'level' } } } });

export const plain = { level: 1 };

export function childOf(world: World, child: string): ManagedObject {
  const found = findDevice(world.platform, `${world.device.deviceId}:${child}`);
  if (found === undefined) throw new Error(`no child ${child}`);
  return found;
}

export function linked(world: World): string[] {
  return [...objectOf(world).children.childDevices];
}

export function children(board: AppBoard, count: number): void {
  for (let i = 0; i < count; i++) board.child(`c${i}`, {});
}

/** An app that hands its board over, for later calls. */
export function withBoard(app: App = () => {}): { app: App; board: () => AppBoard } {
  let present: AppBoard | undefined;
  return {
    app: (board) => {
      present = board;
      app(board);
    },
    board: () => {
      if (present === undefined) throw new Error('not started');
      return present;
    },
  };
}
