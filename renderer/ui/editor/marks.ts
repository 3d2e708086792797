/** Signs beside the lines of an editor: breakpoints, what came of a line. */
import { RangeSet, RangeSetBuilder, StateEffect, StateField, type Extension } from '@codemirror/state'
import { gutter, GutterMarker } from '@codemirror/view'

export interface LineMark {
  /** Anywhere in the line. */
  readonly at: number
  readonly sign: string
  readonly tone: 'break' | 'ok' | 'bad' | 'here' | 'off'
  readonly title: string
}

class Sign extends GutterMarker {
  readonly mark: LineMark
  constructor(mark: LineMark) {
    super()
    this.mark = mark
  }
  override eq(other: GutterMarker): boolean {
    return other instanceof Sign && JSON.stringify(other.mark) === JSON.stringify(this.mark)
  }
  override toDOM(): Node {
    const { sign, tone, title } = this.mark
    const element = document.createElement('span')
    element.className = `cm-mark is-${tone}`
    element.textContent = sign
    element.title = title
    return element
  }
}

export const setMarks = StateEffect.define<readonly LineMark[]>()

const shown = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(before, transaction) {
    let marks = before.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue
      const { doc } = transaction.state
      const builder = new RangeSetBuilder<GutterMarker>()
      const placed = effect.value
        .filter(({ at }) => at <= doc.length)
        .map((mark) => ({ mark, from: doc.lineAt(mark.at).from }))
      for (const { mark, from } of placed.sort((one, other) => one.from - other.from))
        builder.add(from, from, new Sign(mark))
      marks = builder.finish()
    }
    return marks
  },
})

/** `onClick` is told the start of the line. */
export const markGutter = (onClick: (lineStart: number) => void): Extension => [
  shown,
  gutter({
    class: 'cm-marks',
    markers: (view) => view.state.field(shown),
    initialSpacer: () => new Sign({ at: 0, sign: ' ', tone: 'off', title: '' }),
    domEventHandlers: {
      mousedown(_, line) {
        onClick(line.from)
        return true
      },
    },
  }),
]
