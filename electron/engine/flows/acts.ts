/** What a flow does to the bench itself, and how that is undone when its run ends. */
import type { EngineHandlers } from '../../../shared/contract/contract.ts'
import type { AclList } from '../../../shared/acl/model.ts'
import { TRANSPORTS, type Transport } from '../../../shared/contract/model.ts'
import { isMap, member, textOf, type JsonMap } from '../../../shared/flow/json.ts'
import { numberOf, truthOf } from '../../../shared/flow/language/functions.ts'
import { faultOfFlow } from './fault-act.ts'
import type { ActName } from '../../../shared/flow/model.ts'

export interface ActsOptions {
  readonly handlers: Pick<
    EngineHandlers,
    | 'access.rules.save'
    | 'access.user.set'
    | 'access.user.remove'
    | 'listeners.set'
    | 'faults.add'
    | 'faults.remove'
  >
  readonly list: () => AclList
  readonly password: (username: string) => Uint8Array | undefined
  readonly listening: (transport: Transport) => boolean
  /** False when the device is not connected. */
  readonly disconnect: (endpointId: string, reasonCode: number) => boolean
  readonly answerNotifies: (on: boolean) => void
}

type Undo = () => unknown

const ADMINISTRATIVE_ACTION = 0x98

/** Acts of one run. */
export class Acts {
  readonly #options: ActsOptions
  readonly #device: string
  readonly #undo: Undo[] = []
  readonly #faults = new Set<string>()
  #rules = 0

  constructor(options: ActsOptions, device: string) {
    this.#options = options
    this.#device = device
  }

  /** Rejects with why it could not be done. */
  async do(act: ActName, wish: JsonMap): Promise<void> {
    const undo = await acts[act]({
      ...this.#options,
      device: this.#device,
      wish,
      id: this.#nextId,
      faults: this.#faults,
    })
    if (undo) this.#undo.push(undo)
  }

  /** Undoes all, the last first; answers what could not be undone. */
  async undo(): Promise<readonly string[]> {
    const failures: string[] = []
    for (const undo of this.#undo.splice(0).toReversed()) {
      try {
        await undo()
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    return failures
  }

  readonly #nextId = (): string => `flow-${Date.now().toString(36)}-${++this.#rules}`
}

interface Act extends ActsOptions {
  readonly device: string
  readonly wish: JsonMap
  readonly id: () => string
  /** Those that the run made and that are there still. */
  readonly faults: Set<string>
}

const needed = (wish: JsonMap, name: string): string => {
  const value = member(wish, name)
  if (value === undefined || value === null) throw new Error(`with.${name} is missing.`)
  return textOf(value)
}

const acts: Readonly<Record<ActName, (act: Act) => Promise<Undo | undefined>>> = {
  async disconnect({ disconnect, device, wish }) {
    const whom = textOf(member(wish, 'device') ?? device)
    const code = numberOf(member(wish, 'reason_code') ?? ADMINISTRATIVE_ACTION)
    if (!disconnect(whom, code)) throw new Error(`The device ${whom} is not connected.`)
    return undefined
  },
  async rule({ handlers, list, wish, id: nextId }) {
    const rule = member(wish, 'rule')
    if (!isMap(rule)) throw new Error('with.rule is a map: effect, action, topic, who.')
    const id = nextId()
    const { version, rules } = list()
    const whole = { name: 'Rule of a flow', action: 'both', who: {}, enabled: true, ...rule, id }
    await handlers['access.rules.save']({
      list: { version, rules: [whole, ...rules] },
      basedOn: version,
      note: 'By a flow',
    })
    return () => {
      const now = list()
      return handlers['access.rules.save']({
        list: { ...now, rules: now.rules.filter((one) => one.id !== id) },
        basedOn: now.version,
        note: 'A flow has ended',
      })
    }
  },
  async credential({ handlers, password, wish }) {
    const username = needed(wish, 'username')
    const undo = restored(handlers, username, password(username))
    await handlers['access.user.set']({ username, password: needed(wish, 'password') })
    return undo
  },
  async remove_credential({ handlers, password, wish }) {
    const username = needed(wish, 'username')
    const undo = restored(handlers, username, password(username))
    await handlers['access.user.remove']({ username })
    return undo
  },
  async listener({ handlers, listening, wish }) {
    const named = needed(wish, 'listener')
    const transport = TRANSPORTS.find((one) => one === named)
    if (!transport) throw new Error(`with.listener is ${TRANSPORTS.join(', ')}, not ${named}.`)
    const enabled = listening(transport)
    await handlers['listeners.set']({ transport, enabled: truthOf(member(wish, 'enabled') ?? true) })
    return () => handlers['listeners.set']({ transport, enabled })
  },
  async fault({ handlers, device, wish, faults }) {
    const { id } = await handlers['faults.add']({ fault: faultOfFlow(wish, device) })
    faults.add(id)
    return () => (faults.delete(id) ? handlers['faults.remove']({ id }) : undefined)
  },
  async end_faults({ handlers, faults }) {
    for (const id of faults) await handlers['faults.remove']({ id })
    faults.clear()
    return undefined
  },
  async notify_responses({ answerNotifies, wish }) {
    answerNotifies(truthOf(member(wish, 'send') ?? true))
    return () => answerNotifies(true)
  },
}

const restored =
  (handlers: ActsOptions['handlers'], username: string, before: Uint8Array | undefined): Undo =>
  () =>
    before
      ? handlers['access.user.set']({ username, password: Buffer.from(before).toString() })
      : handlers['access.user.remove']({ username })
