// SPDX-License-Identifier: Apache-2.0

import { ascii, steady } from '../bytes/text.ts';

/**
 * The platform's constant bytes: paths, media types and JSON members. They are made when the module is evaluated, so
 * they lie in flash and take no heap; writing one is one native copy.
 */
export const Path = {
  Credentials: ascii('/devicecontrol/deviceCredentials'),
  AccessToken: ascii('/devicecontrol/deviceAccessToken'),
  Logout: ascii('/user/logout'),
  ExternalIds: ascii('/identity/externalIds/'),
  GlobalIds: ascii('/identity/globalIds/'),
  GlobalIdsTail: ascii('/externalIds'),
  ManagedObjects: ascii('/inventory/managedObjects'),
  ChildDevices: ascii('/childDevices'),
  ChildAdditions: ascii('/childAdditions'),
  Operations: steady('/devicecontrol/operations'),
  Notifications: steady('/notification/operations'),
  Measurements: steady('/measurement/measurements'),
  Events: ascii('/event/events'),
  Alarms: ascii('/alarm/alarms'),
} as const;

export const Media = {
  Json: ascii('application/json'),
  Credentials: ascii('application/vnd.com.nsn.cumulocity.devicecredentials+json'),
  ExternalId: ascii('application/vnd.com.nsn.cumulocity.externalid+json'),
  ManagedObject: ascii('application/vnd.com.nsn.cumulocity.managedobject+json'),
  ManagedObjectCollection: ascii('application/vnd.com.nsn.cumulocity.managedobjectcollection+json'),
  Reference: ascii('application/vnd.com.nsn.cumulocity.managedobjectreference+json'),
  ReferenceCollection: ascii('application/vnd.com.nsn.cumulocity.managedobjectreferencecollection+json'),
  Operation: ascii('application/vnd.com.nsn.cumulocity.operation+json'),
  OperationCollection: ascii('application/vnd.com.nsn.cumulocity.operationcollection+json'),
  Measurement: ascii('application/vnd.com.nsn.cumulocity.measurement+json'),
  MeasurementCollection: ascii('application/vnd.com.nsn.cumulocity.measurementcollection+json'),
  Event: ascii('application/vnd.com.nsn.cumulocity.event+json'),
  Alarm: ascii('application/vnd.com.nsn.cumulocity.alarm+json'),
  AlarmCollection: ascii('application/vnd.com.nsn.cumulocity.alarmcollection+json'),
} as const;

/** Member names of JSON texts that are read. */
export const Name = {
  Id: ascii('id'),
  TenantId: ascii('tenantId'),
  UserName: ascii('username'),
  Password: ascii('password'),
  ManagedObject: ascii('managedObject'),
  ManagedObjects: ascii('managedObjects'),
  References: ascii('references'),
  /** The agent's own mark in an object that it creates, to recognize it. */
  ExternalId: ascii('fractus_ExternalId'),
  AccessToken: ascii('accessToken'),
  Operations: ascii('operations'),
  DeviceId: ascii('deviceId'),
  Status: ascii('status'),
  Alarms: ascii('alarms'),
  Severity: ascii('severity'),
  Text: ascii('text'),
  Error: ascii('error'),
  Exp: ascii('exp'),
  Iat: ascii('iat'),
  Sub: ascii('sub'),
} as const;

/** Pieces of queries. */
export const Query = {
  Source: ascii('?source='),
  Type: ascii('&type='),
  AgentId: ascii('?agentId='),
  Status: ascii('&status='),
  PageSize: ascii('&pageSize='),
  CurrentPage: ascii('&currentPage='),
} as const;

/** Pieces of JSON texts that are written. */
export const Json = {
  Comma: steady(','),
  /** After a time: its end, and the source. */
  AfterTime: steady('","source":{"id":"'),
  SourceEnd: steady('"}}'),
  Time: steady(',"time":"'),
  Estimated: ascii(',"fractus_TimeEstimated":true'),
  Measurements: ascii('{"measurements":['),
  ListEnd: ascii(']}'),
  Type: ascii('{"type":'),
  AndType: ascii(',"type":'),
  AndText: ascii(',"text":'),
  Name: ascii('{"name":'),
  ExternalId: ascii(',"externalId":'),
  OwnExternalId: ascii(',"fractus_ExternalId":'),
  IsDevice: ascii(',"c8y_IsDevice":{}'),
  IsAgent: ascii(',"com_cumulocity_model_Agent":{}'),
  ResponseInterval: ascii(',"c8y_RequiredAvailability":{"responseInterval":'),
  Software: ascii(',"c8y_Software":{'),
} as const;
