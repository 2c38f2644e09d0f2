// SPDX-License-Identifier: Apache-2.0

export const lookUps = '/identity/externalIds/c8y_Serial/*';

export const objects = '/inventory/managedObjects';

export const identities = '/identity/globalIds/*/externalIds';
