/**
 * One connection per client ID [MQTT-3.1.4-3]. A newcomer waits until the one before it is gone, for the
 * device and for the broker; of several at once each has its turn. So aedes never meets two clients of one ID,
 * which it does not survive in order.
 */
import type { Outcome, RuleFactory } from '../rule.ts'
import type { Session } from '../session.ts'

const SESSION_TAKEN_OVER = 0x8e

/** The live connection of each client ID, and the queue of those that want to follow it. */
export class ClientIds {
  readonly #holders = new Map<string, Session>()
  readonly #queues = new Map<string, Promise<void>>()

  holder(clientId: string): Session | undefined {
    return this.#holders.get(clientId)
  }

  free(clientId: string): boolean {
    return !this.#holders.has(clientId) && !this.#queues.has(clientId)
  }

  /** Makes `session` the holder at once; only when the ID is free. */
  take(session: Session): void {
    this.#holders.set(session.clientId, session)
  }

  /** Resolves when `session` is the holder, all before it being gone. */
  claim(session: Session): Promise<void> {
    const { clientId } = session
    const turn = (this.#queues.get(clientId) ?? Promise.resolve()).then(async () => {
      const former = this.#holders.get(clientId)
      if (former) {
        former.finish(SESSION_TAKEN_OVER, `another connection came with the same client ID ${clientId}`)
        await former.gone
      }
      if (session.working) this.#holders.set(clientId, session)
    })
    this.#queues.set(clientId, turn)
    void turn.then(() => {
      if (this.#queues.get(clientId) === turn) this.#queues.delete(clientId)
    })
    return turn
  }

  release(session: Session): void {
    if (this.#holders.get(session.clientId) === session) this.#holders.delete(session.clientId)
  }
}

export const takeover =
  (clientIds: ClientIds): RuleFactory =>
  (session) => ({
    name: 'takeover',
    inbound: {
      CONNECT(): Outcome {
        if (clientIds.free(session.clientId)) {
          clientIds.take(session)
          return undefined
        }
        const text = `took the place of another connection with the client ID ${session.clientId}`
        return {
          do: 'hold',
          until: clientIds.claim(session).then((): Outcome => ({
            do: 'change',
            packet: session.connect as NonNullable<typeof session.connect>,
            text,
          })),
        }
      },
    },
    closed: () => clientIds.release(session),
  })
