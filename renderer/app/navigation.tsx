/** The places of the bench. A place stands here only when it works. */
import { useStore } from 'zustand'
import { compact, count } from '../ui/format.ts'
import type { LiveState } from './live.ts'
import { useModel, type Place } from './model.ts'

interface Entry {
  readonly place: Place
  readonly title: string
  readonly count?: (live: LiveState) => number | undefined
  /** What the count counts. */
  readonly counted?: string
}
const groups: readonly { readonly title?: string; readonly entries: readonly Entry[] }[] = [
  {
    entries: [
      { place: 'bench', title: 'Bench', count: (live) => live.bench?.problems.length, counted: 'problems' },
      { place: 'devices', title: 'Devices', count: (live) => live.deviceTotal, counted: 'devices known' },
    ],
  },
  {
    title: 'Wire',
    entries: [
      { place: 'packets', title: 'Packets', count: (live) => live.capture?.rows, counted: 'packets' },
      { place: 'ladder', title: 'Ladder' },
      { place: 'transactions', title: 'Transactions' },
      { place: 'topics', title: 'Topics' },
      { place: 'sessions', title: 'Sessions' },
      {
        place: 'captures',
        title: 'Captures',
        count: (live) => live.captures?.length,
        counted: 'captures',
      },
      {
        place: 'lint',
        title: 'Findings',
        count: ({ capture }) => (capture?.findings?.error ?? 0) + (capture?.findings?.warning ?? 0),
        counted: 'errors and warnings in the live capture',
      },
    ],
  },
  {
    title: 'Drive',
    entries: [
      {
        place: 'datamodel',
        title: 'Data model',
        count: (live) => live.watches.length,
        counted: 'parameters watched',
      },
      { place: 'messages', title: 'Messages' },
      {
        place: 'flows',
        title: 'Flows',
        count: ({ flowRuns }) => flowRuns?.runs.filter(({ status }) => status === 'running').length,
        counted: 'flows running',
      },
      { place: 'client', title: 'MQTT client' },
      {
        place: 'faults',
        title: 'Faults',
        count: (live) => live.faults.filter(({ on }) => on).length,
        counted: 'faults on',
      },
    ],
  },
  {
    title: 'Guard',
    entries: [
      { place: 'access', title: 'Access', count: (live) => live.access?.denials.length, counted: 'refusals' },
      {
        place: 'certificates',
        title: 'Certificates',
        count: (live) => live.certificates?.devices.length,
        counted: 'device certificates',
      },
      { place: 'nats', title: 'NATS' },
    ],
  },
  { entries: [{ place: 'settings', title: 'Settings' }] },
]

export function Navigation() {
  return (
    <nav className="navigation" aria-label="Places">
      {groups.map((group, index) => (
        <div key={index} role="group" aria-label={group.title ?? group.entries[0]?.title}>
          {group.title && <h2>{group.title}</h2>}
          {group.entries.map((entry) => (
            <NavigationEntry key={entry.place} entry={entry} />
          ))}
        </div>
      ))}
      <span className="spacer" />
      <ThemeChoice />
    </nav>
  )
}

const themes = { system: 'Theme: system', dark: 'Theme: dark', light: 'Theme: light' } as const
type Theme = keyof typeof themes

function ThemeChoice() {
  const { settings } = useModel()
  const theme = useStore(settings, (state) => state.theme)
  return (
    <select
      className="theme-choice"
      aria-label="Theme"
      value={theme}
      onChange={(event) => settings.getState().set({ theme: event.target.value as Theme })}
    >
      {Object.entries(themes).map(([id, title]) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  )
}

function NavigationEntry({ entry }: { entry: Entry }) {
  const model = useModel()
  const here = useStore(model.frame, (state) => state.place === entry.place)
  const counted = useStore(model.live, (state) => entry.count?.(state) ?? 0)
  return (
    <button
      type="button"
      className="navigation-entry"
      aria-current={here ? 'page' : undefined}
      onClick={(event) => {
        // After a click the keys are those of the view; who came by Tab goes on from here.
        if (event.detail > 0) event.currentTarget.blur()
        model.goTo(entry.place)
      }}
    >
      {entry.title}
      {counted > 0 && (
        <span className="badge number" title={`${count(counted)} ${entry.counted}`}>
          {compact(counted)}
        </span>
      )}
    </button>
  )
}
