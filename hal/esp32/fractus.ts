// SPDX-License-Identifier: Apache-2.0
/** The module `fractus` of the manifest: what an app imports, with no second copy of it. */
export * from 'fractus/board';
