// SPDX-License-Identifier: Apache-2.0

export interface Login {
  /** Root of the platform, without a slash at its end. */
  readonly url: string;
  /** `tenant/user:password` */
  readonly login: string;
}

/** Options of every command that an operator gives to a platform, for `parseArgs`. */
export const LOGIN_OPTIONS = {
  url: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const NO_LOGIN: Login = { url: '', login: '' };

/** The platform and the operator's login, from the environment. @throws Error that says what is missing */
export function readLogin(given: string | undefined): Login {
  const { C8Y_BASEURL, C8Y_TENANT, C8Y_USER, C8Y_PASSWORD } = process.env;
  const url = given ?? C8Y_BASEURL ?? '';
  if (url === '') throw new Error('--url or C8Y_BASEURL: missing; allowed: the root of a platform');
  if (!/^https?:\/\/[^/@\s]+\/?$/i.test(url)) {
    // The URL may contain a password.
    const shown = url.includes('@') ? '' : `"${url}" `;
    const name = given === undefined ? 'C8Y_BASEURL' : '--url';
    throw new Error(
      `${name}: ${shown}is not allowed; allowed: the root of a platform, for example https://acme.example.com`,
    );
  }
  if (C8Y_USER === undefined || C8Y_PASSWORD === undefined) throw new Error('C8Y_USER and C8Y_PASSWORD: missing');
  const user = C8Y_TENANT === undefined || C8Y_TENANT === '' ? C8Y_USER : `${C8Y_TENANT}/${C8Y_USER}`;
  return { url: url.replace(/\/$/, ''), login: `${user}:${C8Y_PASSWORD}` };
}
