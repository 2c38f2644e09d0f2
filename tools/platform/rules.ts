// SPDX-License-Identifier: Apache-2.0
/** The rules for devices, with their sources. The key identifies the rule of a breach. */
export const rules = {
  'media-type': 'guide steps 0-11: requests carry the vendor media type of the resource',
  accept: 'OpenAPI: Accept names the media type of the resource; without it an answer has no body',
  json: 'OpenAPI: a body is one JSON document of the documented shape',
  'mandatory-field': 'OpenAPI: mandatory fields of measurements, events, alarms, operations and references',
  'content-length': 'RFC 9112 §6.2: a request with a body announces its length',
  header: 'RFC 9112 §3.2, §6.1: one framing header, no repeated singletons, well-formed messages',
  host: 'RFC 9112 §3.2: the request names the host it was configured with',
  authorization: 'guide step 0: every request is authenticated as tenant/user or by its token',
  'application-key': 'OpenAPI: X-Cumulocity-Application-Key is not for device traffic, it disables availability',
  'operator-api': 'guide step 0: device and bootstrap users call the device part of the API only',
  'unknown-resource': 'OpenAPI: the resource does not exist',
  'credentials-twice': 'guide step 0: credentials are stored and used for all further requests',
  'create-without-lookup': 'guide step 1: a device is created only after a 404 on its external id',
  'second-object': 'guide step 2: one managed object per device',
  certification: 'certification requirements, foundation: mandatory fragments of an agent device',
  'name-updated': 'guide step 4: an agent does not update the name of a device',
  'read-only-field': 'OpenAPI: id, self, owner, times and references are not updated by PUT',
  'agent-on-child': 'guide step 5: com_cumulocity_model_Agent is left out on children',
  'name-characters': 'OpenAPI: no whitespace nor any of . , * [ ] ( ) @ $ / in fragment and series names',
  timestamp: 'OpenAPI: ISO 8601 with a zone, and not before this platform existed',
  'batch-size': 'OpenAPI: bounded measurement collections (1,000 here)',
  'alarm-acknowledged': 'certification requirements: acknowledging alarms is for users',
  'duplicate-alarm': 'guide step 11: no second alarm while a similar one is active',
  'status-missing': 'OpenAPI: an operation update carries a status',
  'status-backwards': 'guide step 6: PENDING, EXECUTING, then SUCCESSFUL or FAILED, never back',
  'executing-skipped': 'guide step 7: an operation is EXECUTING before it is finished',
  'final-twice': 'guide step 7: an operation is finished once',
  'operation-order': 'guide step 7: operations of a device are executed in the order of their creation',
  'fragment-not-repeated': 'guide step 4: an update replaces a fragment as a whole, so all of it is repeated',
  'log-file': 'certification requirements, log file retrieval: SUCCESSFUL says where the log is attached to an event',
  service:
    'certification requirements, services: c8y_Service has name, serviceType and status, is no device, and an addition of one',
  'remote-access-key':
    'remote access: a key is used once, by its device, while the operation that has brought it is EXECUTING',
  'remote-access-early': 'remote access: SUCCESSFUL says that both ends are connected',
  websocket: 'RFC 6455 §4.1, §5.1: a client asks for a WebSocket and sends its frames as they are defined there',
  'software-list':
    'certification requirements, software: SUCCESSFUL comes after the whole list in c8y_SoftwareList, with what was asked for',
  'software-service': 'advanced software management: a list of software, each with name and version, each once',
  'parameter-update':
    'device parameters: SUCCESSFUL comes after the values in the fragment of each set that was named, and an event has those that changed',
  'firmware-told':
    'certification requirements, firmware: SUCCESSFUL comes after the name and version that were asked for in c8y_Firmware',
  'configuration-told':
    'certification requirements, text-based configuration: SUCCESSFUL comes after the whole text in force in c8y_Configuration',
  'configuration-file':
    'certification requirements, file-based configuration: SUCCESSFUL comes after c8y_Configuration_TYPE, or after the event of that type with the file',
  'relay-told': 'relay and relay array: SUCCESSFUL comes after the states that were asked for in the inventory',
  'command-result': 'certification requirements, shell: SUCCESSFUL repeats the command with its result',
  'service-told':
    'certification requirements, services: SUCCESSFUL comes after the status of the service in the inventory',
  'network-told':
    'certification requirements, network: SUCCESSFUL comes after what was asked for in c8y_Network, and the inventory shows no password of Wi-Fi',
  'device-profile':
    'certification requirements, device profile: profileExecuted is true when all parts are in force, and only then',
  'bayeux-message': 'Bayeux §3: an array of messages with their mandatory fields',
  'handshake-batched': 'Bayeux §4.1: a handshake is sent alone',
  'connect-batched': 'Bayeux §4.2: a connect that shall be held is sent alone',
  'connect-before-subscribe': 'guide step 6: subscribe, then connect',
  'second-connect': 'Bayeux §4.2: one connect at a time',
  'connect-gap': 'guide step 7: reconnect within ten seconds or announce an interval',
  'subscribe-denied': 'guide step 6: an agent subscribes to the id of its own device',
  cookie: 'Bayeux §6.1: cookies of the server are returned on its endpoint',
  'pending-before-subscribe': 'guide step 6: PENDING is queried after the subscription',
  'pending-missing': 'guide step 6: PENDING is queried after every subscription',
  'token-after-logout': 'device access tokens: a token is not used after logout',
  enrolment:
    'EST (RFC 7030 §4.2.1): the base64 of a request (PKCS #10) without armour, signed by its own key, for the name of the device',
  'token-endpoint': 'device access tokens: the certificate is for deviceAccessToken only, which takes no body',
} as const;

/** Name of a rule. */
export type Rule = keyof typeof rules;

/** One recorded breach. */
export interface Breach {
  readonly rule: Rule;
  /** The observed behaviour. */
  readonly what: string;
  /** The rule in words with its source clause. */
  readonly clause: string;
  /** The device (or bootstrap) user, empty when the request was not authenticated. */
  readonly user: string;
  /** Method and target of the request. */
  readonly request: string;
  /** ISO 8601. */
  readonly time: string;
}
