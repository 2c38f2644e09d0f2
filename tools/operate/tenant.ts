// SPDX-License-Identifier: Apache-2.0

import { WebSocket } from 'ws';
import { plain } from '../terminal/plain.ts';

/** An operation, as the platform returns it. */
export interface OperationRecord {
  readonly id: string;
  readonly status: string;
  readonly failureReason?: string;
  readonly [fragment: string]: unknown;
}

export interface DeviceRecord {
  readonly id: string;
  readonly name: string;
  readonly operations: readonly string[];
  /** Types of its configuration files; names of its logs. */
  readonly types: readonly string[];
  readonly logs: readonly string[];
  /** Commands of a service. */
  readonly commands: readonly string[];
}

const TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 600_000;
/** More than the largest attachment of a device, and than a page of documents. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_LETTERS = 300;
/** Codes of OpenSSL for a chain that leads to no known CA. */
const UNKNOWN_CA =
  /^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/;
const MEDIA = 'application/vnd.com.nsn.cumulocity';

/** A platform as an operator uses it, over HTTP. Errors are for a person and hold no secret. */
export class Tenant {
  readonly #url: string;
  readonly #authorization: string;

  /** @param login `tenant/user:password` */
  constructor(url: string, login: string) {
    this.#url = url;
    this.#authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  }

  /** Finds a device by its external id, `ID` or `TYPE:ID`, else by the id of its managed object. */
  async device(name: string): Promise<DeviceRecord> {
    const [, type = 'c8y_Serial', externalId = name] = /^([A-Za-z]\w*):(.+)$/.exec(name) ?? [];
    const path = `/identity/externalIds/${encodeURIComponent(type)}/${encodeURIComponent(externalId)}`;
    const found = await this.#ask('GET', path, { missing: true });
    const { managedObject } = (found ?? {}) as { managedObject?: { id: unknown } | null };
    const id = [managedObject?.id, name].filter(isText).find((each) => /^\d+$/.test(each));
    const object =
      id === undefined ? undefined : await this.#ask('GET', `/inventory/managedObjects/${id}`, { missing: true });
    if (id === undefined || object === undefined) throw new Error(`there is no device "${name}"`);
    const declared = object as Readonly<Record<string, unknown>>;
    const list = (fragment: string) => [declared[fragment] ?? []].flat().filter(isText);
    return {
      ...{ id, name: isText(declared['name']) ? declared['name'] : name, operations: list('c8y_SupportedOperations') },
      ...{ types: list('c8y_SupportedConfigurations'), logs: list('c8y_SupportedLogs') },
      commands: list('c8y_SupportedServiceCommands'),
    };
  }

  /** External ids of the first devices, in the form that `device` takes. */
  async externalIds(most: number): Promise<string[]> {
    const { managedObjects = [] } = (await this.#ask(
      'GET',
      `/inventory/managedObjects?fragmentType=c8y_IsDevice&pageSize=${most}`,
    )) as { managedObjects?: { id: string }[] };
    const found = managedObjects.map(({ id }) => this.#ask('GET', `/identity/globalIds/${id}/externalIds`));
    const all = (await Promise.all(found)) as { externalIds?: { type: string; externalId: string }[] }[];
    return all.flatMap(({ externalIds = [] }) =>
      externalIds.map(({ type, externalId }) => (type === 'c8y_Serial' ? externalId : `${type}:${externalId}`)),
    );
  }

  order(deviceId: string, fragments: Readonly<Record<string, unknown>>): Promise<OperationRecord> {
    const body = JSON.stringify({ deviceId, ...fragments });
    return this.#ask('POST', '/devicecontrol/operations', {
      body,
      type: `${MEDIA}.operation+json`,
    }) as Promise<OperationRecord>;
  }

  operation(id: string): Promise<OperationRecord> {
    return this.#ask('GET', `/devicecontrol/operations/${id}`) as Promise<OperationRecord>;
  }

  /** Reads a document by its path. */
  read(path: string): Promise<Readonly<Record<string, unknown>>> {
    return this.#ask('GET', path) as Promise<Readonly<Record<string, unknown>>>;
  }

  /** Stores a file on the platform; resolves with its URL. */
  async upload(content: Uint8Array<ArrayBuffer>, name: string): Promise<string> {
    const body = new FormData();
    body.append('object', JSON.stringify({ name, type: 'application/octet-stream' }));
    body.append('file', new Blob([content]), name);
    const { self } = (await this.#ask('POST', '/inventory/binaries', { body })) as { self: string };
    return self;
  }

  /**
   * The file that a device has attached to an event. The path counts, because the device may know the platform by
   * another name.
   * @throws Error for a file elsewhere, and for a missing one
   */
  async content(url: string): Promise<string> {
    const id = /^https?:\/\/[^/]+\/event\/events\/([\w-]+)\/binaries$/i.exec(url)?.[1];
    if (id === undefined) throw new Error(`the result is at ${url}`);
    return this.attachment(id);
  }

  /** The file that is attached to an event. @throws Error for a missing one */
  async attachment(eventId: string): Promise<string> {
    const path = `/event/events/${encodeURIComponent(eventId)}/binaries`;
    const answer = await this.#fetch('GET', path, { accept: '*/*' });
    if (!answer.ok) throw new Error(`GET ${path}: HTTP ${answer.status}`);
    return textOf(answer, path);
  }

  /** Saves a host behind a device, for `remote`; returns its id. */
  async saveHost(deviceId: string, hostname: string, port: number): Promise<string> {
    const document = {
      name: `fractus ${hostname}:${port}`,
      hostname,
      port,
      protocol: 'PASSTHROUGH',
      credentialsType: 'NONE',
    };
    const options = { body: JSON.stringify(document), type: 'application/json' };
    const saved = (await this.#ask('POST', remotePath(deviceId), options)) as { id: string };
    return saved.id;
  }

  /** Deletes a saved host. */
  async dropHost(deviceId: string, id: string): Promise<void> {
    await this.#fetch('DELETE', `${remotePath(deviceId)}/${id}`, {});
  }

  /** The operator's end of a connection to a saved host; the platform calls the device for it. */
  remote(deviceId: string, id: string): WebSocket {
    const url = `${this.#url.replace(/^http/i, 'ws')}/service/remoteaccess/client/${deviceId}/configurations/${id}`;
    return new WebSocket(url, ['binary'], {
      headers: { Authorization: this.#authorization },
      perMessageDeflate: false,
      handshakeTimeout: TIMEOUT_MS,
    });
  }

  async #ask(
    method: string,
    path: string,
    options: { body?: string | FormData; type?: string; missing?: boolean } = {},
  ): Promise<unknown> {
    const answer = await this.#fetch(method, path, options);
    if (options.missing === true && answer.status === 404) return undefined;
    const text = await textOf(answer, path);
    if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status}${messageOf(text)}`);
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${method} ${path}: the answer is not the platform's`);
    }
  }

  async #fetch(
    method: string,
    path: string,
    { body, type, accept = 'application/json' }: { body?: string | FormData; type?: string; accept?: string },
  ): Promise<Response> {
    const isForm = body instanceof FormData;
    try {
      return await fetch(`${this.#url}${path}`, {
        method,
        headers: {
          Authorization: this.#authorization,
          Accept: accept,
          ...(type === undefined ? {} : { 'Content-Type': type }),
        },
        // The login must not be sent to another host.
        redirect: 'error',
        signal: AbortSignal.timeout(isForm ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS),
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      const { cause = error } = error as Error;
      throw new Error(`${method} ${this.#url}${path}: ${reasonOf(cause as NodeJS.ErrnoException)}`);
    }
  }
}

/** @return the reason of a failure, with its remedy for a tenant whose CA this machine does not know */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return UNKNOWN_CA.test(code ?? '') ? `${message}; a CA of its own: set NODE_EXTRA_CA_CERTS to its file` : message;
}

function remotePath(deviceId: string): string {
  return `/service/remoteaccess/devices/${deviceId}/configurations`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** @throws Error for an answer without an end */
async function textOf({ body }: Response, path: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_BYTES) throw new Error(`${path}: the answer is longer than ${MOST_BYTES >> 20} MB`);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return isText(message) ? `, ${plain(message.slice(0, MOST_LETTERS))}` : '';
  } catch {
    return '';
  }
}
