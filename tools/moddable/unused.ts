// SPDX-License-Identifier: Apache-2.0
/** Parts of the SDK that our code does not use. Our manifest leaves them out on the boards that it names. */

import { type Manifest, type Part, readManifest } from './manifest.ts';

/** Each part is a folder in hal/esp32/chip, whose manifest leaves it out. The function tells whether a project may need the part. */
const UNUSED: Readonly<Record<string, (manifest: Manifest, code: string | undefined) => boolean>> = {
  /** Button and light of Espressif's boards. A driver that is not for sensors may need them. */
  devkit: (manifest) => DEVKIT.test(JSON.stringify(manifest)),
  /** SPI, PulseCount and PulseWidth. A project needs them if it names one, or if it adds code that the build does not read. */
  buses: (manifest, code = '') => BUSES.test(code) || bringsCode(manifest, code === ''),
};

const DEVKIT = /\/(?:drivers\/(?!sensors\/)|pins\/)/;
/** In the code of a main module: an import, or a member of the board's provider. */
const BUSES = /\b(?:SPI|PulseCount|PulseWidth)\b|\bembedded:(?:io\/(?:spi|pulsecount|pulsewidth)|provider\/builtin)\b/;
/** Includes without code that uses a bus by itself: ours, and most of the SDK. */
const QUIET =
  /(?:^|\/)build\/fractus\/manifest\.json$|^\$\((?:MODULES\)|MODDABLE\)\/modules)\/(?!drivers\/(?!sensors\/)|pins\/|io\/)/;

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
 * @param manifest the package's manifest
 * @param project the folder of the project, with its manifest
 * @param code the project's bundled main module; undefined: there is none, or it is not in TypeScript
 * @returns the manifest for the firmware of the project
 */
export function withWanted(manifest: Manifest, project: string, code: string | undefined): Manifest {
  const own = readManifest(project);
  const wanted = Object.keys(UNUSED).filter((name) => UNUSED[name]?.(own, code) === true);
  const isWanted = (include: unknown) => wanted.some((name) => String(include).endsWith(`/chip/${name}/manifest.json`));
  const platforms = Object.entries(manifest.platforms ?? {}).map(([name, part]): [string, Part] => [
    name,
    part.include === undefined ? part : { ...part, include: [part.include].flat().filter((each) => !isWanted(each)) },
  ]);
  return { ...manifest, platforms: Object.fromEntries(platforms) };
}
