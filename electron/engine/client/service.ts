/** The MQTT clients of the bench, with the commands of the contract. */
import { subscriptionOf } from '../../../shared/client/connect.ts'
import { asItIs, readProperties } from '../../../shared/client/property-draft.ts'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type {
  ClientPacketDetail,
  ClientPacketRow,
  ClientsState,
  KeptProfile,
  mqttClientCommands,
} from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { choiceFor } from '../../../shared/dissect/content/choices.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import { dissectLoose } from '../../../shared/filter/loose-packet.ts'
import { exportFile } from '../capture/export-file.ts'
import { Throttle } from '../throttle.ts'
import { bundleOf, importBundle } from './bundle.ts'
import { Client, newId, said } from './client.ts'
import { exportPackets } from './export.ts'
import { History } from './history.ts'
import { PacketLog } from './log.ts'
import { openLogView } from './log-view.ts'
import { Profiles } from './profiles.ts'
import { publishFiles, savedPublishes } from './saved-publishes.ts'
import type { Surroundings } from './target.ts'

export interface ClientServiceOptions {
  /** Of the workspace. */
  readonly folder: string
  readonly bench: Surroundings
  /** Views that a person chose for topics. */
  readonly contents: () => readonly ContentChoice[]
  readonly onChange: () => void
  readonly onProfiles: () => void
  readonly onProblem: (text: string) => void
}

export interface ClientService {
  readonly state: ClientsState
  /** In the order in which they were made. */
  readonly profiles: readonly KeptProfile[]
  readonly handlers: HandlersOf<typeof mqttClientCommands>
  openView(params: ViewParams<'clientPackets'>, changed: () => void): ViewSource<ClientPacketRow>
  stop(): Promise<void>
}

const STATE_MS = 100

export async function startClients(options: ClientServiceOptions): Promise<ClientService> {
  const { folder, bench, contents, onProfiles, onProblem } = options
  const profiles = await Profiles.open(folder, onProblem)
  const publishes = publishFiles(folder)
  const shelf = { profiles, publishes, newId }
  const log = new PacketLog()
  const history = new History({ folder, log, onProblem })
  const clients = new Map<string, Client>()
  const told = new Throttle(STATE_MS, options.onChange)
  const changed = (): void => told.request()

  /** Throws a BenchFailure `not-found` for a profile that is none. */
  function clientOf(id: string): Client {
    profiles.get(id)
    const found = clients.get(id)
    if (found) return found
    const client = new Client({
      id,
      profile: () => profiles.get(id),
      secrets: () => profiles.secrets(id),
      bench,
      log,
      newId,
      onChange: changed,
    })
    clients.set(id, client)
    return client
  }

  function detail(no: number, view: string | undefined): ClientPacketDetail {
    const found = log.get(no)
    if (!found) throw new BenchFailure('not-found', `Packet ${no} is no longer held.`)
    const { row, bytes, level } = found
    if (bytes.length === 0) return { row, level, bytes, fields: [] }
    const preferred = view ?? choiceFor(contents(), row.topic)?.view
    const { fields, content } = dissectLoose(bytes, level, row.topic, preferred)
    // A copy: what it is a view of would travel whole otherwise.
    return {
      row,
      level,
      bytes,
      fields,
      ...(content && { view: content.view.id, payload: content.payload.slice() }),
    }
  }

  const handlers: ClientService['handlers'] = {
    ...savedPublishes(publishes),
    async 'client.save'({ profile, secrets }) {
      await profiles.save(profile, secrets)
      onProfiles()
    },
    async 'client.delete'({ id }) {
      await history.ready
      clients.get(id)?.stop()
      await profiles.remove(id)
      clients.delete(id)
      log.clear(id)
      onProfiles()
      changed()
    },
    'client.bundle': ({ profiles: ids, publishes: both }) => bundleOf(shelf, ids, both),
    async 'client.import'({ text }) {
      const report = await importBundle(shelf, text)
      onProfiles()
      return report
    },
    async 'client.move'({ id, by }) {
      await profiles.move(id, by)
      onProfiles()
    },
    async 'client.connect'({ id }) {
      // Rows have their numbers then.
      await history.ready
      clientOf(id).connection.connect()
    },
    'client.disconnect'({ id, reasonCode, properties = [] }) {
      const read = said(() => readProperties(properties))
      clientOf(id).disconnect(reasonCode, read)
    },
    'client.authenticate'({ id, properties = [], ...step }) {
      const read = said(() => readProperties(properties))
      said(() => clientOf(id).connection.authenticate({ ...step, properties: read }))
    },
    async 'client.subscribe'({ id, subscription }) {
      const profile = profiles.get(id)
      said(() => subscriptionOf(subscription, profile.level))
      const place = profile.subscriptions.findIndex(({ filter }) => filter === subscription.filter)
      const { subscriptions } = profile
      const next = place < 0 ? [...subscriptions, subscription] : subscriptions.with(place, subscription)
      await profiles.save({ ...profile, subscriptions: next }, {})
      onProfiles()
      const { connection } = clientOf(id)
      // A refusal stands at the subscription, as one that the broker sends.
      if (connection.connected) await connection.subscribe(subscription).catch(() => undefined)
    },
    async 'client.unsubscribe'({ id, filter, properties = [] }) {
      const profile = profiles.get(id)
      const subscriptions = profile.subscriptions.filter((one) => one.filter !== filter)
      await profiles.save({ ...profile, subscriptions }, {})
      onProfiles()
      const { connection } = clientOf(id)
      if (connection.connected) said(() => connection.unsubscribe(filter, readProperties(properties, asItIs)))
    },
    'client.publish': (wish) => clientOf(wish.id).publish(wish),
    'client.stop': ({ id }) => clientOf(id).stopRepeating(),
    'client.packet': ({ no, view }) => detail(no, view),
    async 'client.export'({ id }) {
      const packets = log.packets.filter(({ row }) => row.client === id)
      if (packets.length === 0) throw new BenchFailure('not-found', 'This client has no packets to save.')
      const { connection } = clientOf(id)
      const { path, file } = await exportFile(folder, profiles.get(id).name, 'pcapng')
      const { clientId } = connection.state
      await exportPackets({ packets, clientId, line: connection.lastLine }, path).catch((error: unknown) => {
        throw new BenchFailure('unavailable', `The packets are not saved: ${(error as Error).message}.`)
      })
      return { file }
    },
    async 'client.clear'({ id }) {
      await history.ready
      log.clear(id)
      for (const [one, client] of clients) if (id === undefined || one === id) client.connection.clearCounts()
      changed()
    },
  }

  return {
    get state(): ClientsState {
      return {
        connections: [...clients.values()].map(({ state }) => state),
        dropped: log.dropped,
      }
    },
    get profiles(): readonly KeptProfile[] {
      return profiles.list.map((profile) => ({ ...profile, secrets: profiles.secretNames(profile.id) }))
    },
    handlers,
    openView: (params, dirty) => openLogView(log, params, dirty),
    async stop() {
      for (const client of clients.values()) client.stop()
      told.stop()
      await history.stop()
      await profiles.settle()
    },
  }
}
