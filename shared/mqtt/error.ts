/** Numbers of the normative statements that a fault breaks, as [5.0, 3.1.1]. MQTT 3.1 has none. */
export const STATEMENTS = {
  utf8: ['MQTT-1.5.4-1', 'MQTT-1.5.3-1'],
  nul: ['MQTT-1.5.4-2', 'MQTT-1.5.3-2'],
  varint: ['MQTT-1.5.5-1', undefined],
  headerFlags: ['MQTT-2.1.3-1', 'MQTT-2.2.2-1'],
  packetId: ['MQTT-2.2.1-3', 'MQTT-2.3.1-1'],
  protocolName: ['MQTT-3.1.2-1', 'MQTT-3.1.2-1'],
  protocolLevel: ['MQTT-3.1.2-2', 'MQTT-3.1.2-2'],
  connectReserved: ['MQTT-3.1.2-3', 'MQTT-3.1.2-3'],
  noWillQos: ['MQTT-3.1.2-11', 'MQTT-3.1.2-13'],
  willQos: ['MQTT-3.1.2-12', 'MQTT-3.1.2-14'],
  noWillRetain: ['MQTT-3.1.2-13', 'MQTT-3.1.2-15'],
  passwordAlone: [undefined, 'MQTT-3.1.2-22'],
  connackFlags: ['MQTT-3.2.2-1', undefined],
  connackCode: ['MQTT-3.2.2-8', undefined],
  dup: ['MQTT-3.3.1-2', 'MQTT-3.3.1-2'],
  publishQos: ['MQTT-3.3.1-4', 'MQTT-3.3.1-4'],
  topicWildcard: ['MQTT-3.3.2-2', 'MQTT-3.3.2-2'],
  willWildcard: ['MQTT-4.7.0-1', 'MQTT-4.7.1-1'],
  emptyTopic: ['MQTT-4.7.3-1', 'MQTT-4.7.3-1'],
  pubackCode: ['MQTT-3.4.2-1', undefined],
  pubrecCode: ['MQTT-3.5.2-1', undefined],
  pubrelCode: ['MQTT-3.6.2-1', undefined],
  pubcompCode: ['MQTT-3.7.2-1', undefined],
  noFilters: ['MQTT-3.8.3-2', 'MQTT-3.8.3-3'],
  noLocalShared: ['MQTT-3.8.3-4', undefined],
  optionsReserved: ['MQTT-3.8.3-5', 'MQTT-3-8.3-4'],
  subackCode: ['MQTT-3.9.3-2', 'MQTT-3.9.3-2'],
  noUnsubscribeFilters: ['MQTT-3.10.3-2', 'MQTT-3.10.3-2'],
  unsubackCode: ['MQTT-3.11.3-2', undefined],
  disconnectCode: ['MQTT-3.14.2-1', undefined],
  authCode: ['MQTT-3.15.2-1', undefined],
} as const satisfies Record<string, readonly [string | undefined, string | undefined]>

export type StatementKey = keyof typeof STATEMENTS

/** The number of a statement at a protocol level. */
export const statementNumber = (key: StatementKey, level: number): string | undefined =>
  level === 5 ? STATEMENTS[key][0] : level === 4 ? STATEMENTS[key][1] : undefined

export const MALFORMED_PACKET = 0x81
export const PROTOCOL_ERROR = 0x82
export const UNSUPPORTED_PROTOCOL_VERSION = 0x84
export const TOPIC_NAME_INVALID = 0x90
export const PAYLOAD_FORMAT_INVALID = 0x99

export interface Fault {
  /** Byte range in the packet of what is wrong; both -1 when a value, not bytes, is wrong. */
  readonly offset?: number
  readonly end?: number
  /** Normative statement, e.g. `MQTT-3.3.1-4`. */
  readonly statement?: string | undefined
}

/**
 * A packet that breaks the standard. `message` is one plain sentence without a full stop, fit for a user
 * interface and for a Reason String; `reasonCode` is what a 5.0 server answers with.
 */
export class MqttError extends Error {
  readonly reasonCode: number
  readonly offset: number
  readonly end: number
  readonly statement: string | undefined
  constructor(reasonCode: number, message: string, fault: Fault = {}) {
    super(message)
    this.name = 'MqttError'
    this.reasonCode = reasonCode
    this.offset = fault.offset ?? -1
    this.end = fault.end ?? this.offset
    this.statement = fault.statement
  }
}
