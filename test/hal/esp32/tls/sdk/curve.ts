// SPDX-License-Identifier: Apache-2.0

export { Curve as default } from './numbers.ts';
