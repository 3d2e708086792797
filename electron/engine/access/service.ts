/**
 * Access as one thing: credentials, rules, guard, denials and the NATS behind them, with the commands of the
 * contract. The engine starts it before the broker and hands the guard on.
 */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { analyse, analyseInSlices } from '../../../shared/acl/analysis.ts'
import { explain } from '../../../shared/acl/explain.ts'
import { exportEmqx } from '../../../shared/acl/formats/emqx-export.ts'
import { importEmqx } from '../../../shared/acl/formats/emqx.ts'
import { exportHivemq, importHivemq } from '../../../shared/acl/formats/hivemq.ts'
import { exportMosquitto } from '../../../shared/acl/formats/mosquitto-export.ts'
import { importMosquitto } from '../../../shared/acl/formats/mosquitto.ts'
import type { EndpointAs, Exported, FormatNote, Imported } from '../../../shared/acl/formats/report.ts'
import type { AclList } from '../../../shared/acl/model.ts'
import type { accessCommands, AccessState, AclFormat, DenialInfo } from '../../../shared/contract/access.ts'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { Activity } from '../nats/activity.ts'
import { accessRulesBucket, Bucket, credentialsBucket } from '../nats/bucket.ts'
import { SharedDocument } from '../nats/document.ts'
import { startNats } from '../nats/nats.ts'
import type { NatsTarget } from '../nats/target.ts'
import { Access, type Denial } from './access.ts'
import { FileCredentials } from './credentials-file.ts'
import { readPasswordFile } from './credentials-mosquitto.ts'
import { NatsCredentials } from './credentials-nats.ts'
import { CONTROLLER_USER } from './credentials.ts'
import { Denials, type DenialEntry } from './denials.ts'
import { EndpointBindings } from './endpoints.ts'
import { Knocks } from './knocks.ts'
import { checkedList, requestedList, RulesStore } from './rules-store.ts'
import { ScramVerifiers } from './scram-verifiers.ts'

export type AccessHandlers = HandlersOf<typeof accessCommands>

export interface AccessServiceOptions {
  /** Folder of the workspace; its folder `nats` must exist. */
  readonly folder: string
  readonly natsFolder: string
  readonly open: boolean
  /** Somebody else's NATS; without it an own server is started where the program is found. */
  readonly nats?: NatsTarget
  /** Path of the program to start as own server: nothing else is tried. */
  readonly natsServer?: string
  /** The program that came with the bench. */
  readonly packagedNats?: string
  /** Off: no NATS at all. */
  readonly useNats: boolean
  /** The bench as others see it. */
  readonly name: string
  readonly onChange: () => void
  /** Something went over a bucket. */
  readonly onActivity: () => void
  readonly onProblem: (text: string) => void
  /** Keeps the switch of the open bench. */
  readonly saveOpen: (open: boolean) => Promise<void>
  /** A changed list acts on live sessions; answers what it took away. */
  readonly applied: () => readonly { readonly endpointId: string; readonly filter: string }[]
}

export interface AccessService {
  readonly guard: Access
  readonly state: AccessState
  readonly handlers: AccessHandlers
  readonly activity: Activity
  /** Of a user, to put it back after a flow changed it. */
  password(username: string): Uint8Array | undefined
  /** The controller's own password, for the bench's controller. */
  controllerPassword(): Uint8Array | undefined
  stop(): Promise<void>
}

/** Denials shown at a time; the list itself is bounded too. */
const SHOWN_DENIALS = 300

const importers: Readonly<Record<AclFormat, (text: string) => Imported>> = {
  mosquitto: importMosquitto,
  emqx: importEmqx,
  hivemq: importHivemq,
}
interface ExportWish {
  /** Of everybody who may connect. */
  readonly users: readonly string[]
  readonly endpointAs: EndpointAs
}
const exporters: Readonly<Record<AclFormat, (list: AclList, wish: ExportWish) => Exported>> = {
  mosquitto: exportMosquitto,
  emqx: exportEmqx,
  hivemq: exportHivemq,
}

export async function startAccess(options: AccessServiceOptions): Promise<AccessService> {
  const { folder, onProblem, onChange } = options
  const file = await FileCredentials.open({ path: join(folder, 'credentials.json'), onProblem })
  const rules = await RulesStore.open({ path: join(folder, 'acl.json'), by: options.name, onProblem })
  const endpoints = await EndpointBindings.open(join(folder, 'endpoints.json'), onProblem)
  const nats = options.useNats
    ? startNats({
        ...(options.nats ? { external: options.nats } : {}),
        own: {
          folder: options.natsFolder,
          ...(options.natsServer === undefined ? {} : { configured: options.natsServer }),
          ...(options.packagedNats === undefined ? {} : { packaged: options.packagedNats }),
        },
        name: options.name,
      })
    : undefined
  const userBucket = nats && new Bucket(nats.link, credentialsBucket)
  const rulesBucket = nats && new Bucket(nats.link, accessRulesBucket)
  const activity = new Activity()
  for (const bucket of [userBucket, rulesBucket]) bucket?.onActivity((happening) => activity.note(happening))
  activity.onChange(options.onActivity)
  const users = userBucket ? new NatsCredentials(file, userBucket) : file
  if (rulesBucket) {
    rules.share(new SharedDocument(rulesBucket, 'rules', checkedList))
    rulesBucket.onState(({ state }) => void (state === 'live' && rules.settle()))
  }

  const denials = new Denials()
  const knocks = new Knocks()
  const guard = new Access({
    open: options.open,
    passwords: users,
    verifiers: new ScramVerifiers((username) => users.reveal(username)),
    list: rules.current,
    endpointsOf: (username) => endpoints.of(username),
    onDenied(denial: Denial, password) {
      const { entry } = denials.add(denial, Date.now())
      if (denial.action === 'connect') knocks.note(entry.id, password)
      onChange()
    },
  })
  /** What the last change of the rules took away. */
  let takenAway: ReturnType<typeof options.applied> = []
  rules.onChange((list) => {
    guard.list = list
    void judge(list)
    takenAway = options.applied()
    onChange()
  })
  users.onState(onChange)
  users.onChange(onChange)
  nats?.onState(onChange)

  /** Rules that do nothing, of the list they were found in. Long lists are looked through in slices. */
  let judged = { list: guard.list, findings: analyse(guard.list) }
  async function judge(list: AclList): Promise<void> {
    const findings = await analyseInSlices(list, nextTurn, () => guard.list !== list)
    if (findings === undefined) return
    judged = { list, findings }
    onChange()
  }

  const given = (list: unknown): AclList => (list === undefined ? guard.list : requestedList(list))
  const admission = (entry: DenialEntry): string | undefined => {
    const { username, endpointId } = entry.who
    if (entry.action !== 'connect' || username === undefined) return undefined
    if (entry.cause === 'certificate' || entry.cause === 'limit') return undefined
    if (entry.cause === 'endpoint') return `let ${username} state the endpoint ID ${endpointId}`
    // It may do everything: one click on a row that anybody can cause must not give that away.
    if (username === CONTROLLER_USER || !knocks.password(entry.id)) return undefined
    return entry.cause === 'unknown-user'
      ? `add the user ${username}`
      : `take the new password of ${username}`
  }
  const shown = (entry: DenialEntry): DenialInfo => {
    const admit = admission(entry)
    return admit === undefined ? entry : { ...entry, admit }
  }

  const handlers: AccessHandlers = {
    async 'access.setOpen'({ open }) {
      await options.saveOpen(open)
      guard.open = open
      onChange()
    },
    'access.users': () =>
      users.list().map(({ username, source, changedAt, pending }) => ({
        username,
        source,
        ...(changedAt === undefined ? {} : { changedAt }),
        pending,
        endpoints: endpoints.of(username),
      })),
    'access.user.set': ({ username, password }) => users.set(username, Buffer.from(password)),
    'access.user.generate': async ({ username }) => ({ password: await users.generate(username) }),
    async 'access.user.remove'({ username }) {
      await users.remove(username)
      await endpoints.set(username, [])
    },
    async 'access.user.endpoints'({ username, endpoints: ids }) {
      await endpoints.set(username, ids)
      onChange()
    },
    async 'access.user.import'({ text }) {
      const { usernames, problems } = readPasswordFile(text)
      const added = await users.awaitPasswords(usernames)
      return { added, remarks: problems.map((problem) => `line ${problem.line}: ${problem.text}`) }
    },
    async 'access.rules.save'({ list, basedOn, note }) {
      const saved = await rules.save(given(list), basedOn, note)
      return { version: saved.version, takenAway }
    },
    'access.rules.history': () =>
      rules.history.map(({ list, changedAt, changedBy, note }) => ({
        version: list.version,
        changedAt,
        changedBy,
        note,
        rules: list.rules.length,
      })),
    'access.rules.version'({ version }) {
      const found = rules.history.find(({ list }) => list.version === version)
      if (!found) throw new BenchFailure('not-found', `Version ${version} of the rules is no longer kept.`)
      return found.list
    },
    'access.rules.check': async ({ list }) => (await analyseInSlices(given(list), nextTurn)) ?? [],
    'access.ask'({ list, action, topic, username, clientId, endpointId, address, qos, retain }) {
      const who = { username, clientId, endpointId, address, listener: undefined }
      return explain(given(list), { action, topic, who, qos, retain })
    },
    'access.rules.import'({ format, text }) {
      const { list, notes } = importers[format](text)
      return { list, remarks: notes.map(remark) }
    },
    'access.rules.export'({ format, list, endpointAs }) {
      const names = users.list().map(({ username }) => username)
      const { text, notes } = exporters[format](given(list), { users: names, endpointAs })
      return { text, remarks: notes.map(remark) }
    },
    async 'access.admit'({ id }) {
      const entry = denials.entries.find((one) => one.id === id)
      const username = entry?.who.username
      if (!entry || username === undefined || admission(entry) === undefined) {
        throw new BenchFailure('not-found', 'This knock can no longer be admitted: let the device try again.')
      }
      const password = knocks.password(id)
      if (entry.cause === 'endpoint') {
        await endpoints.set(username, [...endpoints.of(username), entry.who.endpointId])
      } else if (password) {
        await users.set(username, password)
      }
      denials.remove(
        (one) => one.action === 'connect' && one.who.username === username && one.cause === entry.cause,
      )
      onChange()
    },
    'access.forget'({ id }) {
      denials.remove((one) => one.id === id)
      onChange()
    },
  }

  return {
    guard,
    get state(): AccessState {
      const { state: credentials, pending, users: count, message } = users.state
      const server = nats?.state.server
      const link = nats?.state.link
      const said = server?.message ?? link?.message ?? message
      return {
        open: guard.open,
        users: count,
        list: guard.list,
        findings: judged.list === guard.list ? judged.findings : [],
        denials: denials.entries.slice(-SHOWN_DENIALS).map(shown),
        denialsDropped: denials.dropped,
        nats: {
          server: server?.state ?? 'absent',
          connected: link?.state === 'connected',
          ...(server?.version === undefined ? {} : { version: server.version }),
          ...(server?.url === undefined ? {} : { url: server.url }),
          ...(said === undefined ? {} : { message: said }),
          credentials,
          pending,
        },
      }
    },
    handlers,
    activity,
    password: (username) => users.reveal(username),
    controllerPassword: () => users.reveal(CONTROLLER_USER),
    async stop() {
      // The connection first: whatever still waits for NATS is told that it is gone.
      await nats?.stop()
      userBucket?.close()
      rulesBucket?.close()
      await users.close()
    },
  }
}

/** Notes on rules name the rule themselves. */
const remark = ({ effect, text, line }: FormatNote): string =>
  `${line === undefined ? '' : `line ${line}: `}${text} (${effect})`
