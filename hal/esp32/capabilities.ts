// SPDX-License-Identifier: Apache-2.0
/** The module `fractus/capabilities` of the manifest: what is chosen lies in `fractus/board`. */
export * from 'fractus/board';
