// SPDX-License-Identifier: Apache-2.0

export { Modular as default } from './numbers.ts';
