/** What a run is told, and what it wants done. Times are milliseconds since 1970. */
import type { PacketView } from '../../filter/columns.ts'
import type { Properties, QoS } from '../../mqtt/packets.ts'
import type { Attachment } from '../attachments.ts'
import type { JsonMap } from '../json.ts'
import type { ActName, Flow } from '../model.ts'

/** A packet that passed the broker. */
export interface SeenPacket {
  /** Its number in the capture. */
  readonly no: number
  readonly time: number
  /** Endpoint ID of the sender; empty when it is not known. */
  readonly from: string
  readonly topic?: string
  /** The Msg inside, as `msgJson` has it. */
  readonly msg?: JsonMap
  /** For filters; without it no filter takes the packet. */
  readonly view?: PacketView
}

export type RunEvent =
  | { readonly kind: 'packet'; readonly packet: SeenPacket }
  | { readonly kind: 'device'; readonly device: string; readonly online: boolean }
  /** A command was carried out, or could not be: `error` says why. Owed for send, record, publish, act and attach. */
  | {
      readonly kind: 'done'
      readonly token: number
      readonly error?: string
      /** When it went out, and as which packets. */
      readonly at?: number
      readonly packets?: readonly number[]
      /** Of an attach: what is kept, or why it is not. */
      readonly attachment?: Attachment
      readonly refused?: string
    }
  /** What the person answered to an `ask`. */
  | {
      readonly kind: 'chosen'
      readonly token: number
      readonly choice: string
      /** The file that came with it. */
      readonly attachment?: Attachment
    }

export interface MqttWishes {
  readonly topic?: string
  readonly replyTopic?: string
  readonly qos?: QoS
  readonly retain?: boolean
  /** All but Response Topic and Content Type. */
  readonly properties: Properties
  readonly contentType?: string
}

export interface SendCommand extends MqttWishes {
  readonly do: 'send'
  readonly token: number
  /** Path of the step in the flow: `steps.2`. */
  readonly step: string
  /** Endpoint ID of the receiver; `recordTo` stands in the Record where it differs. */
  readonly to: string
  readonly recordTo?: string
  readonly from?: string
  readonly version?: string
  readonly msgId: string
  readonly msg: JsonMap
  /** The Msg, encoded. */
  readonly bytes: Uint8Array
  /** Fields of a session context; without it the Record has none. */
  readonly session?: JsonMap
}

/** Bytes, or what the bench knows: its packets by number, and the facts of a device. */
export type AttachedContent =
  { readonly bytes: Uint8Array } | { readonly packets: readonly number[] } | { readonly facts: string }

export type Command =
  | SendCommand
  | (MqttWishes & {
      readonly do: 'record'
      readonly token: number
      readonly step: string
      readonly to: string
      /** The whole Record. */
      readonly bytes: Uint8Array
    })
  | (MqttWishes & {
      readonly do: 'publish'
      readonly token: number
      readonly step: string
      readonly topic: string
      readonly payload: Uint8Array
    })
  | {
      readonly do: 'act'
      readonly token: number
      readonly step: string
      readonly act: ActName
      readonly with: JsonMap
    }
  | {
      readonly do: 'ask'
      readonly token: number
      readonly step: string
      readonly text: string
      readonly choices: readonly string[]
      /** What a file is called that may be given with it. */
      readonly file?: string
    }
  | {
      readonly do: 'attach'
      readonly token: number
      readonly step: string
      readonly name: string
      readonly content: AttachedContent
    }
  /** The question needs no answer any more. */
  | { readonly do: 'withdraw'; readonly token: number }
  /** The run holds before this step until it is told to go on; `failed`: behind it, as it failed. */
  | { readonly do: 'paused'; readonly step: string; readonly failed?: true }
  | { readonly do: 'finished' }

export interface RunOptions {
  /** Endpoint ID of the device under test. */
  readonly device: string
  /** Endpoint ID of the controller. */
  readonly controller: string
  /** Another for each run: msg_ids and `run.id` are made of it. */
  readonly runId: string
  /** In place of the defaults of the flow. */
  readonly variables?: JsonMap
  /** Values of the flow's secrets. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Flows that can be called, by name. */
  readonly flows?: ReadonlyMap<string, Flow>
  /** 0: as fast as answers come; 1: with the gaps of the recording; 2: twice as slow. */
  readonly pace?: number
  /** Which devices are there, where that is known. */
  readonly online?: Readonly<Record<string, boolean>>
}
