/** Work that needs every row to be judged: it runs the linter to the end first. */
import type { Archive } from '../capture/archive.ts'
import { pause, type Work } from '../capture/work.ts'

/** Judges what is there now. Rows that come meanwhile may be judged or not. */
export async function judgeAll(archive: Archive, work: Work): Promise<void> {
  const { lint, columns } = archive.parts
  const { end } = columns
  const rows = lint.waiting
  while (lint.isBehind(end)) {
    archive.step()
    const left = Math.max(0, lint.waiting - (columns.end - end))
    if (rows > 0) work.progress(1 - left / rows)
    await pause(work)
  }
}

/** In a filter or the name of a column: over-cautious where the word stands in a text that is searched for. */
const ASKS_LINTER = /\blint\b/

/**
 * Judges all first where one of these filters or columns asks what the linter found. Answers the work that is
 * left: its share of the progress.
 */
export async function judgedFor(archive: Archive, texts: readonly string[], work: Work): Promise<Work> {
  const { lint, columns } = archive.parts
  if (!texts.some((text) => ASKS_LINTER.test(text)) || !lint.isBehind(columns.end)) return work
  const half = (from: number): Work => ({ ...work, progress: (value) => work.progress(from + value / 2) })
  await judgeAll(archive, half(0))
  return half(0.5)
}
