/** The bytes of a packet in hex and ASCII; a field and its bytes point at each other. */
import { memo, useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import type { Field } from '../../../shared/dissect/field.ts'
import { asciiByte, BYTES_PER_ROW, hexByte, hexOffset } from '../../ui/hex.ts'
import { count, plural } from '../../ui/format.ts'
import { Rows } from '../../ui/rows.tsx'
import { reveal } from '../../ui/scroll.ts'
import { innermostAt } from './tree.ts'

interface Props {
  readonly bytes: Uint8Array
  readonly fields: readonly Field[]
  readonly marked: Field | undefined
  readonly onSelect: (path: string | undefined) => void
}

const ROW = 19
const moves: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -BYTES_PER_ROW,
  ArrowDown: BYTES_PER_ROW,
  Home: -Infinity,
  End: Infinity,
}

export function BytesPane({ bytes, fields, marked, onSelect }: Props) {
  const [top, setTop] = useState(0)
  const viewport = useRef(0)
  const [caretOf, setCaret] = useState<{ bytes: Uint8Array; at: number }>()
  const caret = caretOf?.bytes === bytes ? caretOf.at : undefined
  const start = marked?.start ?? 0
  const end = marked?.end ?? 0

  const inField = caret !== undefined && caret >= start && caret < end
  useEffect(() => {
    // The field was found by its byte: that one is in sight already.
    if (end > start && !inField)
      setTop((now) => reveal(Math.floor(start / BYTES_PER_ROW), now, viewport.current))
  }, [bytes, start, end, inField])

  const select = (offset: number) => {
    setCaret({ bytes, at: offset })
    setTop((now) => reveal(Math.floor(offset / BYTES_PER_ROW), now, viewport.current))
    onSelect(innermostAt(fields, offset))
  }
  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0 || !(event.target instanceof Element)) return
    const offset = event.target.closest<HTMLElement>('[data-offset]')?.dataset['offset']
    if (offset !== undefined) select(Number(offset))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key]
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey || bytes.length === 0) return
    event.preventDefault()
    const from = caret ?? (end > start ? start : -1)
    select(from < 0 ? 0 : Math.min(Math.max(0, from + by), bytes.length - 1))
  }
  return (
    <div className="bytes pane">
      <div
        className="bytes-list"
        role="grid"
        tabIndex={0}
        aria-label={`Bytes of the packet, ${plural(bytes.length, 'byte')}`}
        aria-rowcount={Math.ceil(bytes.length / BYTES_PER_ROW)}
        onMouseDown={onMouseDown}
        onKeyDown={onKeyDown}
      >
        <Rows
          total={Math.ceil(bytes.length / BYTES_PER_ROW)}
          rowHeight={ROW}
          top={top}
          onTop={setTop}
          onViewport={(rows) => {
            viewport.current = rows
          }}
          row={(index) => {
            const from = index * BYTES_PER_ROW
            const inside = (offset: number | undefined) =>
              offset === undefined ? -1 : Math.min(Math.max(0, offset - from), BYTES_PER_ROW)
            return (
              <BytesRow
                bytes={bytes}
                index={index}
                start={inside(start)}
                end={inside(end)}
                caret={caret !== undefined && Math.floor(caret / BYTES_PER_ROW) === index ? caret - from : -1}
              />
            )
          }}
        />
      </div>
      <footer className="bytes-foot number dim" role="status">
        {marked
          ? end > start
            ? `${marked.label}: offset 0x${start.toString(16)} (${count(start)}), ${plural(end - start, 'byte')}`
            : `${marked.label}: not in these bytes`
          : plural(bytes.length, 'byte')}
      </footer>
    </div>
  )
}

interface RowProps {
  readonly bytes: Uint8Array
  readonly index: number
  /** Marked range and caret as positions in this row. */
  readonly start: number
  readonly end: number
  readonly caret: number
}

const BytesRow = memo(function BytesRow({ bytes, index, start, end, caret }: RowProps) {
  const from = index * BYTES_PER_ROW
  const row = Array.from(bytes.subarray(from, from + BYTES_PER_ROW))
  const classOf = (at: number) =>
    `${at >= start && at < end ? 'is-marked' : ''} ${at === caret ? 'is-caret' : ''}`
  return (
    <div className="bytes-row mono" role="row" aria-rowindex={index + 1}>
      <span className="offset" role="rowheader">
        {hexOffset(from, bytes.length)}
      </span>
      <span className="hex" role="gridcell">
        {row.map((byte, at) => (
          <span key={at} className={classOf(at)} data-offset={from + at}>
            {hexByte(byte)}
          </span>
        ))}
      </span>
      <span className="ascii" role="gridcell">
        {row.map((byte, at) => (
          <span key={at} className={classOf(at)} data-offset={from + at}>
            {asciiByte(byte)}
          </span>
        ))}
      </span>
    </div>
  )
})
