// SPDX-License-Identifier: Apache-2.0

export { RSA as default } from './numbers.ts';
