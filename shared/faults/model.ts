/** Faults on purpose: what the bench does wrong to whom, to see what a device makes of it. */
import { hexByte, reasonName } from '../mqtt/reason-codes.ts'

export type FaultAction =
  /** CONNECT: CONNACK with this code; PUBLISH, SUBSCRIBE, UNSUBSCRIBE: its acknowledgement; others: DISCONNECT. */
  | { readonly kind: 'refuse'; readonly reasonCode: number }
  /** As on a slow line: what comes behind waits, too. */
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs: number }
  /** The sender believes that it was sent. */
  | { readonly kind: 'drop' }
  /** So many more times. */
  | { readonly kind: 'duplicate'; readonly copies: number }
  /** Lets so many packets behind it go first. */
  | { readonly kind: 'reorder'; readonly behind: number }
  /** The line ends after so many bytes of the packet. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** CONNACK of MQTT 5.0 tells smaller limits, and the bench holds the device to them. */
  | {
      readonly kind: 'shrink'
      readonly receiveMaximum?: number
      readonly maximumPacketSize?: number
      readonly topicAliasMaximum?: number
      readonly serverKeepAlive?: number
    }
  /** CONNACK of MQTT 5.0 goes out without them, be they switched on or asked for. */
  | { readonly kind: 'omit'; readonly parts: readonly ConnackPart[] }
/** What the Oktopus flow has the bench say in CONNACK. */
export const connackParts = ['subscribe-topic', 'response-information'] as const
export type ConnackPart = (typeof connackParts)[number]
export type FaultKind = FaultAction['kind']
export const faultKinds = [
  'refuse',
  'delay',
  'drop',
  'duplicate',
  'reorder',
  'cut',
  'shrink',
  'omit',
] as const satisfies readonly FaultKind[]

export const faultWays = ['in', 'out', 'both'] as const
export type FaultWay = (typeof faultWays)[number]

export interface Fault {
  /** Shown at every packet that it met. */
  readonly name: string
  /** Endpoint ID, user name or client ID; empty for all clients. */
  readonly device: string
  /** `in`: what devices send to the bench. */
  readonly way: FaultWay
  /** Filter language; empty for every packet. */
  readonly filter: string
  /** Of the packets that match, so many are met, by chance: 1 … 100. */
  readonly percent: number
  /** It ends after it met so many packets; absent: it goes on. */
  readonly times?: number
  /** It ends after this time from when it was switched on. */
  readonly seconds?: number
  readonly action: FaultAction
}

export const FAULT_LIMITS = {
  faults: 50,
  name: 200,
  delayMs: 600_000,
  copies: 100,
  behind: 100,
  times: 1_000_000,
  seconds: 86_400,
} as const

/** They change what CONNACK says, so they meet a device when it is accepted, whatever their way and filter. */
const inConnack = ['shrink', 'omit'] as const satisfies readonly FaultKind[]
export type ConnackAction = Extract<FaultAction, { kind: (typeof inConnack)[number] }>
export const isInConnack = (action: FaultAction): action is ConnackAction =>
  inConnack.some((kind) => kind === action.kind)

/** Whom it can concern: a refusal answers what a device sent, and a device has to keep to what CONNACK said. */
export const wayOf = ({ way, action }: Pick<Fault, 'way' | 'action'>): FaultWay =>
  action.kind === 'refuse' ? 'in' : isInConnack(action) ? 'both' : way

const limitWords = [
  ['receiveMaximum', 'Receive Maximum'],
  ['maximumPacketSize', 'Maximum Packet Size'],
  ['topicAliasMaximum', 'Topic Alias Maximum'],
  ['serverKeepAlive', 'Server Keep Alive'],
] as const
export const shrinkable = limitWords

/** What it does, in a few words: `Delay by 500 ms ± 100`. */
export function actionText(action: FaultAction): string {
  switch (action.kind) {
    case 'refuse': {
      const { reasonCode } = action
      return `Refuse with ${reasonName('DISCONNECT', reasonCode, 5)} (${hexByte(reasonCode)})`
    }
    case 'delay':
      return `Delay by ${action.ms} ms${action.jitterMs > 0 ? ` ± ${action.jitterMs}` : ''}`
    case 'drop':
      return 'Drop'
    case 'duplicate':
      return action.copies === 1 ? 'Send twice' : `Send ${action.copies + 1} times`
    case 'reorder':
      return `Let ${action.behind === 1 ? 'the next one' : `${action.behind} packets`} go first`
    case 'cut':
      return `Cut the line after ${action.bytes} bytes`
    case 'shrink':
      return limitWords
        .flatMap(([name, word]) => (action[name] === undefined ? [] : [`${word} ${action[name]}`]))
        .join(', ')
    case 'omit':
      return `CONNACK without ${action.parts.join(' and ')}`
  }
}
