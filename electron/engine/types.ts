/** What an engine offers to whoever hosts it: the desktop shell, `serve`, the command line and tests. */
import type { EngineHandlers, Events, EventName, ViewSources } from '../../shared/contract/contract.ts'

export interface Engine {
  readonly handlers: EngineHandlers
  readonly views: ViewSources
  /** The value of an event as it is now. */
  current<E extends EventName>(name: E): Events[E]
  /** Calls `listener` on every change; answers the function that ends it. */
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void
  /** Ends listeners, connections and the capture worker, in that order. Calling it again waits for the first. */
  stop(): Promise<void>
}

export interface EngineOptions {
  /** Folder of the workspace; made when missing. */
  readonly workspace: string
  readonly host: 'desktop' | 'browser'
  readonly version: string
  /** The built capture worker (out/main/capture-worker.js). */
  readonly captureWorker: URL
  /** The nats-server program that came with the bench, if one did. */
  readonly natsServer?: string
  /** Settings from the command line and the environment; they win over bench.json and are not written there. */
  readonly overrides?: SettingsOverrides
}

/** Dotted setting name (see workspace/settings.ts) to value. */
export type SettingsOverrides = Readonly<Record<string, string | number | boolean>>
