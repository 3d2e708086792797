/**
 * One client of a host: checks what it asks, runs the commands, tells it events and keeps its views current.
 * Knows no transport. Memory is bounded whatever the client does: a slow one gets the newest values later.
 */
import * as v from 'valibot'
import { commands, eventNames, views, type EngineHandlers, type EventName, type Events } from './contract.ts'
import type { HostHandlers, ViewSources } from './contract.ts'
import { clientMessage, type ClientMessage, type HostMessage } from './messages.ts'
import { BenchFailure, fail, type BenchError, type Result } from './result.ts'
import { after } from './timer.ts'
import { openServedView, type AnyViewSource, type ServedView } from './served-view.ts'

/** An event or a view is told at most this often, in milliseconds: nobody reads rows that change faster. */
export const UPDATE_INTERVAL = 100
/** The same of a view of which no row is seen, only how many there are. */
export const COUNT_INTERVAL = 500
export const MAX_OPEN_VIEWS = 64
export const MAX_CALLS_IN_FLIGHT = 256

/** The part of an engine that a client may reach. */
export interface ServedEngine {
  readonly handlers: EngineHandlers
  readonly views: ViewSources
  current<E extends EventName>(name: E): Events[E]
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void
}

export interface ClientOptions {
  readonly engine: ServedEngine
  readonly hostHandlers: HostHandlers
  send(message: HostMessage): void
  /** Where the details of an unexpected error go; the client is told its message alone. */
  log(text: string, error?: unknown): void
  /** True while the transport holds too many unsent bytes: events and updates wait, the newest is kept. */
  congested?(): boolean
}

export interface ServedClient {
  receive(raw: unknown): void
  close(): void
}

export function serveClient(options: ClientOptions): ServedClient {
  const { engine, log } = options
  const handlers = { ...engine.handlers, ...options.hostHandlers }
  const congested = options.congested ?? (() => false)
  const open = new Map<number, ServedView>()
  const calls = new Set<number>()
  const endEvents: (() => void)[] = []
  let closed = false

  function send(message: HostMessage): void {
    if (closed) return
    try {
      options.send(message)
    } catch (error) {
      log(`A message “${message.kind}” could not be sent`, error)
      if (message.kind === 'reply') options.send({ ...message, result: unsendable })
      if (message.kind === 'update') {
        endView(message.id)
        options.send({ kind: 'failed', id: message.id, error: unsendable.error })
      }
    }
  }
  const reply = (id: number, result: Result<unknown>): void => send({ kind: 'reply', id, result })

  /** Runs one call and answers it, whatever happens in it. */
  async function answer(id: number, what: string, run: () => unknown): Promise<void> {
    if (calls.size >= MAX_CALLS_IN_FLIGHT) {
      const message = `More than ${MAX_CALLS_IN_FLIGHT} requests are in flight. Wait for answers first.`
      return reply(id, fail('unavailable', message))
    }
    if (calls.has(id)) return reply(id, fail('invalid-request', `Request number ${id} is in flight already.`))
    calls.add(id)
    let result: Result<unknown>
    try {
      result = { ok: true, value: await run() }
    } catch (error) {
      result = { ok: false, error: explain(error, what, log) }
    }
    calls.delete(id)
    reply(id, result)
  }

  function runCommand(name: string, request: unknown): unknown {
    if (!isOwn(commands, name)) throw new BenchFailure('invalid-request', `There is no command “${name}”.`)
    const handler = handlers[name] as (request: unknown) => unknown
    return handler(checked(commands[name].request, request, name))
  }

  function openView(message: Extract<ClientMessage, { kind: 'open' }>): void {
    const { id, view: name, window } = message
    const failView = (error: unknown): void => {
      endView(id)
      send({ kind: 'failed', id, error: explain(error, `view ${name}`, log) })
    }
    try {
      if (open.has(id)) throw new BenchFailure('invalid-request', `View number ${id} is open already.`)
      if (open.size >= MAX_OPEN_VIEWS) {
        throw new BenchFailure('unavailable', `More than ${MAX_OPEN_VIEWS} views are open. Close some first.`)
      }
      if (!isOwn(views, name)) throw new BenchFailure('invalid-request', `There is no view “${name}”.`)
      const params = checked(views[name].params, message.params, `view ${name}`)
      const start = engine.views[name] as (params: unknown, changed: () => void) => AnyViewSource
      open.set(
        id,
        openServedView({
          start: (changed) => start(params, changed),
          window,
          interval: ({ count }) => (count === 0 ? COUNT_INTERVAL : UPDATE_INTERVAL),
          congested,
          update: (seq, update) => send({ kind: 'update', id, seq, update }),
          failed: failView,
        }),
      )
    } catch (error) {
      failView(error)
    }
  }

  function endView(id: number): void {
    open.get(id)?.close()
    open.delete(id)
  }

  function dispatch(message: ClientMessage): void {
    switch (message.kind) {
      case 'call':
        void answer(message.id, message.name, () => runCommand(message.name, message.request))
        return
      case 'open':
        return openView(message)
      case 'window':
        return open.get(message.id)?.setWindow(message.window)
      case 'ack':
        return open.get(message.id)?.acknowledge(message.seq)
      case 'locate':
        void answer(message.call, 'locate', () => {
          const view = open.get(message.id)
          if (view === undefined) throw new BenchFailure('not-found', 'This view is not open.')
          return view.locate(message.key)
        })
        return
      case 'close':
        endView(message.id)
    }
  }

  /** A message that cannot be understood is answered where it names whom to answer, and logged otherwise. */
  function refuse(raw: unknown, why: string): void {
    const { kind, id, call } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>
    const error: BenchError = { code: 'invalid-request', message: why }
    if (kind === 'call' && isId(id)) return reply(id, { ok: false, error })
    if (kind === 'locate' && isId(call)) return reply(call, { ok: false, error })
    if ((kind === 'open' || kind === 'window') && isId(id)) {
      endView(id)
      return send({ kind: 'failed', id, error })
    }
    log(why)
  }

  for (const name of eventNames) endEvents.push(tellEvent(name, engine, send, congested))

  return {
    receive(raw) {
      if (closed) return
      const message = v.safeParse(clientMessage, raw)
      if (message.success) dispatch(message.output)
      else refuse(raw, `This message is not valid: ${describeIssue(message.issues[0])}.`)
    },
    close() {
      closed = true
      for (const end of endEvents) end()
      for (const id of open.keys()) endView(id)
    },
  }
}

/** Stands for an answer that the transport cannot carry, so that the client does not wait for ever. */
const unsendable = {
  ok: false,
  error: { code: 'failed', message: 'The answer could not be sent; the log of the bench says why.' },
} as const

/** Sends the current value, then the newest one after each change. Answers the function that ends it. */
function tellEvent<E extends EventName>(
  name: E,
  engine: ServedEngine,
  send: (message: HostMessage) => void,
  congested: () => boolean,
): () => void {
  let waiting: (() => void) | undefined
  let lastSent = 0
  const tell = (): void => {
    waiting = undefined
    if (congested()) {
      waiting = after(UPDATE_INTERVAL, tell)
      return
    }
    lastSent = Date.now()
    send({ kind: 'event', name, value: engine.current(name) })
  }
  const end = engine.on(name, () => {
    waiting ??= after(Math.max(0, lastSent + UPDATE_INTERVAL - Date.now()), tell)
  })
  tell()
  return () => {
    end()
    waiting?.()
  }
}

/** The request as its schema has it, or a failure that names the field and what was expected. */
function checked(schema: v.GenericSchema, value: unknown, what: string): unknown {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new BenchFailure('invalid-request', `${what}: ${describeIssue(result.issues[0])}.`)
}

/** `field “window.count”: Invalid value: Expected <=1000 but received 5000` */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  return path === null ? issue.message : `field “${path}”: ${issue.message}`
}

function explain(error: unknown, what: string, log: ClientOptions['log']): BenchError {
  if (error instanceof BenchFailure) {
    const { code, message, detail } = error
    return detail === undefined ? { code, message } : { code, message, detail }
  }
  log(`${what} failed`, error)
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) }
}

function isOwn<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name)
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
