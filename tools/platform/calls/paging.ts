// SPDX-License-Identifier: Apache-2.0
/** Pages of collections (OpenAPI, query result paging). */

import { type Answer, invalid } from '../http/http.ts';
import type { Json, JsonObject } from '../model.ts';
import type { Call } from './call.ts';

/** Returns the page of `items` that the query requests. Throws the platform's 422. */
export function pageOf<T>(
  call: Call,
  options: {
    readonly items: readonly T[];
    /** Name of the array in the answer. */
    readonly name: string;
    readonly media: string;
    readonly render: (item: T) => Json;
  },
): Answer {
  const { items, name, media, render } = options;
  const pageSize = Math.min(positive(call, 'pageSize', defaultPageSize), call.core.settings.mostPageSize);
  const currentPage = positive(call, 'currentPage', 1);
  const page = items.slice((currentPage - 1) * pageSize, currentPage * pageSize);
  const totalPages = Math.ceil(items.length / pageSize);
  const statistics: JsonObject = { currentPage, pageSize };
  if (call.query.get('withTotalPages') === 'true') statistics['totalPages'] = totalPages;
  if (call.query.get('withTotalElements') === 'true') statistics['totalElements'] = items.length;
  const body: JsonObject = { self: link(call, currentPage, pageSize), [name]: page.map(render), statistics };
  if (currentPage < totalPages || call.core.settings.alwaysNext) body['next'] = link(call, currentPage + 1, pageSize);
  if (currentPage > 1) body['prev'] = link(call, currentPage - 1, pageSize);
  return { status: 200, media, body };
}

function positive(call: Call, name: string, preset: number): number {
  const text = call.query.get(name);
  if (text === null) return preset;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid(`Query parameter ${name} is not a positive number: ${text}`);
  return Number(text);
}

function link(call: Call, page: number, pageSize: number): string {
  const query = new URLSearchParams(call.query);
  query.set('pageSize', String(pageSize));
  query.set('currentPage', String(page));
  return `${call.base}${call.path}?${query}`;
}

const defaultPageSize = 5;
