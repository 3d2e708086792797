/** The enhanced authentication of one connection: at CONNECT, and again whenever a person wants. */
import { NotSent } from '../../../shared/client/limits.ts'
import { bytesOf, draftProperties } from '../../../shared/client/property-draft.ts'
import type { ClientSession } from '../../../shared/client/session.ts'
import type { AuthenticationData, LiveAuthentication } from '../../../shared/contract/mqtt-client.ts'
import type { AuthPacket, ConnackPacket, ConnectPacket, Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { Authentication, authProperties } from './authentication.ts'

/** For a person to write the next step; brokers give up much sooner. */
const PATIENCE_SECONDS = 300

export interface ProverHost {
  readonly session: ClientSession
  readonly onChange: () => void
  /** Stands in the list of packets. */
  readonly onNote: (text: string, bad: boolean) => void
  /** The broker is not the one it should be. */
  readonly onDistrust: (why: string) => void
}

/** A step as a person gives it. */
export interface Step {
  readonly method?: string | undefined
  readonly data?: AuthenticationData | undefined
  readonly properties: Properties
}

export class Prover {
  readonly #host: ProverHost
  #connect: ConnectPacket | undefined
  #half: Authentication | undefined
  #live: LiveAuthentication | undefined
  #began = 0

  constructor(host: ProverHost) {
    this.#host = host
  }

  get state(): LiveAuthentication | undefined {
    return this.#live
  }

  /** The CONNECT with the first step in it. */
  begin(connect: ConnectPacket, password: string | undefined): ConnectPacket {
    this.#connect = connect
    this.#half = new Authentication(connect, password)
    this.#began = performance.now()
    this.#live = undefined
    if (this.#half.method !== '') this.#tell('waiting', 'The first step went out with CONNECT.')
    return this.#half.begin(connect)
  }

  /**
   * Another authentication on the connection that stands, or the step that is waited for. `password` and `kept` are
   * those of the profile. Throws NotSent, a DraftFault, or what the encoder says.
   */
  step(step: Step, password: string | undefined, kept: AuthenticationData | undefined): void {
    const { session } = this.#host
    const data = step.data && bytesOf(step.data.value, step.data.hex)
    const method = step.method ?? this.#half?.method ?? ''
    const now = performance.now()
    if (this.#live?.state === 'challenged') {
      session.authenticate([...authProperties(method, data), ...step.properties], now)
      return this.#tell('waiting', 'The step went out: the broker has not answered yet.')
    }
    if (session.proving) throw new NotSent('The broker still has to answer the authentication under way.')
    const plain = this.#connect
    const byItself = data === undefined && step.method === undefined
    const half = plain && new Authentication(plain, byItself ? password : undefined)
    const first = half?.isScram === true ? half.again() : authProperties(method, data ?? dataOf(kept))
    session.reauthenticate([...first, ...step.properties], now)
    this.#half = half
    this.#began = now
    this.#tell('waiting', 'Re-authenticate went out: the broker has not answered yet.')
  }

  async challenged(challenge: AuthPacket): Promise<void> {
    const half = this.#half
    const answer = await half?.meet(challenge)
    // Another attempt may have begun meanwhile.
    if (half === undefined || half !== this.#half) return
    const { session } = this.#host
    if (answer) return session.authenticate(answer, performance.now())
    if (half.isScram) return session.abandon(half.method)
    session.patience(PATIENCE_SECONDS, performance.now())
    const data = draftProperties(challenge.properties).find(({ name }) => name === 'authenticationData')
    const said = getProperty(challenge.properties, 'reasonString')
    this.#tell(
      'challenged',
      `The broker asks for the next step of ${half.method}${said === undefined ? '' : `: ${said}`}. Answer it under Authenticate.`,
      data && { value: data.value, hex: data.hex === true },
    )
  }

  /** What is wrong with the broker, if anything. */
  connected(packet: ConnackPacket): string | undefined {
    if (this.#half === undefined || this.#half.method === '') return undefined
    return this.#judge(packet, 'CONNECT')
  }

  /** AUTH came that ends a re-authentication. */
  proved(packet: AuthPacket): void {
    const wrong = this.#judge(packet, 'Re-authentication')
    if (wrong !== undefined) return this.#host.onDistrust(wrong)
    this.#host.onNote(`Re-authentication: ${this.#live?.text ?? ''}`, false)
  }

  /** The connection is gone; `why` is empty when it was asked for. */
  ended(why: string): void {
    const { state } = this.#live ?? {}
    if (state === 'waiting' || state === 'challenged')
      this.#tell('failed', why === '' ? 'The connection was ended before.' : why)
    this.#half = undefined
  }

  #judge(packet: ConnackPacket | AuthPacket, when: string): string | undefined {
    const half = this.#half
    const wrong = half?.judge(packet)
    const ms = Math.round(performance.now() - this.#began)
    const both = half?.isScram === true ? 'client and broker proved that they know the password' : 'accepted'
    if (wrong === undefined) this.#tell('proved', `${half?.method ?? ''}: ${both}, in ${ms} ms (${when}).`)
    else this.#tell('failed', wrong)
    return wrong
  }

  #tell(state: LiveAuthentication['state'], text: string, challenge?: AuthenticationData): void {
    const method = this.#half?.method ?? ''
    this.#live = { method, state, text, at: Date.now(), ...(challenge && { challenge }) }
    this.#host.onChange()
  }
}

const dataOf = (kept: AuthenticationData | undefined): Uint8Array | undefined =>
  kept && bytesOf(kept.value, kept.hex)
