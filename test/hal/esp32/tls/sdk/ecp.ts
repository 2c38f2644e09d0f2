// SPDX-License-Identifier: Apache-2.0

export { ECPoint as default } from './numbers.ts';
