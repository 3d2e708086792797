/** Values that differ from run to run though nothing is wrong: what a recording expects of them instead. */
import type { JsonMap } from '../json.ts'

interface VolatileRule {
  /** Of the field's or parameter's path, its end included. */
  readonly path?: RegExp
  readonly value: RegExp
  readonly matcher: JsonMap
  /** For the person who reviews it: why the value is not kept. */
  readonly why: string
}

const WHOLE = /^\d{1,20}$/
const NUMBER = /^-?\d+(?:\.\d+)?$/

/** The first that fits. */
export const volatileRules: readonly VolatileRule[] = [
  {
    path: /(?:^|\.)err_msg$/,
    value: /^/,
    matcher: { $type: 'string' },
    why: 'the wording of an error is free',
  },
  {
    value: /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/,
    matcher: { $type: 'dateTime' },
    why: 'a date and time',
  },
  { path: /Up[Tt]ime$/, value: WHOLE, matcher: { $type: 'unsignedLong' }, why: 'time since the start' },
  {
    path: /(?:^|\.)(?:[A-Z]\w*)?Stats\.(?:\w+\.)*\w+$/,
    value: WHOLE,
    matcher: { $type: 'unsignedLong' },
    why: 'a counter of statistics',
  },
  {
    path: /(?:Bytes|Packets|Messages|Errors|Octets|Frames)(?:Sent|Received|In|Out)$|(?:Sent|Received)(?:Bytes|Packets|Messages)$/,
    value: WHOLE,
    matcher: { $type: 'unsignedLong' },
    why: 'a counter',
  },
  {
    path: /(?:MemoryStatus\.Free|CPUUsage|CPUTime|LoadAverage|Temperature\w*\.Value|SignalStrength|RSSI|Noise|RemainingTime|TimeRemaining|LeaseTimeRemaining|LastDataDownlinkRate|LastDataUplinkRate)$/,
    value: NUMBER,
    matcher: { $type: 'decimal' },
    why: 'a measured value',
  },
  {
    path: /(?:ResponseTime|RoundTripTime|\w+Duration|TransferTime)$/,
    value: NUMBER,
    matcher: { $type: 'decimal' },
    why: 'how long something took',
  },
  { path: /(?:^|\.)PID$/, value: WHOLE, matcher: { $type: 'unsignedInt' }, why: 'the number of a process' },
  {
    path: /Alias$/,
    value: /^cpe-\d+$/,
    matcher: { $pattern: '^cpe-\\d+$' },
    why: 'a name that the agent made',
  },
  {
    path: /ParameterMap$/,
    value: /^\{/,
    matcher: { $pattern: '^\\{.*\\}$' },
    why: 'values of boot parameters',
  },
]

export const volatileRule = (path: string, value: string): VolatileRule | undefined =>
  volatileRules.find((rule) => (rule.path?.test(path) ?? true) && rule.value.test(value))

const SECRET = /(?:Pass(?:word|phrase)|PreSharedKey|Secret|WEPKey|PIN)$/

/** A parameter or argument whose value belongs into no file. */
export const isSecret = (path: string): boolean => SECRET.test(path)
