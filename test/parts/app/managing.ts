// SPDX-License-Identifier: Apache-2.0
/** A board whose author has listed what operators manage it with. */

import type { App } from 'fractus';
import {
  configuration,
  configurationFiles,
  deviceProfile,
  logs,
  parameterSet,
  parameters,
  restart,
  shell,
} from 'fractus/capabilities';

const limits = parameterSet(
  'acme_Limits',
  {
    high: { kind: 'number', least: 0, most: 100, value: 80 },
    mode: { kind: 'choice', choices: ['warm', 'cold'], value: 'warm' },
  },
  ({ high, mode }, { hal }) => hal.log('info', `${mode}, up to ${high}`),
);

export const capabilities = [
  restart,
  configuration,
  shell(),
  logs(),
  parameters(limits),
  ...configurationFiles(),
  deviceProfile(),
];

export const app: App = (board) => {
  board.command({ name: 'valve', help: 'says that it is open', run: () => 'open' });
};
