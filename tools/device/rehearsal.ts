// SPDX-License-Identifier: Apache-2.0

import path from 'node:path';
import { Flash } from '../../hal/node/flash.ts';
import { createNodeHal } from '../../hal/node/node.ts';
import { createAgent, type RawConfig } from '../../src/index.ts';
import { type AuthorApp, loadApp } from '../author/app.ts';
import { PlacedError } from '../author/placed.ts';
import { checkSources } from '../moddable/project/check.ts';

/**
 * Why an app that has failed on XS has done so, with file and line, which XS does not know: what it declares, declared on Node to
 * a board that is never switched on, and what in its sources a board lacks.
 * @returns lines for a person; undefined when Node finds nothing
 */
export async function rehearse(author: AuthorApp, config: RawConfig): Promise<string | undefined> {
  const troubles: string[] = [];
  const hal = createNodeHal({ flash: new Flash() });
  try {
    const { app, capabilities, parts, inputs } = await loadApp(author);
    troubles.push(...(await checkSources(path.dirname(author.file), inputs)));
    try {
      createAgent({ hal, config, app, capabilities, parts });
    } catch (error) {
      troubles.unshift(new PlacedError(error, inputs).message);
    }
  } catch (error) {
    troubles.push((error as Error).message);
  } finally {
    hal.close();
  }
  return troubles.length === 0 ? undefined : troubles.join('\n');
}
