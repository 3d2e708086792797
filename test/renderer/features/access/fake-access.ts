/** A host that answers what the access view asks, and remembers what it was asked. */
import { analyse } from '../../../../shared/acl/analysis.ts'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import type { AclList, AclRule } from '../../../../shared/acl/model.ts'
import { checkAcl } from '../../../../shared/acl/parse.ts'
import type {
  AccessState,
  DenialInfo,
  NatsInfo,
  RuleHits,
  UserInfo,
} from '../../../../shared/contract/access.ts'
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
} from '../../../../shared/contract/contract.ts'
import type { Host, OpenView } from '../../../../shared/contract/host.ts'
import { fail, ok, type BenchError, type Result } from '../../../../shared/contract/result.ts'

export const nats: NatsInfo = { server: 'absent', connected: false, credentials: 'file', pending: 0 }

export const accessState = (change: Partial<AccessState> = {}): AccessState => {
  const list = change.list ?? { ...OKTOPUS_DEFAULTS, version: 3 }
  return {
    open: false,
    users: 1,
    list,
    findings: analyse(list),
    denials: [],
    denialsDropped: 0,
    nats,
    ...change,
  }
}

export const device = {
  username: 'os::00256D-A1F3',
  clientId: 'cpe-7731',
  endpointId: 'os::00256D-A1F3',
  address: '192.168.1.77',
  listener: { transport: 'tcp', port: 1883 },
} as const

export const denial = (change: Partial<DenialInfo> = {}): DenialInfo => ({
  id: 1,
  who: device,
  action: 'publish',
  topic: `lab/telemetry/${device.endpointId}`,
  reasonCode: 0x87,
  text: 'no rule matches, and what no rule allows is denied',
  firstAt: 1_000,
  lastAt: 2_000,
  count: 3,
  ...change,
})

export const knock = (change: Partial<DenialInfo> = {}): DenialInfo =>
  denial({
    id: 9,
    action: 'connect',
    topic: '',
    reasonCode: 0x86,
    text: `the user ${device.username} is not known`,
    admit: `add the user ${device.username}`,
    ...change,
  })

export const manyRules = (count: number): AclRule[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `rule-${index}`,
    name: `Rule number ${index}`,
    effect: 'allow',
    action: 'publish',
    topic: `lab/${index}/\${endpoint}`,
    who: {},
    enabled: true,
  }))

type Answers = {
  [C in CommandName]?: (request: Request<C>) => Result<Response<C>> | Promise<Result<Response<C>>>
}

export class FakeAccess implements Host {
  readonly link = 'connected'
  readonly calls: { readonly name: CommandName; readonly request: unknown }[] = []
  readonly errors = new Map<CommandName, BenchError>()
  state: AccessState
  users: UserInfo[] = [{ username: 'oktopusController', source: 'here', pending: false, endpoints: [] }]
  takenAway: readonly { readonly endpointId: string; readonly filter: string }[] = []
  /** How the bench tells of a saved list: at once, or only when the test says so. */
  tellsSaves = true
  readonly #listeners = new Set<(state: AccessState) => void>()

  constructor(state: AccessState = accessState()) {
    this.state = state
  }

  tell(change: Partial<AccessState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.#listeners) listener(this.state)
  }
  /** Somebody else puts other rules in force. */
  changeList(rules: readonly AclRule[]): void {
    this.tell({ list: { version: this.state.list.version + 1, rules }, findings: [] })
  }

  onLink(): () => void {
    return () => undefined
  }
  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void {
    if (name === 'ruleHits') (listener as (hits: RuleHits) => void)({ listen: 7 })
    if (name !== 'access') return () => undefined
    const told = listener as (state: AccessState) => void
    this.#listeners.add(told)
    told(this.state)
    return () => this.#listeners.delete(told)
  }
  open<V extends ViewName>(
    _view: V,
    _params: ViewParams<V>,
    _window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView {
    queueMicrotask(() => listener(ok({ total: 0, all: 0, from: 0, rows: [] })))
    return { setWindow: () => undefined, locate: async () => -1, close: () => undefined }
  }

  async call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>> {
    this.calls.push({ name, request })
    const error = this.errors.get(name)
    if (error) return { ok: false, error }
    const answer = (this.#answers as Answers)[name]
    return answer ? answer(request) : fail('unavailable', `The fake does not know ${name}.`)
  }
  requests(name: CommandName): unknown[] {
    return this.calls.filter((call) => call.name === name).map(({ request }) => request)
  }

  readonly #answers: Answers = {
    'stats.history': () => ok([]),
    'access.users': () => ok(this.users),
    'access.setOpen': ({ open }) => {
      this.tell({ open })
      return ok(undefined)
    },
    'access.user.generate': ({ username }) => {
      this.#add(username)
      return ok({ password: 'shown-only-once' })
    },
    'access.user.set': ({ username }) => {
      this.#add(username)
      return ok(undefined)
    },
    'access.user.remove': ({ username }) => {
      this.users = this.users.filter((user) => user.username !== username)
      return ok(undefined)
    },
    'access.user.endpoints': ({ username, endpoints }) => {
      this.users = this.users.map((user) => (user.username === username ? { ...user, endpoints } : user))
      return ok(undefined)
    },
    'access.rules.save': ({ list, basedOn }) => {
      if (basedOn !== this.state.list.version) return fail('conflict', 'The rules were changed meanwhile.')
      const checked = checkAcl(list)
      if (!checked.ok) return fail('invalid-request', checked.errors[0]?.text ?? '')
      const version = basedOn + 1
      const saved: AclList = { ...checked.list, version }
      if (this.tellsSaves) this.tell({ list: saved })
      else this.state = { ...this.state, list: saved }
      return ok({ version, takenAway: this.takenAway })
    },
    'access.rules.history': () =>
      ok([
        { version: 3, changedAt: 1_000, changedBy: 'lab-3', note: 'telemetry', rules: 14 },
        { version: 2, changedAt: 900, changedBy: 'lab-3', note: '', rules: 2 },
      ]),
    'access.rules.version': ({ version }) => ok({ version, rules: manyRules(2) }),
    'access.dryRun': () => ok({ job: 'job-7' }),
    'access.dryRun.result': () =>
      ok({
        packets: 3,
        counts: { asked: 3, same: 3, 'newly-denied': 0, 'newly-allowed': 0, 'rule-changed': 0 },
        unknown: 0,
        rows: [],
        devices: [],
        rules: [],
        more: { devices: 0, rules: 0 },
      }),
    'jobs.cancel': () => ok(undefined),
    'jobs.dismiss': () => ok(undefined),
    'access.admit': () => ok(undefined),
    'access.forget': ({ id }) => {
      this.tell({ denials: this.state.denials.filter((one) => one.id !== id) })
      return ok(undefined)
    },
  }
  #add(username: string): void {
    const others = this.users.filter((user) => user.username !== username)
    this.users = [...others, { username, source: 'here', pending: false, endpoints: [] }]
  }
}
