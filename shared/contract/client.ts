/** A `Host` at the far end of a wire: what the user interface calls, turned into messages and back. */
import type { CommandName, EventName, Events, ViewName, ViewParams, ViewRows } from './contract.ts'
import type { ViewUpdate, ViewWindow } from './contract.ts'
import type { Host, LinkState, OpenView, Wire } from './host.ts'
import type { ClientMessage, HostMessage } from './messages.ts'
import { fail, type Result } from './result.ts'

interface View {
  readonly name: string
  readonly params: unknown
  window: ViewWindow
  readonly listener: (update: Result<ViewUpdate<unknown>>) => void
}

/** Calls that wait for the first connection or for an answer. More is a loop gone wild, not a person. */
const MAX_PENDING = 1024

/** `shown` calls back when what an update changed can be seen: at once where nobody looks at a screen. */
export function createHost(wire: Wire, shown: (then: () => void) => void = (then) => then()): Host {
  let link: LinkState = 'connecting'
  let lastId = 0
  const linkListeners = new Set<(state: LinkState) => void>()
  const pending = new Map<number, (result: Result<unknown>) => void>()
  /** Asked for before the first connection stood; sent as soon as it does. */
  let held: ClientMessage[] = []
  const views = new Map<number, View>()
  const values = new Map<string, unknown>()
  const eventListeners = new Map<string, Set<(value: unknown) => void>>()

  function ask(id: number, message: ClientMessage): Promise<Result<unknown>> {
    if (link === 'lost' || link === 'refused') return Promise.resolve(disconnected())
    if (pending.size >= MAX_PENDING) {
      return Promise.resolve(fail('unavailable', `More than ${MAX_PENDING} requests wait for an answer.`))
    }
    return new Promise((resolve) => {
      pending.set(id, resolve)
      if (link === 'connected') wire.send(message)
      else held.push(message)
    })
  }

  function sendOpen(id: number, view: View): void {
    wire.send({ kind: 'open', id, view: view.name, params: view.params, window: view.window })
  }

  function acknowledge(id: number, seq: number): void {
    if (views.has(id) && link === 'connected') wire.send({ kind: 'ack', id, seq })
  }

  function receive(message: HostMessage): void {
    switch (message.kind) {
      case 'reply': {
        const resolve = pending.get(message.id)
        pending.delete(message.id)
        resolve?.(message.result)
        return
      }
      case 'event':
        values.set(message.name, message.value)
        for (const listener of eventListeners.get(message.name) ?? []) listener(message.value)
        return
      case 'update':
        // Acknowledged only when it was shown: a busy screen slows the host down instead of filling memory.
        try {
          views.get(message.id)?.listener({ ok: true, value: message.update })
        } finally {
          shown(() => acknowledge(message.id, message.seq))
        }
        return
      case 'failed':
        views.get(message.id)?.listener({ ok: false, error: message.error })
    }
  }

  function changeLink(state: LinkState): void {
    if (state === link) return
    link = state
    if (state === 'connected') {
      const messages = held
      held = []
      for (const message of messages) wire.send(message)
      for (const [id, view] of views) sendOpen(id, view)
    } else if (state !== 'connecting') {
      held = []
      const waiting = [...pending.values()]
      pending.clear()
      for (const resolve of waiting) resolve(disconnected())
    }
    for (const listener of linkListeners) listener(state)
  }

  wire.onMessage(receive)
  wire.onLink(changeLink)

  return {
    get link() {
      return link
    },

    onLink(listener) {
      linkListeners.add(listener)
      return () => linkListeners.delete(listener)
    },

    call(name: CommandName, request: unknown) {
      const id = ++lastId
      return ask(id, { kind: 'call', id, name, request }) as Promise<Result<never>>
    },

    on<E extends EventName>(name: E, listener: (value: Events[E]) => void) {
      const listeners = eventListeners.get(name) ?? new Set()
      eventListeners.set(name, listeners)
      // A wrapper of its own, so that the same function given twice is told twice and ended separately.
      const told = (value: unknown): void => listener(value as Events[E])
      listeners.add(told)
      if (values.has(name)) told(values.get(name))
      return () => listeners.delete(told)
    },

    open<V extends ViewName>(
      name: V,
      params: ViewParams<V>,
      window: ViewWindow,
      listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
    ): OpenView {
      const id = ++lastId
      const view: View = { name, params, window, listener: listener as View['listener'] }
      views.set(id, view)
      if (link === 'connected') sendOpen(id, view)
      return {
        setWindow(next) {
          view.window = next
          if (views.has(id) && link === 'connected') wire.send({ kind: 'window', id, window: next })
        },
        async locate(key) {
          const call = ++lastId
          const result = await ask(call, { kind: 'locate', id, call, key })
          return result.ok && typeof result.value === 'number' ? result.value : -1
        },
        close() {
          if (views.delete(id) && link === 'connected') wire.send({ kind: 'close', id })
        },
      }
    },
  }
}

const disconnected = (): Result<never> =>
  fail('disconnected', 'The connection to the bench is lost. It is tried again by itself.')
