/** The packet under the cursor beside the one it is compared with, field by field. */
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { plural, timeOfDay } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Rows } from '../../ui/rows.tsx'
import { compareTrees, type ComparedLine } from './compare.ts'
import type { CompareBase } from './store.ts'
import { stepOf } from '../../list/move-keys.ts'

const ROW = 20

export function ComparePane({ base, packet }: { base: CompareBase; packet: PacketDetail }) {
  const { packets } = useModel()
  const [all, setAll] = useState(false)
  const [top, setTop] = useState(0)
  const viewport = useRef(0)
  const lines = useMemo(() => compareTrees(base.packet.fields, packet.fields), [base, packet])
  const shown = useMemo(() => (all ? lines : lines.filter(({ differs }) => differs)), [all, lines])
  const differences = lines.filter(({ kind }) => kind !== 'same').length
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(viewport.current) - 1)
    const by = stepOf(event.key, page)
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    setTop(Math.min(Math.max(0, top + by), Math.max(0, shown.length - viewport.current)))
  }
  return (
    <div className="compare pane">
      <header className="compare-head">
        <span className="cut number">
          Base: no. {base.packet.row.no} {base.packet.row.type} · {timeOfDay(base.packet.row, 3)}
        </span>
        <span className="cut number">
          No. {packet.row.no} {packet.row.type} · {timeOfDay(packet.row, 3)}
        </span>
      </header>
      <div
        className="compare-list"
        role="table"
        tabIndex={0}
        aria-label="Differences of the two packets"
        onKeyDown={onKeyDown}
      >
        {shown.length === 0 ? (
          <Empty>Every field has the same value in both packets.</Empty>
        ) : (
          <Rows
            total={shown.length}
            rowHeight={ROW}
            top={top}
            onTop={setTop}
            onViewport={(rows) => {
              viewport.current = rows
            }}
            row={(index) => {
              const line = shown[index]
              return line && <Line line={line} />
            }}
          />
        )}
      </div>
      <footer className="bytes-foot number dim">
        <span role="status">{plural(differences, 'difference')}</span>
        <span className="spacer" />
        <label className="check">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> Equal
          fields too
        </label>
        <button type="button" className="link" onClick={() => packets.setBase(undefined)}>
          End comparing
        </button>
      </footer>
    </div>
  )
}

const words: Readonly<Record<ComparedLine['kind'], string>> = {
  same: 'same',
  changed: 'changed',
  left: 'only in the base',
  right: 'only in this packet',
}

function Line({ line }: { line: ComparedLine }) {
  const { label, depth, kind, left, right, name } = line
  return (
    <div className={`compare-line is-${kind}`} role="row" title={`${name}: ${words[kind]}`}>
      <Side label={label} depth={depth} text={left} />
      <Side label={label} depth={depth} text={right} />
    </div>
  )
}

function Side({ label, depth, text }: { label: string; depth: number; text: string | undefined }) {
  return (
    <span role="cell" className="cut" style={{ paddingLeft: 8 + depth * 16 }} title={text}>
      {text !== undefined && (
        <>
          <span className="dim">{text ? `${label}: ` : label}</span>
          {text}
        </>
      )}
    </span>
  )
}
