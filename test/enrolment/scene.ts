// SPDX-License-Identifier: Apache-2.0

import { X509Certificate } from 'node:crypto';
import { CAPABILITIES, enrolment } from '../../src/capabilities/index.ts';
import { alarmsOf, createOperation, eventsOf, registerEnrolment } from '../../tools/platform/operator.ts';
import { accessTokenPath } from '../../tools/platform/tenant/tokens.ts';
import { World, type WorldOptions } from '../../tools/simulate/machine/world.ts';
import type { Exchange } from '../../tools/simulate/wire/bridge.ts';

export const DEVICE = 'esp32-a0b1c2d3e4f5';
export const PASSWORD = 'a-password-for-once';
export const ENROL = '/.well-known/est/simpleenroll';
export const REENROL = '/.well-known/est/simplereenroll';
export const DAY_MS = 86_400_000;
export const YEAR_MS = 365 * DAY_MS;

export interface EnrolWorldOptions extends WorldOptions {
  /** Default true: the device is registered with its one-time password. */
  readonly registered?: boolean;
  /** Of certificates. Default a year. */
  readonly lifeMs?: number;
}

/** A device that gets its certificate by itself. */
export class EnrolWorld extends World {
  constructor({ registered = true, lifeMs = YEAR_MS, ...options }: EnrolWorldOptions = {}) {
    super({
      ...options,
      config: {
        ...{ auth: 'certificate', certificate: 'enrolled', privateKey: 'enrolled' },
        ...{ deviceId: DEVICE, bootstrapPassword: PASSWORD },
        // Virtual days pass in no time when nothing is measured.
        ...{ measurementInterval: '86400', pollTimeout: '7200', requiredAvailability: '0' },
        ...options.config,
      },
      capabilities: options.capabilities ?? [...CAPABILITIES, enrolment()],
    });
    this.platform.settings.certificateLifeMs = lifeMs;
    if (registered) this.register();
  }

  /** A person enters the one-time password. */
  register(): void {
    registerEnrolment(this.platform, DEVICE, PASSWORD);
  }

  sent(path: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.path.startsWith(path));
  }

  get tokens(): Exchange[] {
    return this.sent(accessTokenPath);
  }

  /** Whether a poll hangs. */
  get polled(): boolean {
    return [...this.platform.core.sessions.values()].some((session) => session.hold !== undefined);
  }

  /** Starts it and waits until it listens. */
  listen(withinMs = 120_000): void {
    this.start();
    this.runUntil(() => this.polled, withinMs);
  }

  slot(name: 'enrolled' | 'enrolled-new'): string | undefined {
    const value = this.device.machine.flash.values.get(name);
    return value && Buffer.from(value).toString('utf8');
  }

  /** Number of the certificate in a slot; empty: there is none. */
  serial(name: 'enrolled' | 'enrolled-new' = 'enrolled'): string {
    const text = this.slot(name);
    return text === undefined ? '' : new X509Certificate(text).serialNumber;
  }

  get events(): string[] {
    return eventsOf(this.platform, this.object?.id ?? '').map(({ fragments }) => String(fragments['type']));
  }

  get alarms(): string[] {
    return alarmsOf(this.platform, this.object?.id ?? '').map(
      ({ fragments }) => `${String(fragments['type'])} ${String(fragments['status'])}`,
    );
  }

  /** What a command answers. */
  ask(text: string): string {
    const operation = createOperation(this.platform, this.object?.id ?? '', { c8y_Command: { text } });
    this.runUntil(() => operation.status === 'SUCCESSFUL' || operation.status === 'FAILED', 60_000);
    const { result = operation.failureReason } = operation.fragments['c8y_Command'] as { result?: string };
    return String(result);
  }

  /** Lines of the log that hold this. */
  lines(text: string): string[] {
    return this.device.lines.filter((line) => line.includes(text));
  }

  /** Where a part of a private key of this device was seen outside of its flash. */
  get leaks(): string[] {
    const secrets: string[] = [];
    for (const name of ['enrolled', 'enrolled-new'] as const) {
      const [, block = ''] = /PRIVATE KEY-----\n([^-]*)/.exec(this.slot(name) ?? '') ?? [];
      const der = Buffer.from(block, 'base64');
      // RFC 5915 §3: behind 26 bytes of PKCS #8 and 10 of the key itself.
      const scalar = der.subarray(36, 68);
      if (scalar.length === 32)
        secrets.push(...block.split('\n').slice(0, 3), scalar.toString('hex'), scalar.toString('base64'));
    }
    const seen = [
      ...this.device.lines,
      ...this.exchanges.flatMap(({ path, headers, body }) => [path, body, ...Object.values(headers)]),
    ];
    return secrets.filter((secret) => secret !== '' && seen.some((text) => text.includes(secret)));
  }
}

/** Of a short life: 30 of these, and the renewal is due after 20. */
export const UNIT_MS = DAY_MS / 6;
const LIFE_MS = 30 * UNIT_MS;

/** A device that is about to renew, and the number of its certificate. */
export function renewing(): { world: EnrolWorld; first: string } {
  const world = new EnrolWorld({ lifeMs: LIFE_MS });
  world.listen();
  const first = world.serial();
  world.run(19 * UNIT_MS);
  return { world, first };
}
