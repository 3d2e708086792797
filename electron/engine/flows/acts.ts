/** What a flow does to the bench itself, and how that is undone when its run ends. */
import { randomUUID } from 'node:crypto'
import type { EngineHandlers, Request } from '../../../shared/contract/contract.ts'
import type { AclList } from '../../../shared/acl/model.ts'
import { TRANSPORTS, type Transport } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
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
  /** No Notify of the device is answered until that is called off. */
  readonly withholdNotifyResp: (endpointId: string) => () => void
}

type Undo = () => unknown

const ADMINISTRATIVE_ACTION = 0x98

/** Acts of one run. */
export class Acts {
  readonly #options: ActsOptions
  readonly #device: string
  readonly #undo: Undo[] = []
  readonly #faults = new Set<string>()
  readonly #withheld = new Map<string, () => void>()

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
      faults: this.#faults,
      withheld: this.#withheld,
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
}

interface Act extends ActsOptions {
  readonly device: string
  readonly wish: JsonMap
  /** Those that the run made and that are there still. */
  readonly faults: Set<string>
  /** How to call off that a device's Notifies are not answered, by endpoint ID. */
  readonly withheld: Map<string, () => void>
}

type Rules = AclList['rules']
/** So often somebody else may save the rules in between. */
const MOST_CONFLICTS = 10

/** Flows that run side by side change the rules at the same time. */
async function saveRules(
  handlers: ActsOptions['handlers'],
  current: () => AclList,
  note: string,
  change: (rules: Rules) => unknown[],
): Promise<void> {
  for (let turn = 1; ; turn++) {
    const { version, rules } = current()
    try {
      const list = { version, rules: change(rules) } as Request<'access.rules.save'>['list']
      return void (await handlers['access.rules.save']({ list, basedOn: version, note }))
    } catch (error) {
      const isConflict = error instanceof BenchFailure && error.code === 'conflict'
      if (!isConflict || turn === MOST_CONFLICTS) throw error
    }
  }
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
  async rule({ handlers, list, wish }) {
    const rule = member(wish, 'rule')
    if (!isMap(rule)) throw new Error('with.rule is a map: effect, action, topic, who.')
    const id = `flow-${randomUUID()}`
    const whole = { name: 'Rule of a flow', action: 'both', who: {}, enabled: true, ...rule, id }
    const save = (note: string, change: (rules: Rules) => unknown[]): Promise<void> =>
      saveRules(handlers, list, note, change)
    await save('By a flow', (rules) => [whole, ...rules])
    return () => save('A flow has ended', (rules) => rules.filter((one) => one.id !== id))
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
  async notify_responses({ withholdNotifyResp, device, wish, withheld }) {
    const answer = (): void => {
      withheld.get(device)?.()
      withheld.delete(device)
    }
    if (truthOf(member(wish, 'send') ?? true)) answer()
    else if (!withheld.has(device)) withheld.set(device, withholdNotifyResp(device))
    return answer
  },
}

const restored =
  (handlers: ActsOptions['handlers'], username: string, before: Uint8Array | undefined): Undo =>
  () =>
    before
      ? handlers['access.user.set']({ username, password: Buffer.from(before).toString() })
      : handlers['access.user.remove']({ username })
