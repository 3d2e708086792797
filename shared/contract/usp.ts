/**
 * The part of the contract about the bench's own USP controller: sending requests to devices, what came back, and
 * what devices say unasked. The data model of a device is in data-model.ts.
 */
import * as v from 'valibot'
import { requestKinds, type JsonValue, type NotifyKind, type RequestKind } from '../usp/kinds.ts'
import { command } from './command.ts'

export interface ControllerState {
  /** `off` by the setting usp.controller; `refused` by the broker's own access rules or credentials. */
  readonly state: 'off' | 'connecting' | 'connected' | 'refused'
  readonly endpointId: string
  /** What is wrong and what to do. */
  readonly message?: string
  /** Where it reaches the bench's broker, e.g. `127.0.0.1 port 41883, open to this process alone`. */
  readonly listener?: string
  /** Topic filters that were granted. */
  readonly subscriptions: readonly string[]
}

/** A supported data model that is being read. */
export interface ModelReading {
  readonly endpointId: string
  /** Objects read so far. */
  readonly objects: number
  /** 0 … 1. */
  readonly progress: number
}

/** The event `usp`. */
export interface UspState {
  readonly controller: ControllerState
  /** Devices are asked who they are when they arrive (setting usp.discover). */
  readonly discover: boolean
  /** Requests that wait for their answer. */
  readonly waiting: number
  readonly reading: readonly ModelReading[]
  /** Notifications taken in since the start; the view `notifications` holds the newest of them. */
  readonly notifications: number
}

/**
 * How a request ended:
 * - `answered`: its response came; some of its paths may still have failed, see `failures`
 * - `error`: an Error Msg came
 * - `rejected`: the device refused the Record itself: an Error with a 7100 code, or a Disconnect Record
 * - `timeout`: nothing came in time
 * - `offline`: the device is not connected, or it left before it answered
 * - `unreachable`: it is connected but not subscribed to the topic the request went to
 * - `refused`: the access rules let the controller not send it, or the device not receive it
 * - `disconnected`: the controller itself is not connected
 * - `sent`: no answer is due, because send_resp is false
 * - `cancelled`: by `usp.cancel`, or the bench closes
 */
export type RequestOutcome =
  | 'answered'
  | 'error'
  | 'rejected'
  | 'timeout'
  | 'offline'
  | 'unreachable'
  | 'refused'
  | 'disconnected'
  | 'sent'
  | 'cancelled'

/** One thing that failed, of an Error Msg or within a response. */
export interface PathFailure {
  /** As in the message: a parameter, an object, a command; empty when it is about the whole message. */
  readonly path: string
  readonly code: number
  /** `Invalid path`; empty for a code that has no name. */
  readonly name: string
  /** err_msg of the device. */
  readonly text: string
}

export interface RequestReport {
  readonly outcome: RequestOutcome
  /** For a person: what happened, and what to do where something is wrong. */
  readonly text: string
  readonly endpointId: string
  readonly kind: RequestKind
  readonly msgId: string
  /** Topic Name it was published to. */
  readonly topic: string
  /** The Msg that was sent, as protobuf JSON with the field names of the .proto. */
  readonly request: JsonValue
  /** The Msg that came back, in the same form. */
  readonly answer?: JsonValue
  /** Of an Error Msg or a Disconnect Record. */
  readonly error?: PathFailure
  /** param_errs of the Error, or what failed within a response, in its order. */
  readonly failures: readonly PathFailure[]
  /** Milliseconds since 1970. */
  readonly sentAt: number
  /** Milliseconds from sending to the answer. */
  readonly latencyMs?: number
  /** Rows of the live capture: the request as the device got it, and its answer as it came. */
  readonly requestPacket?: number
  readonly answerPacket?: number
}

export interface NotificationRow {
  /** From 1, never used again. */
  readonly no: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly endpointId: string
  readonly kind: NotifyKind
  readonly subscriptionId: string
  readonly msgId: string
  /** What it is about: parameter, object, `Device.Boot!`, `Device.…SelfTestDiagnostics()`. */
  readonly path: string
  /** The value, parameters, unique keys or output arguments in one line. */
  readonly text: string
  /** The same, one by one. */
  readonly values: readonly (readonly [name: string, value: string])[]
  /** It asked for a NotifyResp, and that went out. */
  readonly answered: boolean
  /** How often it came again, by its msg_id or with the same content (R-NOT.1). */
  readonly retries: number
  /** OperationComplete: the msg_id of the Operate that it ends, where that is known. */
  readonly operateMsgId?: string
  /** Row of the live capture. */
  readonly packet?: number
}

/** What USP says about a device. */
export interface DeviceUsp {
  readonly manufacturer?: string
  readonly modelName?: string
  readonly softwareVersion?: string
  readonly serialNumber?: string
  readonly productClass?: string
  /** Its answer to GetSupportedProtocol, or what it said in OnBoardRequest. */
  readonly supportedVersions?: readonly string[]
  /** Version of the last Record from it. */
  readonly recordVersion?: string
  /** `time` in milliseconds since 1970. */
  readonly lastBoot?: { readonly time: number; readonly cause: string; readonly firmwareUpdated: boolean }
  /** Of the last request that it answered. */
  readonly latencyMs?: number
  /** How it can be reached, by Connect Records and the topics it uses; the newest last. */
  readonly mtps: readonly {
    readonly protocol: 'MQTT'
    readonly mqttVersion: '3.1.1' | '5.0'
    readonly topic: string
    /** Milliseconds since 1970. */
    readonly seenAt: number
  }[]
  /** `partly`: some questions were not answered; `text` says which. */
  readonly discovery: {
    readonly state: 'off' | 'waiting' | 'asking' | 'done' | 'partly' | 'failed'
    readonly text?: string
  }
}

/** A request with everything a data model has in it; as much as the broker takes by default. */
export const MAX_MESSAGE_TEXT = 1_000_000
export const MAX_TIMEOUT_MS = 600_000

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
export const endpointIdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(1024))
const topicName = v.pipe(v.string(), v.minLength(1), v.maxLength(65_535), v.regex(/^[^+#\0]*$/u))
export const timeoutSchema = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(MAX_TIMEOUT_MS))
const recordVersion = v.pipe(v.string(), v.regex(/^\d{1,3}\.\d{1,3}$/))
const qos = v.picklist([0, 1])
const bytes = (max: number) =>
  v.pipe(
    v.instance(Uint8Array),
    v.check((value) => value.length <= max, `More than ${max} bytes`),
  )
/** Chosen by the caller, to cancel what it names. */
export const callIdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(100))

/** How the controller speaks to one device; what is absent goes by the device itself. */
export const deviceUspSettings = v.strictObject({
  /** Where requests go; absent: where the device listens, best `oktopus/usp/v1/agent/<endpoint ID>`. */
  topic: v.optional(topicName),
  qos: v.optional(qos),
  /** Record version, e.g. `1.4`; absent: the highest one that both know, before that is known 1.3. */
  version: v.optional(recordVersion),
  /** Milliseconds. */
  timeoutMs: v.optional(timeoutSchema),
  /** Requests travel within an end-to-end session context. */
  sessionContext: v.optional(v.boolean()),
  /** Bytes of a Msg in one Record of a session context; a longer one goes in segments. */
  segmentBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(64), v.maxValue(1_000_000))),
})
export type DeviceUspSettings = v.InferOutput<typeof deviceUspSettings>

export const uspCommands = {
  /**
   * Sends a request and answers when it has ended. `invalid-request` names the place in the JSON that is wrong;
   * everything that happens on the way to the device is an outcome.
   */
  'usp.request': command<RequestReport>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      /**
       * Protobuf JSON, as text or value: a Msg (`{"header":…,"body":…}`), a body (`{"request":…}`), a request
       * (`{"get":…}`), or with `kind` its content alone (`{"param_paths":[…]}`), as Oktopus keeps them. Names are
       * those of the .proto or in lowerCamelCase. Without a msg_id one is made.
       */
      message: v.union([text(MAX_MESSAGE_TEXT), v.record(v.string(), v.unknown())]),
      kind: v.optional(v.picklist(requestKinds)),
      timeoutMs: v.optional(timeoutSchema),
      version: v.optional(recordVersion),
      sessionContext: v.optional(v.boolean()),
      call: v.optional(callIdSchema),
    }),
  ),
  /** Publishes bytes as they are, right or wrong: nothing is awaited. Row of the live capture, when known. */
  'usp.sendRecord': command<{ readonly topic: string; readonly packet?: number }>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      record: bytes(MAX_MESSAGE_TEXT),
      topic: v.optional(topicName),
      qos: v.optional(qos),
      retain: v.optional(v.boolean()),
      /** MQTT 5; absent ones are as in every Record of the controller, empty ones are left out. */
      properties: v.optional(
        v.strictObject({
          contentType: v.optional(text(1000)),
          responseTopic: v.optional(v.union([topicName, v.literal('')])),
          correlationData: v.optional(bytes(65_535)),
          userProperties: v.optional(v.pipe(v.array(v.tuple([text(1000), text(10_000)])), v.maxLength(50))),
        }),
      ),
    }),
  ),
  /** Ends the wait for what was started with this `call`. */
  'usp.cancel': command<void>()(v.strictObject({ call: callIdSchema })),
  /** Asks a device again who it is, as on its arrival. */
  'usp.discover': command<void>()(v.strictObject({ endpointId: endpointIdSchema })),
  'usp.settings': command<DeviceUspSettings>()(v.strictObject({ endpointId: endpointIdSchema })),
  /** Replaces what was set for this device, and keeps it in the workspace. */
  'usp.configure': command<void>()(
    v.strictObject({
      endpointId: endpointIdSchema,
      settings: deviceUspSettings,
    }),
  ),
  /** The Msg of a notification as protobuf JSON. */
  'usp.notification': command<{ readonly row: NotificationRow; readonly msg: JsonValue }>()(
    v.strictObject({ no: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  ),
  /** Empties the list of notifications. */
  'usp.clearNotifications': command<void>()(v.undefined()),
} as const
