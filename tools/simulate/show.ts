// SPDX-License-Identifier: Apache-2.0
/** `fractus simulate --show`: runs one life, and serves the desk with its recording. */

import { loadPage } from '../desk/page.ts';
import { tables } from '../desk/tables.ts';
import { control, refusalOf, send } from '../platform/control/control.ts';
import type { Message } from '../platform/messages.ts';
import type { PlatformRequest, Reply } from '../platform/model.ts';
import { Platform } from '../platform/platform.ts';
import { machineOptions, type RunningServer, startServer } from '../platform/server.ts';
import { feedRecorded } from '../platform/stream/feed.ts';
import { untilSignal } from '../terminal/signal.ts';
import type { SimulateArguments } from './arguments.ts';
import { simulatedIdentity } from './machine/identity.ts';
import { Recorder } from './recorder.ts';
import { describeTrial, runTrial, type Trial } from './trial.ts';

/** Serves until a signal. Resolves with the exit code: 0 when the life has not failed, 1 when it has. */
export async function showLife(
  { firstSeed, faults }: Pick<SimulateArguments, 'firstSeed' | 'faults'>,
  scenario: string,
  port: number,
): Promise<number> {
  const signal = untilSignal();
  try {
    const { server, title, held } = await serveLife({ scenario, seed: firstSeed, faults }, port);
    console.log(`${held ? 'ok    ' : 'FAILED'}  ${title}\n`);
    console.log(`  See it, moment by moment:  ${server.url}/\n\nCtrl-C ends it.`);
    await signal;
    await server.close();
    return held ? 0 : 1;
  } catch (error) {
    console.error(`fractus simulate: ${(error as Error).message}`);
    return 1;
  }
}

export interface ServedLife {
  readonly server: RunningServer;
  /** The command that repeats the life. */
  readonly title: string;
  readonly held: boolean;
}

/** Rejects when the port is taken. */
export async function serveLife(trial: Trial, port: number): Promise<ServedLife> {
  const title = describeTrial(trial).replace(/ --faults ""$/, '');
  const recorder = new Recorder(title);
  const verdict = runTrial(trial, { identity: await simulatedIdentity(), recorder });
  recorder.conclude(verdict);
  const recording = new Recording(recorder);
  const server = await startServer({
    // Only its settings are used: the recording answers all requests.
    platform: new Platform(machineOptions()),
    port,
    page: await loadPage(),
    handle: (request, reply) => recording.handle(request, reply),
  });
  return { server, title, held: verdict.trouble === undefined };
}

/** Answers requests for a recorded life. */
class Recording {
  readonly #messages: readonly Message[];
  readonly #platform: Platform;

  constructor({ messages, platform }: Recorder) {
    this.#messages = messages;
    this.#platform = platform;
    // The desk only shows its tables; no action is possible.
    platform.core.desk = { tables, trials: [], act: refuse, begin: refuse, cancel: refuse };
  }

  handle(request: PlatformRequest, reply: Reply): void {
    const { method, path, headers, body, origin } = request;
    const { hosts } = this.#platform.settings;
    const refusal = refusalOf(request, hosts);
    if (refusal !== undefined) send(reply, 403, { error: refusal });
    else if (method !== 'GET' || !path.startsWith('/emulator/')) send(reply, 409, { error: OVER });
    else if (path === '/emulator/stream') feedRecorded(this.#messages, reply);
    else control(this.#platform, { method, path, query: new URLSearchParams(), headers, body, origin }, reply);
  }
}

const OVER = 'this life is over: it cannot be changed';

function refuse(): never {
  throw new RangeError(OVER);
}
