// SPDX-License-Identifier: Apache-2.0
/** What an author's test does and sees as somebody at the platform. */

export {
  acceptDevice,
  alarmsOf,
  cancelOperation,
  createOperation,
  deleteObject,
  eventsOf,
  findDevice,
  measurementsOf,
  registerDevice,
  registerEnrolment,
  updateObject,
} from '../tools/platform/operator.ts';
