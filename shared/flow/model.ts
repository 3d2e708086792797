/**
 * A flow as a value: plain JSON, so that it can be stored, sent and edited anywhere. What the members are for stands
 * in the table of keys (format/keys.ts). Durations are milliseconds; expressions stand without `${…}` around them.
 */
import type { Json, JsonMap } from './json.ts'

/** Version of the format that this code writes. */
export const FLOW_VERSION = 1

export interface Limits {
  /** Of the whole flow without its clean-up. */
  readonly time?: number
  readonly packets?: number
  /** For an answer or a packet, where a step does not say `within`. */
  readonly answer?: number
  /** Steps, each turn of a loop counted. */
  readonly steps?: number
}

export const DEFAULT_LIMITS: Required<Limits> = {
  time: 600_000,
  packets: 20_000,
  answer: 10_000,
  steps: 10_000,
}

export interface Flow {
  readonly flow: typeof FLOW_VERSION
  readonly name: string
  readonly description?: string
  /** Numbers of what it proves: `R-GET.2`, `TP-469 1.36`. */
  readonly requirements?: readonly string[]
  readonly tags?: readonly string[]
  readonly variables?: Readonly<Record<string, Json>>
  /** Names only: values come from outside, are used as `secret.NAME`, and are masked in every result. */
  readonly secrets?: readonly string[]
  readonly limits?: Limits
  readonly setup?: readonly Step[]
  readonly steps: readonly Step[]
  readonly cleanup?: readonly Step[]
}

export interface StepCommon {
  readonly id?: string
  readonly name?: string
  readonly when?: string
  readonly on_failure?: 'stop' | 'continue'
  /** Time between the end of the step before and this one in the recording. */
  readonly gap?: number
  readonly bind?: Readonly<Record<string, string>>
}

/** Names and values of MQTT 5 properties: `content_type`, `user` … (`mqtt.prop.` of the filter language). */
export type PropertyValues = Readonly<Record<string, Json>>

/** How a payload is written. One of them. */
export interface Payload {
  readonly text?: string
  readonly hex?: string
  readonly base64?: string
  readonly json?: Json
}

interface MqttKeys {
  readonly topic?: string
  readonly reply_topic?: string
  readonly content_type?: string
  readonly qos?: number | string
  readonly retain?: boolean | string
  readonly properties?: PropertyValues
}

export interface SendStep extends StepCommon, MqttKeys {
  readonly kind: 'send'
  readonly send: JsonMap
  readonly expect?: JsonMap | SendExpectation
  readonly within?: number
  readonly to?: string
  readonly from?: string
  readonly record_to?: string
  readonly msg_id?: string
  readonly version?: string
  readonly session?: JsonMap
}
/** `response`: any but an Error. `later`: an `expect` step asks for it. */
export type SendExpectation = 'response' | 'nothing' | 'later'

export interface RecordStep extends StepCommon, MqttKeys {
  readonly kind: 'record'
  readonly record: Payload
  readonly to?: string
}

export interface PublishStep extends StepCommon, Omit<MqttKeys, 'topic' | 'reply_topic' | 'content_type'> {
  readonly kind: 'publish'
  readonly publish: string
  readonly payload?: Payload
}

/** What is waited for: a packet of which all of this is true. */
export interface Awaited {
  /** `id` of a send step. */
  readonly answer?: string
  readonly is?: JsonMap
  readonly notify?: Json
  readonly message?: JsonMap
  readonly packet?: string
}

export interface ExpectStep extends StepCommon {
  readonly kind: 'expect'
  readonly expect: Awaited
  readonly within?: number
  readonly from?: string
  readonly since?: 'start' | 'send' | 'now'
}

export interface NothingStep extends StepCommon {
  readonly kind: 'nothing'
  readonly nothing: Awaited
  readonly for: number
  readonly from?: string
  readonly since?: 'start' | 'send' | 'now'
}

export interface CheckStep extends StepCommon {
  readonly kind: 'check'
  readonly check: string
}
export interface SetStep extends StepCommon {
  readonly kind: 'set'
  readonly set: Readonly<Record<string, Json>>
}
export interface SleepStep extends StepCommon {
  readonly kind: 'sleep'
  readonly sleep: number | string
}
export interface RepeatStep extends StepCommon {
  readonly kind: 'repeat'
  /** Times. */
  readonly repeat: number | string
  readonly until?: string
  readonly every?: number
  readonly steps: readonly Step[]
}
export interface ForStep extends StepCommon {
  readonly kind: 'for'
  /** Name of the variable. */
  readonly for: string
  readonly in: Json
  readonly steps: readonly Step[]
}
export interface IfStep extends StepCommon {
  readonly kind: 'if'
  readonly if: string
  readonly steps: readonly Step[]
  readonly else?: readonly Step[]
}
export interface GroupStep extends StepCommon {
  readonly kind: 'group'
  readonly group: string
  readonly steps: readonly Step[]
}
export interface ParallelStep extends StepCommon {
  readonly kind: 'parallel'
  readonly parallel: readonly Step[]
}
export interface CallStep extends StepCommon {
  readonly kind: 'call'
  readonly call: string
  readonly with?: Readonly<Record<string, Json>>
}
export interface WaitStep extends StepCommon {
  readonly kind: 'wait'
  readonly wait: 'online' | 'offline'
  readonly device?: string
  readonly within?: number
}
export interface ActStep extends StepCommon {
  readonly kind: 'act'
  readonly act: ActName
  readonly with?: JsonMap
}
export interface AskStep extends StepCommon {
  readonly kind: 'ask'
  readonly ask: string
  /** What a file is called that the person may give: a photo, a log. */
  readonly file?: string
  readonly choices?: readonly string[]
  readonly expect?: Json
}
/** A file kept with the result: one of content, packets and facts. */
export interface AttachStep extends StepCommon {
  readonly kind: 'attach'
  readonly attach: string
  readonly content?: Payload
  readonly packets?: string
  /** Endpoint ID of the device. */
  readonly facts?: string
}
export interface EndStep extends StepCommon {
  readonly kind: 'end'
  readonly end: 'passed' | 'failed' | 'skipped'
  readonly because?: string
}

export type Step =
  | SendStep
  | RecordStep
  | PublishStep
  | ExpectStep
  | NothingStep
  | CheckStep
  | SetStep
  | SleepStep
  | RepeatStep
  | ForStep
  | IfStep
  | GroupStep
  | ParallelStep
  | CallStep
  | WaitStep
  | ActStep
  | AskStep
  | AttachStep
  | EndStep
export type StepKind = Step['kind']

/** What a flow may do to the bench itself. Whoever plays the flow undoes it at the end. */
export const ACTS = {
  disconnect: { about: 'ends the device’s MQTT connection', with: ['device', 'reason_code'] },
  rule: { about: 'puts an access rule before all others', with: ['rule'] },
  credential: { about: 'sets the password of a user', with: ['username', 'password'] },
  remove_credential: { about: 'removes a user', with: ['username'] },
  listener: { about: 'switches a listener', with: ['listener', 'enabled'] },
  fault: {
    about: 'makes a fault on purpose until the run ends',
    with: [
      'do',
      'name',
      'device',
      'way',
      'filter',
      'percent',
      'times',
      'seconds',
      'reason_code',
      'ms',
      'jitter_ms',
      'copies',
      'behind',
      'bytes',
      'receive_maximum',
      'maximum_packet_size',
      'topic_alias_maximum',
      'server_keep_alive',
      'parts',
    ],
  },
  end_faults: { about: 'ends the faults that the run made', with: [] },
  notify_responses: { about: 'whether the bench answers Notify', with: ['send'] },
} as const satisfies Readonly<Record<string, { readonly about: string; readonly with: readonly string[] }>>
export type ActName = keyof typeof ACTS
export const ACT_NAMES = Object.keys(ACTS) as readonly ActName[]

/** Lists of steps inside a step, by the key they stand under. */
export function innerSteps(step: Step): readonly (readonly [key: string, steps: readonly Step[]])[] {
  switch (step.kind) {
    case 'repeat':
    case 'for':
    case 'group':
      return [['steps', step.steps]]
    case 'if':
      return [['steps', step.steps], ...(step.else ? [['else', step.else] as const] : [])]
    case 'parallel':
      return [['parallel', step.parallel]]
    default:
      return []
  }
}

export const PHASES = ['setup', 'steps', 'cleanup'] as const
export type Phase = (typeof PHASES)[number]

/** Every step of a flow with its path, `steps.2.else.0`, each before those in it. */
export function* stepsWithPaths(flow: Flow): Generator<readonly [path: string, step: Step]> {
  for (const phase of PHASES) yield* below(flow[phase] ?? [], phase)
}
function* below(steps: readonly Step[], at: string): Generator<readonly [path: string, step: Step]> {
  for (const [index, step] of steps.entries()) {
    const path = `${at}.${index}`
    yield [path, step]
    for (const [key, inner] of innerSteps(step)) yield* below(inner, `${path}.${key}`)
  }
}
