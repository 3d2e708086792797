/** The data model as a tree, driven by keys as the ARIA practice for tree grids has it. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import { focus } from '../../app/command.ts'
import { chordOf } from '../../app/keys.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { useMenu } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import { reveal } from '../../ui/scroll.ts'
import { ownerOf } from './device-data.ts'
import { actionByKey, lineMenu } from './line-actions.ts'
import { everyLine, haystackOf, isObjectLine, searchLines, treeLines, type Line } from './lines.ts'
import { lineId, TreeRow } from './tree-row.tsx'
import { rowAfter, stepOf } from '../../list/move-keys.ts'

const ROW = 22
const HEADER = 24
/** Objects read again in one request while they are in sight. */
const MAX_SIGHT = 40
export const TREE = 'datamodel-list'

/** What is shown: the open tree, or what a search finds in all that is known. */
export function useLines(): readonly Line[] {
  const { dataModel } = useModel()
  const data = useStore(dataModel, (state) => state.data)
  const version = useStore(dataModel, (state) => state.version)
  const expanded = useStore(dataModel, (state) => state.expanded)
  const search = useStore(dataModel, (state) => state.search).trim()
  const searching = search !== ''
  const every = useMemo(() => {
    if (!searching || version < 0) return undefined
    const lines = everyLine(data)
    return { lines, haystack: haystackOf(lines) }
  }, [data, version, searching])
  return useMemo(
    () =>
      every && version >= 0 ? searchLines(every.lines, every.haystack, search) : treeLines(data, expanded),
    [every, search, data, expanded, version],
  )
}

export function TreePane({ lines }: { lines: readonly Line[] }) {
  const model = useModel()
  const { dataModel } = model
  const { loading, sending, editing, faults, written, selected, search, refreshSeconds } = useStore(dataModel)
  const { menu, open: openMenu } = useMenu()
  const [top, setTop] = useState(0)
  const viewport = useRef(0)
  const at = useMemo(() => lines.findIndex((line) => line.path === selected), [lines, selected])

  useEffect(() => {
    if (at >= 0) setTop((now) => reveal(at, now, viewport.current))
  }, [at])
  useEffect(() => {
    const seen = lines.slice(Math.floor(top), Math.ceil(top + viewport.current))
    const owners = seen.flatMap((line) =>
      line.kind === 'parameter' && line.value !== undefined ? ownerOf(line.path) : [],
    )
    dataModel.setSight([...new Set(owners)].slice(0, MAX_SIGHT))
    return () => dataModel.setSight([])
  }, [lines, top, dataModel, refreshSeconds])

  const select = (index: number) => {
    const line = lines[Math.min(Math.max(0, index), lines.length - 1)]
    if (line) dataModel.select(line.path)
  }
  const begin = (line: Line) => actionByKey('Enter', line)?.run(model, line)
  const lineOf = (target: EventTarget): Line | undefined => {
    const path =
      target instanceof Element ? target.closest<HTMLElement>('[data-path]')?.dataset['path'] : undefined
    return path === undefined ? undefined : lines.find((line) => line.path === path)
  }
  const partOf = (target: EventTarget) =>
    target instanceof Element ? target.closest<HTMLElement>('[data-part]')?.dataset['part'] : undefined

  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('input, select')))
      return
    const line = lineOf(event.target)
    if (!line) return
    dataModel.select(line.path)
    const part = partOf(event.target)
    if (part === 'twist' && isObjectLine(line)) dataModel.toggle(line.path, !line.open)
    if (part === 'undo') void dataModel.undo(line.path)
  }
  const onDoubleClick = (event: MouseEvent) => {
    const line = partOf(event.target) === undefined ? lineOf(event.target) : undefined
    if (line) begin(line)
  }
  const onContextMenu = (event: MouseEvent) => {
    const line = lineOf(event.target) ?? lines[at]
    if (!line) return
    event.preventDefault()
    dataModel.select(line.path)
    openMenu({ x: event.clientX, y: event.clientY, label: line.label, items: lineMenu(model, line) })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (chordOf(event.nativeEvent) === 'mod+z') {
      event.preventDefault()
      void dataModel.undo()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (handleKey(event.key)) event.preventDefault()
  }
  const handleKey = (key: string): boolean => {
    const line = lines[at]
    const page = Math.max(1, Math.floor(viewport.current) - 1)
    const by = stepOf(key, page)
    if (by !== undefined) select(rowAfter(at, by, lines.length))
    else if (!line) return false
    else if (key === 'ArrowRight' && isObjectLine(line)) {
      line.open ? select(at + 1) : dataModel.toggle(line.path, true)
    } else if (key === 'ArrowLeft') {
      if (isObjectLine(line) && line.open && search === '') dataModel.toggle(line.path, false)
      else select(lines.findLastIndex((one, index) => index < at && one.depth < line.depth))
    } else {
      const action = actionByKey(key, line)
      if (!action) return false
      action.run(model, line)
    }
    return true
  }

  const before = useMemo(() => new Map(written.map((one) => [one.path, one.before])), [written])
  const editor = useMemo(() => {
    const end = () => {
      dataModel.edit(undefined)
      focus(TREE)
    }
    const onSet = (path: string, value: string) => {
      void dataModel.setValue(path, value)
      end()
    }
    return { onSet, onCancel: end }
  }, [dataModel])
  const row = (index: number) => {
    const line = lines[index]
    if (!line) return null
    return (
      <TreeRow
        line={line}
        index={index}
        selected={index === at}
        loading={loading.has(line.path)}
        sending={sending.has(line.path)}
        editing={editing === line.path}
        fault={faults.get(line.path)}
        before={before.get(line.path)}
        {...editor}
      />
    )
  }
  if (lines.length === 0 && search !== '') return <NothingFound search={search} />
  return (
    <div
      className="model-tree"
      id={TREE}
      role="treegrid"
      tabIndex={0}
      aria-label="Data model"
      aria-rowcount={lines.length}
      aria-activedescendant={at >= 0 ? lineId(lines[at]?.path ?? '') : undefined}
      onMouseDown={onMouseDown}
      onDoubleClick={onDoubleClick}
      onContextMenu={onContextMenu}
      onKeyDown={onKeyDown}
      onFocus={() => selected === undefined && select(0)}
    >
      <Rows
        total={lines.length}
        rowHeight={ROW}
        top={top}
        onTop={setTop}
        onViewport={(rows) => {
          viewport.current = rows
        }}
        header={<Header />}
        headerHeight={HEADER}
        minWidth={560}
        row={row}
      />
      {menu}
    </div>
  )
}

function Header() {
  return (
    <div className="model-line model-header" role="row">
      <span role="columnheader">Name</span>
      <span role="columnheader">Value</span>
      <span role="columnheader">Type</span>
      <span role="columnheader">Access</span>
    </div>
  )
}

function NothingFound({ search }: { search: string }) {
  const { dataModel } = useModel()
  const busy = useStore(dataModel, (state) => state.busy)
  const objects = useStore(dataModel, (state) => state.model?.objects.length ?? 0)
  return (
    <Empty
      action={
        <button
          type="button"
          className="button main"
          disabled={busy !== undefined}
          onClick={() => void dataModel.readAll()}
        >
          Read all values
        </button>
      }
    >
      Nothing among {plural(objects, 'object')} and the values read so far has: {search}. Values that were not
      read yet are not searched.
    </Empty>
  )
}
