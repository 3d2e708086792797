/** The packet as a tree of fields, driven by keys as the ARIA practice for tree grids has it. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { Field } from '../../../shared/dissect/field.ts'
import { useModel } from '../../app/model.ts'
import { withExpanded } from '../../app/settings.ts'
import { joinFilters } from '../../filter/join.ts'
import { useMenu } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import { reveal } from '../../ui/scroll.ts'
import { fieldMenu } from './cell-menu.ts'
import { filterKeys, filterOfField } from './filter-menu.ts'
import { useTab } from './use-tab.ts'
import { fieldAt, innermostLayer, treeLines, type TreeLine } from './tree.ts'
import { lineId, TreeRow } from './tree-row.tsx'
import { rowAfter, stepOf } from '../../list/move-keys.ts'

interface Props {
  /** Of the element; two trees beside each other have different ones. */
  readonly id?: string
  readonly label?: string
  /** Number of the packet: the same one may be read again. */
  readonly no: number
  readonly fields: readonly Field[]
  readonly bytes: Uint8Array
  readonly path: string | undefined
  readonly onSelect: (path: string | undefined) => void
}

const ROW = 20
const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('.')))

export function TreePane(props: Props) {
  const { id = 'packet-tree', label = 'Fields of the packet', no, fields, bytes, path, onSelect } = props
  const model = useModel()
  const { settings } = model
  const tab = useTab()
  const { menu, open } = useMenu()
  const expanded = useStore(settings, (state) => state.expanded)
  // Paths mean another field in another packet.
  const [unfoldedOf, setUnfolded] = useState({ fields, paths: new Set<string>() as ReadonlySet<string> })
  const unfolded = unfoldedOf.fields === fields ? unfoldedOf.paths : noPaths
  const [element, setElement] = useState<HTMLDivElement | null>(null)
  const columns = useColumns(element)
  const lines = useMemo(
    () => treeLines(fields, { expanded, unfolded, shown: path, columns }),
    [fields, expanded, unfolded, path, columns],
  )
  const [top, setTop] = useState(0)
  const viewport = useRef(0)
  const at = lines.findIndex((line) => line.path === path)

  // Another packet shows what it is about, wherever the one before it was scrolled to.
  const layer = innermostLayer(fields)
  const layerLine = lines.findIndex((line) => line.path === String(layer))
  const placed = useRef<number>(undefined)
  useEffect(() => {
    if (placed.current === no) return
    placed.current = no
    setTop(Math.max(0, layerLine - Math.floor(viewport.current / 3)))
  }, [no, layerLine])

  useEffect(() => {
    if (at >= 0) setTop((now) => reveal(at, now, viewport.current))
  }, [at])

  const setOpen = (target: string, open: boolean) => {
    const field = fieldAt(fields, target)
    if (!field?.children?.length) return
    // A selected field inside would hold its ancestors open.
    if (!open && path?.startsWith(`${target}.`)) onSelect(target)
    const { expanded: now, set } = settings.getState()
    set({ expanded: withExpanded(now, field.name, open) })
  }
  const toggleFold = (target: string) => {
    const paths = new Set(unfolded)
    if (!paths.delete(target)) paths.add(target)
    setUnfolded({ fields, paths })
  }

  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0 || !(event.target instanceof Element)) return
    const target = event.target.closest<HTMLElement>('[data-path]')?.dataset['path']
    if (target === undefined) return
    onSelect(target)
    const part = event.target.closest<HTMLElement>('[data-part]')?.dataset['part']
    const line = lines.find((candidate) => candidate.path === target)
    if (part === 'twist' && line?.kind === 'field') setOpen(target, !line.open)
    if (part === 'fold') toggleFold(target)
  }
  const onDoubleClick = (event: MouseEvent) => {
    const line =
      event.target instanceof Element && event.target.closest('[data-part]') ? undefined : lines[at]
    if (line?.kind === 'field') setOpen(line.path, !line.open)
  }
  const onContextMenu = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return
    const target = event.target.closest<HTMLElement>('[data-path]')?.dataset['path'] ?? path
    const field = fieldAt(fields, target)
    if (!field) return
    event.preventDefault()
    onSelect(target)
    // The menu key has no place of its own: the field's is the one.
    const box = event.target.getBoundingClientRect()
    const byKey = event.clientX === 0 && event.clientY === 0
    const [x, y] = byKey ? [box.left + 24, box.top + 24] : [event.clientX, event.clientY]
    open({ x, y, label: field.label, items: fieldMenu(model, tab, field, bytes) })
  }
  /** `=`, `!`, `&` and `|`: the filter by the selected field, without the menu. */
  const filterBy = (key: string): boolean => {
    const way = filterKeys.get(key)
    const field = fieldAt(fields, path)
    const filter = way && field && filterOfField(field, bytes)
    const added = way?.not ? filter?.isNot : filter?.is
    const joined =
      way && added !== undefined ? joinFilters(tab.getState().filter, way.joint, added) : undefined
    if (joined !== undefined) tab.setFilter(joined, true)
    return way !== undefined
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (!filterBy(event.key) && !handleKey(event.key)) return
    event.preventDefault()
  }
  const step = (by: number) => {
    const fieldLines = lines.filter((line) => line.kind === 'field')
    const now = fieldLines.findIndex((line) => line.path === path)
    const to = now < 0 ? 0 : rowAfter(now, by, fieldLines.length)
    onSelect(fieldLines[to]?.path)
  }
  const handleKey = (key: string): boolean => {
    const line = lines[at]
    const field = line?.kind === 'field' ? line : undefined
    const page = Math.max(1, Math.floor(viewport.current) - 1)
    const by = stepOf(key, page)
    if (by !== undefined) step(by)
    else if (key === 'ArrowRight' && field?.expandable) field.open ? step(1) : setOpen(field.path, true)
    else if (key === 'ArrowLeft' && field) {
      if (field.open) setOpen(field.path, false)
      else if (parentOf(field.path)) onSelect(parentOf(field.path))
    } else if (key === 'Enter' && field) {
      if (field.rest !== undefined) toggleFold(field.path)
      else setOpen(field.path, !field.open)
    } else return false
    return true
  }

  return (
    <div
      className="tree pane"
      id={id}
      ref={setElement}
      role="treegrid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={lines.length}
      aria-activedescendant={at >= 0 ? lineId(id, lines[at]) : undefined}
      onMouseDown={onMouseDown}
      onDoubleClick={onDoubleClick}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
      onFocus={() => path === undefined && step(0)}
    >
      <Rows
        total={lines.length}
        rowHeight={ROW}
        top={top}
        onTop={setTop}
        onViewport={(rows) => {
          viewport.current = rows
        }}
        row={(index) => <Line tree={id} line={lines[index]} path={path} index={index} />}
      />
      {menu}
    </div>
  )
}

/** Pixels of a character of the mono font, which is the wider one. */
const CHARACTER = 7.25

/** Characters that fit beside each other; undefined before the pane was measured. */
function useColumns(element: HTMLElement | null): number | undefined {
  const [columns, setColumns] = useState<number>()
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(() =>
      setColumns(element.clientWidth > 0 ? Math.floor(element.clientWidth / CHARACTER) : undefined),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return columns
}

const noPaths: ReadonlySet<string> = new Set()

interface LineProps {
  readonly tree: string
  readonly line: TreeLine | undefined
  readonly path: string | undefined
  readonly index: number
}

function Line({ tree, line, path, index }: LineProps) {
  return line ? <TreeRow tree={tree} line={line} index={index} selected={line.path === path} /> : null
}
