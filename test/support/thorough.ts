// SPDX-License-Identifier: Apache-2.0

/** `THOROUGH=yes`, as `npm run test:thorough` and `.ci/nightly` say: all of what `npm test` has a part of, chosen alike each time. */
export const THOROUGH = process.env['THOROUGH'] === 'yes';
