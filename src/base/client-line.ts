// SPDX-License-Identifier: Apache-2.0

import type { Client } from './client.ts';

/** After this wait a patient client goes first: the platform waits only 10 s for the next poll. */
const PATIENCE_MS = 5000;

/** The clients that wait for a connection, in order of arrival, patient ones last. Times are ticks of the clock. */
export class ClientLine {
  /** The head of the line; undefined: no client waits. A field, not a getter, because it is read after each event. */
  first: Client | undefined;

  /** Whether the request of a waiting client has failed before. */
  get isTroubled(): boolean {
    for (let at = this.first; at !== undefined; at = at.following) if (at.isRetry) return true;
    return false;
  }

  /** Adds a client in front of the patient ones. A client that waits already keeps its place. */
  put(client: Client): void {
    const isPatient = client.patientTicks !== undefined;
    let before: Client | undefined;
    let at = this.first;
    for (; at !== undefined && (isPatient || at.patientTicks === undefined); at = at.following) {
      if (at === client) return;
      before = at;
    }
    client.following = at;
    if (before === undefined) this.first = client;
    else before.following = client;
  }

  remove(client: Client): void {
    let before: Client | undefined;
    let at = this.first;
    // The line is empty most of the time.
    if (at === undefined) return;
    for (; at !== undefined && at !== client; at = at.following) before = at;
    if (at === undefined) return;
    if (before === undefined) this.first = client.following;
    else before.following = client.following;
    client.following = undefined;
  }

  /** Removes and returns the next client whose pause is over; undefined: there is none. */
  take(ticks: number): Client | undefined {
    const first = this.first;
    if (first !== undefined && first.following === undefined) {
      if (first.dueTicks > ticks) return undefined;
      this.first = undefined;
      return first;
    }
    let chosen: Client | undefined;
    for (let at = this.first; at !== undefined; at = at.following) {
      if (at.dueTicks > ticks) continue;
      const waitedMs = ticks - (at.patientTicks ?? ticks);
      if (chosen === undefined || waitedMs >= PATIENCE_MS) chosen = at;
    }
    if (chosen !== undefined) this.remove(chosen);
    return chosen;
  }

  /** Ticks at which the first pause ends; Infinity: no client waits. */
  get dueTicks(): number {
    let dueTicks = Infinity;
    for (let at = this.first; at !== undefined; at = at.following) dueTicks = Math.min(dueTicks, at.dueTicks);
    return dueTicks;
  }
}
