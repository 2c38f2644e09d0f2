// SPDX-License-Identifier: Apache-2.0
/** A board with services of its agent, and with a child that has all that the agent offers for children. */

import type { App } from 'fractus';
import {
  agentServices,
  childFirmware,
  childSoftware,
  configurationFiles,
  deviceProfile,
  logFiles,
  type PackageSink,
  parameterSet,
  parameters,
  restart,
  services,
} from 'fractus/capabilities';

/** What the child has. */
const programs: { name: string; version: string }[] = [];
let runs = { name: 'plc', version: '1' };

function taking(put: (bytes: number) => void): PackageSink {
  let bytes = 0;
  return {
    begin() {
      bytes = 0;
    },
    write(piece) {
      bytes += piece.length;
    },
    end: () => Promise.resolve().then(() => put(bytes)),
    abort() {},
  };
}

export const capabilities = [restart];

export const app: App = (board) => {
  services(board, agentServices(board));
  const child = board.child('plc', { name: 'plc' });
  child.operation(
    childSoftware({
      types: ['program'],
      installed: () => programs,
      install: ({ name, version }) => taking((bytes) => void programs.push({ name, version: `${version}-${bytes}` })),
      remove: () => void programs.splice(0),
    }),
  );
  child.operation(
    childFirmware({
      installed: () => runs,
      install: ({ name, version }) =>
        taking(() => {
          runs = { name, version };
        }),
    }),
  );
  const set = parameterSet(
    'acme_Plc',
    { speed: { kind: 'integer', least: 0, most: 9, value: 1 } },
    ({ speed }, { hal }) => hal.log('info', `speed ${speed}`),
  );
  child.operation(parameters(set));
  const file = { type: 'recipe', maxBytes: 100, read: () => Uint8Array.of(0x61), apply() {} };
  for (const each of configurationFiles(file)) child.operation(each);
  child.operation(logFiles({ type: 'plc', read: ({ text }) => Promise.resolve(`one\ntwo\n${text}\n`) }));
  child.operation(deviceProfile());
};
