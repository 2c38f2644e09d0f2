// SPDX-License-Identifier: Apache-2.0
/** ESP-IDF, which the SDK uses to build an image for a chip. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { INSTALL_COMMAND, type Sdk } from './sdk.ts';

/** The reason why no image can be built for this board; undefined: it can. */
export function imageFault(sdk: Sdk, board: string): string | undefined {
  return missingIdf() ?? otherIdf(sdk) ?? unknownBoard(sdk, board);
}

/** Reports a missing ESP-IDF, which is installed with the SDK's set-up for the ESP32. */
export function missingIdf(): string | undefined {
  const directory = process.env['IDF_PATH'];
  if (directory && existsSync(directory)) return undefined;
  const what = directory ? `IDF_PATH is ${directory}, which does not exist` : 'IDF_PATH is not set';
  return `${what}; \`${INSTALL_COMMAND} --device esp32\` installs ESP-IDF and sets it`;
}

/** Reports an ESP-IDF of another version than the SDK needs. When a version is unknown, the SDK checks by itself. */
function otherIdf({ directory }: Sdk): string | undefined {
  const wanted = /"EXPECTED_ESP_IDF": *"v?(\d+\.\d+)/.exec(read(directory, 'build/devices/esp32/manifest.json'))?.[1];
  const text = read(process.env['IDF_PATH'] ?? '', 'tools/cmake/version.cmake');
  const [major, minor] = ['MAJOR', 'MINOR'].map((part) => new RegExp(`IDF_VERSION_${part} (\\d+)`).exec(text)?.[1]);
  if (wanted === undefined || major === undefined || wanted === `${major}.${minor}`) return undefined;
  return `IDF_PATH is ESP-IDF ${major}.${minor}, and the SDK wants ${wanted}; \`npx xs-dev update --device esp32\` brings it`;
}

/** Reports an unknown board. The SDK's boards are folders; bare chips have one, too. */
function unknownBoard({ directory }: Sdk, board: string): string | undefined {
  const folder = path.join(directory, 'build/devices/esp32/targets');
  if (!existsSync(folder) || !board.includes('/')) return undefined;
  const names = readdirSync(folder);
  const name = board.slice(board.indexOf('/') + 1);
  if (names.includes(name)) return undefined;
  const beginning = name.slice(0, 3);
  const near = names.filter((each) => each.includes(name) || each.startsWith(beginning));
  return `the SDK has no board esp32/${name}; it has ${(near.length > 0 ? near : names).map((each) => `esp32/${each}`).join(', ')}`;
}

function read(directory: string, name: string): string {
  const file = path.join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
