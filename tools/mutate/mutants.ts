// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all format: one line each
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources
/**
 * Defects that are planted to test the simulator's suites: one change of text in one file each. A defect that no suite
 * finds shows a gap of the suites.
 */

import type { Defect } from './plant.ts';

export interface Mutant extends Defect {
  /** Arguments of the simulator that find it. */
  readonly by: string;
  /** Part of `npm test`, because it is found within seconds. */
  readonly quick?: true;
}

const P1 = '--suite P1';
const N1 = '--suite N1 --seeds 1..3';
const N2 = '--suite N2 --stride 8';
const N4 = '--suite N4';
const M1 = '--suite M1';
const SIGNED = '--suite P1 --only firmware-signed';
const CHILD = '--suite P1 --only child-catalogue';
const APPLIANCE = '--suite P1 --only child-profile';
const READ_BACK = '--suite P1 --only read-back';
const PLACE = '--suite P1 --only location';
const PROFILE = '--suite P1 --only profile-files';
const ADVANCED = '--suite P1 --only child-advanced';
const REMOTE = '--suite P1 --only remote';
const RENEWAL = '--suite P1 --only renewal';

const ALARMS = 'agent/records/alarms/alarms.ts';
const ALARM_TABLE = 'agent/records/alarms/alarms-table.ts';
const REPORTER = 'agent/records/reporter.ts';
const RING = 'agent/records/queues/ring.ts';
const JOURNAL = 'agent/operations/journal.ts';
const EXECUTOR = 'agent/operations/executor.ts';
const INTAKE = 'agent/operations/intake.ts';
const BACKLOG = 'agent/operations/backlog.ts';
const LISTENER = 'agent/operations/listener.ts';
const REQUESTS = 'agent/uplink/requests.ts';
const TROUBLE = 'base/trouble.ts';
const CREDENTIALS = 'agent/uplink/credentials.ts';
const CREATION = 'agent/devices/registration/creation.ts';
const PLACEMENT = 'agent/devices/registration/placement.ts';
const RESTART = 'capabilities/restart.ts';
const FILE_CHANGE = 'capabilities/configuration/file-change.ts';
const LOG = '--suite P1 --only log';
const UPLOAD = 'transfers/upload.ts';
const DOWNLOAD = 'transfers/download.ts';
const TIMEKEEPER = 'agent/uplink/timekeeper.ts';

export const MUTANTS: readonly Mutant[] = [
  // Alarms.
  mutant('alarm is never raised', ALARM_TABLE, '[Decision.Yes]: Tell.Raise', '[Decision.Yes]: Tell.Idle', N2),
  mutant('alarm is never cleared', ALARM_TABLE, '[Decision.Other]: Tell.Change', '[Decision.Other]: Tell.Idle', N2),
  mutant('alarm is raised without a look', ALARMS, 'if (entry.held === Held.Unknown || entry.held === Held.Stale) {', 'if (entry.held === Held.Stale) {', N2),
  mutant('alarm in doubt is raised again', ALARM_TABLE, '[Outcome.Unknown]: Tell.PutOff', '[Outcome.Unknown]: Tell.Raise', N1),
  mutant('alarm has another severity', ALARMS, 'entry.severity = severity;', "entry.severity = 'WARNING';", N2),
  mutant('alarm is not kept', ALARMS, 'storeAlarm(this.agent, entry);\n    this.wakeUp();\n  }\n\n  /** @param', 'this.wakeUp();\n  }\n\n  /** @param', P1),
  mutant('alarm that gets worse is not changed', ALARMS, 'entry.changed = isActive;', 'entry.changed = false;', N2),
  mutant('alarm of an earlier start is forgotten', ALARMS, 'readAlarm(this.agent, this.add(device, type), text);', '', P1),
  mutant('alarm has another time', 'agent/records/alarms/alarm-entry.ts', '.iso(alarmTime(agent, entry))', '.iso(alarmTime(agent, entry) + 3600000)', N2),
  // Records.
  mutant('time is an hour off', REPORTER, '.iso(timeMs)', '.iso(timeMs + 3600000)', N1),
  mutant('time is that of the sending', REPORTER, '.iso(timeMs)', '.iso(this.agent.hal.clock.now() ?? 0)', N1),
  mutant('event is told of the board', REPORTER, '.put(device.idBytes)', '.put(this.agent.board.idBytes)', N2),
  mutant('one record too many is forgotten', REPORTER, 'records.acknowledge(left);', 'records.acknowledge(left + 1);', N1, true),
  mutant('nothing is acknowledged', REPORTER, 'records.acknowledge(left);', '', P1, true),
  mutant('a refused record takes all with it', REPORTER, 'this.records.acknowledge(1);\n    this.agent.telemetry.countLost(1);', 'this.records.acknowledge(this.records.count);', N2),
  mutant('what is unreadable on flash is believed', 'agent/records/queues/record-flash.ts', 'if (checksumOf(words, RECORD / WORD, (RECORD + total) / WORD) !== checksum) return this.reject();', '', '--suite P3'),
  mutant('acknowledgements are not kept', RING, 'if (this.count === 0) this.shrink();\n    this.mark();', 'if (this.count === 0) this.shrink();', P1, true),
  mutant('a start finds nothing on flash', RING, 'if (ends === undefined) return;', 'return;', P1),
  mutant('losses are not counted', RING, 'this.#lost++;\n    this.untold++;', 'this.#lost++;', M1),
  mutant('what the flash refuses is lost', 'agent/records/queues/buffered-queue.ts', 'else if (!this.#flashQueue.keep()) this.salvage();', 'else this.#flashQueue.keep();', M1),
  mutant('boot numbers are reused', 'agent/parts/flash-queue.ts', 'bootCount: board.bootCount', 'bootCount: 1', P1),
  // Operations.
  mutant('journal is never kept', JOURNAL, 'sealState(this.#agent.hal, STORED, new Uint8Array(this.#entries.buffer));', '', P1),
  mutant('beginning is not kept', JOURNAL, 'this.put(id, this.find(id), Progress.Begun);\n    this.keep();', 'this.put(id, this.find(id), Progress.Begun);', P1),
  mutant('end is not kept', JOURNAL, 'if (isKept) this.keep();', '', P1),
  mutant('reason is not kept', JOURNAL, 'this.keepReasons();\n    sealState(', 'sealState(', P1),
  mutant('what the platform has PENDING again is begun again', INTAKE, 'const isEarlier = progress !== Progress.None;', 'const isEarlier = false;', P1),
  mutant('what the platform has PENDING again stays so', INTAKE, 'const isEarlier = progress !== Progress.None;', 'const isEarlier = progress !== Progress.None;\n    if (isEarlier && !isExecuting) return Taken.No;', N2),
  mutant('operation that is known is taken again', INTAKE, 'if (journal.knows(entryAt)) return Taken.No;', '', N2, true),
  mutant('interrupted work is begun again', EXECUTOR, '(capability.repeatable === true && !operation.begun)', '(!operation.begun || operation.begun)', P1, true),
  mutant('interrupted work is called done', EXECUTOR, "else operation.fail(`the device restarted before the operation was ${operation.begun ? 'finished' : 'begun'}`);", 'else operation.succeed();', P1),
  mutant('nothing is done and all succeeds', EXECUTOR, 'working = capability.run(operation, this.agent);', 'operation.succeed();', P1, true),
  mutant('end is told before it is known', EXECUTOR, 'if (operation.finished) return Decision.Yes;', 'return Decision.Yes;', P1),
  mutant('restart is claimed and never happens', RESTART, 'host.restart(`operation ${operation.id}`);', 'operation.succeed();', P1),
  mutant('restart needs no later boot', RESTART, "if (host.hal.board.bootCount <= Number(witness[1])) return operation.fail('the device did not restart');", '', '--suite P3 --stride 50'),
  mutant('restart needs no witness', RESTART, "if (witness?.[0] !== operation.id) {\n      return operation.fail('the device lost power before it could restart as asked');\n    }\n    if (host.hal.board.bootCount <= Number(witness[1])) return operation.fail('the device did not restart');", 'void witness;', P1),
  mutant('configuration is not applied', 'capabilities/configuration/configuration.ts', 'host.configure(text)', 'text', N2),
  mutant('parameters are not kept', 'capabilities/kept.ts', 'host.remember(place.ofBoard, value)', 'value !== place.ofBoard', P1),
  mutant('parameters of a child are not kept', 'capabilities/kept.ts', 'host.remember(place.ofChildren, withChild(host, place, { name: childId, value }, mayForget))', "withChild(host, place, { name: childId, value }, mayForget) !== ''", CHILD),
  mutant('software of a child is installed before it is there', 'capabilities/children/child-software.ts', 'else this.carryOut(wish);', 'else this.step();', CHILD),
  mutant('where the firmware of a child has come from is not kept', 'capabilities/children/child-firmware.ts', 'return kept.slice(0, at) === firmware ? kept.slice(at + 1) : \'\';', "return at < -1 ? firmware : '';", APPLIANCE),
  mutant('advanced software management does not hear of the software of a child', 'capabilities/children/child-software.ts', 'else service.tell(end);', 'else end();', ADVANCED),
  mutant('a configuration file is not read back', FILE_CHANGE, 'const wrong = reason ?? tried(() => verify(file, bytes, host));', 'const wrong = reason;', READ_BACK),
  mutant('parameters are not read back', 'capabilities/parameters/parameters-change.ts', 'const wrong = reason ?? tried(() => verify(next, host));', 'const wrong = reason;', READ_BACK),
  mutant('what is in force against the will of an operation stays', FILE_CHANGE, 'if (wrong !== undefined) giveUp(wrong, ', 'if (wrong !== undefined) ((reason: string, _isNeeded: () => boolean) => operation.fail(reason))(wrong, ', READ_BACK),
  mutant('the file before is not kept', 'capabilities/configuration/former-file.ts', 'return this.#host.rememberBytes(this.#name, value);', "return this.#name !== '';", READ_BACK),
  mutant('a position is in events only', 'agent/devices/device.ts', "this.fragment('c8y_Position', position);", '', PLACE),
  mutant('a profile ends with its software', 'capabilities/profile/device-profile.ts', 'for (let i = 0; i < count; i++) parts.push({ path: `configuration[${i}]`, operation: \'c8y_DownloadConfigFile\' });', '', PROFILE),
  mutant('the software service is told once or never', 'software/service.ts', 'this.#deadline.start(LATER_MS << Math.min(this.#rounds++, MOST_DOUBLINGS));', 'this.#rounds++;', '--suite N1 --seeds 1..3 --only software-advanced'),
  mutant('parameters that flash refuses stay in force', 'capabilities/parameters/parameters-change.ts', 'if (reason !== undefined) this.takeBack(reason);', 'if (reason !== undefined) operation.fail(reason);', '--suite P3'),
  mutant('a command to a service does nothing', 'capabilities/services/services.ts', 'onCommand?.(known as ServiceCommand, this);', 'known === undefined ? onCommand?.(known, this) : undefined;', P1),
  mutant('the shell says what was configured before', 'capabilities/commands/shell-commands.ts', '{ config: after }', '{ config: before }', P1),
  mutant('what is interrupted is not looked for', BACKLOG, 'if (this.state === List.Fresh) this.fire(Signal.Wake);', 'if (this.state === List.Fresh) this.enter(List.Idle);', P1),
  mutant('what is pending is not listed', LISTENER, '    this.agent.backlog.hasten();\n', '', N1),
  mutant('a lost poll is not made up for', LISTENER, 'if (this.#polls > 0 || late) this.agent.backlog.refresh();', '', N1),
  mutant('a push while a list is due is dropped', BACKLOG, 'fireAfter(LEASH_MS);\n      }\n    }\n    this.refresh();', 'fireAfter(LEASH_MS);\n      }\n    }', N1),
  mutant('advice to start over is ignored', LISTENER, 'if (session.reconnect === Reconnect.Handshake) return Decision.Again;', '', N2),
  mutant('a dead poll is never noticed', LISTENER, '+ GRACE_MS;\n', '+ 1e9;\n', N1, true),
  // Uploads.
  mutant('event in doubt is made again', UPLOAD, 'if (this.#step === Step.Create) this.#step = Step.Find;\n    else if', 'if', N2),
  mutant('event of an earlier start is made again', UPLOAD, 'options.isAgain ? Step.Find : Step.Create', 'options.isAgain ? Step.Create : Step.Create', P1),
  mutant('a transfer that is over keeps the long poll parked', 'agent/uplink/side-connections.ts', 'if (this.#transfers.length === 0) this.#lines.poll.park(false);', '', LOG),
  mutant('a transfer that is over keeps the long poll parked for a while', 'transfers/passage.ts', '    this.base.uplink.transfers.leave(this);\n', '    const { transfers } = this.base.uplink;\n    this.base.timers.create({ onDeadline: () => transfers.leave(this) }).start(20_000);\n', LOG),
  // Downloads.
  mutant('a part with another validator is taken', DOWNLOAD, '(this.#etag || this.#validator) !== this.#validator ||', '', N4),
  mutant('a part that begins elsewhere is taken', DOWNLOAD, 'rangeFrom !== this.#offset ||', '', N4),
  mutant('a part of another length is taken', DOWNLOAD, '(this.#totalBytes >= 0 && this.#totalBytes !== totalBytes)', 'totalBytes < -1', '--suite N4 --only read-back'),
  mutant('a part that is told as the whole is the whole', DOWNLOAD, "status === 200 && (this.#range === '' || rangeFrom === 0)", 'status === 200', N4),
  mutant('a part that ends too early is the whole', DOWNLOAD, '(this.#totalBytes < 0 || this.#offset === this.#totalBytes)', 'this.#totalBytes < 1e9', N4),
  mutant('more than a part has named belongs to it', DOWNLOAD, 'this.#offset + to - from > this.#totalBytes', 'this.#offset < 0', N4),
  // Certificates.
  mutant('a certificate is in use before it is proven', 'enrolment/enroller-table.ts', "step: 'RFC 7030 §4.2.3',\n      enter: (enroller) => enroller.judge(),\n      on: { [Decision.Yes]: Enrol.Prove", "step: 'RFC 7030 §4.2.3',\n      enter: (enroller) => enroller.judge(),\n      on: { [Decision.Yes]: Enrol.Promote", RENEWAL),
  mutant('the certificate in use goes before the new one is kept', 'enrolment/slots.ts', 'return value !== undefined && isKept(store, CURRENT, value) && store.delete(CANDIDATE);', 'store.delete(CURRENT);\n  store.delete(CANDIDATE);\n  return value !== undefined && isKept(store, CURRENT, value);', RENEWAL),
  mutant('a certificate is never replaced', 'enrolment/enroller.ts', 'now >= this.momentOf(RENEW_AT) ? Decision.Yes', 'now >= this.momentOf(2) ? Decision.Yes', RENEWAL),
  // Remote access.
  mutant('remote access is SUCCESSFUL before both ends are up', 'capabilities/remote-access.ts', '    tunnel.start();\n', '    tunnel.start();\n    operation.succeed();\n', REMOTE),
  mutant('the host is not let go when a session ends', 'remote/tunnel.ts', '    this.#plug.stop();\n    this.#socket.stop();', '    this.#socket.stop();', REMOTE),
  mutant('what the host does not take is lost', 'remote/tunnel.ts', 'return this.#plug.isOver ? Number.POSITIVE_INFINITY : this.#plug.roomBytes;', 'return Number.POSITIVE_INFINITY;', REMOTE),
  mutant('a session that is over keeps the long poll parked', 'remote/tunnel.ts', '    this.#base.uplink.transfers.leave(this);\n', '', REMOTE),
  // Signed firmware.
  mutant('nobody looks for a signature', 'capabilities/firmware/signed-firmware.ts', 'return { ...firmware, headCheck };', 'return { ...firmware, ...(headCheck === undefined && { headCheck }) };', SIGNED),
  mutant('any signature is a good one', 'capabilities/firmware/signed-firmware.ts', 'else if (hal.verify(message, decoded(text), decoded(key))) return undefined;', 'else if (message.length + decoded(text).length + decoded(key).length > 0) return undefined;', SIGNED),
  mutant('any image is that of its head', 'capabilities/firmware/firmware-image.ts', 'return this.#digest.hex() === this.#head.sha256 ?', 'return this.#digest.hex() !== this.#head.model ?', SIGNED),
  // Requests.
  mutant('no pause after a failure', TROUBLE, 'leastMs + pauseMs(trouble.failures, this.#hal.random())', '1', N1, true),
  mutant('Retry-After is ignored', TROUBLE, 'leastMs = retryAfterMs >= 0 ?', 'leastMs = retryAfterMs === Infinity ?', '--cells measurements/503-hour/2/alone'),
  mutant('no jitter', TROUBLE, 'leastMs + random * (windowMs - leastMs)', 'windowMs + 0 * (random + leastMs)', '--suite H1'),
  mutant('a request in doubt is repeated', REQUESTS, 'if (maybeDone && client.once && client.wants(Outcome.Unknown)) client.conclude(Outcome.Unknown);\n    else if (client.wants(Outcome.Failed)) client.conclude(Outcome.Failed);\n    else this', 'this', N1, true),
  mutant('a page is believed', REQUESTS, 'if (!isEmpty && !head.hasJson) {', 'if (!isEmpty && !head.hasJson && client.silenceMs < 0) {', N2),
  mutant('what the agent throws is swallowed', 'agent/capability-host.ts', '.createTimer(() => {\n        throw error;\n      })', '.createTimer(() => {})', '--suite M2 --stride 3'),
  mutant('pauses do not grow', TROUBLE, 'pauseMs(trouble.failures, this.#hal.random())', 'pauseMs(1, this.#hal.random())', '--cells measurements/silence/2/alone'),
  mutant('a gateway is believed', REQUESTS, 'const isOwn = isPlatformError(head, this.#body ?? NO_BODY);', 'const isOwn = head.hasJson;', '--cells identity-get,object-put,operation-put,events/gateway/2/alone'),
  mutant('what fails keeps its place in line', 'base/request-line.ts', 'Math.max(this.channel.startMs + LEASH_MS, this.#line.dueTicks)', 'Infinity', '--cells measurements/silence/1/alone'),
  // Registration.
  mutant('intent is not noted', 'agent/devices/registration/intents.ts', 'if (!agent.remember(INTENT, text)) return Decision.No;', '', P1),
  mutant('what was made before is not adopted', CREATION, "if (foundId !== '') {", "if (foundId === 'none') {", N1),
  mutant('child is not put under the board', PLACEMENT, 'return this.#registration.isPlaced ? Decision.No : undefined;', 'return Decision.No;', P1),
  mutant('creation in doubt is repeated', CREATION, '[Outcome.Unknown]: Register.Doubt', '[Outcome.Unknown]: Register.Create', N1),
  mutant('credentials are not kept', CREDENTIALS, 'if (this.agent.remember(isAgain ? CANDIDATE : STORED, text)) {', 'if (isAgain || text !== STORED) {', P1),
  mutant('password is in the log', CREDENTIALS, 'accepted: this device is ${this.#tenant}/${this.#user}`', 'accepted: this device is ${this.#tenant}/${this.#user} ${this.#password}`', P1, true),
  mutant('damaged state is believed', 'base/stored-state.ts', 'return checksum === fnv1a(bytes, 0, end) ? ', 'return checksum >= 0 ? ', '--suite P3'),
  // Time and the end.
  mutant('one answer makes the time', TIMEKEEPER, 'if (step > SMALL_STEP_MS &&', 'if (step > Infinity &&', N2),
  mutant('timers run on after the end', 'timers/timers.ts', '    this.#isClosed = true;\n    this.#armedMs = Number.NEGATIVE_INFINITY;\n    this.#timer.stop();', '', N1),
];

function mutant(name: string, file: string, from: string, to: string, by: string, quick?: true): Mutant {
  return { name, file, from, to, by, ...(quick && { quick }) };
}
