/** Everything the views show and act on, made once for a host. */
import { createContext, useContext } from 'react'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CommandName, Request } from '../../shared/contract/contract.ts'
import type { Host } from '../../shared/contract/host.ts'
import { createRecordings, type RecordingsModel } from '../features/access/recordings.ts'
import { createAccess, type AccessModel } from '../features/access/store.ts'
import type { AccessOverlay } from '../features/access/overlay.ts'
import { createCaptures, type CapturesModel } from '../features/captures/store.ts'
import { createCertificates, type CertificatesModel } from '../features/certificates/store.ts'
import { createClient, type ClientModel } from '../features/client/store.ts'
import type { ClientOverlay } from '../features/client/overlay.ts'
import { createDataModel, type DataModelModel } from '../features/datamodel/store.ts'
import { createDoctor, type DoctorModel } from '../features/doctor/store.ts'
import type { FlowsOverlay } from '../features/flows/overlay.ts'
import { createFlows, type FlowsModel } from '../features/flows/store.ts'
import { createDevices, type DevicesModel } from '../features/devices/store.ts'
import { createLook, type Look } from '../features/packets/look.ts'
import { createFaults, type FaultsModel } from '../features/faults/store.ts'
import { createLint, type LintModel } from '../features/lint/store.ts'
import { createMessages, type MessagesModel } from '../features/messages/store.ts'
import type { MessagesOverlay } from '../features/messages/overlay.ts'
import { createPackets, type PacketsModel } from '../features/packets/store.ts'
import { createSessions, type SessionsModel } from '../features/sessions/store.ts'
import { createTopics, type TopicsModel } from '../features/topics/store.ts'
import { createTransactions, type TransactionsModel } from '../features/transactions/store.ts'
import type { Upload } from '../host/upload.ts'
import { createLive, type LiveStore } from './live.ts'
import { createNotices, type NoticesStore } from './notices.ts'
import { createSettings, type Settings, type SettingsStore } from './settings.ts'

export type Place = Settings['place']

/** What lies over the views. */
export type Overlay =
  | 'none'
  | 'palette'
  | 'keys'
  | 'goto'
  | 'saved'
  | 'colours'
  | 'contents'
  | 'new-capture'
  | 'import'
  | 'export'
  | 'replace-authority'
  | 'doctor'
  | 'attach'
  | 'attach-check'
  | AccessOverlay
  | MessagesOverlay
  | FlowsOverlay
  | ClientOverlay

export interface FrameState {
  readonly place: Place
  readonly overlay: Overlay
}

export interface Model {
  readonly host: Host
  readonly settings: SettingsStore
  readonly live: LiveStore
  readonly notices: NoticesStore
  readonly frame: StoreApi<FrameState>
  readonly devices: DevicesModel
  readonly dataModel: DataModelModel
  readonly doctor: DoctorModel
  readonly packets: PacketsModel
  readonly look: Look
  readonly transactions: TransactionsModel
  readonly topics: TopicsModel
  readonly sessions: SessionsModel
  readonly faults: FaultsModel
  readonly captures: CapturesModel
  readonly certificates: CertificatesModel
  readonly access: AccessModel
  readonly recordings: RecordingsModel
  readonly lint: LintModel
  readonly messages: MessagesModel
  readonly flows: FlowsModel
  readonly client: ClientModel
  /** Where parts of views are scrolled to, by name: pixels, or rows of a grid. */
  readonly scrolled: Map<string, number>
  readonly goTo: (place: Place) => void
  readonly show: (overlay: Overlay) => void
  /** Calls a command; answers whether it was done. An error becomes a notice. */
  readonly run: <C extends CommandName>(name: C, request: Request<C>) => Promise<boolean>
  readonly close: () => void
}

/** `upload` brings files of this browser to the bench; the desktop app needs none. */
export function createModel(host: Host, storage: Storage, upload: Upload): Model {
  const settings = createSettings(storage)
  const live = createLive(host)
  const notices = createNotices()
  const frame = createStore<FrameState>(() => ({ place: settings.getState().place, overlay: 'none' }))
  const devices = createDevices(host, live)
  const dataModel = createDataModel(host)
  const packets = createPackets(host, live, settings)
  const look = createLook(host, settings, notices)
  look.subscribe((state, old) => {
    if (state.contents !== old.contents) packets.getState().tabs.forEach(({ detail }) => detail.check())
  })
  const transactions = createTransactions(host, live, packets)
  const topics = createTopics(host, packets)
  const sessions = createSessions(host, live)
  const access = createAccess(host, live, notices)
  const recordings = createRecordings(host, live)
  const messages = createMessages(host, dataModel.rowsOf)
  const flows = createFlows(host, live, storage, dataModel.rowsOf)
  const client = createClient(host)
  const goTo = (place: Place) => {
    frame.setState({ place, overlay: 'none' })
    settings.getState().set({ place })
  }
  const certificates = createCertificates(host, live)
  const lint = createLint(host)
  const captures = createCaptures(host, live, upload, (id) => {
    packets.show(id)
    if (frame.getState().place === 'captures') goTo('packets')
  })

  return {
    host,
    settings,
    live,
    notices,
    frame,
    devices,
    dataModel,
    doctor: createDoctor(),
    packets,
    look,
    transactions,
    topics,
    sessions,
    faults: createFaults(host),
    captures,
    certificates,
    access,
    recordings,
    lint,
    messages,
    flows,
    client,
    scrolled: new Map(),
    goTo,
    show: (overlay) => frame.setState({ overlay }),
    async run(name, request) {
      const answer = await host.call(name, request)
      if (!answer.ok) notices.getState().fail(answer.error)
      return answer.ok
    },
    close() {
      live.close()
      devices.close()
      dataModel.close()
      transactions.close()
      topics.close()
      sessions.close()
      packets.close()
      look.close()
      captures.close()
      access.close()
      recordings.close()
      lint.close()
      messages.close()
      flows.close()
      client.close()
      certificates.close()
    },
  }
}

const ModelContext = createContext<Model | undefined>(undefined)
export const ModelProvider = ModelContext.Provider

export function useModel(): Model {
  const model = useContext(ModelContext)
  if (!model) throw new Error('useModel needs a ModelProvider above it')
  return model
}
