// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { isPlatformError, outcomeOf } from '../../src/base/answer.ts';
import { Outcome } from '../../src/base/outcome.ts';
import { ByteWriter } from '../../src/bytes/writer.ts';
import type { ResponseHead } from '../../src/http/response.ts';

function body(text: string): ByteWriter {
  return new ByteWriter(64, 512).text(text) as ByteWriter;
}

const JSON_HEAD = { hasJson: true, isCumulocity: false } as ResponseHead;
const PLATFORM_HEAD = { hasJson: true, isCumulocity: true } as ResponseHead;
const HTML_HEAD = { hasJson: false, isCumulocity: false } as ResponseHead;

test('errors of the platform are recognised by their media type or their shape', (t) => {
  t.true(isPlatformError(PLATFORM_HEAD, body('')));
  t.true(
    isPlatformError(JSON_HEAD, body('{"error":"identity/Not Found","message":"External id not found","info":""}')),
  );
  t.true(isPlatformError(JSON_HEAD, body('{"message":"m","error":"security/Unauthorized"}')));
  // Bytes after the first 512 are not looked at.
  t.true(isPlatformError(JSON_HEAD, body(`{"error":"general/internalError","message":"${'x'.repeat(400)}`)));
});

for (const text of [
  '',
  '{}',
  '{"message":"no Route matched with those values"}',
  '{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/identity/externalIds"}',
  '{"error":{"code":"identity/Not Found"}}',
  '{"details":{"error":"identity/Not Found"}}',
  '[{"error":"identity/Not Found"}]',
  '<html>identity/Not Found</html>',
]) {
  test(`an error of a gateway is not one of the platform: ${text}`, (t) => {
    t.false(isPlatformError(JSON_HEAD, body(text)));
    t.false(isPlatformError(HTML_HEAD, body(text)));
  });
}

test("an error's shape inside HTML does not make it one of the platform", (t) => {
  t.false(isPlatformError(HTML_HEAD, body('{"error":"identity/Not Found"}')));
});

test('an answer that a retry may mend is not final', (t) => {
  for (const status of [301, 408, 425, 429, 500, 502, 503, 504]) t.is(outcomeOf(status), undefined, `${status}`);
  t.is(outcomeOf(403), Outcome.Forbidden);
  t.is(outcomeOf(404), Outcome.NotFound);
  t.is(outcomeOf(410), Outcome.NotFound);
  t.is(outcomeOf(409), Outcome.Conflict);
  for (const status of [400, 405, 413, 415, 422]) t.is(outcomeOf(status), Outcome.Invalid, `${status}`);
});
