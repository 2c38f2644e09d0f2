// SPDX-License-Identifier: Apache-2.0

import type { Body } from '../../base/body.ts';
import { Decision, Outcome, Signal } from '../../base/outcome.ts';
import { type Table, table } from '../../base/table.ts';
import type { RequestWriter } from '../../http/request.ts';

/** The actions of the states. */
export interface CredentialsActions {
  /** Yes: credentials are stored. No: new ones are requested. Other: neither; `bootstrapPassword` is missing. */
  recall(): Decision;
  writeAsk(request: RequestWriter): void;
  read(body: Body): boolean;
  /** Waits 1.5 s at first, up to 10 s in the first ten minutes (a person may be watching), then up to a minute. */
  wait(): undefined;
  keep(): Decision | undefined;
  /** The platform refuses to give credentials, or there is no bootstrap password to ask for them. */
  refused(): undefined;
  ready(): undefined;
  /** Yes: the credentials have been refused for `rebootstrapAfter`, so new ones are requested. */
  doubt(): Decision | undefined;
  swap(): Decision;
  again(): Decision;
}

/** Indexes of the states in the table. */
export const Get = { Recall: 0, Ask: 1, Wait: 2, Keep: 3, Refused: 4, Ready: 5, Doubt: 6, Swap: 7, Again: 8 } as const;

/** Guide step 0: asks for credentials as the bootstrap user until a person has accepted the device. */
export const credentialsTable: Table<CredentialsActions> = table([
  {
    name: 'recall',
    step: 'guide step 0',
    enter: (credentials) => credentials.recall(),
    on: { [Decision.Yes]: Get.Ready, [Decision.No]: Get.Ask, [Decision.Other]: Get.Refused },
  },
  {
    name: 'ask for credentials',
    step: 'guide step 0',
    request: (credentials, request) => credentials.writeAsk(request),
    read: (credentials, body) => credentials.read(body),
    on: {
      [Outcome.Ok]: Get.Keep,
      [Outcome.NotFound]: Get.Wait,
      [Outcome.Denied]: Get.Refused,
      [Outcome.Forbidden]: Get.Refused,
      [Outcome.Conflict]: Get.Refused,
      [Outcome.Invalid]: Get.Refused,
    },
  },
  {
    name: 'wait to be accepted',
    step: 'guide step 0',
    enter: (credentials) => credentials.wait(),
    on: { [Signal.Time]: Get.Ask },
  },
  {
    // Credentials are stored on flash before their first use, because the platform gives them only once.
    name: 'keep',
    step: 'guide step 0',
    enter: (credentials) => credentials.keep(),
    on: { [Decision.Yes]: Get.Ready, [Signal.Time]: Get.Keep },
  },
  {
    name: 'refused',
    step: 'guide step 0',
    enter: (credentials) => credentials.refused(),
    on: { [Signal.Time]: Get.Recall },
  },
  {
    name: 'ready',
    step: 'guide step 0',
    enter: (credentials) => credentials.ready(),
    on: { [Signal.Refused]: Get.Doubt },
  },
  {
    // A refusal may be temporary: the credentials stay in use and on flash.
    name: 'the platform refuses them',
    step: 'guide step 0, credentials that are refused for long',
    enter: (credentials) => credentials.doubt(),
    on: { [Signal.Time]: Get.Swap, [Decision.Yes]: Get.Again },
  },
  {
    name: 'try the others',
    step: 'guide step 0, credentials that are refused for long',
    enter: (credentials) => credentials.swap(),
    on: { [Decision.Yes]: Get.Doubt },
  },
  {
    name: 'ask for others',
    step: 'guide step 0, credentials that are refused for long',
    enter: (credentials) => credentials.again(),
    on: { [Decision.Yes]: Get.Ask },
  },
]);
