// SPDX-License-Identifier: Apache-2.0

import type { Client } from './client.ts';

/** A patient client has its turn after so long, whoever else waits: the platform waits 10 s for the next poll. */
const PATIENCE_MS = 5000;

/** Who waits for a connection, in the order in which they came; times are the clock's ticks. */
export class ClientLine {
  /** Whoever has waited longest; undefined: nobody waits. A field, for it is asked for after each event. */
  first: Client | undefined = undefined;

  /** One of them has failed before. */
  get isTroubled(): boolean {
    for (let at = this.first; at !== undefined; at = at.following) if (at.isRetry) return true;
    return false;
  }

  /** Puts a client before those who are patient; one that waits already keeps its place. */
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
    // Mostly nobody waits.
    if (at === undefined) return;
    for (; at !== undefined && at !== client; at = at.following) before = at;
    if (at === undefined) return;
    if (before === undefined) this.first = client.following;
    else before.following = client.following;
    client.following = undefined;
  }

  /** Takes the next client whose pause is over out of the line; undefined: there is none. */
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

  /** When the pause of the first of them is over; Infinity: nobody waits. */
  get dueTicks(): number {
    let dueTicks = Infinity;
    for (let at = this.first; at !== undefined; at = at.following) dueTicks = Math.min(dueTicks, at.dueTicks);
    return dueTicks;
  }
}
