import { decodeBase64Url } from '../bytes/base64.ts';
import { ascii } from '../bytes/text.ts';
import { Media, Name, Path } from '../cumulocity/wire.ts';
import { Method, type RequestWriter } from '../http/request.ts';
import { member, readNumber, readString } from '../json/scan.ts';
import type { Agent, Authority } from './agent.ts';
import { Machine, Outcome, type Table } from './machine.ts';
import type { Body, Requests } from './requests.ts';

const Get = { Fetch: 0, Valid: 1, Refused: 2 } as const;

/** Device authentication with a certificate: mutual TLS at one endpoint gives a token for all the others. */
export const tokenTable: Table<Token> = [
  {
    name: 'get a token',
    step: 'device authentication, JWT retrieval',
    request: (token, request) => token.writeFetch(request),
    read: (token, body) => token.read(body),
    on: {
      [Outcome.Ok]: Get.Valid,
      [Outcome.Denied]: Get.Refused,
      [Outcome.Forbidden]: Get.Refused,
      [Outcome.NotFound]: Get.Refused,
      [Outcome.Conflict]: Get.Refused,
      [Outcome.Invalid]: Get.Refused,
    },
  },
  {
    name: 'token in use',
    step: 'device authentication',
    enter: (token) => token.use(),
    on: { [Outcome.Time]: Get.Fetch, [Outcome.Denied]: Get.Fetch },
  },
  {
    name: 'no token',
    step: 'device authentication',
    enter: (token) => token.refused(),
    on: { [Outcome.Time]: Get.Fetch },
  },
];

const LogOut = { Send: 0, Done: 1 } as const;

/** The session ends before the connection does. */
export const logOutTable: Table<Leaving> = [
  {
    name: 'log out',
    step: 'device authentication, logout',
    request: (leaving, request) => leaving.writeLogOut(request),
    on: {
      [Outcome.Ok]: LogOut.Done,
      [Outcome.Time]: LogOut.Done,
      [Outcome.Denied]: LogOut.Done,
      [Outcome.Forbidden]: LogOut.Done,
      [Outcome.NotFound]: LogOut.Done,
      [Outcome.Conflict]: LogOut.Done,
      [Outcome.Invalid]: LogOut.Done,
    },
  },
  { name: 'logged out', step: 'device authentication, logout', enter: (leaving) => leaving.left(), on: {} },
];

const BEARER = ascii('Bearer ');
const CHAIN = ascii('X-Ssl-Cert-Chain: ');
const NO_BYTES = new Uint8Array(0);
const USUAL_LIFE_MS = 3_600_000;
const RENEW_AT = 0.8;
const REFUSED_MS = 60_000;
/** A stop does not wait longer for the platform. */
const LOG_OUT_MS = 1000;

/** A token for all requests, renewed in time by the monotonic clock and once when it is refused. */
export class Token extends Machine implements Authority {
  readonly #requests: Requests;
  #chain: Uint8Array | undefined = undefined;
  #value: Uint8Array = NO_BYTES;
  #lifeMs = USUAL_LIFE_MS;

  /** @param requests the line in front of the connection that shows the certificate. */
  constructor(agent: Agent, requests: Requests) {
    super(agent, tokenTable);
    this.#requests = requests;
  }

  protected override get requests(): Requests {
    return this.#requests;
  }

  get user(): string {
    return `device_${this.agent.config.deviceId}`;
  }

  start(): void {
    this.#requests.release();
    this.enter(Get.Fetch);
  }

  denied(): boolean {
    if (this.state === Get.Valid) this.fire(Outcome.Denied);
    return true;
  }

  leave(onLeft: () => void): void {
    this.stop();
    this.#requests.close();
    if (this.#value.length === 0) onLeft();
    else new Leaving(this.agent, onLeft).enter(LogOut.Send);
    this.#value = NO_BYTES;
  }

  // What the table's states do.

  writeFetch(request: RequestWriter): void {
    this.cease();
    request.start(Method.Post).put(Path.AccessToken);
    if (this.agent.config.sendChain) request.extra(this.chainHeader());
    request.headers(undefined, Media.Json);
  }

  read(body: Body): boolean {
    const at = member(body.bytes, 0, body.end, Name.AccessToken);
    const jwt = at < 0 ? undefined : readString(body.bytes, at, body.end);
    if (jwt === undefined || !/^[\x21-\x7e]{1,4000}$/.test(jwt)) return false;
    const bytes = ascii(jwt);
    this.#lifeMs = lifeMs(bytes) ?? USUAL_LIFE_MS;
    const value = new Uint8Array(BEARER.length + bytes.length);
    value.set(BEARER);
    value.set(bytes, BEARER.length);
    this.#value = value;
    return true;
  }

  use(): undefined {
    // The connection that shows the certificate is needed again in an hour: meanwhile its memory is worth more.
    this.#requests.rest();
    this.#chain = undefined;
    this.fireAfter(Math.max(1000, this.#lifeMs * RENEW_AT));
    this.agent.hal.log('info', `token for ${Math.round(this.#lifeMs / 1000)} s`);
    this.agent.onCredentials(this.#value);
    return undefined;
  }

  refused(): undefined {
    this.agent.hal.log(
      'error',
      `no token for ${this.agent.config.deviceId}: is its certificate trusted by the tenant?`,
    );
    this.fireAfter(REFUSED_MS);
    return undefined;
  }

  /** One line: each run of line ends becomes one space, also inside the blocks. */
  private chainHeader(): Uint8Array {
    if (this.#chain !== undefined) return this.#chain;
    const pem = this.agent.hal.resource(this.agent.config.certificate ?? '') ?? NO_BYTES;
    const line = new Uint8Array(CHAIN.length + pem.length);
    line.set(CHAIN);
    let end = CHAIN.length;
    for (let i = 0; i < pem.length; i++) {
      const byte = pem[i] as number;
      if (byte > 0x20) line[end++] = byte;
      else if (line[end - 1] !== 0x20) line[end++] = 0x20;
    }
    while (line[end - 1] === 0x20 && end > CHAIN.length) end--;
    this.#chain = line.slice(0, end);
    return this.#chain;
  }
}

/** Ends the session of a token, and does not wait for it longer than a stop may take. */
export class Leaving extends Machine {
  #onLeft: (() => void) | undefined;

  constructor(agent: Agent, onLeft: () => void) {
    super(agent, logOutTable);
    this.#onLeft = onLeft;
    agent.requests.release();
    this.fireAfter(LOG_OUT_MS);
  }

  // What the table's states do.

  writeLogOut(request: RequestWriter): void {
    request.start(Method.Post).put(Path.Logout).headers(Media.Json, undefined);
  }

  left(): undefined {
    this.stop();
    const onLeft = this.#onLeft;
    this.#onLeft = undefined;
    onLeft?.();
    return undefined;
  }
}

/** Life of a JWT by its own claims, whatever the device's clock says: `exp - iat`. Undefined when it does not tell. */
function lifeMs(jwt: Uint8Array): number | undefined {
  const first = jwt.indexOf(0x2e);
  const second = jwt.indexOf(0x2e, first + 1);
  if (first < 0 || second < 0) return undefined;
  const payload = decodeBase64Url(jwt, first + 1, second);
  if (payload === undefined) return undefined;
  const from = member(payload, 0, payload.length, Name.Iat);
  const to = member(payload, 0, payload.length, Name.Exp);
  const seconds = readNumber(payload, to, payload.length) - readNumber(payload, from, payload.length);
  return seconds >= 1 && seconds < 1e8 ? seconds * 1000 : undefined;
}
