/**
 * Enhanced authentication with SCRAM-SHA-256 (MQTT 5.0, 4.12), at CONNECT and again whenever the client wants:
 * it proves its password, and the bench that it knows it, without either sending it.
 */
import { randomBytes } from 'node:crypto'
import type { AuthPacket, ConnectPacket } from '../../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../../shared/mqtt/properties.ts'
import type { Access } from '../../access/access.ts'
import {
  judgeClientFinal,
  parseClientFirst,
  SCRAM_METHOD,
  serverFirst,
  type ClientFirst,
  type ScramVerifier,
} from '../../access/scram.ts'
import type { Outcome, RuleFactory } from '../rule.ts'
import { presentedBy, subjectOf } from './access.ts'

const CONTINUE_AUTHENTICATION = 0x18
const RE_AUTHENTICATE = 0x19
const UNSPECIFIED_ERROR = 0x80
const PROTOCOL_ERROR = 0x82
const BAD_USER_NAME_OR_PASSWORD = 0x86
const NOT_AUTHORIZED = 0x87
const BAD_AUTHENTICATION_METHOD = 0x8c
const NONCE_BYTES = 18

/** Waits for the proof. */
interface Challenge {
  readonly first: ClientFirst
  readonly nonce: string
  readonly text: string
  readonly verifier: ScramVerifier
  readonly known: boolean
}

type Rejection = Extract<Outcome, { readonly do: 'reject' }>
const reject = (reasonCode: number, text: string): Rejection => ({ do: 'reject', reasonCode, text })
const EMPTY = new Uint8Array(0)

export const auth =
  (guard: Access | undefined): RuleFactory =>
  (session) => {
    const verifiers = guard?.verifiers
    let method: string | undefined
    let user: string | undefined
    /** The exchange that is under way: the challenge, once it was sent. */
    let underWay: 'begun' | Challenge | undefined
    /** Lets CONNECT go on. */
    let settle: ((outcome: Outcome) => void) | undefined
    let signature: string | undefined

    const say = (reasonCode: number, text: string): void =>
      session.send({
        type: 'AUTH',
        reasonCode,
        properties: [
          { name: 'authenticationMethod', value: SCRAM_METHOD },
          { name: 'authenticationData', value: Buffer.from(text) },
        ],
      })

    /** Answers why the first message is refused; otherwise the challenge is on its way. */
    function begin(data: Uint8Array): Rejection | undefined {
      const parsed = parseClientFirst(data)
      if (!parsed.ok) return reject(NOT_AUTHORIZED, parsed.text)
      const first = parsed.value
      const stated = user ?? session.connect?.username
      if (stated !== undefined && stated !== first.username) {
        return reject(NOT_AUTHORIZED, `${stated} wants to prove the password of ${first.username}`)
      }
      underWay = 'begun'
      verifiers?.of(first.username).then(
        ({ verifier, known }) => {
          const nonce = first.nonce + randomBytes(NONCE_BYTES).toString('base64')
          const text = serverFirst(nonce, verifier)
          underWay = { first, nonce, text, verifier, known }
          if (session.working) say(CONTINUE_AUTHENTICATION, text)
        },
        (error: unknown) => session.finish(UNSPECIFIED_ERROR, `the bench failed: ${String(error)}`),
      )
      return undefined
    }

    /** The proof: answers why it is refused, or lets the client in. */
    function conclude({ first, nonce, text, verifier, known }: Challenge, data: Uint8Array): Outcome {
      underWay = undefined
      const { username } = first
      const judged = judgeClientFinal(data, first, nonce, text, verifier)
      if (!judged.ok || !known) {
        const why = judged.ok || !known ? `the user ${username} is not known` : judged.text
        const cause = known ? 'wrong-password' : 'unknown-user'
        // DISCONNECT does not have the other one.
        const reasonCode = settle ? BAD_USER_NAME_OR_PASSWORD : NOT_AUTHORIZED
        const refusal = { reasonCode, text: `${SCRAM_METHOD}: ${why}` }
        guard?.noteLogin({
          ...refusal,
          cause,
          who: { ...subjectOf(session), username },
          presented: presentedBy(session),
        })
        return { do: 'reject', ...refusal }
      }
      if (settle) {
        signature = judged.value
        session.proved(username)
      } else say(0, judged.value)
      user = username
      return undefined
    }

    function onConnect({ properties }: ConnectPacket): Outcome {
      method = getProperty(properties, 'authenticationMethod')
      if (method === undefined) return undefined
      if (method !== SCRAM_METHOD || !verifiers) {
        // [MQTT-4.12.0-1]
        const text = `the Authentication Method ${method} is not offered: use ${SCRAM_METHOD}, or a user name and a password`
        return reject(BAD_AUTHENTICATION_METHOD, text)
      }
      const refusal = begin(getProperty(properties, 'authenticationData') ?? EMPTY)
      if (refusal) return refusal
      return { do: 'hold', until: new Promise((resolve) => (settle = resolve)), meanwhile: 'AUTH' }
    }

    function onAuth({ reasonCode, properties }: AuthPacket): Outcome {
      if (method === undefined) {
        return reject(PROTOCOL_ERROR, 'AUTH came, but no authentication method was agreed on in CONNECT')
      }
      // MQTT 5.0, 4.12 and 4.12.1
      if (getProperty(properties, 'authenticationMethod') !== method) {
        return reject(PROTOCOL_ERROR, 'AUTH names another authentication method than CONNECT did')
      }
      const data = getProperty(properties, 'authenticationData') ?? EMPTY
      if (reasonCode === RE_AUTHENTICATE && underWay === undefined) return begin(data) ?? { do: 'take' }
      if (reasonCode !== CONTINUE_AUTHENTICATION || underWay === undefined || underWay === 'begun') {
        return reject(PROTOCOL_ERROR, 'AUTH came that is not the next step of the authentication')
      }
      const outcome = conclude(underWay, data)
      if (!settle) return outcome ?? { do: 'take' }
      // CONNECT itself is refused, or goes on.
      settle(outcome)
      settle = undefined
      return { do: 'take' }
    }

    return {
      name: 'auth',
      inbound: { CONNECT: onConnect, AUTH: onAuth },
      outbound: {
        /** [MQTT-4.12.0-5]: the last word of the exchange. */
        CONNACK(packet) {
          if (signature === undefined || packet.reasonCode !== 0) return undefined
          const properties = [
            ...packet.properties,
            { name: 'authenticationMethod', value: SCRAM_METHOD } as const,
            { name: 'authenticationData', value: Buffer.from(signature) } as const,
          ]
          return { do: 'change', packet: { ...packet, properties } }
        },
      },
    }
  }
