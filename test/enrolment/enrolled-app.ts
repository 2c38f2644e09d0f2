// SPDX-License-Identifier: Apache-2.0
/** A device that gets its certificate by itself. */

import { CAPABILITIES, enrolment } from '../../src/capabilities/index.ts';
import type { App } from '../../src/index.ts';

export const capabilities = [...CAPABILITIES, enrolment()];
export const app: App = (board) => board.fragment('acme_Enrolled', { is: true });
