// SPDX-License-Identifier: Apache-2.0
/** Parts of the SDK that our code does not use. Our firmware leaves them out on the boards that firmware.json names. */

import { type Manifest, type Part, readManifest } from './manifest.ts';

/** Each part is a folder in hal/esp32/chip, whose manifest leaves it out. The expression finds its use in the code of a main module. */
const UNUSED: Readonly<Record<string, RegExp>> = {
  /** Button and light of Espressif's boards: the global `Host`. */
  devkit: /\bHost\b/,
  /** SPI, PulseCount and PulseWidth: an import, or a member of the board's provider. */
  buses: /\b(?:SPI|PulseCount|PulseWidth)\b|\bembedded:(?:io\/(?:spi|pulsecount|pulsewidth)|provider\/builtin)\b/,
};

/** Includes without code that uses such a part by itself: ours, and most of the SDK. */
const QUIET =
  /(?:^|\/)build\/fractus\/manifest\.json$|^\$\((?:MODULES\)|MODDABLE\)\/modules)\/(?!.*\.\.\/|drivers\/(?!sensors\/)|pins\/|io\/)/;

/** Whether a project adds code that the build does not read. */
function bringsCode({ platforms = {}, ...whole }: Manifest, isMainUnseen: boolean): boolean {
  return [whole, ...Object.values(platforms)].some(({ include = [], modules = {} }: Part) => {
    const seen = ['~', ...(isMainUnseen ? [] : ['main'])];
    return (
      [include].flat().some((each) => typeof each !== 'string' || !QUIET.test(each)) ||
      Object.keys(modules).some((name) => !seen.includes(name))
    );
  });
}

/**
 * Adds what leaves out the parts of the SDK that a project does not need. The package's manifest itself leaves out
 * nothing: somebody may include it without our tools.
 * @param manifest the package's manifest
 * @param own the manifest of the package's own firmware: what it adds for each board
 * @param project the folder of the project, with its manifest
 * @param code the project's bundled main module; undefined: there is none, or it is not in TypeScript
 * @returns the manifest for the firmware of the project
 */
export function withoutUnused(manifest: Manifest, own: Manifest, project: string, code: string | undefined): Manifest {
  const isUnseen = bringsCode(readManifest(project), code === undefined);
  const wanted = Object.keys(UNUSED).filter((name) => isUnseen || UNUSED[name]?.test(code ?? '') === true);
  const isWanted = (include: unknown) => wanted.some((name) => String(include).endsWith(`/chip/${name}/manifest.json`));
  const platforms = Object.entries(manifest.platforms ?? {}).map(([name, part]): [string, Part] => {
    const added = [own.platforms?.[name]?.include ?? []].flat().filter((each) => !isWanted(each));
    return [name, added.length === 0 ? part : { ...part, include: [part.include ?? [], added].flat() }];
  });
  return { ...manifest, platforms: Object.fromEntries(platforms) };
}
