// SPDX-License-Identifier: Apache-2.0
/** The actions and views of a platform's operator, for the tests of authors. */

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
