/**
 * The guard of a bench: who may connect, and what a connected client may do. It decides from memory; the
 * broker's rules ask it, and everything it refuses is told to `onDenied` with the reason.
 */
import { compileAcl, type CompiledAcl, type SessionAcl } from '../../../shared/acl/evaluate.ts'
import type { AclList, Action, Qos, Subject } from '../../../shared/acl/model.ts'
import type { Presented, RefusalCause } from '../../../shared/contract/access.ts'
import type { CertificateStanding } from '../tls/device-certificate.ts'
import { handshakeSentence, type TlsFailure } from '../tls/failure.ts'
import type { CheckResult } from './credentials.ts'
import type { ScramVerifiers } from './scram-verifiers.ts'

const BAD_USERNAME_OR_PASSWORD = 0x86
const NOT_AUTHORIZED = 0x87

export interface Refusal {
  /** Of MQTT 5; 3.1.1 gets the return code that stands for it. */
  readonly reasonCode: number
  /** One sentence for a person. */
  readonly text: string
  /** The access rule that decided; absent where none did. */
  readonly rule?: string
}

export interface Denial extends Refusal {
  readonly who: Subject
  readonly cause?: RefusalCause
  /** Of a CONNECT. */
  readonly presented?: Presented
  /** The device gets no reason code. */
  readonly untold?: boolean
  readonly action: Action | 'connect' | 'deliver'
  /** Empty for a connection. */
  readonly topic: string
  /** Of a message that was not handed over: client ID of the last one to publish there, if known. */
  readonly publisher?: string
}

export interface Passwords {
  check(username: string, password: Uint8Array): CheckResult
}

export interface AccessOptions {
  /** An open bench asks nobody for anything. */
  readonly open: boolean
  readonly passwords: Passwords
  readonly list: AclList
  readonly verifiers?: ScramVerifiers
  /** Endpoint IDs that a user may state besides its own name. */
  readonly endpointsOf?: (username: string) => readonly string[]
  /** Of a refused CONNECT with the password that came: it must not be shown or logged. */
  readonly onDenied: (denial: Denial, password?: Uint8Array) => void
}

/** What one client may do. Its list is prepared once, and again when the list was changed. */
export interface ClientAccess {
  /** `untold`: a refusal will not reach the client. */
  judge(action: Action, topic: string, qos: Qos, retain: boolean, untold?: boolean): Refusal | undefined
  /** May a message on this topic be handed to the client? Asked of each one, so it tells nobody. */
  mayReceive(topic: string, qos: Qos): boolean
  /** The same, told as a denial. `publisher`: its client ID, where that is known. */
  judgeDelivery(topic: string, qos: Qos, publisher: string | undefined): Refusal | undefined
}

const NO_PASSWORD = new Uint8Array(0)
const unauthorised = (text: string): Refusal => ({ reasonCode: NOT_AUTHORIZED, text })

export class Access {
  #open: boolean
  #compiled: CompiledAcl
  readonly #options: AccessOptions
  readonly #hits = new Map<string, number>()

  constructor(options: AccessOptions) {
    this.#options = options
    this.#open = options.open
    this.#compiled = compileAcl(options.list)
  }

  get open(): boolean {
    return this.#open
  }
  set open(open: boolean) {
    this.#open = open
  }

  get list(): AclList {
    return this.#compiled.list
  }
  /** Acts on the very next packet of every session. */
  set list(list: AclList) {
    this.#compiled = compileAcl(list)
    const ids = new Set(list.rules.map(({ id }) => id))
    for (const id of this.#hits.keys()) if (!ids.has(id)) this.#hits.delete(id)
  }

  /** How often each rule decided, by its ID. */
  get hits(): ReadonlyMap<string, number> {
    return this.#hits
  }

  /**
   * May this client connect? The password must be right, or its certificate one that this bench made (MQTT 5.0,
   * 5.4.1), and the endpoint ID that it states must be that of the certificate, its user name, or one given to that
   * user: otherwise any device could speak for any other. `proven`: it showed in another way that it is this user.
   */
  admit(
    who: Subject,
    password: Uint8Array | undefined,
    certificate?: CertificateStanding,
    presented?: Presented,
    proven = false,
  ): Refusal | undefined {
    if (this.#open) return undefined
    const refusal = this.#login(who, password, certificate, proven)
    if (!refusal) return undefined
    const shown = presented && { presented }
    this.#options.onDenied({ ...refusal, ...shown, who, action: 'connect', topic: '' }, password)
    const { reasonCode, text } = refusal
    return { reasonCode, text }
  }

  #login(
    { username, endpointId }: Subject,
    password: Uint8Array | undefined,
    certificate: CertificateStanding | undefined,
    proven: boolean,
  ): (Refusal & { readonly cause: RefusalCause }) | undefined {
    const certified = certificate?.state === 'listed' ? certificate : undefined
    if (certified?.endpointId !== undefined && certified.endpointId !== endpointId) {
      const text = `it states the endpoint ID ${endpointId}, but its certificate is that of ${certified.endpointId}`
      return { ...unauthorised(text), cause: 'certificate' }
    }
    if (
      certified &&
      (username === undefined || (password === undefined && username === certified.username))
    ) {
      return undefined
    }
    if (username === undefined) {
      const text = 'no user name came, and this bench admits nobody without one'
      return { ...unauthorised(text), cause: 'no-user' }
    }
    const cause = proven ? 'ok' : this.#options.passwords.check(username, password ?? NO_PASSWORD)
    if (cause !== 'ok') {
      const text =
        cause === 'unknown-user'
          ? `the user ${username} is not known`
          : `the password of ${username} is wrong`
      return { reasonCode: BAD_USERNAME_OR_PASSWORD, text, cause }
    }
    const own = certified?.endpointId !== undefined || endpointId === username
    if (own || this.#options.endpointsOf?.(username).includes(endpointId)) return undefined
    const text = `${username} states the endpoint ID ${endpointId}, which is not its own`
    return { ...unauthorised(text), cause: 'endpoint' }
  }

  /** A device that did not even come through the TLS handshake. */
  noteHandshake(address: string, listener: NonNullable<Subject['listener']>, failure: TlsFailure): void {
    const who: Subject = { username: undefined, clientId: '', endpointId: '', address, listener }
    const text = handshakeSentence(failure)
    this.#options.onDenied({ reasonCode: 0, text, cause: 'tls', who, action: 'connect', topic: '' })
  }

  /** What users prove themselves against in enhanced authentication; absent where that is not offered. */
  get verifiers(): ScramVerifiers | undefined {
    return this.#options.verifiers
  }

  /** A client failed in enhanced authentication. */
  noteLogin(denial: Pick<Denial, 'reasonCode' | 'text' | 'who' | 'presented' | 'cause'>): void {
    this.#options.onDenied({ ...denial, action: 'connect', topic: '' })
  }

  /** Something that a limit of the broker refused, whoever it was. */
  noteLimit(denial: Omit<Denial, 'cause'>): void {
    this.#options.onDenied({ ...denial, cause: 'limit' })
  }

  client(who: Subject): ClientAccess {
    // Made when it is first asked: it takes more than the connection of a client that says nothing.
    let compiled: CompiledAcl | undefined
    let session: SessionAcl | undefined
    const current = (): SessionAcl => {
      if (session && compiled === this.#compiled) return session
      compiled = this.#compiled
      return (session = compiled.session(who))
    }
    const judged = (
      question: Parameters<SessionAcl['decide']>,
      told: Pick<Denial, 'action' | 'untold' | 'publisher'>,
    ): Refusal | undefined => {
      if (this.#open) return undefined
      const { verdict, rule, why } = current().decide(...question)
      if (rule) this.#hits.set(rule.id, (this.#hits.get(rule.id) ?? 0) + 1)
      if (verdict === 'allow') return undefined
      const refusal: Refusal = { ...unauthorised(why), ...(rule ? { rule: rule.id } : {}) }
      this.#options.onDenied({ ...refusal, ...told, who, topic: question[1] })
      return refusal
    }
    return {
      judge: (action, topic, qos, retain, untold = false) =>
        judged([action, topic, qos, retain], { action, ...(untold && { untold }) }),
      // MQTT has no word for a message that is not handed over, whatever the version.
      judgeDelivery: (topic, qos, publisher) =>
        judged(['subscribe', topic, qos, false], {
          action: 'deliver',
          untold: true,
          ...(publisher !== undefined && { publisher }),
        }),
      mayReceive: (topic, qos) =>
        this.#open || current().decide('subscribe', topic, qos, false).verdict === 'allow',
    }
  }
}
