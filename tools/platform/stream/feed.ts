// SPDX-License-Identifier: Apache-2.0
/**
 * The messages as server-sent events (HTML, 9.2). A client that returns after a gap gets the missed messages, or
 * everything.
 */

import { utf8 } from '../http/http.ts';
import type { Message } from '../messages.ts';
import type { Reply } from '../model.ts';
import type { Witness } from './witness.ts';

/** @param lastEventId the last event that the client has received */
export function feed(witness: Witness, lastEventId: string | undefined, reply: Reply): void {
  const { journal } = witness;
  if (journal.readers >= maxReaders) {
    const text = utf8('too many read along');
    reply.head(503, { 'Content-Type': 'text/plain', 'Content-Length': String(text.length), 'Retry-After': '10' });
    reply.end(text);
    return;
  }
  const { epoch } = journal;
  const write = (messages: Iterable<Message>) => writeEvents(reply, epoch, messages);
  begin(reply);
  const [knownEpoch, number] = (lastEventId ?? '').split('-');
  const missed = knownEpoch === epoch ? journal.after(Number(number)) : undefined;
  write(missed ?? witness.listing());
  const end = journal.read((message) => {
    write([message]);
    // A client that does not read is disconnected, and can return later.
    if ((reply.backlogBytes ?? 0) <= maxBacklogBytes) return;
    end();
    reply.drop();
  });
  reply.onClose = () => end();
}

/** Sends a whole recording; a client that returns gets it again. */
export function feedRecorded(messages: Iterable<Message>, reply: Reply): void {
  begin(reply);
  writeEvents(reply, 'recorded', messages);
}

function begin(reply: Reply): void {
  reply.head(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
}

/** Writes in pieces, so that a long list does not become one long text. */
function writeEvents(reply: Reply, epoch: string, messages: Iterable<Message>): void {
  let text = '';
  for (const message of messages) {
    text += `id: ${epoch}-${message.number}\ndata: ${JSON.stringify(message)}\n\n`;
    if (text.length < pieceChars) continue;
    reply.write(utf8(text));
    text = '';
  }
  if (text !== '') reply.write(utf8(text));
}

const maxReaders = 50;
const maxBacklogBytes = 16 * 1024 * 1024;
const pieceChars = 64 * 1024;
