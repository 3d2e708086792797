/** The captures looked at, above the list: the live one, then each opened one. Alone, the live one needs no tab. */
import { useRef } from 'react'
import { useStore } from 'zustand'
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { compact, count } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import type { PacketsTab } from './tab.ts'
import './capture-tabs.css'

const noCaptures: readonly CaptureInfo[] = []

export function CaptureTabs() {
  const { packets, live } = useModel()
  const tabs = useStore(packets, (state) => state.tabs)
  const current = useStore(packets, (state) => state.current)
  const captures = useStore(live, (state) => state.captures) ?? noCaptures
  const element = useRef<HTMLDivElement>(null)
  const opening = captures.filter(({ state }) => state === 'opening')
  if (tabs.length < 2 && opening.length === 0) return null
  const step = (by: number) => {
    const index = (tabs.indexOf(current) + by + tabs.length) % tabs.length
    const tab = tabs[index]
    if (!tab) return
    packets.show(tab.capture)
    element.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus()
  }
  return (
    <div
      className="capture-tabs"
      role="tablist"
      aria-label="Captures"
      ref={element}
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (!by) return
        event.preventDefault()
        step(by)
      }}
    >
      {tabs.map((tab) => (
        <Tab
          key={tab.capture}
          tab={tab}
          info={captures.find(({ id }) => id === tab.capture)}
          selected={tab === current}
        />
      ))}
      {opening.map(({ id, name }) => (
        <span key={id} className="capture-tab dim" role="status">
          {name} · opening…
        </span>
      ))}
    </div>
  )
}

interface TabProps {
  readonly tab: PacketsTab
  readonly info: CaptureInfo | undefined
  readonly selected: boolean
}

function Tab({ tab, info, selected }: TabProps) {
  const { packets, run } = useModel()
  const all = useStore(tab.list, (state) => state.all)
  const name = tab.capture === 'live' ? 'Live' : (info?.name ?? tab.capture)
  return (
    <span className={`capture-tab ${selected ? 'is-selected' : ''}`}>
      <button
        type="button"
        role="tab"
        aria-selected={selected}
        tabIndex={selected ? 0 : -1}
        title={[info?.name, info?.remark, info?.note].filter(Boolean).join('\n')}
        onClick={() => packets.show(tab.capture)}
      >
        <span className="cut">{name}</span>
        <span className="badge number" title={`${count(all)} packets`}>
          {compact(all)}
        </span>
      </button>
      {tab.capture !== 'live' && (
        <button
          type="button"
          className="button quiet"
          aria-label={`Close ${name}`}
          onClick={() => void run('captures.close', { id: tab.capture })}
        >
          <Icon name="close" />
        </button>
      )}
    </span>
  )
}
