/** What a user interface holds in its hand: a bench, near or far. */
import type {
  CommandName,
  EventName,
  Events,
  Request,
  Response,
  ViewName,
  ViewParams,
  ViewRows,
  ViewUpdate,
  ViewWindow,
} from './contract.ts'
import type { BenchError, Result } from './result.ts'

/**
 * `connecting` before the first connection; `lost` while it is tried again; `refused` when the bench does not
 * know this page's token any more and trying again is useless: its address must be opened anew.
 */
export type LinkState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface Host {
  readonly link: LinkState
  onLink(listener: (state: LinkState) => void): () => void
  /** Never rejects: a lost link answers the error `disconnected`. */
  call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>>
  /** Calls `listener` at once when a value is already known, then on every change. */
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void
  /** Opens a view; it is opened anew by itself after a lost link came back. */
  open<V extends ViewName>(
    view: V,
    params: ViewParams<V>,
    window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView
}

export interface OpenView {
  setWindow(window: ViewWindow): void
  /** Index of the row with this key, or -1. */
  locate(key: string | number): Promise<number>
  close(): void
}

/** A line to a host: messages both ways, in order, and whether it stands. */
export interface Wire {
  send(message: import('./messages.ts').ClientMessage): void
  onMessage(listener: (message: import('./messages.ts').HostMessage) => void): void
  onLink(listener: (state: LinkState) => void): void
  close(): void
}

export type { BenchError }
