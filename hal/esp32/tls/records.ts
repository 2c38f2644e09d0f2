/** What the record layer needs of a session (RFC 5246). */
export interface RecordState {
  /** From now on, the server encrypts. */
  readonly encrypted: boolean;
  /** The handshake is over. */
  readonly open: boolean;
  /** A session was offered for resumption. */
  readonly resuming: boolean;
}

const ChangeCipherSpec = 20;
const Alert = 21;
const Handshake = 22;
const ApplicationData = 23;

const ServerHello = 2;
const Certificate = 11;
const ServerHelloDone = 14;

const HEADER_BYTES = 5;
/** RFC 5246 §6.2.3. */
const LONGEST_RECORD = 2 ** 14 + 2048;
/** Also for chains that are much too long. */
const FLIGHT_MAX_BYTES = 24_576;

/**
 * Stands between the socket and the SDK's session, which wants every message of the handshake whole in one record. Joins
 * what a server has split, lets each message in only once and in its order (RFC 5246 §7.3), and nothing that is not
 * encrypted into what should be.
 */
export class RecordGuard {
  #rest: Uint8Array | undefined;
  /** The last message of the handshake that went through. */
  #last = 0;
  #finished = false;

  /**
   * The first five bytes of a record, before there is room made for the rest.
   * @throws Error when there is no TLS behind them
   */
  checkHeader(bytes: Uint8Array): void {
    const [type = 0, major = 0, , high = 0] = bytes;
    if (type < ChangeCipherSpec || type > ApplicationData || major !== 3 || high > LONGEST_RECORD >> 8) {
      throw new Error('the server does not speak TLS');
    }
  }

  /**
   * A record as it came.
   * @returns a record for the session, or undefined when more is needed first
   * @throws Error when it must not come now
   */
  take(record: Uint8Array, state: RecordState): Uint8Array | undefined {
    const type = record[0];
    if (state.open) {
      if (type !== ApplicationData && type !== Alert) throw new Error(`a record of type ${type} after the handshake`);
      return record;
    }
    if (this.#rest !== undefined && type !== Handshake) throw new Error('a message of the handshake is not complete');
    if (type === Alert) return record;
    if (state.encrypted) {
      // Finished, the only one that follows.
      if (type !== Handshake || this.#finished) throw new Error(`an encrypted record of type ${type} in the handshake`);
      this.#finished = true;
      return record;
    }
    if (type === Handshake) return this.#join(record);
    const atEnd = this.#last === ServerHelloDone || (this.#last === ServerHello && state.resuming);
    if (type !== ChangeCipherSpec || !atEnd) throw new Error(`a record of type ${type} in the handshake`);
    return record;
  }

  #join(record: Uint8Array): Uint8Array | undefined {
    let all = record;
    const rest = this.#rest;
    if (rest !== undefined) {
      all = new Uint8Array(rest.length + record.length - HEADER_BYTES);
      all.set(rest);
      all.set(record.subarray(HEADER_BYTES), rest.length);
    }
    if (all.length > FLIGHT_MAX_BYTES) throw new Error('a handshake that is too long');
    const end = this.#endOfMessages(all);
    if (end < all.length) {
      this.#rest = all;
      return undefined;
    }
    this.#rest = undefined;
    this.#checkOrder(all);
    const length = all.length - HEADER_BYTES;
    all[3] = length >> 8;
    all[4] = length & 0xff;
    return all;
  }

  /** `bytes.length` when the last message is whole, less when not. */
  #endOfMessages(bytes: Uint8Array): number {
    let at = HEADER_BYTES;
    while (at + 4 <= bytes.length) {
      const next = at + 4 + messageLength(bytes, at);
      if (next > bytes.length) return at;
      at = next;
    }
    return at;
  }

  #checkOrder(bytes: Uint8Array): void {
    for (let at = HEADER_BYTES; at < bytes.length; at += 4 + messageLength(bytes, at)) {
      const type = bytes[at] as number;
      const right = this.#last === 0 ? type === ServerHello : type > this.#last && type >= Certificate;
      if (!right || type > ServerHelloDone) throw new Error(`message ${type} of the handshake after ${this.#last}`);
      this.#last = type;
    }
  }
}

/** The three bytes behind the type. */
function messageLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}
