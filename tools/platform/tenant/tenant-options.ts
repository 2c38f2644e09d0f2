// SPDX-License-Identifier: Apache-2.0
/** Options of the tenant. Only the lifetime of device tokens has an effect here. */

import type { Call } from '../calls/call.ts';
import { pageOf } from '../calls/paging.ts';
import { operators, type Route } from '../calls/router.ts';
import { type Core, optionKey } from '../core/core.ts';
import { type Answer, invalid, missingFields, notFound, textMember } from '../http/http.ts';
import type { JsonObject } from '../model.ts';

const option = 'option';

export const optionRoutes: readonly Route[] = [
  { method: 'GET', path: '/tenant/options', users: operators, handle: listOptions },
  { method: 'POST', path: '/tenant/options', users: operators, consumes: [option], handle: createOption },
  { method: 'GET', path: '/tenant/options/{category}', users: operators, handle: readCategory },
  { method: 'GET', path: '/tenant/options/{category}/{key}', users: operators, handle: readOption },
  {
    method: 'PUT',
    path: '/tenant/options/{category}/{key}',
    users: operators,
    consumes: [option],
    handle: (call) => store(call, call.param(0), call.param(1), call.document()),
  },
  { method: 'DELETE', path: '/tenant/options/{category}/{key}', users: operators, handle: removeOption },
];

/** Category and key of the lifetime of device tokens. */
export const lifespanOption = ['oauth.internal', 'device-token.lifespan.seconds'] as const;
const leastLifeSeconds = 300;

/** Sets an option. Throws the platform's 422. */
export function setOption(
  core: Core,
  category: string,
  key: string,
  value: string | number,
): { category: string; key: string; value: string } {
  const entry = { category, key, value: String(value) };
  if (category === lifespanOption[0] && key === lifespanOption[1]) checkLife(core, entry.value);
  core.tenantOptions.set(optionKey(category, key), entry);
  return entry;
}

function checkLife(core: Core, value: string): void {
  const least = core.settings.shortTokens ? 1 : leastLifeSeconds;
  if (!/^\d{1,9}$/.test(value) || Number(value) < least) {
    throw invalid(`${lifespanOption[1]}: whole seconds from ${least} expected`);
  }
}

function listOptions(call: Call): Answer {
  const items = [...call.core.tenantOptions.values()];
  return pageOf(call, { items, name: 'options', media: 'optioncollection', render: (item) => ({ ...item }) });
}

function createOption(call: Call): Answer {
  const document = call.document();
  const category = textMember(document, 'category');
  const key = textMember(document, 'key');
  if (category === undefined || key === undefined) throw missingFields(['category', 'key']);
  return store(call, category, key, document);
}

function store(call: Call, category: string, key: string, document: JsonObject): Answer {
  const { value } = document;
  if (typeof value !== 'string' && typeof value !== 'number') throw missingFields(['value']);
  const entry = setOption(call.core, category, key, value);
  return { status: 200, media: option, body: { ...entry, self: `${call.base}/tenant/options/${category}/${key}` } };
}

function readCategory(call: Call): Answer {
  const entries = [...call.core.tenantOptions.values()].filter(({ category }) => category === call.param(0));
  const body = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  return { status: 200, media: 'application/json', body };
}

function readOption(call: Call): Answer {
  const entry = call.core.tenantOptions.get(optionKey(call.param(0), call.param(1)));
  if (entry === undefined) throw notFound('tenant', `No option ${call.param(0)}/${call.param(1)}`);
  return { status: 200, media: option, body: { ...entry } };
}

function removeOption(call: Call): Answer {
  const isKnown = call.core.tenantOptions.delete(optionKey(call.param(0), call.param(1)));
  if (!isKnown) throw notFound('tenant', `No option ${call.param(0)}/${call.param(1)}`);
  return { status: 204 };
}
