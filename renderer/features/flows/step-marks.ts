/** What came of the steps, as signs beside the text they were run from. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { FlowStepRow } from '../../../shared/contract/flow-steps.ts'
import { useModel } from '../../app/model.ts'
import type { LineMark } from '../../ui/editor/code-editor.tsx'
import type { Parsed } from './parsed.ts'
import { runOf } from './runs.ts'
import { statusSign } from './words.ts'

const tones: Readonly<Record<FlowStepRow['status'], LineMark['tone']>> = {
  passed: 'ok',
  failed: 'bad',
  error: 'bad',
  running: 'here',
  skipped: 'off',
}

/** Signs of the rows in sight; the last one of a step that was done several times counts. Pure. */
export function marksOf(
  { steps }: Pick<Parsed, 'steps'>,
  rows: readonly FlowStepRow[],
  held: string | undefined,
): LineMark[] {
  const byPath = new Map(
    rows.filter(({ path, kind }) => path !== '' && kind !== 'turn').map((row) => [row.path, row]),
  )
  return steps.flatMap(({ path, start }): LineMark[] => {
    const row = byPath.get(path)
    const here: LineMark[] =
      held === path ? [{ at: start, sign: '▶', tone: 'here', title: 'The run holds here' }] : []
    if (!row) return here
    const { status, note } = row
    return [
      {
        at: start,
        sign: statusSign[status],
        tone: tones[status],
        title: note === undefined ? status : `${status}: ${note}`,
      },
      ...here,
    ]
  })
}

/** Of the run or result that is looked at, where it is one of the flow in the editor. */
export function useStepMarks(): readonly LineMark[] {
  const { live, flows } = useModel()
  const { editor, runs } = flows
  const rows = useStore(runs.steps, (state) => state.rows)
  const shown = useStore(runs, (state) => state.shown)
  const name = useStore(runs, (state) => state.head?.name)
  const held = useStore(live, (state) => {
    const run = runOf(state.flowRuns?.runs, shown)
    return run?.held === undefined ? undefined : run.step
  })
  const parsed = useStore(editor, (state) => state.parsed)
  return useMemo(
    () => (shown !== undefined && name === parsed.flow?.name ? marksOf(parsed, rows, held) : []),
    [shown, name, parsed, rows, held],
  )
}
