// SPDX-License-Identifier: Apache-2.0
/** Lines of a board's console, and their meaning for a person who waits for its first measurement. */

const SIGNS: readonly (readonly [sign: RegExp, meaning: string | undefined])[] = [
  [/listening for operations/, undefined],
  [/wifiName: not set/, 'it has no Wi-Fi: type "set wifiName …" and "set wifiPassword …", then "restart"'],
  [
    /Wi-Fi: no network joined/,
    'no Wi-Fi lets it in: compare "show" with the network, type "set wifiName …" or "set wifiPassword …", then "restart"',
  ],
  [/the host name cannot be resolved/, 'no server knows the host of its url: type "set url https://…", then "restart"'],
  [
    /the connection (was refused|timed out)|the host cannot be reached/,
    'the host of its url cannot be reached: compare "show", and what lies between (firewall, port)',
  ],
  [
    /the server certificate is not trusted/,
    'the certificate of the host in its url is signed by a CA that it does not trust: the key `ca` adds one',
  ],
  [/the server certificate is for another name/, 'the host has a certificate for another name than that of its url'],
  [/url: missing/, 'it has no platform: type "set url https://…" and "set bootstrapPassword …", then "restart"'],
  [/bootstrapPassword: missing/, 'it has no bootstrap password: type "set bootstrapPassword …", then "restart"'],
  [
    /asking for credentials as (\S+):/,
    'register $1 on the platform and accept it there: Device management, Registration',
  ],
  [/the platform gives no credentials/, 'the platform refuses bootstrapUser and its password'],
  [
    /Task watchdog got triggered|Guru Meditation|abort\(\) was called/,
    'it has crashed: the lines below give the reason',
  ],
];

/**
 * `reports`: the board listens to its platform; `missing`: the next thing that the person must do; undefined: any other
 * line.
 */
export function readSign(line: string): { readonly reports: true } | { readonly missing: string } | undefined {
  for (const [sign, meaning] of SIGNS) {
    const match = sign.exec(line);
    if (match !== null) {
      return meaning === undefined ? { reports: true } : { missing: meaning.replace('$1', match[1] ?? '') };
    }
  }
  return undefined;
}
