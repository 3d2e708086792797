/** A tree of fields to read: opened and closed by mouse and keys. */
import { useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { Field } from '../../../shared/dissect/field.ts'
import { useModel } from '../../app/model.ts'
import { withExpanded } from '../../app/settings.ts'
import { Rows } from '../../ui/rows.tsx'
import { reveal } from '../../ui/scroll.ts'
import { fieldAt, treeLines } from '../packets/tree.ts'
import { lineId, TreeRow } from '../packets/tree-row.tsx'
import { rowAfter, stepOf } from '../../list/move-keys.ts'
import '../packets/detail.css'

/** Its lines are called by it. */
const TREE = 'answer-tree'
const ROW = 20
const none: ReadonlySet<string> = new Set()

export function AnswerTree({ fields, label }: { fields: readonly Field[]; label: string }) {
  const { settings } = useModel()
  const expanded = useStore(settings, (state) => state.expanded)
  const [state, setState] = useState({ fields, path: '0', unfolded: none, top: 0 })
  const viewport = useRef(0)
  // Paths mean another field in another answer.
  const now = state.fields === fields ? state : { fields, path: '0', unfolded: none, top: 0 }
  const { path, unfolded, top } = now
  const set = (change: Partial<typeof now>) => setState({ ...now, ...change })
  const lines = useMemo(
    () => treeLines(fields, { expanded, unfolded, shown: path }),
    [fields, expanded, unfolded, path],
  )
  const at = lines.findIndex((line) => line.kind === 'field' && line.path === path)
  const line = lines[at]

  const setOpen = (target: string, open: boolean) => {
    const field = fieldAt(fields, target)
    if (!field?.children?.length) return
    settings.getState().set({ expanded: withExpanded(settings.getState().expanded, field.name, open) })
  }
  const fold = (target: string) => {
    const paths = new Set(unfolded)
    if (!paths.delete(target)) paths.add(target)
    set({ path: target, unfolded: paths })
  }
  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0 || !(event.target instanceof Element)) return
    const target = event.target.closest<HTMLElement>('[data-path]')?.dataset['path']
    if (target === undefined) return
    const part = event.target.closest<HTMLElement>('[data-part]')?.dataset['part']
    const pressed = lines.find((one) => one.path === target)
    if (part === 'fold') return fold(target)
    set({ path: target })
    if (part === 'twist' && pressed?.kind === 'field') setOpen(target, !pressed.open)
  }
  const step = (by: number) => {
    const steps = lines.filter(({ kind }) => kind === 'field')
    const here = steps.findIndex((one) => one.path === path)
    const next = steps[rowAfter(here, by, steps.length)]
    if (next) set({ path: next.path, top: reveal(lines.indexOf(next), top, viewport.current) })
  }
  const handle = (key: string): boolean => {
    const page = Math.max(1, Math.floor(viewport.current) - 1)
    const by = stepOf(key, page)
    if (by !== undefined) step(by)
    else if (line?.kind !== 'field') return false
    else if (key === 'ArrowRight') line.open ? step(1) : setOpen(path, true)
    else if (key === 'ArrowLeft' && line.open) setOpen(path, false)
    else if (key === 'ArrowLeft' && path.includes('.')) set({ path: path.slice(0, path.lastIndexOf('.')) })
    else if (key === 'Enter') line.rest === undefined ? setOpen(path, !line.open) : fold(path)
    else return false
    return true
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !handle(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      className="tree pane"
      role="treegrid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={lines.length}
      aria-activedescendant={lineId(TREE, line)}
      onMouseDown={onMouseDown}
      onKeyDown={onKeyDown}
    >
      <Rows
        total={lines.length}
        rowHeight={ROW}
        top={top}
        onTop={(to) => set({ top: to })}
        onViewport={(rows) => {
          viewport.current = rows
        }}
        row={(index) => {
          const one = lines[index]
          return one && <TreeRow tree={TREE} line={one} index={index} selected={one.path === path} />
        }}
      />
    </div>
  )
}
