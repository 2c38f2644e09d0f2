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

const media = (name: string) => ascii(`application/vnd.com.nsn.cumulocity.${name}+json`);

export const Media = {
  Json: ascii('application/json'),
  Credentials: media('devicecredentials'),
  ExternalId: media('externalid'),
  ManagedObject: media('managedobject'),
  ManagedObjectCollection: media('managedobjectcollection'),
  Reference: media('managedobjectreference'),
  ReferenceCollection: media('managedobjectreferencecollection'),
  Operation: media('operation'),
  OperationCollection: media('operationcollection'),
  Measurement: media('measurement'),
  MeasurementCollection: media('measurementcollection'),
  Event: media('event'),
  Alarm: media('alarm'),
  AlarmCollection: media('alarmcollection'),
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
