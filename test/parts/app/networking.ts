// SPDX-License-Identifier: Apache-2.0
/** A board of the desk, which may be moved to another Wi-Fi network. */

import type { App } from 'fractus';
import { network, restart } from 'fractus/capabilities';

export const capabilities = [restart, network({ trialS: 60 })];

export const app: App = () => {};
