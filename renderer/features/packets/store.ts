/** The captures that are looked at: the live one and those opened beside it, one tab each. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId, CaptureInfo, PacketDetail } from '../../../shared/contract/model.ts'
import type { LiveStore } from '../../app/live.ts'
import type { SettingsStore } from '../../app/settings.ts'
import { createTab, type PacketsTab } from './tab.ts'

/** A packet that others are compared with. */
export interface CompareBase {
  readonly capture: CaptureId
  readonly packet: PacketDetail
}

export interface PacketsState {
  /** The live one first. */
  readonly tabs: readonly PacketsTab[]
  readonly current: PacketsTab
  readonly base: CompareBase | undefined
}

export interface PacketsModel extends StoreApi<PacketsState> {
  readonly current: () => PacketsTab
  /** Brings the tab of a capture to the front, now or as soon as the bench has opened it. */
  readonly show: (capture: CaptureId) => void
  readonly setBase: (base: CompareBase | undefined) => void
  readonly close: () => void
}

export function createPackets(host: Host, live: LiveStore, settings: SettingsStore): PacketsModel {
  const first = createTab('live', host, live, settings)
  const store = createStore<PacketsState>(() => ({ tabs: [first], current: first, base: undefined }))
  let awaited: CaptureId | undefined

  /** Evidence is looked at as it was chosen. */
  const tabOf = ({ id, filter }: CaptureInfo) => {
    const tab = createTab(id, host, live, settings)
    if (filter !== undefined) tab.setFilter(filter, true)
    return tab
  }
  /** A tab for each capture that is open, and none for one that no longer is. */
  const follow = (captures: readonly CaptureInfo[]) => {
    const { tabs, current } = store.getState()
    const openNow = captures.filter(({ state }) => state === 'open')
    const open = openNow.map(({ id }) => id)
    const kept = tabs.filter((tab) => tab === first || open.includes(tab.capture))
    const fresh = openNow.filter(({ id }) => !tabs.some((tab) => tab.capture === id))
    const gone = tabs.filter((tab) => !kept.includes(tab))
    if (fresh.length > 0 || gone.length > 0) {
      const next = [...kept, ...fresh.map(tabOf)]
      store.setState({ tabs: next, current: next.includes(current) ? current : first })
      gone.forEach((tab) => tab.close())
    }
    if (awaited !== undefined) bringUp(awaited)
  }
  const bringUp = (capture: CaptureId) => {
    const tab = store.getState().tabs.find((candidate) => candidate.capture === capture)
    awaited = tab ? undefined : capture
    if (tab) store.setState({ current: tab })
  }
  const end = live.subscribe((state, old) => {
    if (state.captures && state.captures !== old.captures) follow(state.captures)
  })
  const known = live.getState().captures
  if (known) follow(known)

  return Object.assign(store, {
    current: () => store.getState().current,
    show: bringUp,
    setBase: (base: CompareBase | undefined) => store.setState({ base }),
    close() {
      end()
      store.getState().tabs.forEach((tab) => tab.close())
    },
  })
}
