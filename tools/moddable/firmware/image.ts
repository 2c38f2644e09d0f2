// SPDX-License-Identifier: Apache-2.0
/** The parts of a firmware's image, from the linker's map: as a table, and checked against the slot. */

/** Bytes by part. */
export type Parts = ReadonlyMap<string, number>;

/** Output sections that lie in the image. */
const IN_IMAGE =
  /^\.(iram0\.vectors|iram0\.text|iram0\.data|dram0\.data|flash\.text|flash\.appdesc|flash\.rodata|flash\.tdata|rtc\.text|rtc\.data|rtc\.force_slow)$/;

/** Parts by the archive and its object; the first match counts. */
const PARTS: readonly (readonly [part: string, archive: RegExp, object?: RegExp])[] = [
  ['JavaScript', /^xs_esp32\w*\.a$/, /^mc\.xs\.c/],
  ['certificates and other files', /^xs_esp32\w*\.a$/, /^mc\.resources\.c/],
  ['XS engine', /^xs_esp32\w*\.a$/, /^(xs[A-Z]\w*|xsmc|xsdtoa|xsre|e_pow)\.c/],
  ['native modules of the SDK', /^xs_esp32\w*\.a$/],
  ['Wi-Fi and radio', /^lib(net80211|pp|core|phy|btbb|coexist|espnow|mesh|smartconfig|wapi|regulatory)\.a$/],
  ['mbedTLS', /^lib(mbed[\w-]*|tfpsacrypto|builtin|everest|p256m)\.a$/],
  ['lwIP', /^liblwip\.a$/],
  ['wpa_supplicant', /^libwpa_supplicant\.a$/],
  ['C library', /^lib(c|m|gcc|stdc\+\+|supc\+\+|g|nosys|c_nano)\.a$/],
];
const REST = 'rest of ESP-IDF';

/** Reads the map of GNU ld. */
export function readMap(map: string): Map<string, number> {
  const parts = new Map<string, number>();
  const add = (part: string, bytes: number) => parts.set(part, (parts.get(part) ?? 0) + bytes);
  let inImage = false;
  let last = { part: REST, end: 0, size: 0 };
  const body = map.slice(Math.max(0, map.indexOf('Linker script and memory map')));
  for (const line of body.split('\n')) {
    const [output] = /^\.\S+/.exec(line) ?? [];
    if (output !== undefined) {
      inImage = IN_IMAGE.test(output);
      last = { part: REST, end: 0, size: 0 };
    } else if (line !== '' && !line.startsWith(' ')) inImage = false;
    if (!inImage) continue;
    // The section name precedes it, or is on a line of its own when it is long.
    const [, at = '', digits, file = ''] = /^ (?:\S+)? +0x([0-9a-f]+) +0x([0-9a-f]+) (\S.*)$/.exec(line) ?? [];
    if (digits === undefined) continue;
    const start = Number.parseInt(at, 16);
    const size = Number.parseInt(digits, 16);
    // Merged texts keep their size in the map (ld 2.43 and later), and the next section begins inside of them.
    if (start < last.end) add(last.part, -Math.min(last.size, last.end - start));
    const [, archive = file, object = ''] = /([^/]+)\((.*)\)$/.exec(file) ?? [];
    const part = partOf(archive, object);
    add(part, size);
    last = { part, end: start + size, size };
  }
  return parts;
}

function partOf(archive: string, object: string): string {
  const found = PARTS.find(([, inArchive, inObject]) => inArchive.test(archive) && inObject?.test(object) !== false);
  return found?.[0] ?? REST;
}

/**
 * JavaScript in an image for a C3 without our modules: built-ins of the engine, and modules of the SDK in our manifest (SDK
 * 8.2.3). The rest is fractus and the author's code.
 */
const SDK_JAVASCRIPT_BYTES = 122_116;

/** Share of the slot that should stay free for later versions. */
const FREE_SHARE = 0.1;

/** The table for a person: part, bytes, share; the largest first. */
export function imageTable({ parts, bytes, slot }: ImageSize): string[] {
  const known = [...parts.values()].reduce((sum, each) => sum + each, 0);
  const rows = [...parts]
    .sort(([, a], [, b]) => b - a)
    .flatMap((row): [string, number][] =>
      row[0] === 'JavaScript' ? [row, ['  without engine and SDK', row[1] - SDK_JAVASCRIPT_BYTES]] : [row],
    );
  // Alignment between sections, heads, checksums.
  if (bytes > known) rows.push(['heads and borders', bytes - known]);
  rows.push(['image', bytes], ['free', slot - bytes], ['slot', slot]);
  const digits = (each: number) => each.toLocaleString('en-US').padStart(11);
  return rows.map(
    ([part, each]) => `${part.padEnd(30)}${digits(each)}${((100 * each) / slot).toFixed(1).padStart(7)} %`,
  );
}

export interface ImageSize {
  readonly parts: Parts;
  readonly bytes: number;
  readonly slot: number;
}

/** An error text when the image does not fit; undefined: it fits. A nearly full slot is no error. */
export function misfit({ parts, bytes, slot }: ImageSize): string | undefined {
  if (bytes <= slot) return undefined;
  const largest = [...parts].sort(([, a], [, b]) => b - a).slice(0, 3);
  const text = largest.map(([part, each]) => `${part} (${each.toLocaleString('en-US')})`).join(', ');
  const over = (bytes - slot).toLocaleString('en-US');
  return `the image is ${over} bytes larger than its slot; its largest parts are ${text}`;
}

/** A warning when less than the free share is left; undefined: there is enough room. */
export function narrow({ bytes, slot }: ImageSize): string | undefined {
  const least = Math.floor(slot * (1 - FREE_SHARE));
  return bytes <= least
    ? undefined
    : `less than a tenth of the slot is free: ${(slot - bytes).toLocaleString('en-US')} bytes`;
}
