// SPDX-License-Identifier: Apache-2.0
/** The module `fractus/capabilities` of the manifest. `fractus/board` holds the selected capabilities. */
export * from 'fractus/board';
