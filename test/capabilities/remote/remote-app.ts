// SPDX-License-Identifier: Apache-2.0
/** An app that lets operators reach one port of this machine, named by its configuration. */

import { remoteAccess } from '../../../src/capabilities/index.ts';
import { withSettings } from '../../../src/parts/settings.ts';

export const app = withSettings(
  { acme_port: { kind: 'integer', least: 1, most: 65_535, value: 1, meaning: 'What operators may reach' } },
  (board, { values }) => {
    board.operation(remoteAccess({ allow: [{ host: '127.0.0.1', port: values.acme_port }] }));
  },
);
