// SPDX-License-Identifier: Apache-2.0
/** All routes of the tenant except `deviceAccessToken`, which has its own port. */

import type { Route } from './calls/router.ts';
import { binaryRoutes } from './inventory/binaries.ts';
import { childRoutes } from './inventory/children.ts';
import { identityRoutes } from './inventory/identity.ts';
import { inventoryRoutes } from './inventory/inventory.ts';
import { softwareRoutes } from './inventory/software.ts';
import { notificationRoutes } from './operations/notifications.ts';
import { operationRoutes } from './operations/operations.ts';
import { remoteAccessRoutes } from './operations/remote-access.ts';
import { alarmRoutes } from './records/alarms.ts';
import { eventRoutes } from './records/events.ts';
import { measurementRoutes } from './records/measurements.ts';
import { credentialRoutes } from './tenant/credentials.ts';
import { enrolmentRoutes } from './tenant/enrolment.ts';
import { tenantRoutes } from './tenant/tenant.ts';
import { optionRoutes } from './tenant/tenant-options.ts';
import { tokenRoutes } from './tenant/tokens.ts';

export const routes: readonly Route[] = [
  ...credentialRoutes,
  ...enrolmentRoutes,
  ...identityRoutes,
  ...inventoryRoutes,
  ...childRoutes,
  ...binaryRoutes,
  ...softwareRoutes,
  ...operationRoutes,
  ...notificationRoutes,
  ...measurementRoutes,
  ...eventRoutes,
  ...alarmRoutes,
  ...remoteAccessRoutes,
  ...tokenRoutes,
  ...tenantRoutes,
  ...optionRoutes,
];
