/** One line a capture. */
import { useEffect, useRef, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { count, size } from '../../ui/format.ts'
import { Icon, State } from '../../ui/kit.tsx'
import { lengthText, sortedCaptures, startedText, stateTones, stateWords } from './facts.ts'
import { openCapture } from './commands.ts'
import { rowAfter, stepOf } from '../../list/move-keys.ts'
import '../../list/grid.css'

export function CaptureList({ captures }: { captures: readonly CaptureInfo[] }) {
  const model = useModel()
  const now = useNow()
  const element = useRef<HTMLTableElement>(null)
  const selected = useStore(model.captures, (state) => state.selected)
  const rows = sortedCaptures(captures)
  useEffect(() => {
    // Arrow keys work at once, unless something else has the keyboard.
    if (document.activeElement === document.body) element.current?.focus({ preventScroll: true })
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const at = rows.findIndex(({ id }) => id === selected)
    const by = stepOf(event.key)
    const info = rows[at]
    if (by !== undefined) model.captures.select(rows[rowAfter(at, by, rows.length)]?.id)
    else if (event.key === 'Enter' && info) void openCapture(model, info.id)
    else if (event.key === 'Escape') model.captures.select(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <table
      className="list-table capture-list number"
      id="captures-list"
      role="grid"
      aria-label="Captures"
      tabIndex={0}
      ref={element}
      onKeyDown={onKeyDown}
      aria-activedescendant={selected === undefined ? undefined : `capture-${selected}`}
    >
      <thead>
        <tr>
          <th>Name</th>
          <th>State</th>
          <th>Started (UTC)</th>
          <th className="right">Length</th>
          <th className="right">Packets</th>
          <th className="right">Size</th>
          <th>Note</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((info) => (
          <tr
            key={info.id}
            id={`capture-${info.id}`}
            aria-selected={info.id === selected}
            ref={info.id === selected ? (row) => row?.scrollIntoView({ block: 'nearest' }) : null}
            onClick={() => model.captures.select(info.id)}
            onDoubleClick={() => void openCapture(model, info.id)}
          >
            <td className="cut" title={info.name}>
              {info.pinned && <Icon name="pin" label="pinned" />}
              {info.name}
            </td>
            <td>
              <State tone={stateTones[info.state]}>{stateWords[info.state]}</State>
            </td>
            <td>{startedText(info)}</td>
            <td className="right">{lengthText(info, now)}</td>
            <td className="right" title={info.rows === undefined ? 'Known once it was opened' : undefined}>
              {info.rows === undefined ? '–' : count(info.rows)}
            </td>
            <td className="right">{size(info.bytes)}</td>
            <td className="cut dim" title={info.note}>
              {info.remark && <Icon name="warning" label={info.remark} />}
              {info.note.split('\n', 1)[0]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
