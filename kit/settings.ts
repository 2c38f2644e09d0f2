// SPDX-License-Identifier: Apache-2.0
/** `fractus/settings` on a desk and in tests, as `fractus` is there. */

export * from '../src/parts/settings.ts';
export { withSettings } from '../tools/author/described.ts';
