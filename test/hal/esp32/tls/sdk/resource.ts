// SPDX-License-Identifier: Apache-2.0
/** Stands in for the SDK's module: a firmware without its CAs. */
export default { exists: () => false };
