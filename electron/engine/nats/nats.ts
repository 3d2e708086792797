/** A bench's NATS: its own server or somebody else's, and the connection to it. */
import { NatsLink, type NatsLinkState } from './connection.ts'
import {
  externalServer,
  ownServer,
  type NatsServer,
  type NatsServerState,
  type OwnServerOptions,
} from './server.ts'
import { Signal } from './signal.ts'
import type { NatsTarget } from './target.ts'

export interface NatsOptions {
  /** Somebody else's server; without it an own one is started. */
  readonly external?: NatsTarget
  readonly own: OwnServerOptions
  /** The bench as other users of the server see it. */
  readonly name: string
}

export interface NatsState {
  readonly server: NatsServerState
  readonly link: NatsLinkState
}

export interface Nats {
  readonly link: NatsLink
  readonly state: NatsState
  onState(listener: (state: NatsState) => void): () => void
  /** The connection first, then the own server. */
  stop(): Promise<void>
}

/**
 * Begins to start or connect and returns at once; `state` tells how far it is. Throws a NatsError `configuration`
 * when the external target cannot be right.
 */
export function startNats({ external, own, name }: NatsOptions): Nats {
  const server: NatsServer = external === undefined ? ownServer(own) : externalServer(external)
  const link = new NatsLink({ target: () => server.target(), name })
  const changed = new Signal<NatsState>()
  const state = (): NatsState => ({ server: server.state, link: link.state })
  server.onState(({ state: now }) => {
    if (now === 'running') link.retry()
    changed.tell(state())
  })
  link.onState(() => changed.tell(state()))
  return {
    link,
    get state() {
      return state()
    },
    onState: (listener) => changed.on(listener),
    async stop() {
      await link.close()
      await server.stop()
    },
  }
}
