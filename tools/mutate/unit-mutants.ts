// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all format: one line each
/**
 * Defects that the unit tests of a file must find: counters, boundaries, timers. Otherwise like those of `mutants.ts`.
 */

import type { Defect } from './plant.ts';

export interface UnitMutant extends Defect {
  /** The test file that finds it, below `test/`. */
  readonly by: string;
}

const RESPONSE = 'http/response.ts';
const SPLITTER = 'json/splitter.ts';
const TROUBLE = 'base/trouble.ts';
const BUFFERED_QUEUE = 'agent/records/queues/buffered-queue.ts';
const BAYEUX = 'cumulocity/bayeux.ts';
const TIMEKEEPER = 'agent/uplink/timekeeper.ts';
const CHILD = 'agent/devices/child.ts';
const JOURNAL = 'agent/operations/journal.ts';
const EXECUTOR = 'agent/operations/executor.ts';
const TIMERS = 'timers/timers.ts';
const SIGNED = 'capabilities/firmware/signed-firmware.ts';
const IMAGE = 'capabilities/firmware/firmware-image.ts';
const SWITCHES = 'capabilities/relays/switches.ts';
const FILES = 'capabilities/configuration/configuration-files.ts';
const FILE_CHANGE = 'capabilities/configuration/file-change.ts';
const SHELL = 'capabilities/commands/shell-commands.ts';
const SOFTWARE = 'capabilities/software/software.ts';
const PACKAGES = 'software/packages.ts';
const PARAMETERS = 'capabilities/parameters/parameters.ts';
const CHANGE = 'capabilities/parameters/parameters-change.ts';
const PROFILE = 'capabilities/profile/device-profile.ts';
const NETWORK = 'capabilities/network.ts';
const TRIAL = 'network/trial.ts';
const FIRMWARE = 'capabilities/firmware/firmware.ts';
const FIRMWARE_TRIAL = 'agent/restarts/trial.ts';

const FOREIGN = 'agent/uplink/foreign-answers.test.ts';
const LASTING = 'agent/lasting.test.ts';
const LOST = 'agent/devices/registration-lost.test.ts';
const COOKIES = 'http/balancer-cookies.test.ts';
const SOFTWARE_CUTS = 'capabilities/software/software-cuts.test.ts';
const ON_TRIAL = 'capabilities/firmware/on-trial.test.ts';
const KEPT = 'agent/restarts/firmware-trial.test.ts';

/** The test file of each, below `test/`. */
const TESTS: Readonly<Record<string, string>> = {
  [RESPONSE]: 'http/response*.test.ts',
  [SPLITTER]: 'json/splitter*.test.ts',
  [TROUBLE]: 'base/trouble.test.ts',
  [BUFFERED_QUEUE]: 'agent/records/buffered-queue.test.ts',
  [BAYEUX]: 'cumulocity/bayeux.test.ts',
  [TIMEKEEPER]: 'agent/uplink/timekeeper.test.ts',
  [CHILD]: 'agent/devices/children.test.ts',
  [JOURNAL]: 'agent/operations/journal.test.ts',
  [EXECUTOR]: 'agent/operations/operations-journal.test.ts',
  [TIMERS]: 'timers/timers.test.ts',
  [SIGNED]: 'capabilities/firmware/signed-firmware.test.ts',
  [IMAGE]: 'capabilities/firmware/signed-firmware.test.ts',
  [SWITCHES]: 'capabilities/relays.test.ts',
  [FILES]: 'capabilities/configuration/{configuration-files,cuts}.test.ts',
  [FILE_CHANGE]: 'capabilities/configuration/{configuration-files,applied-late,cuts}.test.ts',
  [SHELL]: 'capabilities/commands/shell-config.test.ts',
  [SOFTWARE]: 'capabilities/software/software.test.ts',
  [PACKAGES]: 'capabilities/software/software.test.ts',
  [PARAMETERS]: 'capabilities/parameters/parameters.test.ts',
  [CHANGE]: 'capabilities/{parameters/parameters,configuration/applied-late}.test.ts',
  [PROFILE]: 'capabilities/profile/device-profile.test.ts',
  [NETWORK]: 'capabilities/network/network-cuts.test.ts',
  [TRIAL]: 'capabilities/network/network.test.ts',
};

export const UNIT_MUTANTS: readonly UnitMutant[] = [
  // Counters of a response, and where it ends.
  mutant('bytes of interim heads are counted on', RESPONSE, '      this.#headBytes = 0;\n      this.#fields = 0;\n    }', '      this.#fields = 0;\n    }'),
  mutant('fields of interim heads are counted on', RESPONSE, '      this.#headBytes = 0;\n      this.#fields = 0;\n    }', '      this.#headBytes = 0;\n    }'),
  mutant('interim responses of the one before are counted on', RESPONSE, '    this.#interims = 0;\n', ''),
  mutant('head bytes of the one before are counted on', RESPONSE, '    this.#interims = 0;\n    this.#headBytes = 0;\n', '    this.#interims = 0;\n'),
  mutant('fields of the one before are counted on', RESPONSE, '    this.#fields = 0;\n    this.error', '    this.error'),
  mutant('eight interim responses are too many', RESPONSE, '++this.#interims > INTERIM_MAX', '++this.#interims >= INTERIM_MAX'),
  mutant('nine interim responses are few', RESPONSE, '++this.#interims > INTERIM_MAX', '++this.#interims > INTERIM_MAX + 1'),
  mutant('a hundred fields are too many', RESPONSE, '++this.#fields > FIELDS_MAX', '++this.#fields >= FIELDS_MAX'),
  mutant('101 fields are few', RESPONSE, '++this.#fields > FIELDS_MAX', '++this.#fields > FIELDS_MAX + 1'),
  mutant('16 KB of head are too much', RESPONSE, 'this.#headBytes > HEAD_MAX_BYTES', 'this.#headBytes >= HEAD_MAX_BYTES'),
  mutant('16 KB of head and a byte are little', RESPONSE, 'this.#headBytes > HEAD_MAX_BYTES', 'this.#headBytes > HEAD_MAX_BYTES + 1'),
  mutant('a status line without a reason is none', RESPONSE, 'end - at < 12', 'end - at < 13'),
  mutant('a chunk line of 256 bytes is too long', RESPONSE, 'end - at > CHUNK_LINE_MAX_BYTES', 'end - at >= CHUNK_LINE_MAX_BYTES'),
  mutant('a chunk line of 257 bytes is short', RESPONSE, 'end - at > CHUNK_LINE_MAX_BYTES', 'end - at > CHUNK_LINE_MAX_BYTES + 1'),
  mutant('a chunk line in two pieces may be shorter', RESPONSE, 'size > CHUNK_LINE_MAX_BYTES + 1', 'size > CHUNK_LINE_MAX_BYTES'),
  mutant('a chunk that is too long is content', RESPONSE, 'if (phase === Phase.ChunkEnd && (bytes[at] !== CR || size > 1))', 'if (phase === Phase.ChunkEnd && bytes[at] !== CR)'),
  mutant('a line one byte shorter than the buffer is passed over', RESPONSE, 'size === bytes.length', 'size >= bytes.length - 1'),
  mutant('status 100 is none', RESPONSE, 'status < 100 ||', 'status <= 100 ||'),
  mutant('205 is an interim response', RESPONSE, 'if (status < 200) {', 'if (status < 206) {'),
  // Limits of the kept part of an element.
  mutant('an element that just fits is elided', SPLITTER, 'limitBytes - (limitBytes >> 3) : limitBytes)', 'limitBytes - (limitBytes >> 3) : limitBytes - 1)'),
  mutant('a short value is one byte shorter', SPLITTER, '>= SHORT_VALUE_BYTES', '>= SHORT_VALUE_BYTES - 1'),
  mutant('a short value is one byte longer', SPLITTER, '>= SHORT_VALUE_BYTES', '> SHORT_VALUE_BYTES'),
  mutant('what is wanted leaves no room', SPLITTER, 'limitBytes - (limitBytes >> 3) : limitBytes)', 'limitBytes : limitBytes)'),
  mutant('the second half is for anything', SPLITTER, 'this.#end > this.#list.limitBytes >> 1', 'this.#end > this.#list.limitBytes'),
  mutant('an element too deep is handed over', SPLITTER, 'skipLevels(bytes, at, to, MAX_DEPTH - this.#list.depth)', 'skipLevels(bytes, at, to, MAX_DEPTH)'),
  // Pauses.
  mutant('Retry-After without jitter', TROUBLE, 'leastMs + pauseMs(trouble.failures, this.#hal.random())', '(leastMs > 0 ? leastMs : pauseMs(trouble.failures, this.#hal.random()))'),
  mutant('Retry-After without end', TROUBLE, 'Math.min(retryAfterMs, MOST_RETRY_AFTER_MS)', 'retryAfterMs'),
  mutant('five failures are few', TROUBLE, 'trouble.failures >= MANY_FAILURES', 'trouble.failures > MANY_FAILURES'),
  mutant('four failures are many', TROUBLE, 'trouble.failures >= MANY_FAILURES', 'trouble.failures >= MANY_FAILURES - 1'),
  mutant('what is over is over again', TROUBLE, 'if (!this.#list.includes(trouble)) return;', ''),
  // Records that wait for the flash.
  mutant('flash that refuses is not tried again', BUFFERED_QUEUE, 'if (this.#refused) this.arm(REFUSED_MS);', ''),
  mutant('flash that refuses once is not tried again', BUFFERED_QUEUE, 'this.#flashQueue.handOver(this.ram());\n    this.arm(REFUSED_MS);', 'this.#flashQueue.handOver(this.ram());'),
  mutant('each record puts the flash off', BUFFERED_QUEUE, 'if (!this.#deadline.active) this.#deadline.start(delayMs);', 'this.#deadline.start(delayMs);'),
  mutant('flash that refuses is tried with each record', BUFFERED_QUEUE, '(this.#base.config.writeBehindMs === 0 || isLarge) && !this.#refused', 'this.#base.config.writeBehindMs === 0 || isLarge'),
  mutant('an acknowledgement ends the wait for the flash', BUFFERED_QUEUE, 'this.#ram?.count === 0 && !this.#refused', 'this.#ram?.count === 0'),
  mutant('33 records wait in RAM', BUFFERED_QUEUE, '(this.#ram?.count ?? 0) >= MOST_WAITING', '(this.#ram?.count ?? 0) > MOST_WAITING'),
  mutant('a record of 257 bytes waits in RAM', BUFFERED_QUEUE, 'bytes > MOST_WAITING_BYTES', 'bytes > MOST_WAITING_BYTES + 1'),
  mutant('a record of 256 bytes does not wait', BUFFERED_QUEUE, 'bytes > MOST_WAITING_BYTES', 'bytes >= MOST_WAITING_BYTES'),
  // Keys of children.
  mutant('children whose keys are the same', CHILD, 'devices.some((device) => device.childId !== id && device.key === key)', 'devices.some((device) => device.childId === id && device.key !== key)'),
  mutant('one child too many', CHILD, 'index > MOST_DEVICES', 'index > MOST_DEVICES + 1'),
  mutant('one child too few', CHILD, 'index > MOST_DEVICES', 'index >= MOST_DEVICES'),
  // Bayeux.
  mutant('an interval without end', BAYEUX, 'Math.min(interval, INTERVAL_MAX_MS)', 'interval'),
  mutant('an interval of 0 ends none', BAYEUX, 'interval >= 0 &&', 'interval > 0 &&'),
  mutant('a client id of 256 is too long', BAYEUX, 'id.length <= CLIENT_ID_MAX_CHARS', 'id.length < CLIENT_ID_MAX_CHARS'),
  mutant('a client id of 257 is short', BAYEUX, 'id.length <= CLIENT_ID_MAX_CHARS', 'id.length <= CLIENT_ID_MAX_CHARS + 1'),
  mutant('402 without advice changes nothing', BAYEUX, 'if (this.errorCode === 402) this.reconnect = Reconnect.Handshake;', ''),
  mutant('the advice of the answer before counts on', BAYEUX, '    this.errorCode = 0;\n    this.reconnect = Reconnect.Retry;', '    this.errorCode = 0;'),
  // Two clocks.
  mutant('any two answers agree', TIMEKEEPER, '!(Math.abs(origin - this.#candidateMs) <= AGREEMENT_MS + ageMs)', 'Number.isNaN(this.#candidateMs)'),
  mutant('answers 5 s apart disagree', TIMEKEEPER, '<= AGREEMENT_MS + ageMs', '< AGREEMENT_MS + ageMs'),
  mutant('answers more than 5 s apart agree', TIMEKEEPER, '<= AGREEMENT_MS + ageMs', '<= AGREEMENT_MS + 1 + ageMs'),
  mutant('a candidate outlives an answer that agrees with the clock', TIMEKEEPER, '      this.#candidateMs = NaN;\n      if (!this.#isAgreed) this.agree(now);', '      if (!this.#isAgreed) this.agree(now);'),
  mutant('a minute is a large step', TIMEKEEPER, 'step > SMALL_STEP_MS &&', 'step >= SMALL_STEP_MS &&'),
  mutant('more than a minute is a small step', TIMEKEEPER, 'step > SMALL_STEP_MS &&', 'step > SMALL_STEP_MS + 1 &&'),
  mutant('3 s are corrected', TIMEKEEPER, 'step <= TOLERANCE_MS + ageMs', 'step < TOLERANCE_MS + ageMs'),
  // Lasting faults, doubts, and answers of others than the platform.
  mutant('any 2xx says that something is made', 'base/machine.ts', 'if ((this.flags & Flag.Creates) !== 0 && head.status !== 201) return false;', '', FOREIGN),
  mutant('any answer proves who the device is', 'agent/uplink/requests.ts', 'this.contact.onSuccess(this, isProof, isDated', 'this.contact.onSuccess(this, this.channel.trusted, isDated', FOREIGN),
  mutant('any answer tells the time', 'agent/uplink/requests.ts', 'if (this.channel.trusted) {', '{', FOREIGN),
  mutant('what was in doubt is looked for once', 'agent/devices/registration/creation.ts', 'const MOST_LOOKS = 3;', 'const MOST_LOOKS = 1;', LOST),
  mutant('what was lost goes out on the same connection', 'base/request-line.ts', 'if (client.isRetry && client.patientTicks === undefined) this.channel.close();', '', LOST),
  mutant('connects that are refused keep their session', 'agent/operations/listener.ts', 'refusals % MOST_REFUSALS === 0', 'refusals < 0', LASTING),
  mutant('nobody is told of a long poll that fails', 'agent/operations/backlog.ts', "this.agent.board.event('fractus_LongPollFails', POLL_FAILS);", '', LASTING),
  mutant('a place that is refused is not owed', 'agent/devices/registration/placement.ts', '...refused(Register.OweLink),', '...refused(Register.Parents),', LASTING),
  mutant('a cookie is left out without a word', 'agent/operations/listener.ts', 'if ((this.#flags & Is.LeftOut) !== 0) return;', 'if ((this.#flags & Is.LeftOut) === 0) return;', COOKIES),
  // Signed firmware, relays, configuration files.
  mutant('what nobody has signed is taken', SIGNED, "if (signed === '')", "if (signed === '') return undefined;\n  if (signed === '')"),
  mutant('any signature is right', SIGNED, 'hal.verify(message, decoded(text), decoded(key))', 'decoded(text).length > 0'),
  mutant('what stands behind the signatures counts', SIGNED, '!/^(?:signature [\\w-]{8} [\\w-]*\\n){1,4}$/.test(signatures)', "signatures === ''"),
  mutant('the first signature decides', SIGNED, 'i < lines.length - 1', 'i < 1'),
  mutant('the image need not be the one that is signed', IMAGE, "return this.#digest.hex() === this.#head.sha256 ?", "return this.#digest.hex() !== '' ?"),
  mutant('signatures are looked at after the flash is erased', IMAGE, 'headCheck?.(whole, hal) ?? this.accept(head)', 'this.accept(head) ?? headCheck?.(whole, hal)'),
  mutant('relays are open after a start', SWITCHES, "write(host, names[i] as string, states[i] === 'CLOSED');\n  return true;\n}\n\nexport function statesOf", "write(host, names[i] as string, false);\n  return true;\n}\n\nexport function statesOf"),
  mutant('a relay forgets those of others', SWITCHES, 'before.filter((name) => !names.includes(name))', 'before.slice(0, 0)'),
  mutant('a relay is switched although that is not noted', SWITCHES, "text === '' ? undefined : text)) return false;", "text === '' ? undefined : text)) host.hal.log('warn', CLOSED);"),
  mutant('a configuration that was refused stays', FILE_CHANGE, 'return isApplied ? file.apply(before, host) : undefined;', 'return undefined;'),
  mutant('a configuration file is attached again after a power cut', FILES, 'send(file, operation, host, true)', 'send(file, operation, host, false)'),
  mutant('a text that is none is a configuration', FILES, 'if (!equals(bytes, 0, bytes.length, utf8(text)))', 'if (bytes.length === 0)'),
  mutant('an operation for a child without a handler is carried out by the board', 'agent/devices/device.ts', 'if (capability?.name === name) return capability;\n    }\n    return undefined;', 'if (capability?.name === name) return capability;\n    }\n    return this.isBoard ? undefined : this.agent.board.capability(name);', 'capabilities/children/children-refused.test.ts'),
  // The journal and the timers.
  mutant('what was begun makes room', JOURNAL, 'progress > Progress.Begun', 'progress >= Progress.Begun'),
  mutant('what is in line is remembered', JOURNAL, 'progress % EARLIER >= Progress.Begun', 'progress % EARLIER >= Progress.Taken'),
  mutant('one operation that was left is tried again, and one more', JOURNAL, 'if (!isAll) return;', ''),
  mutant('ids of 50 bits are the same', JOURNAL, 'number > 0 && number < MOST_ID', 'number > 0'),
  mutant('an id with an exponent is a number', JOURNAL, ' && String(number) === id', ' && Math.floor(number) === number'),
  mutant('reason is forgotten when its end is refused', EXECUTOR, 'done(): Decision {', 'done(): Decision {\n    this.told();'),
  mutant('deadlines of one moment run in any order', TIMERS, 'return ++this.#starts;', 'return this.#starts;'),
  // Capabilities with which operators manage a board.
  mutant('a value of several lines sets other keys', SHELL, 'u007f]/.test(value)', 'u007f]/.test(key)'),
  mutant('the inventory does not hear of config set', SHELL, 'if (host.board.capability(CONFIGURATION) !== undefined) operation.fragment', 'if (key === STORED) operation.fragment'),
  mutant('a package that crashes at once has succeeded', SOFTWARE, '    } else prove(operation, host);', '    } else succeed(operation, host);'),
  mutant('a power cut before the act ends the update', SOFTWARE, 'isCut && host.recall(AGAIN)', 'operation.id === AGAIN && host.recall(AGAIN)', SOFTWARE_CUTS),
  mutant('the package before has no name after a power cut', SOFTWARE, '...(held === undefined ? [] : [held])', '', SOFTWARE_CUTS),
  mutant('another package takes the place unasked', PACKAGES, 'let isFree = held === undefined || replaces;', 'let isFree = true;'),
  mutant('parameters that are refused stay', CHANGE, 'else this.takeBack(wrong);', 'else operation.fail(wrong);'),
  mutant('parameters that are refused later are in force', CHANGE, 'if (wrong === undefined) this.next();', 'if (wrong !== undefined || wrong === undefined) this.next();'),
  mutant('a file that is refused later is in force', FILE_CHANGE, 'if (wrong !== undefined) giveUp(wrong, () => before === undefined || !equalBytes(before, inForce(file, host)));\n        else if', 'if'),
  mutant('a start leaves a file in force that nobody has verified', FILES, 'for (const each of open) each.restore();', 'void open;'),
  mutant('a new file is applied while the former one is', FILE_CHANGE, 'if (this.#isRestoring) {', 'if (this.file === undefined) {'),
  mutant('a former file that is too long is an empty one', 'capabilities/configuration/former-file.ts', 'new Uint8Array(isKept ? 1 + bytes.length : 0)', 'new Uint8Array(1 + (isKept ? bytes.length : 0))', 'capabilities/configuration/cuts.test.ts'),
  mutant('the file of a child is that of the board', FILES, 'new FormerFile(host, file.type, childId)', 'new FormerFile(host, file.type, childId.slice(99))'),
  mutant('parameters are told with an event alone', PARAMETERS, 'for (const { state } of asked) operation.fragment(state.set.fragment, state.values);', ''),
  mutant('every second part of a profile is passed over', PROFILE, 'step: this.#progress.step + 1', 'step: this.#progress.step + 2'),
  mutant('a late update says that a profile is not in force', PROFILE, '  device.fragment(PROFILE, shown(executed));\n', ''),
  mutant('a network is begun again after a restart', NETWORK, 'id !== operation.id', 'id !== undefined'),
  mutant('a network that was kept before the power went is forgotten', NETWORK, '(wasKept.length === 0 || this.#access.name === wanted.name)', 'wasKept.length > 0'),
  mutant('a portal proves a network', TRIAL, 'return head.isCumulocity;', 'return head.status === 200;'),
  mutant('a network whose link is down again has not reached the platform', TRIAL, "this.isThere ? reason || this.#refusal || 'no answer' : 'its link is down again'", "reason || this.#refusal || 'no answer'"),
  mutant('a network is kept unproven', TRIAL, 'this.#host.uplink.requests.submit(this);', 'this.conclude();'),
  // The trial of a firmware.
  mutant('an update does not wait for the end of a trial', FIRMWARE, 'whenKept(operation, host, () => fetchImage(operation, host, this.headCheck));', 'fetchImage(operation, host, this.headCheck);', ON_TRIAL),
  mutant('a mod is installed while a firmware is on trial', SOFTWARE, 'else whenKept(operation, host, () => install(sink, wish, operation, host));', 'else install(sink, wish, operation, host);', ON_TRIAL),
  mutant('a mod is removed while a firmware is on trial', SOFTWARE, 'whenKept(operation, host, () => remove(operation, host));', 'remove(operation, host);', ON_TRIAL),
  mutant('another network is joined while a firmware is on trial', NETWORK, 'else whenKept(operation, this.#host, () => this.change(wanted, operation));', 'else this.change(wanted, operation);', ON_TRIAL),
  mutant('a firmware is kept whose long poll nobody has answered', 'agent/operations/backlog.ts', 'return this.is(Is.Polled) && ', 'return ', KEPT),
  mutant('a firmware is kept that cannot list operations', 'agent/operations/backlog.ts', 'this.trouble === undefined && !LISTS.includes(this.state)', 'this.state >= 0', KEPT),
  mutant('a firmware is kept in safe mode', FIRMWARE_TRIAL, '!isSafe && ', '', KEPT),
  mutant('time without a link counts', FIRMWARE_TRIAL, 'if (hal.network.up) this.#linkMs', 'this.#linkMs', KEPT),
  mutant('an operation restarts a firmware on trial', 'agent/restarts/restart.ts', 'if (hal.firmware?.onTrial === true && hal.network.up) deadline', "if (this.#reason === '') deadline", KEPT),
  mutant('a network that is given up is not left', TRIAL, '    this.#options.access.rollBack();\n', ''),
];

function mutant(name: string, file: string, from: string, to: string, by: string = TESTS[file] ?? ''): UnitMutant {
  return { name, file, from, to, by };
}
