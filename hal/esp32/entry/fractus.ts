// SPDX-License-Identifier: Apache-2.0
/**
 * The module `fractus` of the manifest, which apps import. It re-exports `fractus/board`, so that there is no second
 * copy.
 */
export * from 'fractus/board';
