/**
 * The view of each place. Its code is loaded when one first goes there, so that the window stands before the views
 * that nobody has looked at yet.
 */
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Place } from './model.ts'

/** The files of a view cannot be had: the bench is gone, or is another version than this page. */
export class ViewNotLoaded extends Error {}

/** React keeps a failure, and the browser may, too: only a new page asks again. */
const view = (load: () => Promise<ComponentType>): LazyExoticComponent<ComponentType> =>
  lazy(() =>
    load().then(
      (found) => ({ default: found }),
      (cause: unknown) => {
        throw new ViewNotLoaded('its files did not come from the bench', { cause })
      },
    ),
  )

export const views: Readonly<Record<Place, ComponentType>> = {
  bench: view(async () => (await import('../features/bench/bench-view.tsx')).BenchView),
  devices: view(async () => (await import('../features/devices/devices-view.tsx')).DevicesView),
  packets: view(async () => (await import('../features/packets/packets-view.tsx')).PacketsView),
  ladder: view(async () => (await import('../features/ladder/ladder-view.tsx')).LadderView),
  transactions: view(
    async () => (await import('../features/transactions/transactions-view.tsx')).TransactionsView,
  ),
  topics: view(async () => (await import('../features/topics/topics-view.tsx')).TopicsView),
  sessions: view(async () => (await import('../features/sessions/sessions-view.tsx')).SessionsView),
  captures: view(async () => (await import('../features/captures/captures-view.tsx')).CapturesView),
  lint: view(async () => (await import('../features/lint/lint-view.tsx')).LintView),
  datamodel: view(async () => (await import('../features/datamodel/datamodel-view.tsx')).DataModelView),
  messages: view(async () => (await import('../features/messages/messages-view.tsx')).MessagesView),
  flows: view(async () => (await import('../features/flows/flows-view.tsx')).FlowsView),
  client: view(async () => (await import('../features/client/client-view.tsx')).ClientView),
  faults: view(async () => (await import('../features/faults/faults-view.tsx')).FaultsView),
  access: view(async () => (await import('../features/access/access-view.tsx')).AccessView),
  certificates: view(
    async () => (await import('../features/certificates/certificates-view.tsx')).CertificatesView,
  ),
  nats: view(async () => (await import('../features/nats/nats-view.tsx')).NatsView),
  settings: view(async () => (await import('../features/settings/settings-view.tsx')).SettingsView),
}
