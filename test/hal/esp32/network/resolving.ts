// SPDX-License-Identifier: Apache-2.0

import { dnsAnswer } from '../../../support/name-server.ts';
import type { Reply } from './dns-world.ts';

export const ONE = '10.0.0.1';

export const TWO = '10.0.0.2';

export const THREE = '10.0.0.3';

export const BOTH = `${ONE} ${TWO}`;

export const NOBODY = 'no DNS server tells the address of a.example';

export const silent: Reply = () => undefined;

export const code =
  (rcode: number): Reply =>
  (request) =>
    dnsAnswer(request, [], { rcode });
