// SPDX-License-Identifier: Apache-2.0

/** The list of who has nothing. It lies in flash, where one of its own would take memory; longer ones are made by `concat`. */
export const NONE: readonly never[] = [];
