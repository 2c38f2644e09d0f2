// SPDX-License-Identifier: Apache-2.0
/** Differences of bundles for XS: as on a board, only a bundle with `network()` contains the radio. */

import path from 'node:path';
import type { Plugin } from 'esbuild';

export const xsStandIns: Plugin = {
  name: 'xs-stand-ins',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/network\.[jt]s$/ }, ({ importer, path: asked }) => {
      if (!/capabilities\/index\.[jt]s$/.test(importer)) return undefined;
      const root = path.dirname(path.dirname(path.dirname(importer)));
      return { path: path.join(root, 'hal/xs', `network-operation${path.extname(asked)}`) };
    });
  },
};
