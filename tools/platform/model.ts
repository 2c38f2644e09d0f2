// SPDX-License-Identifier: Apache-2.0
/** The types that the core of the emulated platform, its server and a simulator share. */

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** A JSON object: a document of the platform or one fragment of it. */
export interface JsonObject {
  [name: string]: Json;
}

/** The TLS layer's knowledge of a client, which has proved possession of the leaf's key. */
export interface ClientCertificate {
  /** The leaf as DER. Whether it is trusted is decided by the core. */
  readonly leaf: Uint8Array;
}

/** One request as the HTTP layer read it. */
export interface PlatformRequest {
  readonly method: string;
  /** The request target as it was sent, query included. */
  readonly path: string;
  /** Names in lower case; repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that occurred more than once. */
  readonly repeatedHeaders?: readonly string[];
  readonly body: Uint8Array;
  readonly clientCertificate?: ClientCertificate;
  /** The server that received it: the API, or the one with mutual TLS. */
  readonly port: 'api' | 'token';
  /** Scheme and authority of that server, as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Number of the connection, for the request log. */
  readonly connection?: number;
  /** Bytes the request took on the wire, where the HTTP layer knows. */
  readonly sizeBytes?: number;
  /** Takes over the connection after the answer 101; undefined where it cannot become a WebSocket. */
  readonly upgrade?: (accept: (socket: Socket) => SocketListener) => void;
}

/** A WebSocket as the core sees it: whole messages of bytes (RFC 6455). */
export interface Socket {
  /** Sends bytes; `onSent` is called when there is room for more. */
  send(bytes: Uint8Array, onSent: () => void): void;
  close(code: number, reason: string): void;
}

/** Receives the messages of a WebSocket. */
export interface SocketListener {
  /** A message. No further one follows before `onTaken` is called, except those already on their way. */
  onMessage(bytes: Uint8Array, onTaken: () => void): void;
  /** The end of the connection; called once. */
  onClose(): void;
}

/** Receives the answer to a request, which may come much later (long poll). */
export interface Reply {
  /** Sends the head. Without `Content-Length` the body is streamed. Called once, before `write` and `end`. */
  head(status: number, headers: Readonly<Record<string, string>>): void;
  write(bytes: Uint8Array): void;
  end(bytes?: Uint8Array): void;
  /** Cuts the connection without (the rest of) an answer. */
  drop(): void;
  /** Set by the core: called when the connection went away before the answer was handed over. */
  onClose: (() => void) | undefined;
  /** Written bytes that are not sent yet, if the HTTP layer knows. */
  readonly backlogBytes?: number;
}

/** Timers of the core; a simulator drives them in virtual time. */
export interface Scheduler {
  set(callback: () => void, ms: number): TimerHandle;
  clear(handle: TimerHandle): void;
}
/** Opaque to the core. */
export type TimerHandle = unknown;

/** Options of the core, including its clock and its random source: it has no others. */
export interface PlatformOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly scheduler: Scheduler;
  /** Tenant ID. Default `t1000`. */
  readonly tenant?: string;
  readonly operator?: { readonly user: string; readonly password: string };
  readonly bootstrap?: { readonly tenant: string; readonly user: string; readonly password: string };
  /** Registers and accepts every device that requests credentials. */
  readonly accept?: boolean;
}

/** Kinds of callers: people, the user that may request credentials, devices. */
export type UserKind = 'operator' | 'bootstrap' | 'device';

/** A user of a tenant. */
export interface User {
  readonly tenant: string;
  readonly name: string;
  readonly kind: UserKind;
  /** Absent for devices that authenticate by certificate. */
  password: string | undefined;
  enabled: boolean;
}

/** Kinds of child references (OpenAPI, inventory). */
export type ChildKind = 'childDevices' | 'childAssets' | 'childAdditions';

/** A managed object; `fragments` holds everything a client may set, `name` and `type` too. */
export interface ManagedObject {
  readonly id: string;
  /** Number of the request with which a device created it; 0 when a person created it. */
  readonly request: number;
  owner: string;
  readonly creationTimeMs: number;
  lastUpdatedMs: number;
  fragments: JsonObject;
  readonly children: Readonly<Record<ChildKind, Set<string>>>;
  /** Last sign of life, epoch ms. */
  lastMessageMs: number | undefined;
  /** Whether an agent ever held a long poll for it. */
  hasListened: boolean;
  binary: { readonly bytes: Uint8Array; readonly mediaType: string } | undefined;
}

/** States of an operation (guide step 6). */
export type OperationStatus = 'PENDING' | 'EXECUTING' | 'SUCCESSFUL' | 'FAILED';

/** An operation, with data for the rules. */
export interface Operation {
  readonly id: string;
  readonly deviceId: string;
  readonly creationTimeMs: number;
  status: OperationStatus;
  fragments: JsonObject;
  failureReason: string | undefined;
  /** Number of the request with which a device set the present status; 0 when a person set it. */
  statusRequest: number;
  /** Numbers of the requests whose answers carried it to a device. */
  readonly deliveries: number[];
  /** Every status with its time, oldest first. */
  readonly history: { status: OperationStatus; timeMs: number }[];
}

/** A stored measurement, event or alarm: all have a source, a type, a time and fragments. */
export interface DataRecord {
  readonly id: string;
  readonly sourceId: string;
  readonly creationTimeMs: number;
  timeMs: number;
  /** The document without `id`, `self`, `source`, `time` and the fields that the platform maintains. */
  fragments: JsonObject;
}

/** An event; at most one attachment. */
export interface EventRecord extends DataRecord {
  lastUpdatedMs: number;
  /** Number of times that bytes were attached. */
  attachments: number;
  binary: { readonly bytes: Uint8Array; readonly mediaType: string; readonly name: string | undefined } | undefined;
}

/** An alarm. */
export interface AlarmRecord extends DataRecord {
  lastUpdatedMs: number;
  firstOccurrenceTimeMs: number;
  count: number;
  /** Number of the request that raised or last repeated it. */
  request: number;
}

/** A device waiting for its credentials. */
export interface Registration {
  readonly id: string;
  status: 'WAITING_FOR_CONNECTION' | 'PENDING_ACCEPTANCE' | 'ACCEPTED' | 'BLOCKED';
  readonly creationTimeMs: number;
  readonly owner: string;
  readonly fragments: JsonObject;
  /** The token that the device has sent. */
  securityToken: string | undefined;
  wrongTokens: number;
}

/** The permission of a device to get its first certificate of the tenant's own CA. */
export interface Enrolment {
  readonly oneTimePassword: string;
  /** Number of the request that has used it; undefined: not used yet. */
  usedBy: number | undefined;
}

/** The tenant's own CA. */
export interface TenantAuthority {
  /** A P-256 key: the private scalar, and the public point. */
  readonly key: { readonly scalar: bigint; readonly point: Uint8Array };
  /** DER. */
  readonly certificate: Uint8Array;
}
