// SPDX-License-Identifier: Apache-2.0

import test from 'ava';
import { Method } from '../../src/http/request.ts';
import { ResponseState } from '../../src/http/response.ts';
import fc from '../support/property.ts';
import { type NodeResult, parseWithNode } from './node-parser.ts';
import { body, field, parse, type Result } from './parsing.ts';

const statusLine = fc
  .tuple(
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    fc.constantFrom('200', '201', '204', '304', '404', '500', '100'),
    fc.constantFrom('', ' ', ' OK', ' Not Found'),
  )
  .map(([version, status, reason]) => `HTTP/${version} ${status}${reason}\r\n`);

const framing = fc.oneof(
  fc.constantFrom(
    '',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 0\r\n',
  ),
  fc.tuple(framingField(), framingField()).map(([one, other]) => one + other),
);

function framingField(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'Content-Length: 5\r\n',
    'Content-Length: 6\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
  );
}

const anyResponse = fc
  .tuple(statusLine, fc.array(field, { maxLength: 3 }), framing, fc.array(field, { maxLength: 2 }), body)
  .map(([line, before, frame, after, content]) => `${line}${before.join('')}${frame}${after.join('')}\r\n${content}`);

const mutated = fc
  .tuple(
    anyResponse,
    fc.array(
      fc.tuple(
        fc.nat(400),
        fc.nat(2),
        fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', ':', ';', '0', '5', 'f', 'x', '\0', ',', '\x01', '\xe9'),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([text, changes]) => {
    let out = text;
    for (const [where, kind, what] of changes) {
      const at = where % (out.length + 1);

      out = out.slice(0, at) + (kind === 2 ? '' : what) + out.slice(kind === 0 ? at : at + 1);
    }
    return out;
  });

/** Where the two differ on purpose; see the comment of ResponseParser. Each is a property of the text. */
function allowed(text: string, ours: Result, node: NodeResult): string | undefined {
  const { error } = ours;
  if (/^(transfer-encoding|connection|content-length):[^\r\n]*\t/im.test(text))
    return 'a tab as white space (RFC 9110 §5.6.3)';
  if (/^HTTP[^\n]*\r(?!\n)/.test(text)) return 'llhttp takes a lone CR in the status line for a line end';
  if (/\n[^\n:]*[^A-Za-z0-9!#$%&'*+.^_`|~:\r\n-][^\n:]*:|\n[^\n:]*\r(?!\n)[^\n:]*:/.test(text))
    return 'an unusual character in a name';
  if (ours.state === ResponseState.Failed && !node.failed) {
    if (/^(\r|\n)/.test(text)) return 'an empty line before the status line';
    if (/transfer coding|Transfer-Encoding in HTTP/.test(error)) return 'a transfer coding that nobody asked for';
    if (/no status/.test(error) && /^HTTP\/\d\.\d \d\d\d/.test(text)) return 'a status or version that is not ours';
    if (/2\^31/.test(error)) return 'larger than any content we take';
  }
  if (ours.state !== ResponseState.Failed && node.failed) {
    if (/version/i.test(node.reason)) return 'a later minor version (RFC 9110 §2.5)';
    if (/header value/.test(node.reason)) return 'a control character in a value that is not read';
    if (/Duplicate Content-Length/.test(node.reason)) return 'equal lengths';
    if (/chunk ext|HPE_STRICT/i.test(node.reason)) return 'an extension that we do not look at';
    if (/chunk size/i.test(node.reason) && /[ \t][;\r]/.test(text)) return 'blanks behind a chunk size';
  }
  return undefined;
}

/** llhttp does not know yet that an answer to HEAD has no content, and lets keep-alive beat close in HTTP/1.0. */
function keepsOtherwise(text: string, method: Method): boolean {
  return method === Method.Head || (text.startsWith('HTTP/1.0') && /close/i.test(text) && /keep-alive/i.test(text));
}

function sameResult(text: string, method: Method, ours: Result, node: NodeResult): boolean {
  const head = ours.heads[0];
  if (ours.body !== node.body || head?.status !== node.status) return false;
  return head.keepAlive === node.keepAlive || keepsOtherwise(text, method);
}

test('our parser agrees with that of Node, whatever is changed in a response', (t) => {
  let agreed = 0;
  let accepted = 0;
  const tolerated = new Map<string, number>();
  t.notThrows(() =>
    fc.assert(
      fc.property(
        mutated,
        fc.constantFrom(Method.Get, Method.Head),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
        (text, method, sizes) => {
          const ours = parse(text, { method, sizes });
          const node = parseWithNode(text, method === Method.Head);
          const failed = ours.state === ResponseState.Failed;
          if (failed === node.failed && (failed || sameResult(text, method, ours, node))) {
            agreed++;
            if (!failed) accepted++;
            return true;
          }
          const why = allowed(text, ours, node);
          if (why !== undefined) tolerated.set(why, (tolerated.get(why) ?? 0) + 1);
          return why !== undefined;
        },
      ),
      { numRuns: 10_000 },
    ),
  );
  t.true(agreed > 7000, `agreed on ${agreed}`);
  t.true(accepted > 500, `both accepted ${accepted}`);
  t.log(`agreed on ${agreed}, both accepted ${accepted}`, tolerated);
});
