/** All content views, and the choice among them. To add one: a file, a line here, a test. */
import { cborView } from './cbor.ts'
import { hexView } from './hex.ts'
import { jsonView } from './json.ts'
import { msgpackView } from './msgpack.ts'
import { protobufView } from './protobuf.ts'
import { textView } from './text.ts'
import { uspView } from './usp.ts'
import type { ContentHints, ContentView } from './view.ts'
import { xmlView } from './xml.ts'

/** No other view is as sure as that of a format which cannot be mistaken, so they need not be asked. */
const SURE = 0.98

/** In the order in which a user chooses; of equal scores the earlier one wins. */
export const contentViews: readonly ContentView[] = [
  uspView,
  jsonView,
  cborView,
  msgpackView,
  xmlView,
  protobufView,
  textView,
  hexView,
]

/**
 * The view to show a payload with: `preferred` (an id) whatever the payload is, because a person chose it; else,
 * or when there is no such view, the one that fits best.
 */
export function chooseView(payload: Uint8Array, hints: ContentHints, preferred?: string): ContentView {
  const wanted = contentViews.find(({ id }) => id === preferred)
  if (wanted !== undefined) return wanted
  let best: ContentView = hexView
  let bestScore = 0
  for (const view of contentViews) {
    const score = view.score(payload, hints)
    if (score >= SURE) return view
    if (score > bestScore) [best, bestScore] = [view, score]
  }
  return best
}
