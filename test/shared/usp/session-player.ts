/** Plays Records of a session context into the state machine, as bytes of packets 1, 2, 3 … */
import { encodeRecord, makeRecord } from '../../../shared/usp/codec.ts'
import {
  Record_PayloadSecurity as Security,
  SessionContextRecord_PayloadSARState as Sar,
} from '../../../shared/usp/gen/usp-record_pb.ts'
import {
  readSessionRecord,
  SessionContexts,
  type SessionLimits,
  type SessionStep,
} from '../../../shared/usp/session-context.ts'

export { Sar }

export const AGENT = 'os::00256D-1'
export const CONTROLLER = 'self::controller'

export interface Wish {
  readonly from?: string
  readonly to?: string
  readonly session?: bigint
  readonly sequence?: bigint
  readonly expected?: bigint
  readonly retransmit?: bigint
  readonly sar?: Sar
  readonly recSar?: Sar
  readonly tls?: boolean
  readonly payload?: readonly (string | Uint8Array)[]
}

const bytesOf = (part: string | Uint8Array) => (typeof part === 'string' ? Buffer.from(part) : part)

/** A Record from the agent in session 5, as bytes, behind three bytes that are not of it. */
export function encode(wish: Wish): Uint8Array {
  const { sar = Sar.NONE } = wish
  const record = encodeRecord(
    makeRecord({
      version: '1.3',
      fromId: wish.from ?? AGENT,
      toId: wish.to ?? CONTROLLER,
      payloadSecurity: wish.tls ? Security.TLS12 : Security.PLAINTEXT,
      recordType: {
        case: 'sessionContext',
        value: {
          sessionId: wish.session ?? 5n,
          sequenceId: wish.sequence ?? 1n,
          expectedId: wish.expected ?? 1n,
          retransmitId: wish.retransmit ?? 0n,
          payloadSarState: sar,
          payloadrecSarState: wish.recSar ?? sar,
          payload: (wish.payload ?? ['x']).map(bytesOf),
        },
      },
    }),
  )
  return Uint8Array.from([1, 2, 3, ...record])
}

export class Player {
  readonly contexts: SessionContexts
  readonly packets: Uint8Array[] = []
  readonly steps: SessionStep[] = []

  constructor(limits: Partial<SessionLimits> = {}) {
    this.contexts = new SessionContexts(limits)
  }

  play(...wishes: Wish[]): this {
    for (const wish of wishes) {
      const packet = encode(wish)
      const record = readSessionRecord(packet, 3, packet.length)
      if (record === undefined) throw new Error('not a session Record')
      this.steps.push(this.contexts.feed(record, this.packets.length + 1))
      this.packets.push(packet.slice())
      // The caller's buffer is used again, as that of a capture may be.
      packet.fill(0)
    }
    return this
  }

  get msgs(): string[] {
    return this.steps.flatMap(({ assembled }) =>
      assembled.map(({ bytes }) => Buffer.from(bytes ?? []).toString()),
    )
  }

  /** `packet: rule or text` */
  get findings(): string[] {
    return this.steps.flatMap(({ findings }) =>
      findings.map(({ packet, rule, text }) => `${packet}: ${rule ?? text}`),
    )
  }

  get standings(): string[] {
    return this.steps.map(({ standing }) => standing)
  }
}

export const play = (...wishes: Wish[]) => new Player().play(...wishes)
