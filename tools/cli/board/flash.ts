// SPDX-License-Identifier: Apache-2.0
/** `fractus flash`: serves a page with which a browser flashes a built image onto a board and sets it up. */

import path from 'node:path';
import { findInstalls } from '../../flash/installs.ts';
import { loadFlashPage } from '../../flash/page.ts';
import { startFlashServer } from '../../flash/server.ts';
import { ROOT } from '../../places.ts';
import { productOf } from '../../product.ts';
import { untilSignal } from '../../terminal/signal.ts';
import { parse } from './firmware-arguments.ts';

const USAGE = `usage: fractus flash [--project DIRECTORY] [--port N]

  --project   the project whose images "fractus build --board …" or "fractus deploy" has built; default: fractus itself
  --port      port of the page on this machine; default: any free port

The page needs a browser with Web Serial.`;

/** Resolves with the exit code: 0 after a signal, 2 for bad arguments, 1 when there is no image or the port is taken. */
export async function flashCommand(args: string[]): Promise<number> {
  const parsed = parse(args, {
    project: { type: 'string' },
    port: { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h' },
  });
  if (typeof parsed === 'string' || parsed.positionals.length > 0) {
    console.error(
      `fractus flash: ${typeof parsed === 'string' ? parsed : `"${parsed.positionals[0]?.slice(0, 40)}" is not allowed; allowed: options only`}\n\n${USAGE}`,
    );
    return 2;
  }
  const { values } = parsed;
  if (values['help'] === true) {
    console.log(USAGE);
    return 0;
  }
  const port = Number(values['port']);
  if (!/^\d{1,5}$/.test(String(values['port'])) || port > 65_535) {
    console.error(`fractus flash: --port: not allowed; allowed: 0 to 65535\n\n${USAGE}`);
    return 2;
  }
  const signal = untilSignal();
  try {
    const project = path.resolve((values['project'] as string | undefined) ?? ROOT);
    const output = path.join(project, 'build', 'firmware');
    const installs = findInstalls(output, (line) => console.error(`fractus flash: ${line}`));
    if (installs.length === 0) {
      const of = project === path.resolve(ROOT) ? '' : ` ${path.relative('', project) || '.'}`;
      const hint = values['project'] === undefined ? '; --project finds the images of a project' : '';
      throw new Error(`there is no image in ${output}; "fractus build${of} --board esp32/nodemcu" makes one${hint}`);
    }
    const { firmware } = productOf(project);
    const server = await startFlashServer({ port, page: await loadFlashPage(), firmware, installs });
    const families = installs.map(({ chipFamily }) => chipFamily).join(', ');
    console.log(`${firmware.name} ${firmware.version} for ${families}: ${server.url}`);
    await signal;
    await server.close();
    return 0;
  } catch (error) {
    console.error(`fractus flash: ${(error as Error).message}`);
    return 1;
  }
}
