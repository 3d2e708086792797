/**
 * A dissected packet is a tree of fields, as in Wireshark. Nothing in it is ever cut: `text` is whole, and a
 * list that shows it folds it.
 */
export interface Field {
  /** Dotted filter name, e.g. `mqtt.topic`, `mqtt.prop.response_topic`, `usp.msg_id`. */
  readonly name: string
  /** Short label in the field's standard term, e.g. `Response Topic`. */
  readonly label: string
  /** The value as a person reads it; empty for a pure group. */
  readonly text: string
  /** The value as a filter compares it. */
  readonly value?: string | number | bigint | boolean
  /** Byte range in the packet, `end` exclusive. An inferred field (resolved alias) has `start === end`. */
  readonly start: number
  readonly end: number
  readonly children?: readonly Field[]
  /** A remark about these bytes. Malformed input is an `error` here, never an exception. */
  readonly finding?: Finding
}

export interface Finding {
  readonly severity: 'error' | 'warning' | 'note'
  readonly text: string
  /** Requirement the remark rests on, e.g. `MQTT-1.5.4-1`, `R-MQTT.27`. */
  readonly rule?: string
}
